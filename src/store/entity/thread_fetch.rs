//! When the thread around a status was last filled in from other servers.

use sea_orm::entity::prelude::*;

use crate::domain::id::StatusId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_fetch")]
pub struct Model {
    /// The status somebody looked at.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// When its thread was asked for.
    pub fetched_at: Moment,
    /// How many posts of it could not be had.
    pub unreachable: i32,
}

impl ActiveModelBehavior for ActiveModel {}
