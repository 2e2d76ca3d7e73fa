//! Statuses picked by filters.

use sea_orm::entity::prelude::*;

use crate::domain::id::{FilterId, FilterStatusId, StatusId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "filter_status")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FilterStatusId,
    /// The filter.
    pub filter_id: FilterId,
    /// The status.
    pub status_id: StatusId,
}

impl ActiveModelBehavior for ActiveModel {}
