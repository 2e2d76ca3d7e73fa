//! Invitations to sign up.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, InviteId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invite")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InviteId,
    /// What the link carries.
    pub code: String,
    /// Who invites.
    pub account_id: Option<AccountId>,
    /// How often it may be used; nothing for no limit.
    pub max_uses: Option<i32>,
    /// How often it was used.
    pub uses: i32,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
