//! Other servers, as far as deliveries go: who answers, who has fallen silent.

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::host;

/// How many failures in a row open the breaker.
const PATIENCE: i32 = 5;
/// For how long the breaker opens the first time.
const FIRST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// For how long it opens at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(12 * 3600);

/// Notes that `name` took something: the breaker closes.
///
/// Costs one statement unless the host was in trouble, and none when that is known.
pub async fn answered(db: &impl ConnectionTrait, names: &[String], now: Moment) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    host::Entity::update_many()
        .set(host::ActiveModel {
            failures: Set(0),
            failing_since: Set(None),
            not_before: Set(None),
            last_success_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(host::Column::Name.is_in(names.iter().map(String::as_str)))
        .filter(host::Column::Failures.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that `name` did not answer; after several times in a row it is left alone for a while.
pub async fn silent(db: &impl ConnectionTrait, name: &str, now: Moment) -> Result<()> {
    let known = host::Entity::find_by_id(name).one(db).await?;
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
    Ok(())
}

fn pause(failures: i32) -> Option<Duration> {
    let doublings = u32::try_from(failures - PATIENCE).ok()?;
    Some(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings.min(10))).min(LONGEST_PAUSE))
}
