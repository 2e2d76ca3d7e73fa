//! `Accept` and `Reject`: an answer to a follow by a member, or to their wish to quote.

use serde_json::Value;

use crate::actions::{follows as actions, quotes};
use crate::domain::id::FollowId;
use crate::domain::relay::RelayState;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::store::follows;

impl Federation {
    pub(super) async fn receive_accept(&self, said: Said) -> Result<()> {
        match self.answered_follow(&said, &said.activity.object).await? {
            Some(follow) => actions::receive_accept(&self.app, said.account.id, follow).await,
            None => {
                let approval = self.approval(&said.activity.result, &said.signer);
                if approval.is_some() && self.receive_quote_answer(&said, approval).await? {
                    return Ok(());
                }
                self.receive_relay_answer(&said, RelayState::Accepted).await
            }
        }
    }

    pub(super) async fn receive_reject(&self, said: Said) -> Result<()> {
        match self.answered_follow(&said, &said.activity.object).await? {
            Some(follow) => actions::receive_reject(&self.app, said.account.id, follow).await,
            None if self.receive_quote_answer(&said, None).await? => Ok(()),
            None => self.receive_relay_answer(&said, RelayState::Refused).await,
        }
    }

    /// Takes in an answer to the wish of a member to quote; whether it was one.
    async fn receive_quote_answer(&self, said: &Said, approval: Option<String>) -> Result<bool> {
        match self.wished_quote(&said.activity.object).await? {
            Some(quoting) => {
                quotes::receive_answer(&self.app, said.account.id, quoting, approval).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The follow of the signer that an answer speaks of: by its id, or by who follows whom when the id got lost.
    pub(super) async fn answered_follow(&self, said: &Said, object: &Value) -> Result<Option<FollowId>> {
        let db = self.app.db.reader();
        if let Some(id) = shape::id_of(object)
            && let Some(known) = follows::by_uri(db, id).await?
        {
            return Ok((known.target_id == said.account.id).then_some(known.id));
        }
        if shape::type_of(object) != Some("Follow") {
            return Ok(None);
        }
        let names_signer = object.get("object").and_then(shape::id_of) == Some(said.signer.as_str());
        let follower = match object.get("actor") {
            Some(actor) if names_signer => self.local_account(actor).await?,
            _ => None,
        };
        let Some(follower) = follower else { return Ok(None) };
        Ok(follows::find(db, follower, said.account.id).await?.map(|known| known.id))
    }
}
