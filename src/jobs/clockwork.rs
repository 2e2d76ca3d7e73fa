//! What time brings: every hour things that have run out are thrown away; a clock that was ahead holds nothing up.

use std::time::Duration;

use crate::actions::accounts;
use crate::app::App;
use crate::domain::delivery;
use crate::domain::job::Source;
use crate::error::Result;
use crate::store::{deliveries, hosts, queue, received};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// For how long an activity that was taken in is not taken in again.
const RECEIVED: Duration = Duration::from_secs(7 * DAY.as_secs());
/// For how long what was deleted elsewhere cannot come back.
const TOMBSTONES: Duration = Duration::from_secs(60 * DAY.as_secs());
/// For how long it is known what became of a delivery.
const ACTIVITIES: Duration = Duration::from_secs(30 * DAY.as_secs());
/// For how long a job that was given up can be looked at.
const FAILED_JOBS: Duration = Duration::from_secs(30 * DAY.as_secs());

/// Throws away what has run out.
pub async fn tidy(app: &App) -> Result<()> {
    let now = app.now();
    let change = app.begin().await?;
    received::forget_before(change.tx(), now - RECEIVED).await?;
    received::forget_tombstones_before(change.tx(), now - TOMBSTONES).await?;
    deliveries::expire_before(change.tx(), now - delivery::LIFETIME, now).await?;
    deliveries::forget_before(change.tx(), now - ACTIVITIES).await?;
    queue::forget_failed_before(change.tx(), now - FAILED_JOBS).await?;
    change.commit().await?;
    accounts::forget_retired_keys(app).await
}

/// Makes due what was queued while the clock was ahead, after it was set back.
pub async fn set_right(app: &App) -> Result<()> {
    let now = app.now();
    let change = app.begin().await?;
    queue::set_right(change.tx(), now).await?;
    deliveries::set_right(change.tx(), now).await?;
    hosts::set_right(change.tx(), now).await?;
    change.commit().await?;
    for source in [Source::Here, Source::Elsewhere] {
        app.wake_worker(source);
    }
    app.wake_deliveries();
    Ok(())
}
