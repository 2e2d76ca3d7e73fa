//! Who does not want to read whom.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, RelationId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mute")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RelationId,
    /// Who mutes.
    pub account_id: AccountId,
    /// Who is muted.
    pub target_id: AccountId,
    /// Whether notifications are muted too.
    pub notifications: bool,
    /// When it ends.
    pub expires_at: Option<Moment>,
    /// When it began.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
