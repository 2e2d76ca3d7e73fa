//! Relays: taking part in one, and what one brings (FEP-ae0c).
//!
//! A relay vouches for nothing. What it brings is proven by its author or looked up at its origin, and kept because it
//! was asked for; only what is public, only so much, and never as something the relay itself has said.

use std::time::Duration;

use serde_json::Value;

use crate::actions::relays::{self as actions, Wanted};
use crate::actions::statuses::Cause;
use crate::app::attempts::Rate;
use crate::domain::account::ActorKind;
use crate::domain::id::{AccountId, RelayId};
use crate::domain::job::Job;
use crate::domain::origin::RemoteId;
use crate::domain::relay::{RelayKind, RelayState};
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::activity::{Activity, OwnActivity};
use crate::federation::protocol::shape::{self, PUBLIC};
use crate::federation::publish::{Outgoing, follow, wrapped};
use crate::federation::receive::Said;
use crate::store::entity::account;
use crate::store::{accounts, relays, statuses};

/// How much one relay may bring; what comes beyond it is treated like anybody's hearsay.
const BRINGS: Rate = Rate { count: 120, window: Duration::from_secs(60) };

impl Federation {
    /// Asks the relay at an address to let this server take part.
    ///
    /// An address that ends in `/inbox` is spoken to as Mastodon does, any other is an actor and followed.
    pub async fn join_relay(&self, address: &str) -> Result<RelayId> {
        let id = self.borders.remote(address.trim())?;
        let actor = if id.url().path().ends_with("/inbox") {
            None
        } else {
            Some(self.account(&id, &mut Budget::for_discovery()).await?)
        };
        let inbox_url = actor.as_ref().map_or_else(|| id.as_str().to_owned(), |actor| actor.inbox_url.clone());
        actions::add(&self.app, self.instance_actor, Wanted { inbox_url, actor }).await
    }

    /// Leaves the relay at an address, by its inbox or its actor.
    pub async fn leave_relay(&self, address: &str) -> Result<()> {
        let db = self.app.db.reader();
        let address = address.trim();
        let known = match accounts::by_uri(db, address).await? {
            Some(actor) => relays::by_account(db, actor.id).await?,
            None => relays::by_inbox(db, address).await?,
        };
        let known = known.ok_or(Error::NotFound("relay"))?;
        actions::remove(&self.app, self.instance_actor, known.id).await
    }

    /// Whether somebody is a relay that was asked, and may bring one thing more.
    pub(super) async fn brings(&self, bearer: AccountId) -> Result<bool> {
        Ok(relays::is_heard(self.app.db.reader(), bearer).await? && self.may_bring(bearer))
    }

    fn may_bring(&self, relay: AccountId) -> bool {
        self.app.attempts.count(&format!("relay {relay}"), BRINGS, self.app.now()).is_ok()
    }

    /// Takes in the answer to a Follow of ours when a relay was asked with it.
    ///
    /// Only the relay itself may answer: the actor that was followed, or somebody of the server of the inbox.
    pub(super) async fn receive_relay_answer(&self, said: &Said, answer: RelayState) -> Result<()> {
        let Some(id) = shape::id_of(&said.activity.object) else { return Ok(()) };
        let Some(relay) = relays::by_follow(self.app.db.reader(), id).await? else { return Ok(()) };
        let inbox = self.borders.remote(&relay.inbox_url)?;
        let is_relay = match relay.account_id {
            Some(account) => account == said.account.id,
            None => inbox.shares_origin(&said.signer),
        };
        if is_relay { actions::receive_answer(&self.app, relay.id, said.account.id, answer).await } else { Ok(()) }
    }

    /// Takes in what a relay announces, if it is one; whether it is.
    pub(super) async fn receive_from_relay(&self, said: &Said) -> Result<bool> {
        if said.account.kind == ActorKind::Person || !relays::is_heard(self.app.db.reader(), said.account.id).await? {
            return Ok(false);
        }
        let object = &said.activity.object;
        // Some announce the activity, most the post.
        let post = if object.get("actor").is_some() { object.get("object").unwrap_or(&Value::Null) } else { object };
        if let Some(Ok(id)) = shape::id_of(post).map(|id| self.borders.remote(id))
            && self.may_bring(said.account.id)
        {
            self.look_at_relayed_later(id).await?;
        }
        Ok(true)
    }

    /// Has a post looked at on its own server, because a relay brought word of it.
    pub(super) async fn look_at_relayed_later(&self, id: RemoteId) -> Result<()> {
        if statuses::by_uri(self.app.db.reader(), id.as_str()).await?.is_some() {
            return Ok(());
        }
        let mut change = self.app.begin().await?;
        change.enqueue(&Job::LookAtRelayed { uri: id.as_str().to_owned() }).await?;
        change.commit().await
    }

    /// Follows a hint of a relay that there is a new public post.
    pub(super) async fn take_hint_of_relay(&self, activity: &Activity, actor: &RemoteId) -> Result<()> {
        match shape::id_of(&activity.object).map(|id| self.borders.remote(id)) {
            Some(Ok(id)) if id.shares_origin(actor) => self.look_at_relayed_later(id).await,
            _ => Ok(()),
        }
    }

    /// Fetches a post that a relay brought word of; kept when everybody may see it.
    pub async fn look_at_relayed(&self, uri: &str) -> Result<()> {
        let id = self.borders.remote(uri)?;
        match self.fetch_status_because(Cause::Relayed, &id, &mut Budget::for_discovery()).await {
            // Nothing to see, or not for everybody.
            Err(error) if !error.is_transient() => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Asking a relay, or leaving it.
    pub(super) async fn around_relay(
        &self,
        (account, inbox, actor, uri): (AccountId, &str, Option<&str>, &str),
        around: impl FnOnce(OwnActivity, &account::Model) -> OwnActivity,
    ) -> Result<Option<Outgoing>> {
        let by = accounts::find(self.app.db.reader(), account).await?;
        let activity = around(follow(uri, &by.uri, actor.unwrap_or(PUBLIC[0])), &by);
        Ok(Some(Outgoing::to_inboxes(activity, account, uri.to_owned(), vec![inbox.to_owned()])))
    }

    /// The announcement of a public post of a member to the relays that want announcements.
    pub(super) async fn told_to_relays(&self, post: &OwnActivity, uri: &str) -> Result<Option<Outgoing>> {
        let inboxes = self.relays_of(&[RelayKind::LitePub]).await?;
        if inboxes.is_empty() {
            return Ok(None);
        }
        let by = accounts::find(self.app.db.reader(), self.instance_actor).await?;
        let announce = OwnActivity {
            to: vec![PUBLIC[0].to_owned()],
            cc: by.followers_url.clone().into_iter().collect(),
            published: post.published.clone(),
            ..wrapped("Announce", &format!("{uri}#relayed"), &by, uri)
        };
        Ok(Some(Outgoing::to_inboxes(announce, by.id, uri.to_owned(), inboxes)))
    }

    /// The inboxes of relays of these kinds.
    pub(super) async fn relays_of(&self, kinds: &[RelayKind]) -> Result<Vec<String>> {
        let known = relays::inboxes(self.app.db.reader()).await?;
        Ok(known.into_iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, inbox)| inbox).collect())
    }
}

/// Whether an activity says of itself that everybody may see what it brings.
pub(super) fn is_for_everybody(activity: &Activity) -> bool {
    let inside = activity.object.get("to").into_iter().flat_map(shape::ids_of);
    inside.chain(activity.to.0.iter().map(String::as_str)).any(|id| PUBLIC.contains(&id))
}
