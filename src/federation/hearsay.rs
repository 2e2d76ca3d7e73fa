//! What somebody brings who did not say it: replies passed on to the followers of a thread, news through relays.
//!
//! It is believed when its actor has proven it (FEP-8b32). Otherwise it is a hint at most: what it speaks of is looked
//! at where it comes from, and only if we know it or it answers something we know.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::actions::{accounts as account_actions, statuses as status_actions};
use crate::app::attempts::Rate;
use crate::domain::job::Job;
use crate::domain::origin::{Authentic, RemoteId};
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::{Budget, names_once};
use crate::federation::inbox::Request;
use crate::federation::proof::Proof;
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::note::Note;
use crate::federation::protocol::shape;
use crate::federation::translate;
use crate::store::entity::status;
use crate::store::{accounts, statuses};

/// How old a proof may be that is brought by others: as long as it is remembered what came already.
const OLDEST_PROOF: Duration = Duration::from_secs(7 * 24 * 3600);
/// How far ahead of ours the clock of a peer may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// How often a server is asked whether one of its actors is gone.
const ASKED: Rate = Rate { count: 1, window: PAUSE };
/// For how long nobody is asked again about the same post.
const PAUSE: Duration = Duration::from_secs(60);

impl Federation {
    /// The signature by which an activity is its actor's own, whoever brings it.
    ///
    /// Only for what is harmless when it comes a second time: posts, their changes and their end.
    pub(super) async fn proven(
        &self,
        document: &Value,
        activity: &Activity,
        actor: &RemoteId,
        request: &Request<'_>,
    ) -> Result<Option<Vec<u8>>> {
        let now = self.app.now();
        let Some(proof) = Proof::of(document, now) else { return Ok(None) };
        if !names_once(request.body.unwrap_or_default()) {
            return Ok(None);
        }
        let is_recent = proof.created > now - OLDEST_PROOF && proof.created < now + AHEAD;
        if !is_recent || !is_about_a_post(activity, actor) {
            return Ok(None);
        }
        let Ok(key) = self.borders.remote(&proof.key_id) else { return Ok(None) };
        if !key.shares_origin(actor) {
            return Ok(None);
        }
        let signer = match self.verify(|key| proof.fits(key), &key, request.from).await {
            Err(Error::Unauthenticated(_)) => return Ok(None),
            verified => verified?,
        };
        Ok((signer.owner_uri == actor.as_str()).then_some(proof.signature))
    }

    /// Follows a hint, when it is about something known here.
    pub(super) async fn take_hint(&self, activity: &Activity, actor: &RemoteId) -> Result<()> {
        let Some(id) = shape::id_of(&activity.object) else { return Ok(()) };
        let Ok(id) = self.borders.remote(id) else { return Ok(()) };
        if !id.shares_origin(actor) {
            return Ok(());
        }
        let db = self.app.db.reader();
        let is_of_interest = match activity.kind.as_str() {
            "Create" => {
                match Note::deserialize(&activity.object).ok().as_ref().and_then(|note| note.in_reply_to.first()) {
                    Some(parent) => statuses::by_uri(db, parent).await?.is_some(),
                    None => false,
                }
            }
            "Update" | "Delete" => {
                statuses::by_uri(db, id.as_str()).await?.is_some() || accounts::by_uri(db, id.as_str()).await?.is_some()
            }
            _ => false,
        };
        if is_of_interest { self.look_again_later(id.as_str().to_owned()).await } else { Ok(()) }
    }

    /// Has something looked at on its own server, outside of what is going on now.
    pub(super) async fn look_again_later(&self, uri: String) -> Result<()> {
        let mut change = self.app.begin().await?;
        change.enqueue(&Job::LookAgain { uri }).await?;
        change.commit().await
    }

    /// Whether the server of an actor says that the actor is gone. Asked at most so often, as keys are.
    pub(super) async fn has_left(&self, actor: &RemoteId) -> Result<bool> {
        let known = accounts::by_uri(self.app.db.reader(), actor.as_str()).await?.is_some();
        if !known || self.app.attempts.count(&format!("gone {actor}"), ASKED, self.app.now()).is_err() {
            return Ok(false);
        }
        let fetched = self.fetch(actor, &mut Budget::for_discovery()).await;
        Ok(fetched.err().is_some_and(|error| is_gone(&error, false)))
    }

    /// Looks at something on its own server: it may be new, changed or gone.
    pub async fn look_again(&self, uri: &str) -> Result<()> {
        let id = self.borders.remote(uri)?;
        let db = self.app.db.reader();
        if let Some(known) = statuses::by_uri(db, id.as_str()).await? {
            return self.look_at_status(&id, known).await;
        }
        if let Some(known) = accounts::by_uri(db, id.as_str()).await? {
            return match self.refresh(known.id).await {
                Err(error) if is_gone(&error, false) => {
                    account_actions::receive_delete(&self.app, known.id).await?;
                    self.keys.forget_those_of(&id);
                    Ok(())
                }
                other => other,
            };
        }
        match self.fetch_status(&id, &mut Budget::for_discovery()).await {
            // Nothing to see: whoever gave the hint was wrong, or too late.
            Err(error) if !error.is_transient() => Ok(()),
            other => other.map(|_| ()),
        }
    }

    async fn look_at_status(&self, id: &RemoteId, known: status::Model) -> Result<()> {
        if known.fetched_at.is_some_and(|looked| self.app.now().since(looked) < PAUSE) {
            return Ok(());
        }
        let author = accounts::find(self.app.db.reader(), known.account_id).await?;
        let change = self.app.begin().await?;
        statuses::looked_at(change.tx(), known.id, self.app.now()).await?;
        change.commit().await?;
        match self.fetch(id, &mut Budget::for_discovery()).await {
            Ok((found_at, document)) => {
                let Ok(note) = Note::deserialize(document) else { return Ok(()) };
                let said = translate::note::status(note, (&author).into(), &self.borders)?;
                status_actions::receive_edit(&self.app, &author, Authentic::by_fetch(said, &found_at)?).await
            }
            // What not everybody may see looks as if it was not there.
            Err(error) if is_gone(&error, known.visibility.is_open()) => {
                status_actions::receive_delete(&self.app, &author, id.as_str()).await?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether it makes sense to bring such an activity of somebody else.
pub(super) fn may_be_a_hint(activity: &Activity) -> bool {
    matches!(activity.kind.as_str(), "Create" | "Update" | "Delete" | "Announce")
}

fn is_about_a_post(activity: &Activity, actor: &RemoteId) -> bool {
    let object = &activity.object;
    match activity.kind.as_str() {
        "Create" | "Update" => shape::type_of(object).is_some_and(translate::note::is_post),
        "Delete" => shape::id_of(object) != Some(actor.as_str()),
        _ => false,
    }
}

/// Whether an answer says that something is gone; that it is not found says so only of what everybody may see.
fn is_gone(error: &Error, missing_is_gone: bool) -> bool {
    match error {
        Error::Remote { source: RemoteError::Gone(status), .. } => *status == 410 || missing_is_gone,
        _ => false,
    }
}
