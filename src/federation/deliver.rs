//! One signed request for each delivery, and what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use crate::domain::delivery::{self, DeliveryState};
use crate::domain::handle::Host;
use crate::domain::id::{ActivityId, DeliveryId};
use crate::domain::moment::Moment;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::Answer;
use crate::store::deliveries::{self, Failure};
use crate::store::entity::{activity, delivery as table};
use crate::store::{hosts, received};

/// How many deliveries are taken at once.
const BATCH: u64 = 200;
/// How many requests are in flight at once.
const IN_FLIGHT: usize = 64;
/// After which time nothing is tried any more, whatever kept it from being tried.
const LONGEST: Duration = Duration::from_secs(8 * 24 * 3600);
/// How many outcomes are written down together.
const OUTCOMES: usize = 50;

/// What came of one delivery.
#[derive(Debug)]
struct Outcome {
    id: DeliveryId,
    host: String,
    attempts: i32,
    created_at: Moment,
    result: Result<Answer>,
}

impl Federation {
    /// Delivers what is due, one batch; how many were tried.
    pub async fn deliver_due(&self) -> Result<usize> {
        if !deliveries::any_due(self.app.db.reader(), self.app.now()).await? {
            return Ok(0);
        }
        let change = self.app.begin().await?;
        let due = deliveries::claim(change.tx(), self.app.now(), BATCH).await?;
        change.commit().await?;
        if due.is_empty() {
            return Ok(0);
        }
        let tried = due.len();
        let bodies = self.bodies(&due).await?;
        let limit = Arc::new(Semaphore::new(IN_FLIGHT));
        let mut flying = JoinSet::new();
        for delivery in due {
            let (federation, limit) = (self.clone(), limit.clone());
            let body = bodies.get(&delivery.activity_id).cloned();
            flying.spawn(async move {
                // The semaphore is never closed.
                let _turn = limit.acquire_owned().await;
                federation.deliver(delivery, body).await
            });
        }
        let mut outcomes = Vec::with_capacity(OUTCOMES);
        while let Some(outcome) = flying.join_next().await {
            outcomes.push(outcome?);
            if outcomes.len() >= OUTCOMES {
                self.write_down(std::mem::take(&mut outcomes)).await?;
            }
        }
        self.write_down(outcomes).await?;
        Ok(tried)
    }

    async fn bodies(&self, due: &[table::Model]) -> Result<HashMap<ActivityId, Arc<activity::Model>>> {
        let mut ids: Vec<ActivityId> = due.iter().map(|delivery| delivery.activity_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = deliveries::activities(self.app.db.reader(), &ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }

    async fn deliver(&self, delivery: table::Model, activity: Option<Arc<activity::Model>>) -> Outcome {
        let result = self.send(&delivery, activity).await;
        Outcome {
            id: delivery.id,
            host: delivery.host,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            result,
        }
    }

    async fn send(&self, delivery: &table::Model, activity: Option<Arc<activity::Model>>) -> Result<Answer> {
        let activity = activity.ok_or(Error::NotFound("activity"))?;
        let inbox = Url::parse(&delivery.inbox_url).map_err(|_| Error::invalid("an inbox that is no address"))?;
        if let Some(host) = Host::of(&inbox)
            && received::is_blocked(self.app.db.reader(), &host).await?
        {
            return Err(Error::Forbidden("This server has nothing to do with that one"));
        }
        let signer = self.signer(activity.account_id).await?;
        let body = Bytes::copy_from_slice(activity.body.as_bytes());
        self.remote.post(&inbox, body, &signer, self.app.now()).await
    }

    async fn write_down(&self, outcomes: Vec<Outcome>) -> Result<()> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let now = self.app.now();
        let change = self.app.begin().await?;
        let (done, failed): (Vec<_>, Vec<_>) = outcomes
            .into_iter()
            .partition(|outcome| outcome.result.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status)));
        let ids: Vec<DeliveryId> = done.iter().map(|outcome| outcome.id).collect();
        deliveries::delivered(change.tx(), &ids, now).await?;
        // Whoever answers is there, even when the answer is no.
        let mut answering: Vec<String> = done
            .into_iter()
            .map(|outcome| outcome.host)
            .chain(failed.iter().filter(|f| !f.is_silence()).map(|f| f.host.clone()))
            .collect();
        answering.sort_unstable();
        answering.dedup();
        hosts::answered(change.tx(), &answering, now).await?;
        for outcome in failed {
            if outcome.is_silence() {
                hosts::silent(change.tx(), &outcome.host, now).await?;
            }
            let failure = outcome.failure(now);
            deliveries::failed(change.tx(), outcome.id, failure, now).await?;
        }
        change.commit().await
    }
}

impl Outcome {
    /// Whether the server did not answer at all, or only to say that it is in trouble.
    fn is_silence(&self) -> bool {
        match &self.result {
            Ok(answer) => answer.status >= 500 && answer.status != 501,
            Err(error) => matches!(error, Error::Remote { source: RemoteError::Unreachable(_), .. }),
        }
    }

    fn failure(&self, now: Moment) -> Failure {
        let (status, error, verdict) = match &self.result {
            Ok(answer) => (Some(i32::from(answer.status)), format!("HTTP {}", answer.status), judge(answer.status)),
            Err(error) if error.is_transient() => (None, describe(error), Verdict::Later),
            Err(error) => (None, describe(error), Verdict::Never),
        };
        let retry_after = self.result.as_ref().ok().and_then(|answer| answer.retry_after);
        Failure { status, error, next: self.next(verdict, retry_after, now) }
    }

    fn next(&self, verdict: Verdict, retry_after: Option<Duration>, now: Moment) -> Result<Moment, DeliveryState> {
        let attempts = u32::try_from(self.attempts).unwrap_or(0) + 1;
        let tries = match verdict {
            Verdict::Never => return Err(DeliveryState::Refused),
            Verdict::AFewTimes if attempts >= 3 => return Err(DeliveryState::Refused),
            Verdict::AFewTimes | Verdict::Later => attempts,
        };
        if now.since(self.created_at) > LONGEST {
            return Err(DeliveryState::Expired);
        }
        // The id differs from delivery to delivery, which is all the jitter needs.
        let jitter = f64::from(u32::try_from(self.id.0.rem_euclid(1000)).unwrap_or(0)) / 1000.0;
        let pause = delivery::backoff(tries, jitter).ok_or(DeliveryState::Expired)?;
        Ok(now + retry_after.map_or(pause, |asked| asked.max(pause)))
    }
}

/// Whether trying again makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Later,
    AFewTimes,
    Never,
}

fn judge(status: u16) -> Verdict {
    match status {
        408 | 425 | 429 => Verdict::Later,
        // A key may not have been fetched yet, a server may be in the middle of being replaced.
        401 | 404 => Verdict::AFewTimes,
        501 => Verdict::Never,
        500.. => Verdict::Later,
        _ => Verdict::Never,
    }
}

/// What went wrong, in a few words for the report: what our own log says more about is not repeated.
fn describe(error: &Error) -> String {
    match error {
        Error::Remote { source, .. } => source.to_string().chars().take(200).collect(),
        other => other.to_string(),
    }
}
