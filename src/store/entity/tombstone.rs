//! Remote things that were deleted and must not come back.

use sea_orm::entity::prelude::*;

use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstone")]
pub struct Model {
    /// What was deleted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub uri: String,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
