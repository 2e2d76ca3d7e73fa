//! Who wants nothing to do with whom.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, RelationId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RelationId,
    /// Who blocks.
    pub account_id: AccountId,
    /// Who is blocked.
    pub target_id: AccountId,
    /// The id of the Block activity.
    pub uri: String,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
