//! The context every function gets: configuration, database, clock, ids, secrets, and the unit of work.
//! Behaviour does not live here.
//! Start reading at `change.rs`.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::app::attempts::Attempts;
use crate::app::crypto::Vault;
use crate::config::Config;
use crate::domain::id::{IdMint, Minted};
use crate::domain::job::Source;
use crate::domain::moment::{Clock, Moment};
use crate::error::Result;
use crate::mail::Mailer;
use crate::store::Db;

pub mod attempts;
pub mod change;
pub mod crypto;
pub mod urls;

pub use change::Change;
pub use urls::Urls;

/// The running node; cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// What a node consists of.
#[derive(Debug)]
pub struct Parts {
    /// What the operator decided.
    pub config: Config,
    /// The addresses of everything here.
    pub urls: Urls,
    /// The database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Opens and seals what is stored encrypted.
    pub vault: Vault,
    /// How often something was tried lately.
    pub attempts: Attempts,
    /// Sends mail.
    pub mailer: Mailer,
    ids: IdMint,
    work_here: Notify,
    work_elsewhere: Notify,
    deliveries: Notify,
}

impl App {
    /// Puts a node together around an open database.
    pub fn new(config: Config, db: Db, clock: Clock, vault: Vault, ids: IdMint) -> Self {
        let urls = Urls::new(&config);
        let attempts = Attempts::default();
        let mailer = Mailer::new(&config);
        Self(Arc::new(Parts {
            config,
            urls,
            db,
            clock,
            vault,
            attempts,
            mailer,
            ids,
            work_here: Notify::new(),
            work_elsewhere: Notify::new(),
            deliveries: Notify::new(),
        }))
    }

    /// Begins to change something; the only way to do so.
    pub async fn begin(&self) -> Result<Change> {
        Ok(Change::new(self.db.begin().await?, self.clone()))
    }

    /// The time by the clock of the node.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A new id for something that happens now.
    pub fn id<T: From<Minted>>(&self) -> T {
        self.ids.now(self.now())
    }

    /// A new id for something that happened at `then`.
    pub fn id_at<T: From<Minted>>(&self, then: Moment) -> T {
        self.ids.at(then)
    }

    /// Tells the worker that there is something to do.
    pub fn wake_worker(&self, source: Source) {
        self.bell(source).notify_one();
    }

    /// Tells the worker that there is something to deliver.
    pub fn wake_deliveries(&self) {
        self.deliveries.notify_one();
    }

    /// Waits until there may be something to deliver.
    pub async fn deliveries(&self) {
        self.deliveries.notified().await;
    }

    /// Waits until there may be something to do.
    pub async fn work(&self, source: Source) {
        self.bell(source).notified().await;
    }

    fn bell(&self, source: Source) -> &Notify {
        match source {
            Source::Here => &self.work_here,
            Source::Elsewhere => &self.work_elsewhere,
        }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
