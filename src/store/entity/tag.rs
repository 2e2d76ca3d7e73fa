//! Hashtags.

use sea_orm::entity::prelude::*;

use crate::domain::id::TagId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TagId,
    /// As tags are compared.
    pub name: String,
    /// As it was first written.
    pub display: String,
    /// When it was first used.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
