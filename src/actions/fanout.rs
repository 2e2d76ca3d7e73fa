//! Lays new statuses out for their readers here.

use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait};
use sea_orm::{ConnectionTrait, QueryFilter};

use crate::app::Change;
use crate::domain::id::{AccountId, StatusId};
use crate::error::Result;
use crate::store::entity::{account, follow, home_entry, status};

/// A day, in ids.
const ONE_DAY: i64 = 86_400_000 << 16;

/// Puts a status into the home timelines of local followers, and of its author when that is a member.
///
/// A reply appears only to those who follow the person answered as well. One statement, however many followers.
pub async fn to_home(change: &mut Change, status: &status::Model) -> Result<()> {
    let mut readers = Query::select();
    readers
        .column((follow::Entity, follow::Column::AccountId))
        .expr(Expr::val(status.id))
        .from(follow::Entity)
        .inner_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id)).equals((follow::Entity, follow::Column::AccountId)),
        )
        .and_where(Expr::col((follow::Entity, follow::Column::TargetId)).eq(status.account_id))
        .and_where(Expr::col((follow::Entity, follow::Column::Accepted)).eq(true))
        .and_where(Expr::col((account::Entity, account::Column::Host)).is_null());
    if let Some(original) = status.reblog_of_id {
        readers.and_where(Expr::col((follow::Entity, follow::Column::ShowReblogs)).eq(true));
        readers.and_where(Expr::exists(at_home_already(original, status.id)).not());
    }
    if let Some(answered) = status.in_reply_to_account_id.filter(|answered| *answered != status.account_id) {
        readers.cond_where(knows(answered));
    }
    insert(change, readers).await?;
    if status.local && status.reblog_of_id.is_none() {
        keep(change, status.account_id, status.id).await?;
    }
    Ok(())
}

/// Puts one status into one home timeline.
pub async fn keep(change: &mut Change, reader: AccountId, status: StatusId) -> Result<()> {
    let mut row = Query::select();
    row.expr(Expr::val(reader)).expr(Expr::val(status));
    insert(change, row).await
}

/// Fills the home timeline of a new follower with what `target` posted lately.
pub async fn backfill(change: &mut Change, reader: AccountId, target: AccountId, limit: u64) -> Result<()> {
    let mut rows = Query::select();
    rows.expr(Expr::val(reader))
        .column((status::Entity, status::Column::Id))
        .from(status::Entity)
        .and_where(status::Column::AccountId.eq(target))
        .and_where(status::Column::InReplyToUri.is_null())
        .and_where(status::Column::Visibility.ne(crate::domain::visibility::Visibility::Direct))
        .order_by((status::Entity, status::Column::Id), sea_orm::sea_query::Order::Desc)
        .limit(limit);
    insert(change, rows).await
}

/// Takes everything by `target` out of the home timeline of `reader`.
pub async fn withdraw(change: &mut Change, reader: AccountId, target: AccountId) -> Result<()> {
    let theirs = Query::select()
        .column(status::Column::Id)
        .from(status::Entity)
        .and_where(status::Column::AccountId.eq(target))
        .take();
    home_entry::Entity::delete_many()
        .filter(home_entry::Column::AccountId.eq(reader))
        .filter(home_entry::Column::StatusId.in_subquery(theirs))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// What a boost would show a reader a second time: the original, or another boost of it, of the last day.
fn at_home_already(original: StatusId, boost: StatusId) -> sea_orm::sea_query::SelectStatement {
    let shown = Condition::any()
        .add(Expr::col((status::Entity, status::Column::Id)).eq(original))
        .add(Expr::col((status::Entity, status::Column::ReblogOfId)).eq(original));
    Query::select()
        .expr(Expr::val(1))
        .from(status::Entity)
        .inner_join(
            home_entry::Entity,
            Expr::col((home_entry::Entity, home_entry::Column::StatusId)).equals((status::Entity, status::Column::Id)),
        )
        .cond_where(shown)
        .and_where(Expr::col((home_entry::Entity, home_entry::Column::StatusId)).gt(boost.0 - ONE_DAY))
        .and_where(
            Expr::col((home_entry::Entity, home_entry::Column::AccountId))
                .equals((follow::Entity, follow::Column::AccountId)),
        )
        .take()
}

/// Readers who are `answered` themselves or follow that account too.
fn knows(answered: AccountId) -> Condition {
    let other = Alias::new("other");
    let follows_too = Query::select()
        .expr(Expr::val(1))
        .from_as(follow::Entity, other.clone())
        .and_where(
            Expr::col((other.clone(), follow::Column::AccountId)).equals((follow::Entity, follow::Column::AccountId)),
        )
        .and_where(Expr::col((other.clone(), follow::Column::TargetId)).eq(answered))
        .and_where(Expr::col((other, follow::Column::Accepted)).eq(true))
        .take();
    Condition::any()
        .add(Expr::col((follow::Entity, follow::Column::AccountId)).eq(answered))
        .add(Expr::exists(follows_too))
}

async fn insert(change: &mut Change, rows: sea_orm::sea_query::SelectStatement) -> Result<()> {
    let mut insert = Query::insert();
    insert
        .into_table(home_entry::Entity)
        .columns([home_entry::Column::AccountId, home_entry::Column::StatusId])
        .select_from(rows)
        .map_err(crate::error::Error::internal)?
        .on_conflict(
            OnConflict::columns([home_entry::Column::AccountId, home_entry::Column::StatusId]).do_nothing().to_owned(),
        );
    change.tx().execute(&insert).await?;
    Ok(())
}
