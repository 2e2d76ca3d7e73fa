//! Relays this server takes part in, or has asked to.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, RelayId};
use crate::domain::moment::Moment;
use crate::domain::relay::{RelayKind, RelayState};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "relay")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RelayId,
    /// How it works.
    pub kind: RelayKind,
    /// Where it is spoken to.
    pub inbox_url: String,
    /// Who it speaks as; not known before it has answered when only its inbox is.
    pub account_id: Option<AccountId>,
    /// The id of our Follow.
    pub follow_uri: String,
    /// What it has said.
    pub state: RelayState,
    /// When it was asked.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
