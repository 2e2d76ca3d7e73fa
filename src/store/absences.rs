//! Who elsewhere is said to be gone, since when, and whom that leaves to be told in vain.

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::{absence, account, follow};

/// Those elsewhere who follow somebody here and are told at `inbox`.
pub async fn told_at(db: &impl ConnectionTrait, inbox: &str, limit: u64) -> Result<Vec<account::Model>> {
    let followers = Query::select().column(follow::Column::AccountId).from(follow::Entity).take();
    let here = Condition::any().add(account::Column::InboxUrl.eq(inbox)).add(account::Column::SharedInboxUrl.eq(inbox));
    let told = account::Entity::find()
        .filter(account::Column::Host.is_not_null())
        .filter(here)
        .filter(account::Column::Id.in_subquery(followers))
        .limit(limit);
    Ok(told.all(db).await?)
}

/// Since when an account is said to be gone.
pub async fn since(db: &impl ConnectionTrait, account: AccountId) -> Result<Option<Moment>> {
    Ok(absence::Entity::find_by_id(account).one(db).await?.map(|absence| absence.since))
}

/// Notes that an account is said to be gone, unless that is known.
pub async fn begin(db: &impl ConnectionTrait, account: AccountId, now: Moment) -> Result<()> {
    let row = absence::ActiveModel { account_id: Set(account), since: Set(now) };
    let keep = OnConflict::column(absence::Column::AccountId).do_nothing().to_owned();
    absence::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Notes that an account is there, or that its absence has had its consequences.
pub async fn end(db: &impl ConnectionTrait, account: AccountId) -> Result<()> {
    absence::Entity::delete_by_id(account).exec(db).await?;
    Ok(())
}
