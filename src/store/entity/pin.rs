//! What people show first on their profile.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pin")]
pub struct Model {
    /// Whose profile.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// What is shown, a post of theirs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// Since when.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
