//! People with an account on this server.

use sea_orm::entity::prelude::*;

use crate::domain::account::Role;
use crate::domain::id::{AccountId, InviteId};
use crate::domain::moment::Moment;
use crate::domain::quote::QuoteChoice;
use crate::domain::visibility::Visibility;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// The account they speak through.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// Where mail reaches them.
    pub email: String,
    /// As addresses are compared.
    pub email_key: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Why they want to join.
    pub reason: Option<String>,
    /// The invitation they came with.
    pub invite_id: Option<InviteId>,
    /// SHA-256 of the code that confirms the address.
    pub confirm_hash: Option<String>,
    /// When the address was confirmed.
    pub confirmed_at: Option<Moment>,
    /// When they were let in.
    pub approved_at: Option<Moment>,
    /// Since when they may not sign in.
    pub disabled_at: Option<Moment>,
    /// The language of the interface.
    pub locale: String,
    /// For new posts.
    pub default_visibility: Visibility,
    /// For new posts.
    pub default_sensitive: bool,
    /// For new posts.
    pub default_language: Option<String>,
    /// Who may quote new posts.
    pub default_quote_policy: QuoteChoice,
    /// When they signed up.
    pub created_at: Moment,
    /// The day they were last seen.
    pub last_active_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
