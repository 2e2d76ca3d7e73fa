//! One write transaction, and what becomes true when it commits.

use sea_orm::DatabaseTransaction;

use crate::app::App;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::{Job, Source};
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::queue;

/// One write transaction.
///
/// While it is open: no network, no hashing, no second `Change`. Only the outermost function of an action opens one.
#[must_use = "a change that is not committed is rolled back"]
#[derive(Debug)]
pub struct Change {
    tx: DatabaseTransaction,
    app: App,
    statuses: Vec<StatusId>,
    accounts: Vec<AccountId>,
    grants: bool,
    jobs_of: Vec<Source>,
    has_deliveries: bool,
}

impl Change {
    pub(super) fn new(tx: DatabaseTransaction, app: App) -> Self {
        let (statuses, accounts) = (Vec::new(), Vec::new());
        Self { tx, app, statuses, accounts, grants: false, jobs_of: Vec::new(), has_deliveries: false }
    }

    /// The transaction, to read and write with.
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// The node.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The time by the clock of the node.
    pub fn now(&self) -> Moment {
        self.app.now()
    }

    /// Notes what a member did; other servers are told after the commit.
    pub async fn record(&mut self, event: Event) -> Result<()> {
        self.enqueue(&Job::Publish { happened: event }).await
    }

    /// Queues work for after the commit.
    pub async fn enqueue(&mut self, job: &Job) -> Result<()> {
        let now = self.now();
        self.jobs_of.push(job.source());
        queue::enqueue(&self.tx, self.app.id(), job, now, now).await
    }

    /// Queues work for later.
    pub async fn enqueue_at(&mut self, job: &Job, at: Moment) -> Result<()> {
        queue::enqueue(&self.tx, self.app.id(), job, at, self.now()).await
    }

    /// Notes that there is something to deliver after the commit.
    pub fn has_deliveries(&mut self) {
        self.has_deliveries = true;
    }

    /// Notes that a row of a status, or something that hangs on it, has changed.
    pub fn touch_status(&mut self, id: StatusId) {
        self.statuses.push(id);
    }

    /// Notes that the row of an account has changed.
    pub fn touch_account(&mut self, id: AccountId) {
        self.accounts.push(id);
    }

    /// Notes that a token, or what a member may do, has changed.
    pub fn touch_grants(&mut self) {
        self.grants = true;
    }

    /// Makes it all true.
    pub async fn commit(self) -> Result<()> {
        let Self { tx, app, statuses, accounts, grants, mut jobs_of, has_deliveries } = self;
        let forget = || {
            let cache = app.db.cache();
            statuses.iter().for_each(|id| cache.statuses().forget(id));
            accounts.iter().for_each(|id| cache.accounts().forget(id));
            if grants {
                cache.grants().clear();
            }
        };
        // Forgotten before as well as after: whoever reads in between keeps nothing.
        forget();
        tx.commit().await?;
        forget();
        // Only for something new: a worker that is woken by its own commits never sleeps.
        jobs_of.dedup();
        jobs_of.into_iter().for_each(|source| app.wake_worker(source));
        if has_deliveries {
            app.wake_deliveries();
        }
        Ok(())
    }
}
