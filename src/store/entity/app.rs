//! Apps registered by clients.

use sea_orm::entity::prelude::*;

use crate::domain::account::Names;
use crate::domain::id::AppId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "app")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppId,
    /// Its public name.
    pub client_id: String,
    /// SHA-256 of its secret.
    pub secret_hash: String,
    /// Its name for people.
    pub name: String,
    /// Its home page.
    pub website: Option<String>,
    /// Where codes may be sent, byte for byte.
    pub redirect_uris: Names,
    /// The most it may ask for.
    pub scopes: String,
    /// When it was registered.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
