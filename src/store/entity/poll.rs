//! Polls: one for each status that asks something.

use sea_orm::entity::prelude::*;

use crate::domain::id::StatusId;
use crate::domain::moment::Moment;
use crate::domain::poll::Options;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "poll")]
pub struct Model {
    /// The status that asks; polls have no other id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub status_id: StatusId,
    /// What can be chosen, and how many did.
    pub options: Options,
    /// Whether one may choose several.
    pub multiple: bool,
    /// Whether the counts are shown only when it is over.
    pub hide_totals: bool,
    /// How many people voted, if that is known.
    pub voters_count: Option<i64>,
    /// When it ends; never, when nothing is said.
    pub ends_at: Option<Moment>,
    /// When those who took part were told that it is over.
    pub told_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
