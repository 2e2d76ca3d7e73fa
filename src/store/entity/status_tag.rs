//! Which status carries which hashtag.

use sea_orm::entity::prelude::*;

use crate::domain::id::{StatusId, TagId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "status_tag")]
pub struct Model {
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: TagId,
    /// The status.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// As the author wrote it.
    pub display: String,
    /// The tag itself.
    #[sea_orm(belongs_to, from = "tag_id", to = "id")]
    pub tag: BelongsTo<super::tag::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
