//! Statuses as writers need them: without asking who is looking.
//!
//! Nothing here may be shown; what is shown is asked of `visibility`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::{favourite, mention, pin, reaction, status};

/// The status with this address.
pub async fn by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<status::Model>> {
    Ok(status::Entity::find().filter(status::Column::Uri.eq(uri)).one(db).await?)
}

/// The status with this address, whether it is its id or its page.
pub async fn by_address(db: &impl ConnectionTrait, address: &str) -> Result<Option<status::Model>> {
    if let Some(known) = by_uri(db, address).await? {
        return Ok(Some(known));
    }
    Ok(status::Entity::find().filter(status::Column::Url.eq(address)).one(db).await?)
}

/// The status with this id.
pub async fn by_id(db: &impl ConnectionTrait, id: StatusId) -> Result<Option<status::Model>> {
    Ok(status::Entity::find_by_id(id).one(db).await?)
}

/// Notes that a status was looked at on its own server.
pub async fn looked_at(db: &impl ConnectionTrait, id: StatusId, now: Moment) -> Result<()> {
    status::Entity::update_many()
        .col_expr(status::Column::FetchedAt, Expr::val(now))
        .filter(status::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The boost of `original` by `account`.
pub async fn boost(db: &impl ConnectionTrait, account: AccountId, original: StatusId) -> Result<Option<status::Model>> {
    let found = status::Entity::find()
        .filter(status::Column::ReblogOfId.eq(original))
        .filter(status::Column::AccountId.eq(account));
    Ok(found.one(db).await?)
}

/// Whether a status is addressed to an account, with its name in the text or without.
pub async fn addresses(db: &impl ConnectionTrait, id: StatusId, account: AccountId) -> Result<bool> {
    Ok(mention::Entity::find_by_id((id, account)).one(db).await?.is_some())
}

/// The favourite of `status` by `account`.
pub async fn favourite(
    db: &impl ConnectionTrait,
    account: AccountId,
    status: StatusId,
) -> Result<Option<favourite::Model>> {
    let found = favourite::Entity::find()
        .filter(favourite::Column::AccountId.eq(account))
        .filter(favourite::Column::StatusId.eq(status));
    Ok(found.one(db).await?)
}

/// Whether an account shows a status first.
pub async fn is_pinned(db: &impl ConnectionTrait, account: AccountId, status: StatusId) -> Result<bool> {
    Ok(pin::Entity::find_by_id((account, status)).one(db).await?.is_some())
}

/// The favourite that began with this activity.
pub async fn favourite_by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<favourite::Model>> {
    Ok(favourite::Entity::find().filter(favourite::Column::Uri.eq(uri)).one(db).await?)
}

/// The further reaction with this id.
pub async fn reaction_by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<reaction::Model>> {
    Ok(reaction::Entity::find_by_id(uri.to_owned()).one(db).await?)
}

/// Adds to one of the counters of a status; never below zero.
pub async fn count(db: &impl ConnectionTrait, id: StatusId, counter: status::Column, by: i64) -> Result<()> {
    let enough = if by < 0 { -by } else { 0 };
    status::Entity::update_many()
        .col_expr(counter, Expr::col(counter).add(by))
        .filter(status::Column::Id.eq(id))
        .filter(Expr::col(counter).gte(enough))
        .exec(db)
        .await?;
    Ok(())
}
