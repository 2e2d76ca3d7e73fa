//! Activities taken in lately, so that none is taken twice.

use sea_orm::entity::prelude::*;

use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "received")]
pub struct Model {
    /// SHA-256 of signer and activity id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// When it came.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
