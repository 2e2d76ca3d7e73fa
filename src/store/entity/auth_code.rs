//! Codes on their way from the consent page to a token.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, AppId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_code")]
pub struct Model {
    /// SHA-256 of the code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: String,
    /// The app it is for.
    pub app_id: AppId,
    /// Who consented.
    pub account_id: AccountId,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What was granted.
    pub scopes: String,
    /// The S256 challenge of PKCE.
    pub code_challenge: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
    /// When it became a token.
    pub used_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
