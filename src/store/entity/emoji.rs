//! Custom emoji of this server.

use sea_orm::entity::prelude::*;

use crate::domain::id::EmojiId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "emoji")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EmojiId,
    /// Between the colons.
    pub shortcode: String,
    /// Where it stands in pickers.
    pub category: Option<String>,
    /// `image/png`, `image/gif` or `image/webp`.
    pub mime_type: String,
    /// The picture.
    pub image: Vec<u8>,
    /// Its unguessable name in addresses.
    pub file_name: String,
    /// Whether it is offered.
    pub visible_in_picker: bool,
    /// When it was added.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
