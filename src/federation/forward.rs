//! Answers in our threads are passed on to those who follow the thread (ActivityPub section 7.1.2).
//!
//! The bytes stay as they came, because what proves them is over these bytes; what nobody can check is not passed on.

use serde_json::{Map, Value};

use crate::domain::id::{ActivityId, StatusId};
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::audience::addresses_of;
use crate::federation::http::{names_once, parse_document};
use crate::federation::receive::Said;
use crate::store::deliveries;
use crate::store::entity::activity;
use crate::store::{accounts, follows, statuses};

impl Federation {
    /// Passes an activity about a reply to a member on to the member's followers elsewhere, once.
    pub(super) async fn pass_on(&self, said: &Said, status: StatusId) -> Result<()> {
        let db = self.app.db.reader();
        let Some(id) = said.activity.id.clone() else { return Ok(()) };
        let Some(status) = statuses::by_id(db, status).await? else { return Ok(()) };
        let is_theirs = status.account_id == said.account.id && status.visibility.is_open();
        let parent = status.in_reply_to_account_id.filter(|_| is_theirs);
        let Some(member) = parent else { return Ok(()) };
        let member = accounts::find(db, member).await?;
        if member.host.is_some() || member.id == status.account_id || !can_be_checked(&said.body) {
            return Ok(());
        }
        let sender = said.signer.host();
        let mut addresses = addresses_of(&self.app, follows::inboxes(db, member.id).await?);
        addresses.retain(|address| sender.as_ref().is_none_or(|sender| sender.as_str() != address.host));
        if addresses.is_empty() {
            return Ok(());
        }
        let mut change = self.app.begin().await?;
        let row = activity::Model {
            id: self.app.id::<ActivityId>(),
            uri: id,
            account_id: member.id,
            status_id: None,
            object_key: status.uri,
            body: said.body.clone(),
            created_at: self.app.now(),
            key_uri: None,
        };
        if deliveries::post(change.tx(), row, addresses).await? {
            change.has_deliveries();
        }
        change.commit().await
    }
}

/// Whether others can tell that its actor said it: by a proof, or by a linked data signature, and whether they read the
/// same as we do. What was sent in secret copies is for nobody else.
fn can_be_checked(body: &str) -> bool {
    if !names_once(body.as_bytes()) {
        return false;
    }
    let Ok(Value::Object(document)) = parse_document(body.as_bytes()) else { return false };
    let is_signed = ["proof", "signature"].iter().any(|member| document.contains_key(*member));
    let inner = document.get("object").and_then(Value::as_object);
    let secret = |part: &Map<String, Value>| ["bto", "bcc"].iter().any(|member| part.contains_key(*member));
    is_signed && !secret(&document) && !inner.is_some_and(secret)
}
