//! Blocks and mutes.

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::actions::{fanout, follows as follow_actions, notify};
use crate::app::{App, Change};
use crate::domain::id::{AccountId, RelationId};
use crate::error::{Error, Result};
use crate::store::entity::{block, mute};
use crate::store::{accounts, follows};

/// A member wants nothing to do with somebody: follows end in both directions.
pub async fn block(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let target = accounts::find(change.tx(), target).await?;
    if account == target.id {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    let id: RelationId = app.id();
    let uri = app.urls.block(account, id);
    if insert(&change, id, account, target.id, &uri).await? {
        if let Some(known) = follows::find(change.tx(), account, target.id).await? {
            follow_actions::unfollow_aloud(&mut change, known).await?;
        }
        if let Some(known) = follows::find(change.tx(), target.id, account).await? {
            follow_actions::end(&mut change, known.clone()).await?;
            follow_actions::tell_refused(&mut change, known).await?;
        }
        part(&mut change, account, target.id).await?;
    }
    change.commit().await
}

/// A member lifts a block.
pub async fn unblock(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let change = app.begin().await?;
    accounts::find(change.tx(), target).await?;
    delete(&change, account, target).await?;
    change.commit().await
}

/// Takes in that somebody elsewhere wants nothing to do with a member.
pub async fn receive_block(app: &App, account: AccountId, target: AccountId, uri: &str) -> Result<()> {
    let mut change = app.begin().await?;
    if insert(&change, app.id(), account, target, uri).await? {
        for (follower, followed) in [(account, target), (target, account)] {
            if let Some(known) = follows::find(change.tx(), follower, followed).await? {
                follow_actions::end(&mut change, known).await?;
            }
        }
        part(&mut change, target, account).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere lifts a block.
pub async fn receive_unblock(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let change = app.begin().await?;
    delete(&change, account, target).await?;
    change.commit().await
}

/// A member does not want to read somebody, for a while or for good.
pub async fn mute(
    app: &App,
    account: AccountId,
    target: AccountId,
    notifications: Option<bool>,
    duration: Option<Duration>,
) -> Result<()> {
    let change = app.begin().await?;
    accounts::find(change.tx(), target).await?;
    if account == target {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    let row = mute::ActiveModel {
        id: Set(app.id()),
        account_id: Set(account),
        target_id: Set(target),
        notifications: Set(notifications.unwrap_or(true)),
        expires_at: Set(duration.filter(|duration| !duration.is_zero()).map(|duration| app.now() + duration)),
        created_at: Set(app.now()),
    };
    let replace = OnConflict::columns([mute::Column::AccountId, mute::Column::TargetId])
        .update_columns([mute::Column::Notifications, mute::Column::ExpiresAt])
        .to_owned();
    mute::Entity::insert(row).on_conflict(replace).exec_without_returning(change.tx()).await?;
    change.commit().await
}

/// A member wants to read somebody again.
pub async fn unmute(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let change = app.begin().await?;
    accounts::find(change.tx(), target).await?;
    mute::Entity::delete_many()
        .filter(mute::Column::AccountId.eq(account))
        .filter(mute::Column::TargetId.eq(target))
        .exec(change.tx())
        .await?;
    change.commit().await
}

async fn insert(change: &Change, id: RelationId, account: AccountId, target: AccountId, uri: &str) -> Result<bool> {
    let row = block::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        target_id: Set(target),
        uri: Set(uri.to_owned()),
        created_at: Set(change.now()),
    };
    let keep = OnConflict::columns([block::Column::AccountId, block::Column::TargetId]).do_nothing().to_owned();
    Ok(block::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await? > 0)
}

async fn delete(change: &Change, account: AccountId, target: AccountId) -> Result<()> {
    block::Entity::delete_many()
        .filter(block::Column::AccountId.eq(account))
        .filter(block::Column::TargetId.eq(target))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Two accounts disappear from each other's timelines and notifications.
async fn part(change: &mut Change, one: AccountId, other: AccountId) -> Result<()> {
    for (reader, author) in [(one, other), (other, one)] {
        fanout::withdraw(change, reader, author).await?;
        notify::withdraw_all(change, reader, author).await?;
    }
    Ok(())
}
