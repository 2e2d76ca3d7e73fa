//! `Delete`: a post or an account is gone.

use crate::actions::{accounts, statuses};
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;

impl Federation {
    pub(super) async fn receive_delete(&self, said: Said) -> Result<()> {
        let Some(id) = shape::id_of(&said.activity.object) else { return Ok(()) };
        if id == said.signer.as_str() {
            accounts::receive_delete(&self.app, said.account.id).await?;
            self.keys.forget_those_of(&said.signer);
            return Ok(());
        }
        // Nobody can bury what is not on their own server.
        let id = self.borders.remote(id)?;
        if id.shares_origin(&said.signer) {
            if let Some(status) = self.known_status(&said.activity.object).await? {
                self.pass_on(&said, status).await?;
            }
            statuses::receive_delete(&self.app, &said.account, id.as_str()).await?;
        }
        Ok(())
    }
}
