//! Browser sessions.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, SessionId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// SHA-256 of the cookie.
    pub token_hash: String,
    /// Who is signed in.
    pub account_id: AccountId,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// When it began.
    pub created_at: Moment,
    /// The day it was last used.
    pub last_used_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
    /// The member who is signed in.
    #[sea_orm(belongs_to, from = "account_id", to = "account_id")]
    pub member: BelongsTo<super::member::Entity>,
    /// The account of that member.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
