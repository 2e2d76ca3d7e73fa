//! What was deleted and must not come back.

use sea_orm::entity::prelude::*;

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstone")]
pub struct Model {
    /// What was deleted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub uri: String,
    /// Who deleted it, who may be gone since: nobody buries what somebody else wrote.
    #[sea_orm(primary_key, auto_increment = false)]
    pub author_id: AccountId,
    /// Whether it was ours; then it is told for good that it is gone.
    pub local: bool,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
