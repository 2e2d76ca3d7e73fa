//! `Follow`: somebody wants to follow a member.

use crate::actions::follows;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::receive::Said;

impl Federation {
    pub(super) async fn receive_follow(&self, said: Said) -> Result<()> {
        let Some(target) = self.local_account(&said.activity.object).await? else { return Ok(()) };
        let uri = said.uri("follow");
        follows::receive(&self.app, said.account.id, target, &uri).await
    }
}
