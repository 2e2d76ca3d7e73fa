//! `QuoteRequest`: somebody asks to quote a post of a member (FEP-044f).

use serde::Deserialize;

use crate::actions::quotes;
use crate::actions::statuses::{self, Cause};
use crate::domain::origin::Authentic;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::note::Note;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::federation::translate;

impl Federation {
    pub(super) async fn receive_quote_request(&self, said: Said) -> Result<()> {
        if self.known_status(&said.activity.object).await?.is_none() {
            return Ok(());
        }
        let instrument = &said.activity.instrument;
        let Some(id) = shape::id_of(instrument).and_then(|id| self.borders.remote(id).ok()) else { return Ok(()) };
        if !id.shares_origin(&said.signer) {
            return Ok(());
        }
        let embedded = Note::deserialize(instrument).ok().filter(|note| translate::note::is_post(&note.kind));
        let quoting = match embedded {
            Some(mut note) => {
                note.put_author_first(&said.signer);
                let post = translate::note::status(note, (&said.account).into(), &self.borders)?;
                let post = Authentic::by_signature(post, &said.signer)?;
                statuses::receive(&self.app, &said.account, post, Cause::Fetched).await?
            }
            None => match self.fetch_status(&id, &mut Budget::for_discovery()).await {
                Ok(quoting) => Some(quoting),
                Err(error) if error.is_transient() => return Err(error),
                Err(_) => None,
            },
        };
        match quoting {
            Some(quoting) => {
                quotes::receive_request(&self.app, said.account.id, quoting, &said.uri("quote-request")).await
            }
            None => Ok(()),
        }
    }
}
