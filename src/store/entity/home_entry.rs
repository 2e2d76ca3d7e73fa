//! Home timelines, laid out when a status arrives.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "home_entry")]
pub struct Model {
    /// The reader.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// What to read.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
}

impl ActiveModelBehavior for ActiveModel {}
