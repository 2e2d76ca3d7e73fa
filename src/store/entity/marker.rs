//! How far members have read.

use sea_orm::entity::prelude::*;

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "marker")]
pub struct Model {
    /// The reader.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// `home` or `notifications`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub timeline: String,
    /// The newest entry read.
    pub last_read_id: String,
    /// Grows with each change.
    pub version: i32,
    /// When it changed.
    pub updated_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
