//! Jobs of one source that are being done: more are taken up while slow ones are still at it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::Change;
use crate::domain::id::JobId;
use crate::domain::job::{Job, Source};
use crate::domain::moment::Moment;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::jobs::run;
use crate::store::entity::job;
use crate::store::queue;

/// How many lanes are worked on at once.
const LANES: usize = 128;
/// How many of them may be about one server: one that keeps silent does not take every place.
const OF_ONE_SERVER: usize = 8;
/// How many places must be free before more is taken up.
const ROOM: usize = 16;
/// How many jobs are taken at once.
const BATCH: usize = 64;
/// How long one job may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// For how long the bell is not heard after nothing could be taken up.
const SHORT_NAP: Duration = Duration::from_millis(50);
/// After which time a lane leaves its rest to the next round.
const LONGEST: Duration = Duration::from_secs(120);
/// How often the queue is told that the jobs of a shift are being worked on: several times per lease.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a job waits after the database could not be used.
const OUT_OF_ORDER: Duration = Duration::from_secs(10);
/// How long to wait before writing down again what became of jobs.
const BREATH: Duration = Duration::from_secs(1);
/// How often a job is tried.
const MOST_ATTEMPTS: i32 = 10;
/// How often a job is tried that fails for a reason that does not pass by itself.
const POISONED: i32 = 4;
/// How often a job is taken up together with those behind it. After that it is done alone: a process that ends again
/// and again counts as a try of what it was at, and not of all that it held.
const TOGETHER: i32 = 1;
/// How often the program may end while a job is done before that job has to wait for longer each time.
const SUSPECT: i32 = 6;
/// How often at most; by then weeks have passed.
const MOST_ENDS: i32 = 25;

/// The jobs of one source that are being done now.
#[derive(Debug)]
pub struct Shift {
    federation: Federation,
    source: Source,
    lanes: JoinSet<Result<()>>,
    held: HashMap<Id, Held>,
    renewed: Instant,
    ending: CancellationToken,
}

/// What one lane has in its hands.
#[derive(Debug)]
struct Held {
    /// How its name begins when it is about a server.
    server: String,
    jobs: Vec<JobId>,
}

impl Shift {
    /// Nothing is being done yet.
    pub fn new(federation: Federation, source: Source) -> Self {
        let (lanes, held, ending) = (JoinSet::new(), HashMap::new(), CancellationToken::new());
        Self { federation, source, lanes, held, renewed: Instant::now(), ending }
    }

    /// Takes up what is due if there is room for it.
    ///
    /// Comes back when a lane has ended, when there is something new to do, after `nap`, or on `stop`.
    pub async fn go_on(&mut self, stop: &CancellationToken, nap: Duration) -> Result<()> {
        self.renew().await?;
        let has_room = self.lanes.len() + ROOM <= LANES;
        let found = if has_room { self.take_up().await? } else { 0 };
        // A full batch may not be all of it.
        if found >= BATCH {
            return Ok(());
        }
        // What comes for lanes that are busy cannot be taken up, however loud the bell.
        let only_waits = found == 0 && !self.lanes.is_empty();
        let nap = if !has_room { HEARTBEAT } else { nap.min(if only_waits { SHORT_NAP } else { HEARTBEAT }) };
        tokio::select! {
            Some(lane) = self.lanes.join_next_with_id() => self.ended(lane),
            () = self.federation.app.work(self.source), if has_room && !only_waits => Ok(()),
            () = tokio::time::sleep(nap) => Ok(()),
            () = stop.cancelled() => Ok(()),
        }
    }

    /// Waits until everything that was taken up is done.
    pub async fn end(&mut self) -> Result<()> {
        self.ending.cancel();
        while let Some(lane) = self.lanes.join_next_with_id().await {
            self.ended(lane)?;
        }
        Ok(())
    }

    fn ended(&mut self, lane: Result<(Id, Result<()>), JoinError>) -> Result<()> {
        self.held.remove(&lane.as_ref().map_or_else(JoinError::id, |(id, _)| *id));
        lane?.1
    }

    /// Says now and then that the jobs in hand are being worked on.
    async fn renew(&mut self) -> Result<()> {
        if self.held.is_empty() || self.renewed.elapsed() < HEARTBEAT {
            return Ok(());
        }
        let ids: Vec<JobId> = self.held.values().flat_map(|held| held.jobs.iter().copied()).collect();
        let change = self.federation.app.begin().await?;
        queue::renew(change.tx(), &ids, change.now()).await?;
        change.commit().await?;
        self.renewed = Instant::now();
        Ok(())
    }

    /// Begins with what is due, as far as there is room; how many jobs were looked at.
    pub async fn take_up(&mut self) -> Result<usize> {
        let app = &self.federation.app;
        if !queue::any_due(app.db.reader(), self.source, app.now()).await? {
            return Ok(0);
        }
        let room = BATCH.min(LANES.saturating_sub(self.lanes.len()));
        let mut servers: HashMap<String, usize> = HashMap::new();
        for held in self.held.values().filter(|held| !held.server.is_empty()) {
            *servers.entry(held.server.clone()).or_default() += 1;
        }
        let crowded: Vec<&str> =
            servers.iter().filter(|(_, lanes)| **lanes >= OF_ONE_SERVER).map(|(name, _)| name.as_str()).collect();
        let change = app.begin().await?;
        let claimed = queue::claim(change.tx(), self.source, &crowded, app.now(), room).await?;
        let count = claimed.len();
        let mut lanes: BTreeMap<String, Vec<job::Model>> = BTreeMap::new();
        for job in claimed {
            lanes.entry(job.lane.clone()).or_default().push(job);
        }
        let mut too_many: Vec<JobId> = Vec::new();
        lanes.retain(|lane, jobs| {
            let about_server = servers.entry(server_of(lane).to_owned()).or_default();
            *about_server += 1;
            let has_place = *about_server <= OF_ONE_SERVER || server_of(lane).is_empty();
            let taken = if !has_place {
                0
            } else if jobs.first().is_some_and(|job| job.attempts > TOGETHER) {
                1
            } else {
                jobs.len()
            };
            too_many.extend(jobs.drain(taken..).map(|job| job.id));
            has_place
        });
        // Should the program end once more, it is not this job that ends it again as soon as it starts.
        for job in lanes.values().flatten().filter(|job| job.attempts > SUSPECT) {
            queue::put_off(change.tx(), job.id, pause(app.now(), job.attempts - SUSPECT)).await?;
        }
        queue::release(change.tx(), &too_many).await?;
        change.commit().await?;
        if self.held.is_empty() {
            self.renewed = Instant::now();
        }
        for (name, jobs) in lanes {
            let held = Held { server: server_of(&name).to_owned(), jobs: jobs.iter().map(|job| job.id).collect() };
            let lane = Lane { federation: self.federation.clone(), jobs, ending: self.ending.clone() };
            let id = self.lanes.spawn(async move { lane.run().await }).id();
            self.held.insert(id, held);
        }
        Ok(count)
    }
}

/// How the lanes begin that are about the server of this one; nothing where there is none.
fn server_of(lane: &str) -> &str {
    let after_scheme = lane.find("://").map(|at| at + 3);
    let end = after_scheme.and_then(|start| lane[start..].find('/').map(|length| start + length + 1));
    end.map_or("", |end| &lane[..end])
}

/// Jobs that must be done one after the other.
struct Lane {
    federation: Federation,
    jobs: Vec<job::Model>,
    ending: CancellationToken,
}

impl Lane {
    /// Does the jobs in order. When one fails, those behind it wait for the next round.
    async fn run(self) -> Result<()> {
        let mut done: Vec<JobId> = Vec::with_capacity(self.jobs.len());
        let mut failed = None;
        let mut waiting = self.jobs.into_iter();
        let begun = Instant::now();
        while begun.elapsed() < LONGEST
            && let Some(job) = waiting.next()
        {
            match run_one(&self.federation, &job).await {
                Ok(()) => done.push(job.id),
                Err(error) => {
                    failed = Some((job, error));
                    break;
                }
            }
        }
        let rest: Vec<JobId> = waiting.map(|job| job.id).collect();
        loop {
            match write_down(&self.federation, &done, failed.as_ref(), &rest).await {
                // What is done must not be done again because it cannot be written down at the moment.
                Err(Error::Unavailable(_)) if !self.ending.is_cancelled() => {
                    tokio::select! {
                        () = tokio::time::sleep(BREATH) => {}
                        () = self.ending.cancelled() => {}
                    }
                }
                written => return written,
            }
        }
    }
}

async fn write_down(
    federation: &Federation,
    done: &[JobId],
    failed: Option<&(job::Model, Error)>,
    rest: &[JobId],
) -> Result<()> {
    let change = federation.app.begin().await?;
    queue::finish(change.tx(), done).await?;
    if let Some((job, error)) = failed {
        fail(&change, job, error).await?;
    }
    queue::release(change.tx(), rest).await?;
    change.commit().await
}

/// Does one job in a task of its own, so that a panic ends the job and not the worker.
async fn run_one(federation: &Federation, job: &job::Model) -> Result<()> {
    if job.attempts > MOST_ENDS {
        return Err(Error::internal("the program has ended each time this was tried"));
    }
    let work: Job = serde_json::from_str(&job.payload)?;
    let federation = federation.clone();
    let task =
        tokio::spawn(async move { tokio::time::timeout(DEADLINE, Box::pin(run::run(&federation, &work))).await });
    task.await?.unwrap_or_else(|_| Err(Error::remote("a server", RemoteError::Unreachable("not in time".to_owned()))))
}

async fn fail(change: &Change, job: &job::Model, error: &Error) -> Result<()> {
    let now = change.now();
    let message = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if matches!(error, Error::Unavailable(_)) {
        // It is nothing about this job: however long it takes, nothing is given up for it.
        tracing::warn!(job = %job.id, lane = job.lane, "a job waits for the database: {message}");
        return queue::postpone(change.tx(), job.id, now + OUT_OF_ORDER).await;
    }
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
    queue::put_back(change.tx(), job.id, pause(now, job.attempts), &message, Job::lane_of_its_own(&job.lane, job.id))
        .await
}

/// A minute, then twice as long each time, up to a day.
fn pause(now: Moment, attempts: i32) -> Moment {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(11);
    now + Duration::from_secs(60 * 2_u64.pow(doublings)).min(Duration::from_secs(24 * 3600))
}

#[cfg(test)]
mod tests {
    use super::server_of;

    #[test]
    fn lanes_of_one_server_begin_alike() {
        let lane = "receive:https://good.test/users/alice";
        assert_eq!(server_of(lane), "receive:https://good.test/");
        assert_eq!(server_of("receive:https://good.test/users/bob/17"), server_of(lane));
        assert_eq!(server_of("refresh:17"), "");
        assert_eq!(server_of("publish:17"), "");
    }
}
