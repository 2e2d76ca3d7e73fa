//! The loops that work the queues of a node off, and the clockwork.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::domain::job::Source;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::federation::{Federation, Flights};
use crate::jobs::clockwork;
use crate::jobs::shift::Shift;
use crate::store::{Engine, deliveries, queue};

/// How long a loop sleeps when nobody wakes it.
const NAP: Duration = Duration::from_secs(1);
/// How far back the clock must have been set to count; the daemons that keep it right turn it by less.
const STEP: Duration = Duration::from_secs(5);
/// How often it is asked which servers another process found to be silent.
const ASK: Duration = Duration::from_secs(60);
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
        if let Err(error) = clockwork::set_right(&self.federation.app).await {
            tracing::error!(%error, "what was queued while the clock was ahead waits until then");
        }
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "what was left unfinished waits until its lease runs out");
        }
        let mut loops = JoinSet::new();
        for source in [Source::Here, Source::Elsewhere] {
            let (worker, signal) = (self.clone(), stop.clone());
            loops.spawn(async move { worker.run_jobs(source, signal).await });
        }
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

    /// Does what is due now, one batch of jobs; how many there were.
    pub async fn run_due_jobs(&self) -> Result<usize> {
        let mut count = 0;
        for source in [Source::Here, Source::Elsewhere] {
            let mut shift = Shift::new(self.federation.clone(), source);
            count += shift.take_up().await?;
            shift.end().await?;
        }
        Ok(count)
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

    async fn run_jobs(&self, source: Source, stop: CancellationToken) {
        let mut shift = Shift::new(self.federation.clone(), source);
        while !stop.is_cancelled() {
            if let Err(error) = shift.go_on(&stop, NAP).await {
                self.rest(&error, &stop).await;
            }
        }
        if let Err(error) = shift.end().await {
            tracing::error!(%error, "what became of some jobs is not written down; they will be done again");
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

    /// What happens by itself as time goes by, however busy the node is.
    async fn run_clockwork(&self, stop: CancellationToken) {
        let app = &self.federation.app;
        let (mut tidied, mut last) = (app.now(), app.now());
        let mut asked = app.now();
        while !stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(NAP) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = app.db.notice_other_writers().await {
                tracing::warn!(%error, "cannot tell whether another process has written");
            }
            let now = app.now();
            if now + STEP < last
                && let Err(error) = clockwork::set_right(app).await
            {
                tracing::error!(%error, "the clock was set back, and what was queued before waits until it is there again");
            }
            last = now;
            if distance(now, asked) > ASK {
                asked = now;
                if let Err(error) = self.federation.learn_who_is_silent().await {
                    tracing::warn!(%error, "cannot tell which servers keep silent");
                }
            }
            if distance(now, tidied) > TIDY {
                tidied = app.now();
                if let Err(error) = clockwork::tidy(app).await {
                    tracing::error!(%error, "tidying up failed");
                }
            }
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
}

/// How far two moments are apart, whichever comes first: a clock may be set back.
fn distance(one: Moment, other: Moment) -> Duration {
    one.since(other).max(other.since(one))
}
