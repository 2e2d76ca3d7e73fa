//! Works off what other servers sent: one file per verb.
//! What follows from it is decided by `actions`.
//! Start reading here, then at `create.rs`.

mod accept;
mod announce;
mod create;
mod delete;
mod flag;
mod follow;
mod group;
mod like;
mod r#move;
mod pins;
mod quote_request;
mod undo;
mod update;

use serde::Deserialize;
use serde_json::Value;

use crate::actions::relations;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Envelope;
use crate::domain::origin::{Id, RemoteId};
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::{Budget, parse_document};
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::shape;
use crate::store::entity::account;
use crate::store::{accounts, statuses};

/// An activity with the account that certainly sent it.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) activity: Activity,
    pub(super) signer: RemoteId,
    again: bool,
    pub(super) account: account::Model,
    /// The JSON, byte for byte.
    pub(super) body: String,
    /// The member in whose own inbox it was left.
    left_with: Option<String>,
    /// Whether it was brought by a relay that was asked to.
    relayed: bool,
}

impl Federation {
    /// Does what an envelope asks for, as far as its sender may ask for it.
    pub async fn receive(&self, envelope: &Envelope) -> Result<()> {
        let document =
            parse_document(envelope.body.as_bytes()).map_err(|_| Error::invalid("an unreadable envelope"))?;
        let activity = Activity::deserialize(&document).map_err(|_| Error::invalid("an unreadable envelope"))?;
        let signer = self.borders.remote(&envelope.signer)?;
        let account = self.account(&signer, &mut Budget::for_discovery()).await?;
        if account.suspended_at.is_some() {
            return Ok(());
        }
        let said = Said {
            activity,
            signer,
            again: envelope.again,
            account,
            body: envelope.body.clone(),
            left_with: envelope.left_with.clone(),
            relayed: envelope.relayed,
        };
        match said.activity.kind.as_str() {
            "Create" => Box::pin(self.receive_create(said)).await,
            "Update" => self.receive_update(said).await,
            "Delete" => self.receive_delete(said).await,
            "Follow" => self.receive_follow(said).await,
            "Accept" => self.receive_accept(said).await,
            "Reject" => self.receive_reject(said).await,
            "Undo" => self.receive_undo(said).await,
            "Like" | "EmojiReact" => self.receive_like(said).await,
            "Announce" => Box::pin(self.receive_announce(said)).await,
            "Add" => self.receive_add(said).await,
            "Remove" => self.receive_remove(said).await,
            "Block" => self.receive_block(said).await,
            "QuoteRequest" => Box::pin(self.receive_quote_request(said)).await,
            "Flag" => self.receive_flag(said).await,
            "Move" => self.receive_move(said).await,
            other => {
                tracing::debug!(kind = other, "nothing is done with {other}");
                Ok(())
            }
        }
    }

    async fn receive_block(&self, said: Said) -> Result<()> {
        let Some(target) = self.local_account(&said.activity.object).await? else { return Ok(()) };
        let uri = said.uri("block");
        relations::receive_block(&self.app, said.account.id, target, &uri).await
    }

    /// The member an object names.
    async fn local_account(&self, object: &Value) -> Result<Option<AccountId>> {
        let Some(id) = shape::id_of(object) else { return Ok(None) };
        let Ok(Id::Local(url)) = self.borders.read(id) else { return Ok(None) };
        let known = accounts::by_uri(self.app.db.reader(), url.as_str()).await?;
        Ok(known.filter(|account| account.host.is_none()).map(|account| account.id))
    }

    /// The status an object names, if it is known here.
    async fn known_status(&self, object: &Value) -> Result<Option<StatusId>> {
        let Some(id) = shape::id_of(object) else { return Ok(None) };
        Ok(statuses::by_uri(self.app.db.reader(), id).await?.map(|status| status.id))
    }
}

impl Said {
    /// The id of the activity; when it has none, or one of another server, one of our own making.
    fn uri(&self, what: &str) -> String {
        let named = self.activity.id.as_deref().filter(|id| id.len() <= 2048);
        let own = named.and_then(|id| url::Url::parse(id).ok()).filter(|url| {
            crate::domain::origin::Origin::of(url) == crate::domain::origin::Origin::of(self.signer.url())
        });
        match (own, named) {
            (Some(_), Some(id)) => id.to_owned(),
            _ => {
                let object = shape::id_of(&self.activity.object).unwrap_or_default();
                format!("{}#{what}-{}", self.signer, crate::app::crypto::token_hash(object))
            }
        }
    }
}
