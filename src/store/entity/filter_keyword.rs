//! Words of filters.

use sea_orm::entity::prelude::*;

use crate::domain::id::{FilterId, FilterKeywordId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "filter_keyword")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FilterKeywordId,
    /// The filter.
    pub filter_id: FilterId,
    /// The word.
    pub keyword: String,
    /// Whether it must stand alone.
    pub whole_word: bool,
}

impl ActiveModelBehavior for ActiveModel {}
