//! Work that must happen later.

use sea_orm::entity::prelude::*;

use crate::domain::id::JobId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Its id; work of one lane is done in this order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// Jobs of one lane run one after the other.
    pub lane: String,
    /// What to do, as JSON.
    pub payload: String,
    /// At most one job with this key waits.
    pub unique_key: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// Not before.
    pub run_at: Moment,
    /// A worker has it until then.
    pub leased_until: Option<Moment>,
    /// When it was given up.
    pub failed_at: Option<Moment>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
