//! Follows, asked for or accepted.

use sea_orm::entity::prelude::*;

use crate::domain::account::Names;
use crate::domain::id::{AccountId, FollowId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FollowId,
    /// Who follows.
    pub account_id: AccountId,
    /// Who is followed.
    pub target_id: AccountId,
    /// The id of the Follow activity.
    pub uri: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Whether boosts are shown at home.
    pub show_reblogs: bool,
    /// Whether every post is notified.
    pub notify: bool,
    /// Only posts in these languages, if any are named.
    pub languages: Names,
    /// When it was asked for.
    pub created_at: Moment,
    /// The account that follows.
    #[sea_orm(belongs_to, from = "account_id", to = "id")]
    pub account: BelongsTo<super::account::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
