//! What readers do not want to meet.

use sea_orm::entity::prelude::*;

use crate::domain::account::Names;
use crate::domain::filter::FilterAction;
use crate::domain::id::{AccountId, FilterId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "filter")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FilterId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Its name for people.
    pub title: String,
    /// Where it holds: `home`, `notifications`, `public`, `thread`, `account`.
    pub context: Names,
    /// What is to be done.
    pub action: FilterAction,
    /// When it ends.
    pub expires_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
