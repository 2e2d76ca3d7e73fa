//! `Undo`: somebody takes back what they did.

use serde_json::Value;

use crate::actions::{follows as follow_actions, interactions, reactions, relations};
use crate::domain::origin::RemoteId;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::store::{accounts, follows, statuses};

impl Federation {
    pub(super) async fn receive_undo(&self, said: Said) -> Result<()> {
        let object = said.activity.object.clone();
        if let Some(actor) = object.get("actor").and_then(shape::id_of)
            && actor != said.signer.as_str()
        {
            return Ok(());
        }
        match shape::type_of(&object) {
            Some("Follow") => self.undo_follow(&said, &object).await,
            Some("Like" | "EmojiReact") => self.undo_like(&said, &object).await,
            Some("Announce") => {
                self.bury(&said, &object).await?;
                self.undo_announce(&said, &object).await
            }
            Some("Block") => self.undo_block(&said, &object).await,
            Some("Accept") => {
                let inner = object.get("object").cloned().unwrap_or_default();
                match self.answered_follow(&said, &inner).await? {
                    Some(follow) => follow_actions::receive_reject(&self.app, said.account.id, follow).await,
                    None => Ok(()),
                }
            }
            _ => self.undo_named(&said, &object).await,
        }
    }

    /// What was taken back before it arrives must not happen afterwards.
    async fn bury(&self, said: &Said, object: &Value) -> Result<()> {
        let Some(Ok(id)) = shape::id_of(object).map(|id| self.borders.remote(id)) else { return Ok(()) };
        if id.shares_origin(&said.signer) {
            interactions::forestall(&self.app, &said.account, id.as_str()).await?;
        }
        Ok(())
    }

    async fn undo_follow(&self, said: &Said, object: &Value) -> Result<()> {
        let target = object.get("object").cloned().unwrap_or_default();
        let Some(target) = self.local_account(&target).await? else { return self.undo_named(said, object).await };
        let known = follows::find(self.app.db.reader(), said.account.id, target).await?;
        match known {
            // Whoever says twice that they have stopped may well have begun anew.
            None if said.again => return Ok(()),
            Some(known) if said.again && shape::id_of(object).is_some_and(|id| id != known.uri) => return Ok(()),
            None => return self.bury(said, object).await,
            Some(_) => {}
        }
        follow_actions::receive_undo(&self.app, said.account.id, target).await
    }

    async fn undo_like(&self, said: &Said, object: &Value) -> Result<()> {
        let target = object.get("object").cloned().unwrap_or_default();
        match self.known_status(&target).await? {
            Some(status) => {
                let named = shape::id_of(object).and_then(|id| self.borders.remote(id).ok());
                let named = named.filter(|id| id.shares_origin(&said.signer));
                reactions::receive_unlike(&self.app, &said.account, status, named.as_ref().map(RemoteId::as_str)).await
            }
            None => {
                self.bury(said, object).await?;
                self.undo_named(said, object).await
            }
        }
    }

    async fn undo_announce(&self, said: &Said, object: &Value) -> Result<()> {
        let target = object.get("object").cloned().unwrap_or_default();
        let Some(original) = self.known_status(&target).await? else { return self.undo_named(said, object).await };
        match statuses::boost(self.app.db.reader(), said.account.id, original).await? {
            Some(boost) => interactions::receive_unboost(&self.app, said.account.id, boost.id).await,
            None => Ok(()),
        }
    }

    async fn undo_block(&self, said: &Said, object: &Value) -> Result<()> {
        let target = object.get("object").cloned().unwrap_or_default();
        match self.local_account(&target).await? {
            Some(target) => relations::receive_unblock(&self.app, said.account.id, target).await,
            None => self.undo_named(said, object).await,
        }
    }

    /// Only the id of what is taken back was sent, or nothing else could be made of it.
    async fn undo_named(&self, said: &Said, object: &Value) -> Result<()> {
        let Some(id) = shape::id_of(object) else { return Ok(()) };
        let db = self.app.db.reader();
        let account = said.account.id;
        if let Some(known) = follows::by_uri(db, id).await?.filter(|known| known.account_id == account) {
            return follow_actions::receive_undo(&self.app, account, known.target_id).await;
        }
        if let Some(known) = statuses::favourite_by_uri(db, id).await?.filter(|known| known.account_id == account) {
            return reactions::receive_unlike(&self.app, &said.account, known.status_id, Some(id)).await;
        }
        if let Some(known) = statuses::reaction_by_uri(db, id).await?.filter(|known| known.account_id == account) {
            return reactions::receive_unlike(&self.app, &said.account, known.status_id, Some(id)).await;
        }
        if let Some(known) = statuses::by_uri(db, id).await?.filter(|known| known.account_id == account) {
            if known.reblog_of_id.is_some() {
                return interactions::receive_unboost(&self.app, account, known.id).await;
            }
            return Ok(());
        }
        if let Some(known) = accounts::block_by_uri(db, id).await?.filter(|known| known.account_id == account) {
            return relations::receive_unblock(&self.app, account, known.target_id).await;
        }
        if said.again { Ok(()) } else { self.bury(said, object).await }
    }
}
