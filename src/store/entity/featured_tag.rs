//! Hashtags that members show on their profile.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, FeaturedTagId, TagId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "featured_tag")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FeaturedTagId,
    /// Whose profile.
    pub account_id: AccountId,
    /// The tag.
    pub tag_id: TagId,
    /// As its owner writes it.
    pub display: String,
    /// Since when.
    pub created_at: Moment,
    /// The tag itself.
    #[sea_orm(belongs_to, from = "tag_id", to = "id")]
    pub tag: BelongsTo<super::tag::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
