//! What waits to be done, for whoever runs the server: jobs, deliveries, servers in trouble.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::delivery::DeliveryState;
use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::{delivery, host, job};
use crate::store::{Db, accounts};

/// How many deliveries of one server are listed.
const MOST_LISTED: u64 = 50;

pub use crate::store::entity::delivery::Model as Waiting;
pub use crate::store::entity::host::Model as Server;

/// Jobs of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What they do, as their lanes begin.
    pub name: String,
    /// How many wait.
    pub waiting: i64,
    /// When the oldest of them was queued.
    pub oldest: Moment,
    /// How many were given up and can be looked at.
    pub failed: i64,
}

/// Deliveries to one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The server.
    pub host: String,
    /// How many wait.
    pub waiting: i64,
    /// When the oldest of them was queued.
    pub oldest: Moment,
}

/// Jobs that wait or were given up, by kind.
pub async fn jobs(db: &Db) -> Result<Vec<Kind>> {
    let rows: Vec<(String, Option<Moment>, i64, Moment)> = job::Entity::find()
        .select_only()
        .columns([job::Column::Lane, job::Column::FailedAt])
        .column_as(job::Column::Id.count(), "jobs")
        .column_as(job::Column::CreatedAt.min(), "oldest")
        .group_by(job::Column::Lane)
        .group_by(job::Column::FailedAt)
        .into_tuple()
        .all(db.reader())
        .await?;
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for (lane, failed_at, jobs, oldest) in rows {
        let name = lane.split(':').next().unwrap_or_default().to_owned();
        let fresh = Kind { name: name.clone(), waiting: 0, oldest, failed: 0 };
        let kind = kinds.entry(name).or_insert(fresh);
        if failed_at.is_some() {
            kind.failed += jobs;
        } else {
            kind.waiting += jobs;
            kind.oldest = kind.oldest.min(oldest);
        }
    }
    Ok(kinds.into_values().collect())
}

/// Deliveries that wait, by server, the most first.
pub async fn deliveries(db: &Db) -> Result<Vec<Line>> {
    let rows: Vec<(String, i64, Moment)> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::Host)
        .column_as(delivery::Column::Id.count(), "deliveries")
        .column_as(delivery::Column::CreatedAt.min(), "oldest")
        .filter(delivery::Column::State.eq(DeliveryState::Waiting))
        .group_by(delivery::Column::Host)
        .into_tuple()
        .all(db.reader())
        .await?;
    let mut lines: Vec<Line> = rows.into_iter().map(|(host, waiting, oldest)| Line { host, waiting, oldest }).collect();
    lines.sort_by(|one, other| other.waiting.cmp(&one.waiting).then_with(|| one.host.cmp(&other.host)));
    Ok(lines)
}

/// The deliveries that wait for one server, the oldest first.
pub async fn deliveries_to(db: &Db, host: &Host) -> Result<Vec<Waiting>> {
    let waiting = delivery::Entity::find()
        .filter(delivery::Column::State.eq(DeliveryState::Waiting))
        .filter(delivery::Column::Host.eq(host.as_str()))
        .order_by_asc(delivery::Column::Id)
        .limit(MOST_LISTED);
    Ok(waiting.all(db.reader()).await?)
}

/// Servers that did not answer lately.
pub async fn troubled(db: &Db) -> Result<Vec<Server>> {
    let servers = host::Entity::find().filter(host::Column::Failures.gt(0)).order_by_asc(host::Column::Name);
    Ok(servers.all(db.reader()).await?)
}

/// How many people of a server have new keys, when all of them have since yesterday: it may have changed hands.
pub async fn new_keys(db: &Db, host: &Host, now: Moment) -> Result<Option<u64>> {
    accounts::all_with_new_keys(db.reader(), host, now).await
}

/// What is known of one server as far as deliveries go.
pub async fn server(db: &Db, name: &Host) -> Result<Option<Server>> {
    Ok(host::Entity::find_by_id(name.as_str()).one(db.reader()).await?)
}
