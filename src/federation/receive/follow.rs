//! `Follow`: somebody wants to follow a member.

use crate::actions::{follows, relays};
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::receive::Said;

impl Federation {
    pub(super) async fn receive_follow(&self, said: Said) -> Result<()> {
        let Some(target) = self.local_account(&said.activity.object).await? else { return Ok(()) };
        let uri = said.uri("follow");
        if target == self.instance_actor {
            return relays::answer_follow(&self.app, target, said.account.id, &uri).await;
        }
        follows::receive(&self.app, said.account.id, target, &uri).await
    }
}
