//! Puts a node together, runs it, and stops it.
//!
//! Start reading at [`start`]; the command line begins with [`open`] alone.

use std::fs::{DirBuilder, OpenOptions};
use std::net::SocketAddr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions;
use crate::app::App;
use crate::app::crypto::{self, Vault};
use crate::config::Config;
use crate::domain::id::IdMint;
use crate::domain::moment::Clock;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Resolver;
use crate::jobs::Worker;
use crate::server::connections::Connections;
use crate::store::{Db, Schema};
use crate::web::{self, Web};

mod connections;

/// The file in the data folder that opens what is sealed in the database.
pub const KEY_FILE: &str = "secret.key";

/// What a node is started with.
#[derive(Debug)]
pub struct Setup {
    /// What the operator decided.
    pub config: Config,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Who turns names of other servers into addresses.
    pub resolver: Resolver,
    /// Where visitors come in; bound already.
    pub listener: TcpListener,
    /// Who works the queues off.
    pub work: Work,
}

/// Who works the queues off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The node, as soon as there is something to do.
    InBackground,
    /// Whoever started it, with a [`Worker`] of their own.
    ByHand,
}

/// A node that runs.
#[derive(Debug)]
pub struct Running {
    /// The node.
    pub app: App,
    /// How it talks to other servers.
    pub federation: Federation,
    /// Where it listens.
    pub address: SocketAddr,
    connections: Connections,
    worker: TaskTracker,
    stop_worker: CancellationToken,
}

impl Running {
    /// Stops: nobody is let in any more, requests and jobs under way are finished, the database is closed.
    pub async fn stop(self) -> Result<()> {
        self.connections.close().await;
        self.stop_worker.cancel();
        self.worker.wait().await;
        self.app.db.close().await
    }
}

/// Starts a node: its tables are brought to the newest form, then visitors are let in.
pub async fn start(setup: Setup) -> Result<Running> {
    let app = open(setup.config, setup.clock).await?;
    run(app, setup.resolver, setup.listener, setup.work).await
}

/// Runs a node that is open.
pub async fn run(app: App, resolver: Resolver, listener: TcpListener, work: Work) -> Result<Running> {
    migrate(&app).await?;
    let actor = actions::accounts::instance_actor(&app).await?;
    actions::accounts::complete_keys(&app).await?;
    let federation = Federation::new(app.clone(), resolver, actor.id)?;
    federation.learn_who_is_silent().await?;
    let address = listener.local_addr()?;
    let router = web::router(Web::new(app.clone(), federation.clone()));
    let (worker, stop_worker) = (TaskTracker::new(), CancellationToken::new());
    if work == Work::InBackground {
        let (loops, stop) = (Worker::new(federation.clone()), stop_worker.clone());
        worker.spawn(async move { loops.run(stop).await });
    }
    worker.close();
    let connections = Connections::open(listener, router, app.config.trusted_proxies.clone());
    Ok(Running { app, federation, address, connections, worker, stop_worker })
}

/// Opens what a node keeps: its folder, its secrets, its database. The tables stay as they are.
pub async fn open(config: Config, clock: Clock) -> Result<App> {
    make_folder(&config.data_dir)?;
    let key = config.data_dir.join(KEY_FILE);
    let vault = Vault::open(&key)
        .map_err(|error| Error::invalid(format!("The key file {} cannot be used: {}", key.display(), cause(&error))))?;
    if let Some(file) = Db::file(&config.database.url) {
        make_private(&file);
    }
    let db = Db::connect(&config.database.url)
        .await
        .map_err(|error| Error::invalid(format!("The database cannot be opened: {}", cause(&error))))?;
    let mint = IdMint::new(crypto::random_seed());
    Ok(App::new(config, db, clock, vault, mint))
}

/// Brings the tables to the newest form, and makes sure that they belong to this node.
pub async fn migrate(app: &App) -> Result<()> {
    app.db.migrate().await.map_err(|error| unusable(&error))?;
    actions::settings::claim_domain(app).await
}

/// Opens a node for a short moment, most often beside the server that runs it.
///
/// New tables are made; old ones are left alone, because the server that runs may still need them as they are.
pub async fn open_beside(config: Config, clock: Clock) -> Result<App> {
    let app = open(config, clock).await?;
    let schema = app.db.schema().await;
    match schema.map_err(|error| unusable(&error))? {
        Schema::Current => actions::settings::claim_domain(&app).await?,
        Schema::Empty => migrate(&app).await?,
        Schema::Behind(steps) => {
            let unit = text::plural(i64::try_from(steps).unwrap_or(i64::MAX), "step", "steps");
            return Err(Error::invalid(format!(
                "The database is {steps} {unit} behind this program: run `outloud migrate`, or start the new server"
            )));
        }
    }
    Ok(app)
}

fn unusable(error: &Error) -> Error {
    Error::invalid(format!("The tables of the database cannot be used: {}", cause(error)))
}

/// What went wrong, in the words of whoever noticed it first.
pub fn cause(error: &dyn std::error::Error) -> String {
    let mut first = error;
    while let Some(source) = first.source() {
        first = source;
    }
    first.to_string()
}

/// Makes an empty file that only its owner can read, unless it is there.
///
/// What keeps it from being made keeps the database from being opened, which says so.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// Makes a folder that only its owner can enter, unless it is there.
fn make_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| Error::invalid(format!("The data folder {} cannot be made: {error}", path.display())))
}
