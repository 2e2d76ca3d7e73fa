//! Access tokens.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, AppId, TokenId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    /// SHA-256 of the token.
    pub token_hash: String,
    /// The app that holds it.
    pub app_id: AppId,
    /// For whom; nothing for the app itself.
    pub account_id: Option<AccountId>,
    /// What it may do.
    pub scopes: String,
    /// The code it came from.
    pub code_hash: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// The day it was last used.
    pub last_used_at: Option<Moment>,
    /// The app itself.
    #[sea_orm(belongs_to, from = "app_id", to = "id")]
    pub app: BelongsTo<super::app::Entity>,
    /// The member it stands for.
    #[sea_orm(belongs_to, from = "account_id", to = "account_id")]
    pub member: BelongsTo<Option<super::member::Entity>>,
    /// The account of that member.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<Option<super::account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
