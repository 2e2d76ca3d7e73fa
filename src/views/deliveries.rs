//! Where a post went, for its author: which servers have it, which wait for it, which did not take it.

use std::collections::BTreeMap;

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::delivery::DeliveryState;
use crate::domain::id::{AccountId, ActivityId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::policy;
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::store::entity::{activity, delivery};
use crate::store::{Db, visibility};

/// How one server fares with a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The server.
    pub host: String,
    /// How far the newest news of the post is there.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// The last HTTP status.
    pub last_status: Option<i32>,
    /// The last trouble, in a few words.
    pub last_error: Option<String>,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<Moment>,
    /// When it came to an end.
    pub finished_at: Option<Moment>,
}

/// What became of a post of a member on other servers, by name; kept for a month. Nobody but its author is told.
pub async fn of_status(db: &Db, reader: AccountId, id: StatusId) -> Result<Vec<Report>> {
    let status = visibility::find(db.reader(), Viewer::Member(reader), id).await?;
    policy::owns(reader, status.account_id)?;
    let about = Query::select()
        .column(activity::Column::Id)
        .from(activity::Entity)
        .and_where(activity::Column::StatusId.eq(id))
        .take();
    let rows = delivery::Entity::find()
        .filter(delivery::Column::ActivityId.in_subquery(about))
        .order_by_asc(delivery::Column::Id)
        .all(db.reader())
        .await?;
    let mut newest: BTreeMap<String, (ActivityId, Report)> = BTreeMap::new();
    for row in rows {
        // What was overtaken says nothing, what came after it does; of several inboxes the one that fares worst.
        let says_nothing = newest.get(&row.host).is_some_and(|(activity, known)| {
            row.state == DeliveryState::Superseded
                || (*activity == row.activity_id && known.state != DeliveryState::Delivered)
        });
        if says_nothing {
            continue;
        }
        let waits = row.state == DeliveryState::Waiting;
        let report = Report {
            host: row.host.clone(),
            state: row.state,
            attempts: row.attempts,
            last_status: row.last_status,
            last_error: row.last_error,
            next_attempt_at: waits.then_some(row.not_before),
            finished_at: row.finished_at,
        };
        newest.insert(row.host, (row.activity_id, report));
    }
    Ok(newest.into_values().map(|(_, report)| report).collect())
}
