//! Public keys of accounts, with the private half of our own.

use sea_orm::entity::prelude::*;

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::multikey;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_key")]
pub struct Model {
    /// The id of the key in the fediverse.
    #[sea_orm(primary_key, auto_increment = false)]
    pub uri: String,
    /// Its owner.
    pub account_id: AccountId,
    /// The public half: RSA in PEM, Ed25519 in multibase.
    pub public: String,
    /// The private half, sealed with the key of the node; local accounts only.
    pub private_sealed: Option<String>,
    /// When it was first seen.
    pub created_at: Moment,
    /// When another took its place; local accounts only.
    pub retired_at: Option<Moment>,
}

impl Model {
    /// Whether it signs what is said (Ed25519), not requests (RSA).
    pub fn is_for_proofs(&self) -> bool {
        self.public.starts_with(multikey::BASE58)
    }
}

impl ActiveModelBehavior for ActiveModel {}
