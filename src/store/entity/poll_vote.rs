//! Votes: ours in any poll, everybody's in ours.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "poll_vote")]
pub struct Model {
    /// The poll.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// Who voted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// For which answer, counted from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// When.
    pub created_at: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
