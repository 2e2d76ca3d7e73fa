//! Moving: somebody goes on under another account, here or elsewhere, and their followers come along.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use crate::actions::{follows as follow_actions, relations};
use crate::app::{App, Change};
use crate::domain::account::Names;
use crate::domain::event::Event;
use crate::domain::id::AccountId;
use crate::domain::job::Job;
use crate::domain::policy::{self, Proposal};
use crate::error::{Error, Result};
use crate::store::entity::{account, follow};
use crate::store::{accounts, follows};

/// How many other ids of one person a member may name.
const MOST_ALIASES: usize = 10;

/// A member says which other accounts are theirs: nobody can move here without that.
pub async fn set_aliases(app: &App, account: AccountId, aliases: Vec<String>) -> Result<()> {
    if aliases.len() > MOST_ALIASES {
        return Err(Error::invalid("Nobody has more than ten other accounts"));
    }
    let mut change = app.begin().await?;
    let known = accounts::find(change.tx(), account).await?;
    if known.also_known_as.0 != aliases {
        let mut row = known.into_active_model();
        row.also_known_as = Set(Names(aliases));
        tell_profile(&mut change, account, row).await?;
    }
    change.commit().await
}

/// A member goes on under `target`, which has to name them as the same person; that was looked up just now.
///
/// Followers here come along at once; those elsewhere are asked to.
pub async fn move_away(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let (member, target) = both(&change, account, target).await?;
    if member.host.is_some() {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    policy::may_move(&proposal(&member, &target), change.now())?;
    note_move(&mut change, member, &target).await?;
    change.record(Event::ProfileUpdated { account }).await?;
    change.record(Event::Moved { account, target: target.id }).await?;
    change.commit().await
}

/// A member who has moved comes back; followers who have left do not.
pub async fn move_back(app: &App, account: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = accounts::find(change.tx(), account).await?;
    if known.moved_to_id.is_some() {
        let mut row = known.into_active_model();
        row.moved_to_id = Set(None);
        tell_profile(&mut change, account, row).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere has moved, when both ends say so.
pub async fn receive(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let (mover, target) = both(&change, account, target).await?;
    if let Err(refusal) = policy::may_move(&proposal(&mover, &target), change.now()) {
        tracing::debug!(from = %mover.uri, to = %target.uri, %refusal, "a move is not followed");
        return Ok(());
    }
    note_move(&mut change, mover, &target).await?;
    change.commit().await
}

/// Brings the followers here of somebody who has moved to where they are now, with everything they had chosen, and
/// whoever wanted nothing to do with the old account has nothing to do with the new one.
pub async fn follow(app: &App, from: AccountId, to: AccountId) -> Result<()> {
    for known in follows::local_followers(app.db.reader(), from).await? {
        match bring(app, &known, to).await {
            // One who may not follow there stays behind.
            Err(trouble) if trouble.is_ours() => return Err(trouble),
            _ => follow_actions::unfollow(app, known.account_id, from).await?,
        }
    }
    let db = app.db.reader();
    for block in accounts::blocks_of(db, from).await? {
        if follows::find(db, block.account_id, to).await?.is_none() && block.account_id != to {
            relations::block(app, block.account_id, to).await?;
        }
    }
    for mute in accounts::mutes_of(db, from, app.now()).await? {
        let known = accounts::mute(db, mute.account_id, to, app.now()).await?;
        if known.is_none() && mute.account_id != to {
            let rest = mute.expires_at.map(|ends| ends.since(app.now()));
            relations::mute(app, mute.account_id, to, Some(mute.notifications), rest).await?;
        }
    }
    Ok(())
}

async fn bring(app: &App, known: &follow::Model, to: AccountId) -> Result<()> {
    if known.account_id == to || follows::find(app.db.reader(), known.account_id, to).await?.is_some() {
        return Ok(());
    }
    let wishes = follow_actions::Wishes {
        reblogs: Some(known.show_reblogs),
        notify: Some(known.notify),
        languages: Some(known.languages.0.clone()),
    };
    follow_actions::follow(app, known.account_id, to, wishes).await
}

async fn both(change: &Change, account: AccountId, target: AccountId) -> Result<(account::Model, account::Model)> {
    Ok((accounts::find(change.tx(), account).await?, accounts::find(change.tx(), target).await?))
}

fn proposal<'a>(mover: &'a account::Model, target: &'a account::Model) -> Proposal<'a> {
    Proposal {
        from: &mover.uri,
        to: &target.uri,
        aliases: &target.also_known_as.0,
        is_open: target.takes_part() && target.moved_to_id.is_none(),
        last: mover.moved_at,
    }
}

async fn note_move(change: &mut Change, mover: account::Model, target: &account::Model) -> Result<()> {
    let from = mover.id;
    let mut row = mover.into_active_model();
    row.moved_to_id = Set(Some(target.id));
    row.moved_at = Set(Some(change.now()));
    row.updated_at = Set(change.now());
    row.update(change.tx()).await?;
    change.touch_account(from);
    change.enqueue(&Job::FollowMove { from, to: target.id }).await
}

async fn tell_profile(change: &mut Change, account: AccountId, mut row: account::ActiveModel) -> Result<()> {
    row.updated_at = Set(change.now());
    row.update(change.tx()).await?;
    change.touch_account(account);
    change.record(Event::ProfileUpdated { account }).await
}
