//! What a group makes known: it announces what others did in it (FEP-1b12).
//!
//! The group vouches for nothing but its own server: posts are fetched from where they come from, votes count when the
//! voter is of the group's server, and what its moderators take away is taken from the group, nowhere else. A post is
//! in a group when its author has addressed it there; that the group shows it does not make it the group's.

use serde::Deserialize;
use serde_json::Value;

use crate::actions::{interactions, reactions, statuses as status_actions};
use crate::domain::account::ActorKind;
use crate::domain::origin::RemoteId;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::federation::translate;
use crate::store::{accounts, follows, statuses};

/// The activity inside of an announcement, when there is one and not a post.
pub(super) fn inner(said: &Said) -> Option<Activity> {
    let object = &said.activity.object;
    let is_activity =
        object.get("actor").is_some() && shape::type_of(object).is_some_and(|kind| !translate::note::is_post(kind));
    is_activity.then(|| Activity::deserialize(object).ok()).flatten()
}

impl Federation {
    /// Takes in what a group says that somebody did in it.
    pub(super) async fn receive_in_group(&self, said: &Said, inner: Activity) -> Result<()> {
        let is_group = said.account.kind == ActorKind::Group;
        if !is_group || !follows::has_local_followers(self.app.db.reader(), said.account.id).await? {
            return Ok(());
        }
        let Some(actor) = inner.actor.only().and_then(|actor| self.borders.remote(actor).ok()) else { return Ok(()) };
        match inner.kind.as_str() {
            "Create" => self.created_in_group(said, &inner).await,
            "Update" => self.changed_in_group(&inner).await,
            "Delete" => self.removed_in_group(said, &inner, &actor).await,
            "Like" => self.liked_in_group(said, &inner, &actor).await,
            "Undo" => self.undone_in_group(said, &inner, &actor).await,
            other => {
                tracing::debug!(kind = other, "nothing is done with {other} in a group");
                Ok(())
            }
        }
    }

    async fn created_in_group(&self, said: &Said, inner: &Activity) -> Result<()> {
        let Some(id) = shape::id_of(&inner.object) else { return Ok(()) };
        let Ok(id) = self.borders.remote(id) else { return Ok(()) };
        let status = self.fetch_status(&id, &mut Budget::for_discovery()).await?;
        let is_reply =
            statuses::by_id(self.app.db.reader(), status).await?.is_some_and(|row| row.in_reply_to_uri.is_some());
        // Comments belong to the thread; it is the thread that the group shows.
        if is_reply { Ok(()) } else { self.boosted_by(said, status).await }
    }

    async fn changed_in_group(&self, inner: &Activity) -> Result<()> {
        let Some(status) = self.known_status(&inner.object).await? else { return Ok(()) };
        let Some(known) = statuses::by_id(self.app.db.reader(), status).await? else { return Ok(()) };
        self.look_again_later(known.uri).await
    }

    async fn removed_in_group(&self, said: &Said, inner: &Activity, actor: &RemoteId) -> Result<()> {
        let Some(status) = self.known_status(&inner.object).await? else { return Ok(()) };
        let db = self.app.db.reader();
        let Some(known) = statuses::by_id(db, status).await? else { return Ok(()) };
        let author = accounts::find(db, known.account_id).await?;
        if author.host.is_none() {
            return Ok(());
        }
        let is_by_author = author.uri == actor.as_str();
        if !is_by_author && !self.moderates(said, actor).await? {
            return Ok(());
        }
        let of_one_server = actor.shares_origin(&said.signer) && known.uri.starts_with(&origin_of(&said.signer));
        if of_one_server && statuses::addresses(db, known.id, said.account.id).await? {
            status_actions::receive_delete(&self.app, &author, &known.uri).await?;
            return Ok(());
        }
        // What the group shows is its own to take back; whether the post is gone, its own server says.
        if let Some(boost) = statuses::boost(db, said.account.id, known.id).await? {
            interactions::receive_unboost(&self.app, said.account.id, boost.id).await?;
        }
        if is_by_author || of_one_server { self.look_again_later(known.uri).await } else { Ok(()) }
    }

    /// Whether the group lists somebody as a moderator (`attributedTo` or `moderators` of the group, FEP-1b12).
    async fn moderates(&self, said: &Said, actor: &RemoteId) -> Result<bool> {
        let mut budget = Budget::for_discovery();
        let (_, group) = self.fetch(&said.signer, &mut budget).await?;
        for named in ["attributedTo", "moderators"] {
            let Some(value) = group.get(named) else { continue };
            if shape::ids_of(value).any(|id| id == actor.as_str()) {
                return Ok(true);
            }
            let Some(list) = shape::id_of(value).and_then(|list| self.borders.remote(list).ok()) else { continue };
            if !list.shares_origin(&said.signer) {
                continue;
            }
            let (_, list) = self.fetch(&list, &mut budget).await?;
            let items = ["orderedItems", "items"].iter().filter_map(|member| list.get(*member));
            if items.flat_map(shape::ids_of).any(|id| id == actor.as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn liked_in_group(&self, said: &Said, inner: &Activity, actor: &RemoteId) -> Result<()> {
        let Some(status) = self.known_status(&inner.object).await? else { return Ok(()) };
        if !actor.shares_origin(&said.signer) {
            return Ok(());
        }
        let voter = self.account(actor, &mut Budget::for_discovery()).await?;
        let own = inner.id.clone().filter(|id| self.borders.remote(id).is_ok_and(|id| id.shares_origin(actor)));
        let uri = own.unwrap_or_else(|| format!("{actor}#like-{status}"));
        match reactions::receive_like(&self.app, voter.id, status, &uri).await {
            Err(Error::NotFound(_)) => Ok(()),
            other => other,
        }
    }

    async fn undone_in_group(&self, said: &Said, inner: &Activity, actor: &RemoteId) -> Result<()> {
        let is_like = shape::type_of(&inner.object) == Some("Like") && actor.shares_origin(&said.signer);
        let target = inner.object.get("object").cloned().unwrap_or(Value::Null);
        let Some(status) = self.known_status(&target).await?.filter(|_| is_like) else { return Ok(()) };
        match accounts::by_uri(self.app.db.reader(), actor.as_str()).await? {
            Some(voter) => {
                let named = shape::id_of(&inner.object).and_then(|id| self.borders.remote(id).ok());
                let named = named.filter(|id| id.shares_origin(actor));
                reactions::receive_unlike(&self.app, &voter, status, named.as_ref().map(RemoteId::as_str)).await
            }
            None => Ok(()),
        }
    }
}

/// Scheme and host of an id, with the slash behind them.
fn origin_of(id: &RemoteId) -> String {
    format!("{}/", id.url().origin().ascii_serialization())
}
