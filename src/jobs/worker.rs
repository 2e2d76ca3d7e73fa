//! Takes jobs out of the queue and does them; delivers what is due.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::domain::id::JobId;
use crate::domain::job::Job;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::federation::{Federation, Flights};
use crate::jobs::{clockwork, run};
use crate::store::entity::job;
use crate::store::{Engine, deliveries, queue};

/// How many jobs are taken at once.
const BATCH: u64 = 64;
/// How often a job is tried.
const MOST_ATTEMPTS: i32 = 10;
/// How often a job is tried that fails for a reason that does not pass by itself.
const POISONED: i32 = 3;
/// How long the worker sleeps when nobody wakes it.
const NAP: Duration = Duration::from_secs(1);
/// How often things that have run out are thrown away.
const TIDY: Duration = Duration::from_secs(3600);

/// Works the queues of one node off.
#[derive(Debug, Clone)]
pub struct Worker {
    federation: Federation,
}

impl Worker {
    /// A worker for a node.
    pub fn new(federation: Federation) -> Self {
        Self { federation }
    }

    /// Works until told to stop; what is being done then is finished first.
    pub async fn run(&self, stop: CancellationToken) {
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "what was left unfinished waits until its lease runs out");
        }
        let mut loops = JoinSet::new();
        let (worker, signal) = (self.clone(), stop.clone());
        loops.spawn(async move { worker.run_jobs(signal).await });
        let (worker, signal) = (self.clone(), stop.clone());
        loops.spawn(async move { worker.run_deliveries(signal).await });
        let (worker, signal) = (self.clone(), stop);
        loops.spawn(async move { worker.run_clockwork(signal).await });
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a worker loop has died");
            }
        }
    }

    /// Takes up at once what a crash interrupted. A SQLite database has no other worker that could still be at it.
    async fn recover(&self) -> Result<()> {
        let app = &self.federation.app;
        if app.db.engine() != Engine::Sqlite {
            return Ok(());
        }
        let change = app.begin().await?;
        queue::recover(change.tx()).await?;
        deliveries::recover(change.tx()).await?;
        change.commit().await
    }

    /// Does what is due now, one batch of jobs; how many there were.
    pub async fn run_due_jobs(&self) -> Result<usize> {
        let app = &self.federation.app;
        if !queue::any_due(app.db.reader(), app.now()).await? {
            return Ok(0);
        }
        let change = app.begin().await?;
        let due = queue::claim(change.tx(), app.now(), BATCH).await?;
        change.commit().await?;
        let count = due.len();
        let mut lanes: BTreeMap<String, Vec<job::Model>> = BTreeMap::new();
        for job in due {
            lanes.entry(job.lane.clone()).or_default().push(job);
        }
        let mut working = JoinSet::new();
        for (_, jobs) in lanes {
            let worker = self.clone();
            working.spawn(async move { worker.run_lane(jobs).await });
        }
        while let Some(lane) = working.join_next().await {
            lane??;
        }
        Ok(count)
    }

    async fn run_jobs(&self, stop: CancellationToken) {
        let app = &self.federation.app;
        while !stop.is_cancelled() {
            match self.run_due_jobs().await {
                Ok(0) => {
                    tokio::select! {
                        () = app.work() => {}
                        () = tokio::time::sleep(NAP) => {}
                        () = stop.cancelled() => {}
                    }
                }
                Ok(_) => {}
                Err(error) => self.rest(&error, &stop).await,
            }
        }
    }

    /// What happens by itself as time goes by, however busy the node is.
    async fn run_clockwork(&self, stop: CancellationToken) {
        let app = &self.federation.app;
        let mut tidied = app.now();
        while !stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(NAP) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = app.db.notice_other_writers().await {
                tracing::warn!(%error, "cannot tell whether another process has written");
            }
            if app.now().since(tidied) > TIDY {
                tidied = app.now();
                if let Err(error) = clockwork::tidy(app).await {
                    tracing::error!(%error, "tidying up failed");
                }
            }
        }
    }

    async fn run_deliveries(&self, stop: CancellationToken) {
        let mut flights = Flights::new(self.federation.clone());
        while !stop.is_cancelled() {
            if let Err(error) = flights.go_on(&stop, NAP).await {
                self.rest(&error, &stop).await;
            }
        }
        if let Err(error) = flights.arrive().await {
            tracing::error!(%error, "what became of some deliveries is not written down; they will be tried again");
        }
    }

    /// The database is in trouble: asking it again at once would not help.
    async fn rest(&self, error: &Error, stop: &CancellationToken) {
        tracing::error!(%error, source = ?std::error::Error::source(error), "the worker cannot go on for a moment");
        tokio::select! {
            () = tokio::time::sleep(NAP) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Does the jobs of one lane in order. When one fails, those behind it wait for the next round.
    async fn run_lane(&self, jobs: Vec<job::Model>) -> Result<()> {
        let mut done: Vec<JobId> = Vec::with_capacity(jobs.len());
        let mut failed = None;
        let mut waiting = jobs.into_iter();
        for job in waiting.by_ref() {
            let id = job.id;
            match self.run_one(&job).await {
                Ok(()) => done.push(id),
                Err(error) => {
                    failed = Some((job, error));
                    break;
                }
            }
        }
        let app = &self.federation.app;
        let change = app.begin().await?;
        queue::finish(change.tx(), &done).await?;
        if let Some((job, error)) = failed {
            self.fail(&change, job, &error).await?;
        }
        let rest: Vec<JobId> = waiting.map(|job| job.id).collect();
        queue::release(change.tx(), &rest).await?;
        change.commit().await
    }

    /// Does one job in a task of its own, so that a panic ends the job and not the worker.
    async fn run_one(&self, job: &job::Model) -> Result<()> {
        let work: Job = serde_json::from_str(&job.payload)?;
        let federation = self.federation.clone();
        tokio::spawn(async move { run::run(&federation, &work).await }).await?
    }

    async fn fail(&self, change: &crate::app::Change, job: job::Model, error: &Error) -> Result<()> {
        let now = change.now();
        let message = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let most = if matches!(error, Error::Remote { .. }) { MOST_ATTEMPTS } else { POISONED };
        if !error.is_transient() {
            // What another server sent and cannot be used is its trouble, not ours.
            tracing::debug!(job = %job.id, lane = job.lane, "dropped a job: {message}");
            return queue::finish(change.tx(), &[job.id]).await;
        }
        if job.attempts >= most {
            tracing::warn!(job = %job.id, lane = job.lane, "gave a job up: {message}");
            return queue::give_up(change.tx(), job.id, &message, now).await;
        }
        tracing::info!(job = %job.id, lane = job.lane, "a job will be tried again: {message}");
        // Nobody else has to wait because one server, or one address, cannot be reached.
        let alone = job.lane.starts_with("receive:") || job.lane == "mail";
        let own_lane = alone.then(|| format!("again:{}", job.id));
        queue::put_back(change.tx(), job.id, pause(now, job.attempts), &message, own_lane).await
    }
}

/// A minute, then twice as long each time, up to a day.
fn pause(now: Moment, attempts: i32) -> Moment {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(11);
    now + Duration::from_secs(60 * 2_u64.pow(doublings)).min(Duration::from_secs(24 * 3600))
}
