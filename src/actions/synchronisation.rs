//! What another server says of who follows one of its accounts, compared with what members believe.

use std::collections::HashSet;

use crate::actions::follows;
use crate::app::App;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, FollowId};
use crate::error::Result;
use crate::store::{accounts, follows as rows};

/// Makes the follows of `target` by members what its server says they are; `listed` are ids of members.
///
/// A follow that its server does not know ends. One that it knows and that waits for an answer was accepted. One that
/// only its server knows is taken back there.
pub async fn synchronise(app: &App, target: AccountId, listed: &HashSet<String>) -> Result<()> {
    let mut change = app.begin().await?;
    let ours = rows::by_members(change.tx(), target).await?;
    let known: HashSet<String> = ours.iter().map(|(_, uri)| uri.clone()).collect();
    let mut accepted = Vec::new();
    for (follow, uri) in ours {
        match listed.contains(&uri) {
            true if !follow.accepted => accepted.push(follow.id),
            false if follow.accepted => follows::unfollow_aloud(&mut change, follow).await?,
            _ => {}
        }
    }
    let strays: Vec<String> = listed.difference(&known).cloned().collect();
    for member in accounts::by_uris(change.tx(), &strays).await?.into_iter().filter(|member| member.host.is_none()) {
        let uri = app.urls.follow(member.id, app.id::<FollowId>());
        change.record(Event::Unfollowed { account: member.id, target, uri }).await?;
    }
    change.commit().await?;
    for follow in accepted {
        follows::receive_accept(app, target, follow).await?;
    }
    Ok(())
}
