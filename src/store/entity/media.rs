//! Attachments of statuses.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, MediaId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::status::MediaKind;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediaId,
    /// Who attached it.
    pub account_id: AccountId,
    /// The status it hangs on.
    pub status_id: Option<StatusId>,
    /// Its place among the attachments.
    pub position: i32,
    /// Image, video, sound.
    pub kind: MediaKind,
    /// As its author names it.
    pub mime_type: Option<String>,
    /// Where it lies on its own server.
    pub remote_url: Option<String>,
    /// What it shows, for those who cannot see it.
    pub description: String,
    /// A blurred stand-in.
    pub blurhash: Option<String>,
    /// In pixels.
    pub width: Option<i32>,
    /// In pixels.
    pub height: Option<i32>,
    /// Where to look, -1 to 1 from left to right.
    pub focus_x: Option<f64>,
    /// Where to look, -1 to 1 from bottom to top.
    pub focus_y: Option<f64>,
    /// When we learnt of it.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
