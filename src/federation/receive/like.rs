//! `Like`: somebody likes a post.

use crate::actions::reactions;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::receive::Said;

impl Federation {
    pub(super) async fn receive_like(&self, said: Said) -> Result<()> {
        let Some(status) = self.known_status(&said.activity.object).await? else { return Ok(()) };
        let uri = said.uri("like");
        match reactions::receive_like(&self.app, said.account.id, status, &uri).await {
            // What they may not see they cannot like.
            Err(Error::NotFound(_)) => Ok(()),
            other => other,
        }
    }
}
