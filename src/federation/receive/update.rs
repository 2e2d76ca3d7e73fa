//! `Update`: somebody changed a post or a profile.

use serde::Deserialize;

use crate::actions::{accounts, statuses};
use crate::domain::origin::Authentic;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::actor::Actor;
use crate::federation::protocol::note::Note;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::federation::translate;

impl Federation {
    pub(super) async fn receive_update(&self, said: Said) -> Result<()> {
        let object = &said.activity.object;
        match shape::type_of(object) {
            Some(kind) if translate::actor::is_actor(kind) => self.receive_profile(&said).await,
            Some(kind) if translate::note::is_post(kind) => {
                let Ok(mut note) = Note::deserialize(object) else { return Ok(()) };
                note.address_as(&said.activity);
                note.put_author_first(&said.signer);
                let post = translate::note::status(note, (&said.account).into(), &self.borders)?;
                let post = Authentic::by_signature(post, &said.signer)?;
                statuses::receive_edit(&self.app, &said.account, post).await?;
                match self.known_status(object).await? {
                    Some(status) => self.pass_on(&said, status).await,
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    async fn receive_profile(&self, said: &Said) -> Result<()> {
        let Ok(actor) = Actor::deserialize(&said.activity.object) else { return Ok(()) };
        let mut profile = translate::actor::account(actor, &self.borders)?;
        // The handle is asked for again only when the name has changed.
        (profile.host, profile.confirmed) = match &said.account.host {
            Some(host) if profile.username.key() == said.account.username_key => (host.clone(), false),
            _ => self.true_host(&profile.username, &profile.uri, &mut Budget::for_discovery()).await?,
        };
        accounts::receive(&self.app, Authentic::by_signature(profile, &said.signer)?).await?;
        self.keys.forget_those_of(&said.signer);
        Ok(())
    }
}
