//! Whom a status addresses.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mention")]
pub struct Model {
    /// The status.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// The account addressed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// Its place among the mentions.
    pub position: i32,
    /// Addressed without being named in the text.
    pub silent: bool,
}

impl ActiveModelBehavior for ActiveModel {}
