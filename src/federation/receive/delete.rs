//! `Delete`: a post or an account is gone.

use serde_json::Value;

use crate::actions::{accounts, quotes, statuses};
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;

/// How many objects of one activity are read.
const MOST_OBJECTS: usize = 100;

impl Federation {
    pub(super) async fn receive_delete(&self, said: Said) -> Result<()> {
        for id in shape::ids_of(&said.activity.object).take(MOST_OBJECTS) {
            self.receive_end(&said, id).await?;
        }
        Ok(())
    }

    async fn receive_end(&self, said: &Said, id: &str) -> Result<()> {
        if id == said.signer.as_str() {
            accounts::receive_delete(&self.app, said.account.id).await?;
            self.keys.forget_those_of(&said.signer);
            return Ok(());
        }
        // Nobody can bury what is not on their own server.
        let id = self.borders.remote(id)?;
        if id.shares_origin(&said.signer) {
            if quotes::receive_revocation(&self.app, said.account.id, id.as_str()).await? {
                return Ok(());
            }
            if let Some(status) = self.known_status(&Value::from(id.as_str())).await? {
                self.pass_on(said, status).await?;
            }
            statuses::receive_delete(&self.app, &said.account, id.as_str()).await?;
        }
        Ok(())
    }
}
