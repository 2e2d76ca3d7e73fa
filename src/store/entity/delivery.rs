//! One activity on its way to one inbox.

use sea_orm::entity::prelude::*;

use crate::domain::delivery::DeliveryState;
use crate::domain::id::{ActivityId, DeliveryId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    /// What is sent.
    pub activity_id: ActivityId,
    /// Where to.
    pub inbox_url: String,
    /// The server behind the inbox.
    pub host: String,
    /// As of the activity.
    pub object_key: String,
    /// What it says of who follows its author there, when it is for followers (FEP-8fcf).
    pub followers_digest: Option<String>,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it may be tried.
    pub not_before: Moment,
    /// A worker has it until then.
    pub leased_until: Option<Moment>,
    /// The last HTTP status.
    pub last_status: Option<i32>,
    /// The last trouble, in a few words.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Moment,
    /// When it came to an end.
    pub finished_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
