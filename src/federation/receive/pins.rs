//! `Add` and `Remove`: what somebody shows first on their profile.

use crate::actions::pins;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::store::follows;

impl Federation {
    pub(super) async fn receive_add(&self, said: Said) -> Result<()> {
        let Some(id) = featured(&said) else { return Ok(()) };
        let status = match self.known_status(&said.activity.object).await? {
            Some(known) => known,
            None => {
                let id = self.borders.remote(id)?;
                let wanted = follows::has_local_followers(self.app.db.reader(), said.account.id).await?;
                if !wanted || !id.shares_origin(&said.signer) {
                    return Ok(());
                }
                self.fetch_status(&id, &mut Budget::for_discovery()).await?
            }
        };
        pins::receive_pin(&self.app, said.account.id, status).await
    }

    pub(super) async fn receive_remove(&self, said: Said) -> Result<()> {
        if featured(&said).is_none() {
            return Ok(());
        }
        match self.known_status(&said.activity.object).await? {
            Some(status) => pins::receive_unpin(&self.app, said.account.id, status).await,
            None => Ok(()),
        }
    }
}

/// What is added or removed, when it is about the pins of the signer: the collection is the one their actor names.
fn featured(said: &Said) -> Option<&str> {
    let target = shape::id_of(&said.activity.target)?;
    let own = said.account.featured_url.as_deref() == Some(target);
    own.then(|| shape::id_of(&said.activity.object)).flatten()
}
