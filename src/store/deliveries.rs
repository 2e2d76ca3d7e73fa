//! Deliveries: what is on its way to which inbox.
//!
//! At most a few are in flight per host, hosts take turns, and activities about one thing reach an inbox in order.

use std::time::Duration;

use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement, WindowStatement,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::delivery::{DeliveryState, LONGEST_WAIT};
use crate::domain::id::{AccountId, ActivityId, DeliveryId};
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::constant;
use crate::store::entity::{activity, delivery, host};

/// How many deliveries to one host are in flight at most.
const PER_HOST: i32 = 4;
/// How long one try may take before somebody else may try.
///
/// Three times what a try may take: where several processes work on one database, another takes over within a minute.
pub const LEASE: Duration = Duration::from_secs(60);
/// How many due deliveries are looked at for one claim.
const LOOKED_AT: u64 = 1000;
/// How many rows go into one statement.
const ROWS_AT_ONCE: usize = 500;

/// Where to send an activity.
#[derive(Debug, Clone)]
pub struct Address {
    /// The id of the delivery to be.
    pub id: DeliveryId,
    /// The inbox.
    pub inbox_url: String,
    /// The server behind it.
    pub host: String,
    /// What is said of who follows the author there, when it is for followers (FEP-8fcf).
    pub followers_digest: Option<String>,
}

/// Stores an activity with its deliveries; false when it was stored before.
pub async fn post(db: &impl ConnectionTrait, activity: activity::Model, addresses: Vec<Address>) -> Result<bool> {
    let (id, object_key, now) = (activity.id, activity.object_key.clone(), activity.created_at);
    let row = activity::ActiveModel {
        id: Set(activity.id),
        uri: Set(activity.uri),
        account_id: Set(activity.account_id),
        status_id: Set(activity.status_id),
        object_key: Set(activity.object_key),
        body: Set(activity.body),
        created_at: Set(activity.created_at),
        key_uri: Set(activity.key_uri),
    };
    let keep = OnConflict::column(activity::Column::Uri).do_nothing().to_owned();
    if activity::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await? == 0 {
        return Ok(false);
    }
    for addresses in addresses.chunks(ROWS_AT_ONCE) {
        let rows = addresses.iter().map(|address| delivery::ActiveModel {
            id: Set(address.id),
            activity_id: Set(id),
            inbox_url: Set(address.inbox_url.clone()),
            host: Set(address.host.clone()),
            object_key: Set(object_key.clone()),
            followers_digest: Set(address.followers_digest.clone()),
            state: Set(DeliveryState::Waiting),
            attempts: Set(0),
            not_before: Set(now),
            leased_until: Set(None),
            last_status: Set(None),
            last_error: Set(None),
            created_at: Set(now),
            finished_at: Set(None),
        });
        delivery::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(true)
}

/// Whether an activity was queued before.
pub async fn is_posted(db: &impl ConnectionTrait, uri: &str) -> Result<bool> {
    Ok(activity::Entity::find().filter(activity::Column::Uri.eq(uri)).one(db).await?.is_some())
}

/// Drops what is still to be sent about `object_key`, because what comes next makes it pointless.
pub async fn supersede(db: &impl ConnectionTrait, object_key: &str, now: Moment) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::val(DeliveryState::Superseded))
        .col_expr(delivery::Column::FinishedAt, Expr::val(now))
        .filter(waiting())
        .filter(delivery::Column::ObjectKey.eq(object_key))
        .filter(free(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Drops older updates of what `update` is about, which are still to be sent to where it goes as well.
///
/// One that makes a new key known stays: the others are signed with that key.
pub async fn supersede_updates(db: &impl ConnectionTrait, update: &activity::Model, now: Moment) -> Result<()> {
    let older = Query::select()
        .column(activity::Column::Id)
        .from(activity::Entity)
        .and_where(activity::Column::ObjectKey.eq(update.object_key.as_str()))
        .and_where(activity::Column::Uri.starts_with(format!("{}#updates/", update.object_key)))
        .and_where(activity::Column::KeyUri.is_null())
        .and_where(activity::Column::Id.lt(update.id))
        .take();
    let inboxes = Query::select()
        .column(delivery::Column::InboxUrl)
        .from(delivery::Entity)
        .and_where(delivery::Column::ActivityId.eq(update.id))
        .take();
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::val(DeliveryState::Superseded))
        .col_expr(delivery::Column::FinishedAt, Expr::val(now))
        .filter(waiting())
        .filter(delivery::Column::ObjectKey.eq(update.object_key.as_str()))
        .filter(delivery::Column::ActivityId.in_subquery(older))
        .filter(delivery::Column::InboxUrl.in_subquery(inboxes))
        .filter(free(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Tries again at once what these hosts were too silent for: they are back.
pub async fn hurry(db: &impl ConnectionTrait, hosts: &[String], now: Moment) -> Result<()> {
    if hosts.is_empty() {
        return Ok(());
    }
    // Whoever answered and asked us to wait has not been silent.
    let silence =
        Condition::any().add(delivery::Column::LastStatus.is_null()).add(delivery::Column::LastStatus.gte(500));
    delivery::Entity::update_many()
        .col_expr(delivery::Column::NotBefore, Expr::val(now))
        .filter(waiting())
        .filter(delivery::Column::Host.is_in(hosts.iter().map(String::as_str)))
        .filter(delivery::Column::NotBefore.gt(now))
        .filter(silence)
        .exec(db)
        .await?;
    Ok(())
}

/// Gives up what has waited since before `moment`, tried lately or not.
pub async fn expire_before(db: &impl ConnectionTrait, moment: Moment, now: Moment) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::val(DeliveryState::Expired))
        .col_expr(delivery::Column::FinishedAt, Expr::val(now))
        .filter(waiting())
        .filter(delivery::Column::CreatedAt.lt(moment))
        .filter(free(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Shortens waits that began when the clock was ahead of `now`.
pub async fn set_right(db: &impl ConnectionTrait, now: Moment) -> Result<()> {
    let ahead = Condition::any()
        .add(Expr::col((delivery::Entity, delivery::Column::CreatedAt)).gt(now))
        .add(Expr::col((delivery::Entity, delivery::Column::NotBefore)).gt(now + 2 * LONGEST_WAIT));
    delivery::Entity::update_many()
        .col_expr(delivery::Column::NotBefore, Expr::val(now))
        .col_expr(delivery::Column::CreatedAt, Expr::val(now))
        .filter(waiting())
        .filter(ahead)
        .exec(db)
        .await?;
    delivery::Entity::update_many()
        .col_expr(delivery::Column::LeasedUntil, Expr::val(None::<i64>))
        .filter(waiting())
        .filter(delivery::Column::LeasedUntil.gt(now + LEASE))
        .exec(db)
        .await?;
    Ok(())
}

/// Drops everything that is still to be sent for an account, because its last word makes it pointless.
pub async fn supersede_all(db: &impl ConnectionTrait, account: AccountId, now: Moment) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::val(DeliveryState::Superseded))
        .col_expr(delivery::Column::FinishedAt, Expr::val(now))
        .filter(waiting())
        .filter(delivery::Column::ActivityId.in_subquery(activities_of(account)))
        .filter(free(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Whether an activity is still to be sent to anybody.
pub async fn wait_for(db: &impl ConnectionTrait, uri: &str) -> Result<bool> {
    let named = Query::select()
        .column(activity::Column::Id)
        .from(activity::Entity)
        .and_where(activity::Column::Uri.eq(uri))
        .take();
    let found = delivery::Entity::find().filter(waiting()).filter(delivery::Column::ActivityId.in_subquery(named));
    Ok(found.one(db).await?.is_some())
}

fn activities_of(account: AccountId) -> SelectStatement {
    Query::select()
        .column(activity::Column::Id)
        .from(activity::Entity)
        .and_where(activity::Column::AccountId.eq(account))
        .take()
}

/// Takes up to `limit` due deliveries; every host gets its turn before one gets a second.
///
/// Looks at a bounded number of rows, however many are due: hosts that have no room are left out before counting.
pub async fn claim(db: &impl ConnectionTrait, now: Moment, limit: u64) -> Result<Vec<delivery::Model>> {
    let (due, place, candidates) = (Alias::new("due"), Alias::new("place"), Alias::new("candidate"));
    let turn = WindowStatement::partition_by((due.clone(), delivery::Column::Host))
        .order_by((due.clone(), delivery::Column::Id), Order::Asc)
        .take();
    let ranked = Query::select()
        .column((due.clone(), delivery::Column::Id))
        .column((due.clone(), delivery::Column::Host))
        .expr_window_as(Func::cust("ROW_NUMBER"), turn, place.clone())
        .from_subquery(ready(now), due)
        .take();
    let chosen = Query::select()
        .column((candidates.clone(), delivery::Column::Id))
        .from_subquery(ranked, candidates.clone())
        .and_where(Expr::col((candidates.clone(), place.clone())).add(in_flight(&candidates, now)).lte(PER_HOST))
        .order_by((candidates.clone(), place), Order::Asc)
        .order_by((candidates, delivery::Column::Id), Order::Asc)
        .limit(limit)
        .take();
    let mut claimed = delivery::Entity::update_many()
        .col_expr(delivery::Column::LeasedUntil, Expr::val(now + LEASE))
        .filter(delivery::Column::Id.in_subquery(chosen))
        .filter(free(now))
        .exec_with_returning(db)
        .await?;
    claimed.sort_unstable_by_key(|delivery| delivery.id);
    Ok(claimed)
}

/// Whether anything may be due, without taking it.
pub async fn any_due(db: &impl ConnectionTrait, now: Moment) -> Result<bool> {
    let due = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::Id)
        .filter(waiting())
        .filter(delivery::Column::NotBefore.lte(now))
        .filter(free(now))
        .into_tuple::<i64>();
    Ok(due.one(db).await?.is_some())
}

/// Notes that these were taken by their servers.
pub async fn delivered(db: &impl ConnectionTrait, ids: &[DeliveryId], now: Moment) -> Result<()> {
    if !ids.is_empty() {
        delivery::Entity::update_many()
            .col_expr(delivery::Column::State, Expr::val(DeliveryState::Delivered))
            .col_expr(delivery::Column::Attempts, Expr::col(delivery::Column::Attempts).add(1))
            .col_expr(delivery::Column::LeasedUntil, Expr::val(None::<i64>))
            .col_expr(delivery::Column::FinishedAt, Expr::val(now))
            .filter(delivery::Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// How a try went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The HTTP status, if one came.
    pub status: Option<i32>,
    /// What went wrong, in a few words.
    pub error: String,
    /// When to try again, or how it ended.
    pub next: Result<Moment, DeliveryState>,
}

/// Notes that a try went wrong.
pub async fn failed(db: &impl ConnectionTrait, id: DeliveryId, failure: Failure, now: Moment) -> Result<()> {
    let mut change = delivery::Entity::update_many()
        .col_expr(delivery::Column::Attempts, Expr::col(delivery::Column::Attempts).add(1))
        .col_expr(delivery::Column::LeasedUntil, Expr::val(None::<i64>))
        .col_expr(delivery::Column::LastStatus, Expr::val(failure.status))
        .col_expr(delivery::Column::LastError, Expr::val(failure.error));
    change = match failure.next {
        Ok(moment) => change.col_expr(delivery::Column::NotBefore, Expr::val(moment)),
        Err(state) => change
            .col_expr(delivery::Column::State, Expr::val(state))
            .col_expr(delivery::Column::FinishedAt, Expr::val(now)),
    };
    // Another process may have been faster.
    change.filter(delivery::Column::Id.eq(id)).filter(waiting()).exec(db).await?;
    Ok(())
}

/// Gives back what a process that is gone was sending; only for a database that no other process works on.
pub async fn recover(db: &impl ConnectionTrait) -> Result<()> {
    delivery::Entity::update_many()
        .col_expr(delivery::Column::LeasedUntil, Expr::val(None::<i64>))
        .filter(waiting())
        .filter(delivery::Column::LeasedUntil.is_not_null())
        .exec(db)
        .await?;
    Ok(())
}

/// The bytes of activities.
pub async fn activities(db: &impl ConnectionTrait, ids: &[ActivityId]) -> Result<Vec<activity::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(activity::Entity::find().filter(activity::Column::Id.is_in(ids.iter().copied())).all(db).await?)
}

/// Forgets activities older than `moment` that are on their way to nobody.
pub async fn forget_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    let waiting =
        Query::select().column(delivery::Column::ActivityId).from(delivery::Entity).and_where(waiting()).take();
    activity::Entity::delete_many()
        .filter(activity::Column::CreatedAt.lt(moment))
        .filter(activity::Column::Id.not_in_subquery(waiting))
        .exec(db)
        .await?;
    Ok(())
}

/// The oldest due deliveries to hosts that answer and have room for one more.
fn ready(now: Moment) -> SelectStatement {
    let flying = Alias::new("flying");
    let busy = Query::select()
        .column((flying.clone(), delivery::Column::Host))
        .from_as(delivery::Entity, flying.clone())
        .and_where(Expr::col((flying.clone(), delivery::Column::LeasedUntil)).gte(now))
        .group_by_col((flying, delivery::Column::Host))
        .and_having(Expr::expr(Func::count(Expr::val(1))).gte(PER_HOST))
        .take();
    Query::select()
        .column((delivery::Entity, delivery::Column::Id))
        .column((delivery::Entity, delivery::Column::Host))
        .from(delivery::Entity)
        .and_where(waiting())
        .and_where(Expr::col((delivery::Entity, delivery::Column::NotBefore)).lte(now))
        .cond_where(free(now))
        .and_where(Expr::col((delivery::Entity, delivery::Column::Host)).not_in_subquery(busy))
        .and_where(Expr::exists(silent_host(now)).not())
        .and_where(Expr::exists(earlier_about_the_same()).not())
        .order_by((delivery::Entity, delivery::Column::NotBefore), Order::Asc)
        .order_by((delivery::Entity, delivery::Column::Id), Order::Asc)
        .limit(LOOKED_AT)
        .take()
}

fn waiting() -> Expr {
    Expr::col((delivery::Entity, delivery::Column::State)).eq(constant(DeliveryState::Waiting))
}

fn free(now: Moment) -> Condition {
    Condition::any()
        .add(Expr::col((delivery::Entity, delivery::Column::LeasedUntil)).is_null())
        .add(Expr::col((delivery::Entity, delivery::Column::LeasedUntil)).lt(now))
}

fn earlier_about_the_same() -> SelectStatement {
    let earlier = Alias::new("earlier");
    let column = |column: delivery::Column| Expr::col((earlier.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(delivery::Entity, earlier.clone())
        .and_where(column(delivery::Column::State).eq(constant(DeliveryState::Waiting)))
        .and_where(column(delivery::Column::Host).equals((delivery::Entity, delivery::Column::Host)))
        .and_where(column(delivery::Column::ObjectKey).equals((delivery::Entity, delivery::Column::ObjectKey)))
        .and_where(column(delivery::Column::InboxUrl).equals((delivery::Entity, delivery::Column::InboxUrl)))
        .and_where(column(delivery::Column::Id).lt(Expr::col((delivery::Entity, delivery::Column::Id))))
        .take()
}

fn silent_host(now: Moment) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(host::Entity)
        .and_where(Expr::col((host::Entity, host::Column::Name)).equals((delivery::Entity, delivery::Column::Host)))
        .and_where(Expr::col((host::Entity, host::Column::NotBefore)).gt(now))
        .take()
}

fn in_flight(candidates: &Alias, now: Moment) -> Expr {
    let flying = Alias::new("flying");
    let count = Query::select()
        .expr(Func::count(Expr::val(1)))
        .from_as(delivery::Entity, flying.clone())
        .and_where(Expr::col((flying.clone(), delivery::Column::State)).eq(constant(DeliveryState::Waiting)))
        .and_where(
            Expr::col((flying.clone(), delivery::Column::Host)).equals((candidates.clone(), delivery::Column::Host)),
        )
        .and_where(Expr::col((flying, delivery::Column::LeasedUntil)).gte(now))
        .take();
    Expr::SubQuery(None, Box::new(count.into()))
}
