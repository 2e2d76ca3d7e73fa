//! Pins: what people show first on their profile.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::policy;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::entity::pin;
use crate::store::{statuses, visibility};

/// How many posts a member shows first.
pub const MOST: u64 = 5;
/// How many pins of somebody elsewhere are kept.
const MOST_REMOTE: u64 = 20;

/// A member shows a post of theirs first.
pub async fn pin(app: &App, account: AccountId, id: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    let refuse = |why: &str| Err(Error::field("base", "ERR_INVALID", why));
    if status.account_id != account {
        return refuse("Someone else's post cannot be pinned");
    }
    if status.reblog_of_id.is_some() {
        return refuse("A boost cannot be pinned");
    }
    if status.visibility == Visibility::Direct {
        return refuse("Posts that are only visible to mentioned users cannot be pinned");
    }
    if statuses::is_pinned(change.tx(), account, id).await? {
        return Ok(());
    }
    if count(&change, account).await? >= MOST {
        return refuse("You have already pinned the maximum number of posts");
    }
    insert(&change, account, id).await?;
    if status.federated && status.visibility.is_open() {
        change.record(Event::Pinned { account, status: id, uri: status.uri }).await?;
    }
    change.commit().await
}

/// A member does not show a post first any more.
pub async fn unpin(app: &App, account: AccountId, id: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    policy::owns(account, status.account_id)?;
    let gone = pin::Entity::delete_by_id((account, id)).exec(change.tx()).await?;
    if gone.rows_affected > 0 && status.federated && status.visibility.is_open() {
        change.record(Event::Unpinned { account, status: id, uri: status.uri }).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere shows a post of theirs first.
pub async fn receive_pin(app: &App, account: AccountId, id: StatusId) -> Result<()> {
    let change = app.begin().await?;
    let own = statuses::by_id(change.tx(), id).await?.filter(|status| status.account_id == account);
    let Some(status) = own.filter(|status| status.reblog_of_id.is_none()) else { return Ok(()) };
    if count(&change, account).await? < MOST_REMOTE {
        insert(&change, account, status.id).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere does not show a post first any more.
pub async fn receive_unpin(app: &App, account: AccountId, id: StatusId) -> Result<()> {
    let change = app.begin().await?;
    pin::Entity::delete_by_id((account, id)).exec(change.tx()).await?;
    change.commit().await
}

async fn count(change: &Change, account: AccountId) -> Result<u64> {
    Ok(pin::Entity::find().filter(pin::Column::AccountId.eq(account)).count(change.tx()).await?)
}

async fn insert(change: &Change, account: AccountId, status: StatusId) -> Result<()> {
    let row = pin::ActiveModel { account_id: Set(account), status_id: Set(status), created_at: Set(change.now()) };
    let keep = OnConflict::columns([pin::Column::AccountId, pin::Column::StatusId]).do_nothing().to_owned();
    pin::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    Ok(())
}
