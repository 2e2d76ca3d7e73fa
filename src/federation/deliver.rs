//! One signed request for each delivery, and what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::domain::delivery::{self, DeliveryState};
use crate::domain::handle::Host;
use crate::domain::id::{ActivityId, DeliveryId};
use crate::domain::job::Job;
use crate::domain::moment::Moment;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::{Answer, Letter};
use crate::store::deliveries::{self, Failure};
use crate::store::entity::{activity, delivery as table};
use crate::store::{hosts, received};

/// How many requests are in flight at once.
const IN_FLIGHT: usize = 128;
/// How many outcomes are written down together.
const OUTCOMES: usize = 50;
/// For how long one outcome waits for others to be written down with.
const GATHERING: Duration = Duration::from_millis(100);

/// What came of one delivery.
#[derive(Debug)]
struct Outcome {
    id: DeliveryId,
    host: String,
    inbox: String,
    attempts: i32,
    created_at: Moment,
    result: Result<Answer>,
}

/// Deliveries on their way: more are taken up while slow ones are still flying.
#[derive(Debug)]
pub struct Flights {
    federation: Federation,
    flying: JoinSet<Outcome>,
}

impl Flights {
    /// Nothing is on its way yet.
    pub fn new(federation: Federation) -> Self {
        Self { federation, flying: JoinSet::new() }
    }

    /// Takes up what is due if there is room for it, and writes down what has come of others.
    ///
    /// Comes back when something has happened, when there is something new to deliver, after `nap`, or on `stop`.
    pub async fn go_on(&mut self, stop: &CancellationToken, nap: Duration) -> Result<()> {
        let has_room = self.flying.len() <= IN_FLIGHT / 2;
        if has_room {
            self.take_off().await?;
        }
        tokio::select! {
            Some(outcome) = self.flying.join_next() => self.land(outcome?).await,
            () = self.federation.app.deliveries(), if has_room => Ok(()),
            () = tokio::time::sleep(nap), if has_room => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    /// Waits for everything that is on its way.
    pub async fn arrive(&mut self) -> Result<()> {
        while let Some(outcome) = self.flying.join_next().await {
            self.land(outcome?).await?;
        }
        Ok(())
    }

    /// Sends what is due, as far as there is room; how many that is.
    async fn take_off(&mut self) -> Result<usize> {
        let app = &self.federation.app;
        if !deliveries::any_due(app.db.reader(), app.now()).await? {
            return Ok(0);
        }
        let room = u64::try_from(IN_FLIGHT.saturating_sub(self.flying.len())).unwrap_or(0);
        let change = app.begin().await?;
        let due = deliveries::claim(change.tx(), app.now(), room).await?;
        change.commit().await?;
        let activities = self.activities(&due).await?;
        let hosts: Vec<Host> = due.iter().filter_map(|delivery| delivery.host.parse().ok()).collect();
        let blocked = received::blocked_among(app.db.reader(), &hosts).await?;
        let tried = due.len();
        for delivery in due {
            let federation = self.federation.clone();
            let activity = activities.get(&delivery.activity_id).cloned();
            let is_blocked = delivery.host.parse().is_ok_and(|host: Host| blocked.contains(&host));
            self.flying.spawn(async move { federation.deliver(delivery, activity, is_blocked).await });
        }
        Ok(tried)
    }

    async fn activities(&self, due: &[table::Model]) -> Result<HashMap<ActivityId, Arc<activity::Model>>> {
        let mut ids: Vec<ActivityId> = due.iter().map(|delivery| delivery.activity_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = deliveries::activities(self.federation.app.db.reader(), &ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }

    /// Writes down what came of one delivery, and of those that end soon after it.
    async fn land(&mut self, first: Outcome) -> Result<()> {
        let mut outcomes = vec![first];
        let until = Instant::now() + GATHERING;
        while outcomes.len() < OUTCOMES {
            match timeout_at(until, self.flying.join_next()).await {
                Ok(Some(outcome)) => outcomes.push(outcome?),
                Ok(None) | Err(_) => break,
            }
        }
        self.federation.write_down(outcomes).await
    }
}

impl Federation {
    /// Delivers what is due, one batch; how many were tried.
    pub async fn deliver_due(&self) -> Result<usize> {
        let mut flights = Flights::new(self.clone());
        let tried = flights.take_off().await?;
        flights.arrive().await?;
        Ok(tried)
    }

    async fn deliver(
        &self,
        delivery: table::Model,
        activity: Option<Arc<activity::Model>>,
        is_blocked: bool,
    ) -> Outcome {
        let result = if is_blocked {
            Err(Error::Forbidden("This server has nothing to do with that one"))
        } else {
            self.send(&delivery, activity).await
        };
        Outcome {
            id: delivery.id,
            host: delivery.host,
            inbox: delivery.inbox_url,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            result,
        }
    }

    async fn send(&self, delivery: &table::Model, activity: Option<Arc<activity::Model>>) -> Result<Answer> {
        let activity = activity.ok_or(Error::NotFound("activity"))?;
        let inbox = Url::parse(&delivery.inbox_url).map_err(|_| Error::invalid("an inbox that is no address"))?;
        let signer = match &activity.key_uri {
            Some(key) => self.signer_with(key).await?,
            None => self.signer(activity.account_id).await?,
        };
        let digest = delivery.followers_digest.as_deref();
        let letter = Letter {
            body: Bytes::copy_from_slice(activity.body.as_bytes()),
            synchronization: digest.map(|digest| self.synchronization(activity.account_id, digest)),
        };
        self.remote.post(&inbox, letter, &signer, self.app.now()).await
    }

    async fn write_down(&self, outcomes: Vec<Outcome>) -> Result<()> {
        let now = self.app.now();
        let mut change = self.app.begin().await?;
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
        let back = hosts::answered(change.tx(), &answering, now).await?;
        let mut silent = Vec::new();
        for outcome in failed {
            if outcome.is_silence() && hosts::silent(change.tx(), &outcome.host, now).await? {
                silent.push(outcome.host.clone());
            }
            let failure = outcome.failure(now);
            if failure.next == Err(DeliveryState::Refused) && matches!(failure.status, Some(404 | 410)) {
                change.enqueue(&Job::LookForOwners { inbox: outcome.inbox }).await?;
            }
            deliveries::failed(change.tx(), outcome.id, failure, now).await?;
        }
        if !back.is_empty() {
            deliveries::hurry(change.tx(), &back, now).await?;
            change.has_deliveries();
        }
        change.commit().await?;
        self.note_silence(&answering, &silent);
        Ok(())
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
        // The id differs from delivery to delivery, which is all the jitter needs.
        let jitter = f64::from(u32::try_from(self.id.0.rem_euclid(1000)).unwrap_or(0)) / 1000.0;
        // Tries that followed each other quickly, because the server came and went, cost nobody the last one.
        let pause = delivery::backoff(tries, jitter).unwrap_or(delivery::LONGEST_WAIT);
        let next = now + retry_after.map_or(pause, |asked| asked.max(pause));
        if next.since(self.created_at) > delivery::LIFETIME { Err(DeliveryState::Expired) } else { Ok(next) }
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
