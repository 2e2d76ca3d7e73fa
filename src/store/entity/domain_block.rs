//! Servers this one keeps away, and how far.

use sea_orm::entity::prelude::*;

use crate::domain::id::DomainBlockId;
use crate::domain::moment::Moment;
use crate::domain::severity::Severity;

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
    /// How far it is kept away.
    pub severity: Severity,
    /// Whether nothing of its pictures and films is shown.
    pub reject_media: bool,
    /// Whether its reports are not read.
    pub reject_reports: bool,
    /// Why, for the record.
    pub reason: String,
    /// Why, for everybody.
    pub public_comment: String,
    /// Since when.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
