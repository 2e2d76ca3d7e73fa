//! Servers this one wants nothing to do with.

use sea_orm::entity::prelude::*;

use crate::domain::id::DomainBlockId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "domain_block")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DomainBlockId,
    /// The domain; everything below it is meant too.
    pub domain: String,
    /// Why, for the record.
    pub reason: String,
    /// Since when.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
