//! What a status said before it was edited.

use sea_orm::entity::prelude::*;

use crate::domain::account::Emojis;
use crate::domain::id::{RevisionId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::poll::Options;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "revision")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RevisionId,
    /// The status.
    pub status_id: StatusId,
    /// The title then.
    pub title: String,
    /// As it was typed then.
    pub text: String,
    /// As safe HTML then.
    pub content: String,
    /// The content warning then.
    pub spoiler_text: String,
    /// Whether media were hidden then.
    pub sensitive: bool,
    /// Custom emoji used then.
    pub emojis: Emojis,
    /// What could be chosen in its poll then.
    pub poll_options: Option<Options>,
    /// Since when it said so.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
