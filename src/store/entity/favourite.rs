//! Favourites.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, FavouriteId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "favourite")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FavouriteId,
    /// Who likes it.
    pub account_id: AccountId,
    /// What is liked.
    pub status_id: StatusId,
    /// The id of the Like activity.
    pub uri: String,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
