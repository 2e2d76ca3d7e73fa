//! The queue of jobs: put in, take out, finish, put back.
//!
//! Jobs of one lane run in the order they were queued. A job is leased while somebody works on it;
//! when the lease runs out because that process died, it is taken again.

use std::time::Duration;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockBehavior, LockType, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::domain::id::JobId;
use crate::domain::job::{Job, Source};
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::job;

/// For how long a job belongs to the worker that has it, unless it says again that it is at it.
///
/// Where several processes work on one database, another takes over within a minute.
pub const LEASE: Duration = Duration::from_secs(60);
/// The longest wait between two tries.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// Queues a job for `run_at`, unless one with the same unique key waits already.
pub async fn enqueue(db: &impl ConnectionTrait, id: JobId, job: &Job, run_at: Moment, now: Moment) -> Result<()> {
    let row = job::ActiveModel {
        id: Set(id),
        lane: Set(job.lane()),
        payload: Set(serde_json::to_string(job)?),
        unique_key: Set(job.unique_key()),
        attempts: Set(0),
        run_at: Set(run_at),
        leased_until: Set(None),
        failed_at: Set(None),
        last_error: Set(None),
        created_at: Set(now),
    };
    let keep = OnConflict::column(job::Column::UniqueKey).do_nothing().to_owned();
    job::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Takes up to `limit` due jobs of one source, oldest first; jobs of one lane come in order and only together.
///
/// Lanes that begin with one of `crowded` wait.
pub async fn claim(
    db: &impl ConnectionTrait,
    source: Source,
    crowded: &[&str],
    now: Moment,
    limit: usize,
) -> Result<Vec<job::Model>> {
    // Jobs of a lane are queued in order, so whatever is not due stands before what is.
    let busy = |condition: SimpleExpr| {
        Query::select()
            .column(job::Column::Lane)
            .from(job::Entity)
            .and_where(job::Column::FailedAt.is_null())
            .and_where(condition)
            .take()
    };
    let mut due = Query::select();
    due.column((job::Entity, job::Column::Id))
        .from(job::Entity)
        .and_where(Expr::col((job::Entity, job::Column::FailedAt)).is_null())
        .and_where(Expr::col((job::Entity, job::Column::RunAt)).lte(now))
        .cond_where(free(now))
        .cond_where(of(source))
        .and_where(job::Column::Lane.not_in_subquery(busy(job::Column::LeasedUntil.gte(now))))
        .and_where(job::Column::Lane.not_in_subquery(busy(job::Column::RunAt.gt(now))))
        .order_by((job::Entity, job::Column::Id), sea_orm::sea_query::Order::Asc)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX));
    for lane in crowded {
        due.and_where(job::Column::Lane.starts_with(*lane).not());
    }
    if db.get_database_backend() == DbBackend::Postgres {
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let mut claimed = job::Entity::update_many()
        .col_expr(job::Column::LeasedUntil, Expr::val(now + LEASE))
        .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
        .filter(job::Column::Id.in_subquery(due))
        .exec_with_returning(db)
        .await?;
    claimed.sort_unstable_by_key(|job| job.id);
    Ok(claimed)
}

/// Whether anything of one source is due, without taking it.
pub async fn any_due(db: &impl ConnectionTrait, source: Source, now: Moment) -> Result<bool> {
    let due = job::Entity::find()
        .select_only()
        .column(job::Column::Id)
        .filter(job::Column::FailedAt.is_null())
        .filter(job::Column::RunAt.lte(now))
        .filter(free(now))
        .filter(of(source))
        .into_tuple::<i64>();
    Ok(due.one(db).await?.is_some())
}

/// How many jobs wait in lanes that begin like this.
pub async fn count_waiting(db: &impl ConnectionTrait, lanes: &str) -> Result<u64> {
    let waiting =
        job::Entity::find().filter(job::Column::FailedAt.is_null()).filter(job::Column::Lane.starts_with(lanes));
    Ok(waiting.count(db).await?)
}

/// Removes jobs that are done.
pub async fn finish(db: &impl ConnectionTrait, ids: &[JobId]) -> Result<()> {
    if !ids.is_empty() {
        job::Entity::delete_many().filter(job::Column::Id.is_in(ids.iter().copied())).exec(db).await?;
    }
    Ok(())
}

/// Puts a job back for another try at `run_at`; in a lane of its own it holds nobody up meanwhile.
pub async fn put_back(
    db: &impl ConnectionTrait,
    id: JobId,
    run_at: Moment,
    error: &str,
    lane: Option<String>,
) -> Result<()> {
    let mut change = job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::val(run_at))
        .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
        .col_expr(job::Column::LastError, Expr::val(error));
    if let Some(lane) = lane {
        change = change.col_expr(job::Column::Lane, Expr::val(lane));
    }
    change.filter(job::Column::Id.eq(id)).exec(db).await?;
    Ok(())
}

/// Says again that these are being worked on.
pub async fn renew(db: &impl ConnectionTrait, ids: &[JobId], now: Moment) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::LeasedUntil, Expr::val(now + LEASE))
        .filter(job::Column::Id.is_in(ids.iter().copied()))
        .filter(job::Column::LeasedUntil.is_not_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Says when a job that is being done is to be done again if nobody says what became of it.
pub async fn put_off(db: &impl ConnectionTrait, id: JobId, run_at: Moment) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::val(run_at))
        .filter(job::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Puts a job back that could not be tried at all; that does not count as a try.
pub async fn postpone(db: &impl ConnectionTrait, id: JobId, run_at: Moment) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::val(run_at))
        .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
        .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).sub(1))
        .filter(job::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Shortens waits that began when the clock was ahead of `now`.
pub async fn set_right(db: &impl ConnectionTrait, now: Moment) -> Result<()> {
    // What was put off on purpose, to the end of a poll for example, keeps its time.
    let at_once = Expr::col(job::Column::RunAt).lte(Expr::col(job::Column::CreatedAt));
    let not_on_purpose = Condition::any().add(at_once).add(job::Column::Attempts.gt(0));
    let ahead = Condition::any().add(job::Column::CreatedAt.gt(now)).add(job::Column::RunAt.gt(now + LONGEST_WAIT));
    job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::val(now))
        .filter(job::Column::FailedAt.is_null())
        .filter(not_on_purpose)
        .filter(ahead)
        .exec(db)
        .await?;
    job::Entity::update_many()
        .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
        .filter(job::Column::LeasedUntil.gt(now + LEASE))
        .exec(db)
        .await?;
    Ok(())
}

/// Gives claimed jobs back untouched.
pub async fn release(db: &impl ConnectionTrait, ids: &[JobId]) -> Result<()> {
    if !ids.is_empty() {
        job::Entity::update_many()
            .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
            .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).sub(1))
            .filter(job::Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Gives a job up; it stays to be looked at.
pub async fn give_up(db: &impl ConnectionTrait, id: JobId, error: &str, now: Moment) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::FailedAt, Expr::val(now))
        .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
        .col_expr(job::Column::UniqueKey, Expr::val(None::<String>))
        .col_expr(job::Column::LastError, Expr::val(error))
        .filter(job::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Gives back what a process that is gone was working on; only for a database that no other process works on.
pub async fn recover(db: &impl ConnectionTrait) -> Result<()> {
    job::Entity::update_many()
        .col_expr(job::Column::LeasedUntil, Expr::val(None::<i64>))
        .filter(job::Column::LeasedUntil.is_not_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Removes jobs that were given up before `moment`.
pub async fn forget_failed_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    job::Entity::delete_many().filter(job::Column::FailedAt.lt(moment)).exec(db).await?;
    Ok(())
}

fn of(source: Source) -> Condition {
    let here =
        Source::LANES_HERE.iter().fold(Condition::any(), |any, lane| any.add(job::Column::Lane.starts_with(*lane)));
    match source {
        Source::Here => here,
        Source::Elsewhere => here.not(),
    }
}

fn free(now: Moment) -> Condition {
    Condition::any()
        .add(Expr::col((job::Entity, job::Column::LeasedUntil)).is_null())
        .add(Expr::col((job::Entity, job::Column::LeasedUntil)).lt(now))
}
