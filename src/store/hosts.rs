//! Other servers, as far as deliveries go: who answers, who has fallen silent.

use std::time::Duration;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::host;

/// How many failures in a row open the breaker.
const PATIENCE: i32 = 5;
/// For how long the breaker opens the first time.
const FIRST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// For how long it opens at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(12 * 3600);

/// After how many days of silence nothing new is queued for a host while its breaker is open.
const SUSPENDED_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// Notes that these took something: their breakers close. Those come back whose breaker was open.
///
/// Costs one statement unless one of them was in trouble.
pub async fn answered(db: &impl ConnectionTrait, names: &[String], now: Moment) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let in_trouble = host::Entity::find()
        .filter(host::Column::Name.is_in(names.iter().map(String::as_str)))
        .filter(host::Column::Failures.gt(0))
        .all(db)
        .await?;
    if in_trouble.is_empty() {
        return Ok(Vec::new());
    }
    host::Entity::update_many()
        .set(host::ActiveModel {
            failures: Set(0),
            failing_since: Set(None),
            not_before: Set(None),
            last_success_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(host::Column::Name.is_in(in_trouble.iter().map(|host| host.name.as_str())))
        .exec(db)
        .await?;
    Ok(in_trouble.into_iter().filter(|host| host.failures >= PATIENCE).map(|host| host.name).collect())
}

/// Notes that `name` did not answer; after several times in a row it is left alone for a while. Whether it is now.
pub async fn silent(db: &impl ConnectionTrait, name: &str, now: Moment) -> Result<bool> {
    let known = host::Entity::find_by_id(name).one(db).await?;
    // What was under way when the breaker opened says nothing new.
    if known.as_ref().is_some_and(|host| host.not_before.is_some_and(|until| until > now)) {
        return Ok(true);
    }
    let failures = known.as_ref().map_or(0, |host| host.failures).saturating_add(1);
    let row = host::ActiveModel {
        name: Set(name.to_owned()),
        failures: Set(failures),
        failing_since: Set(Some(known.as_ref().and_then(|host| host.failing_since).unwrap_or(now))),
        not_before: Set(pause(failures).map(|pause| now + pause)),
        last_success_at: Set(known.and_then(|host| host.last_success_at)),
    };
    let replace = OnConflict::column(host::Column::Name)
        .update_columns([host::Column::Failures, host::Column::FailingSince, host::Column::NotBefore])
        .to_owned();
    host::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(failures >= PATIENCE)
}

/// Notes that `name` has shown itself: it is tried again now, and the next silence opens the breaker as the first did.
pub async fn showed_up(db: &impl ConnectionTrait, name: &str, now: Moment) -> Result<()> {
    host::Entity::update_many()
        .set(host::ActiveModel {
            failures: Set(PATIENCE - 1),
            failing_since: Set(Some(now)),
            not_before: Set(None),
            ..Default::default()
        })
        .filter(host::Column::Name.eq(name))
        .filter(host::Column::Failures.gte(PATIENCE))
        .exec(db)
        .await?;
    Ok(())
}

/// The hosts whose breaker is open, or was when they were last tried.
pub async fn left_alone(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let silent = host::Entity::find().select_only().column(host::Column::Name);
    Ok(silent.filter(host::Column::Failures.gte(PATIENCE)).into_tuple().all(db).await?)
}

/// The hosts for which nothing new is queued now. When their breaker lets one try through, the next activity is it.
pub async fn suspended(db: &impl ConnectionTrait, now: Moment) -> Result<Vec<String>> {
    let silent = host::Entity::find().select_only().column(host::Column::Name);
    Ok(silent
        .filter(host::Column::FailingSince.lt(now - SUSPENDED_AFTER))
        .filter(host::Column::NotBefore.gt(now))
        .into_tuple()
        .all(db)
        .await?)
}

/// Shortens waits that end later than any wait begun by `now` can: the clock was ahead when they began.
pub async fn set_right(db: &impl ConnectionTrait, now: Moment) -> Result<()> {
    host::Entity::update_many()
        .col_expr(host::Column::NotBefore, Expr::val(now))
        .filter(host::Column::NotBefore.gt(now + LONGEST_PAUSE))
        .exec(db)
        .await?;
    host::Entity::update_many()
        .col_expr(host::Column::FailingSince, Expr::val(now))
        .filter(host::Column::FailingSince.gt(now))
        .exec(db)
        .await?;
    Ok(())
}

fn pause(failures: i32) -> Option<Duration> {
    let doublings = u32::try_from(failures - PATIENCE).ok()?;
    Some(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings.min(10))).min(LONGEST_PAUSE))
}
