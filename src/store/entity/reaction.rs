//! Further reactions of people elsewhere who like a post already: together they count as one favourite.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reaction")]
pub struct Model {
    /// The id of the activity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub uri: String,
    /// Who reacts.
    pub account_id: AccountId,
    /// To what.
    pub status_id: StatusId,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
