//! `Move`: somebody goes on under another account.

use crate::actions::moves;
use crate::domain::origin::Id;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;

impl Federation {
    pub(super) async fn receive_move(&self, said: Said) -> Result<()> {
        // Nobody moves somebody else.
        if shape::id_of(&said.activity.object) != Some(said.signer.as_str()) {
            return Ok(());
        }
        let Some(target) = shape::id_of(&said.activity.target) else { return Ok(()) };
        let target = match self.borders.read(target)? {
            Id::Local(_) => self.local_account(&said.activity.target).await?,
            // What was known of it may be older than the wish to move there.
            Id::Remote(id) => match self.fetch_account(&id, &mut Budget::for_discovery()).await {
                Ok(found) => Some(found.id),
                Err(error) if error.is_transient() => return Err(error),
                Err(_) => None,
            },
        };
        match target {
            Some(target) => moves::receive(&self.app, said.account.id, target).await,
            None => Ok(()),
        }
    }
}
