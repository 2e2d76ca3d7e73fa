//! Activities of ours, as they are sent.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, ActivityId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActivityId,
    /// Its id in the fediverse.
    pub uri: String,
    /// Who signs it.
    pub account_id: AccountId,
    /// The status it is about, while there is one.
    pub status_id: Option<StatusId>,
    /// Activities about one thing keep their order.
    pub object_key: String,
    /// The JSON, byte for byte.
    pub body: String,
    /// When.
    pub created_at: Moment,
    /// The key it is signed with, where that is not the newest.
    pub key_uri: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
