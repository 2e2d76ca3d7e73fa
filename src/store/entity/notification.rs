//! What members are told.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, NotificationId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::notification::NotificationKind;
use crate::domain::severity::Severance;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    /// Who is told.
    pub account_id: AccountId,
    /// What happened.
    pub kind: NotificationKind,
    /// Who did it.
    pub from_id: AccountId,
    /// The status it is about.
    pub status_id: Option<StatusId>,
    /// What was lost, when a server was shut out.
    pub severance: Option<Severance>,
    /// What may be notified only once.
    pub cause: String,
    /// Notifications that may be shown as one.
    pub group_key: String,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
