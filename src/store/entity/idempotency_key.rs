//! Posts that a client may try to send twice.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// Who posts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The `Idempotency-Key` of the client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// What came of it.
    pub status_id: StatusId,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
