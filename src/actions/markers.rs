//! How far members have read, so that one app knows what another has shown.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::app::App;
use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::store::entity::marker;

/// The timelines that can be marked.
pub const TIMELINES: [&str; 2] = ["home", "notifications"];

/// Notes how far a member has read each of these timelines; what was noted before is replaced, even by less.
pub async fn set(app: &App, account: AccountId, read: &[(&'static str, String)]) -> Result<()> {
    if read.iter().any(|(_, id)| id.parse::<i64>().is_err()) {
        return Err(Error::field("last_read_id", "ERR_INVALID", "Last read is not an id"));
    }
    let rows = read.iter().map(|(timeline, id)| marker::ActiveModel {
        account_id: Set(account),
        timeline: Set((*timeline).to_owned()),
        last_read_id: Set(id.clone()),
        version: Set(1),
        updated_at: Set(app.now()),
    });
    let grown = Expr::col((marker::Entity, marker::Column::Version)).add(1);
    let replace = OnConflict::columns([marker::Column::AccountId, marker::Column::Timeline])
        .update_columns([marker::Column::LastReadId, marker::Column::UpdatedAt])
        .value(marker::Column::Version, grown)
        .to_owned();
    let change = app.begin().await?;
    if !read.is_empty() {
        marker::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(change.tx()).await?;
    }
    change.commit().await
}
