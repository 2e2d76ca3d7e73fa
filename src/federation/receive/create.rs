//! `Create`: somebody posted.

use serde::Deserialize;
use serde_json::Value;

use crate::actions::polls;
use crate::actions::statuses::{self, Cause};
use crate::domain::origin::Authentic;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::note::Note;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::federation::translate;
use crate::store::follows;

/// How many objects of one activity are read.
const MOST_OBJECTS: usize = 20;

impl Federation {
    pub(super) async fn receive_create(&self, said: Said) -> Result<()> {
        let objects: Vec<&Value> = shape::members(&said.activity.object).take(MOST_OBJECTS).collect();
        for object in objects {
            self.receive_created(&said, object).await?;
        }
        Ok(())
    }

    async fn receive_created(&self, said: &Said, object: &Value) -> Result<()> {
        let Some(kind) = shape::type_of(object) else { return self.receive_named(said, object).await };
        if !translate::note::is_post(kind) {
            return Ok(());
        }
        let Ok(mut note) = Note::deserialize(object) else { return Ok(()) };
        if let Some(title) = vote(&note) {
            return match self.known_status(&Value::from(note.in_reply_to.first())).await? {
                Some(status) => polls::receive_vote(&self.app, said.account.id, status, title).await,
                None => Ok(()),
            };
        }
        note.address_as(&said.activity);
        // Where nobody is named at all, it is for whom it was left with.
        if note.to.0.is_empty() && note.cc.0.is_empty() {
            note.to.0.extend(said.left_with.clone());
        }
        note.put_author_first(&said.signer);
        let post = translate::note::status(note, (&said.account).into(), &self.borders)?;
        let post = Authentic::by_signature(post, &said.signer)?;
        let is_reply = post.in_reply_to.is_some();
        let cause = if said.relayed { Cause::Relayed } else { Cause::Delivered };
        match statuses::receive(&self.app, &said.account, post, cause).await? {
            Some(status) if is_reply => self.pass_on(said, status).await,
            _ => Ok(()),
        }
    }

    /// Only the id was sent: it is fetched when somebody here follows its author.
    async fn receive_named(&self, said: &Said, object: &Value) -> Result<()> {
        let Some(id) = shape::id_of(object) else { return Ok(()) };
        let id = self.borders.remote(id)?;
        if id.shares_origin(&said.signer) && follows::has_local_followers(self.app.db.reader(), said.account.id).await?
        {
            self.fetch_status(&id, &mut Budget::for_discovery()).await?;
        }
        Ok(())
    }
}

/// What is chosen by a vote in a poll, which is a note with a name and nothing to say.
fn vote(note: &Note) -> Option<&str> {
    let says_nothing = note.content.as_deref().is_none_or(str::is_empty) && note.attachment.is_empty();
    let is_vote = note.kind == "Note" && says_nothing && !note.in_reply_to.0.is_empty();
    note.name.as_deref().filter(|_| is_vote).map(str::trim)
}
