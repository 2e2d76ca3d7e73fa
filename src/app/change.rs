//! One write transaction, and what becomes true when it commits.

use sea_orm::DatabaseTransaction;

use crate::app::App;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Job;
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
    has_jobs: bool,
    has_deliveries: bool,
}

impl Change {
    pub(super) fn new(tx: DatabaseTransaction, app: App) -> Self {
        Self { tx, app, statuses: Vec::new(), accounts: Vec::new(), has_jobs: false, has_deliveries: false }
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
        self.has_jobs = true;
        queue::enqueue(&self.tx, self.app.id(), job, now, now).await
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

    /// Makes it all true.
    pub async fn commit(self) -> Result<()> {
        // Forgotten before as well as after: whoever reads in between keeps nothing.
        self.forget();
        self.tx.commit().await?;
        forget(&self.app, &self.statuses, &self.accounts);
        // Only for something new: a worker that is woken by its own commits never sleeps.
        if self.has_jobs {
            self.app.wake_worker();
        }
        if self.has_deliveries {
            self.app.wake_deliveries();
        }
        Ok(())
    }

    fn forget(&self) {
        forget(&self.app, &self.statuses, &self.accounts);
    }
}

fn forget(app: &App, statuses: &[StatusId], accounts: &[AccountId]) {
    for id in statuses {
        app.db.cache().statuses().forget(*id);
    }
    for id in accounts {
        app.db.cache().accounts().forget(*id);
    }
}
