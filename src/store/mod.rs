//! Tables, connections, who may see what, the queue.
//! What people may do does not live here, nor does JSON.
//! Start reading at `visibility.rs` for the rule and `entity/` for the tables.

use std::path::PathBuf;
use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, SqlErr, Value};

use crate::error::{Error, Result};

pub mod absences;
pub mod accounts;
pub mod bodies;
pub mod cache;
pub mod deliveries;
#[expect(
    clippy::disallowed_methods,
    reason = "the derive writes nested saves, which begin transactions; nobody calls them"
)]
pub mod entity;
pub mod follows;
pub mod hosts;
pub mod members;
pub mod page;
pub mod polls;
mod postgres;
pub mod queue;
pub mod received;
pub mod relays;
pub mod settings;
mod sqlite;
pub mod statuses;
pub mod tags;
pub mod threads;
pub mod visibility;

pub use cache::Cache;

/// The database: one way to write, many to read.
#[derive(Debug, Clone)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    engine: Engine,
    cache: Arc<Cache>,
}

/// A word that is part of the statement instead of bound to it, for columns with partial indexes.
///
/// Such an index serves only a statement that names its word, and SQLite plans a statement anew each time when a
/// bound value might name it (<https://www.sqlite.org/partialindex.html>).
pub(crate) fn constant(word: impl Into<Value>) -> Expr {
    Expr::Constant(word.into())
}

/// Which engine the database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// How the tables stand to what this program expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// There are none yet.
    Empty,
    /// So many steps are missing.
    Behind(usize),
    /// They fit.
    Current,
}

impl Db {
    /// Opens the database at `url`, `sqlite://…` or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self> {
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let (reader, writer) = match engine {
            Engine::Sqlite => sqlite::connect(url).await?,
            Engine::Postgres => postgres::connect(url).await?,
        };
        // Other processes may write to a PostgreSQL database, and nobody would tell this cache.
        let cache = Arc::new(if engine == Engine::Sqlite { Cache::new() } else { Cache::off() });
        Ok(Self { reader, writer, engine, cache })
    }

    /// The connections that views read from; the database itself refuses to write on them.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// What was read lately and has not changed since.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Which engine the database runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Brings the tables to the newest form.
    pub async fn migrate(&self) -> Result<()> {
        match self.engine {
            Engine::Sqlite => Migrator::up(&self.writer, None).await?,
            Engine::Postgres => postgres::locked(&self.writer, Migrator::up(&self.writer, None)).await?,
        }
        Ok(())
    }

    /// How many steps the tables are behind.
    pub async fn pending_migrations(&self) -> Result<usize> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.len())
    }

    /// How the tables stand to what this program expects; nothing is changed to find out.
    pub async fn schema(&self) -> Result<Schema> {
        let missing = Migrator::get_pending_migrations_read_only(&self.reader).await?.len();
        Ok(match missing {
            0 => Schema::Current,
            _ if missing == Migrator::migrations().len() => Schema::Empty,
            _ => Schema::Behind(missing),
        })
    }

    /// The file behind `url`, when it names an SQLite database.
    pub fn file(url: &str) -> Option<PathBuf> {
        url.starts_with("sqlite:").then(|| sqlite::file(url)).flatten()
    }

    /// Begins to write. Only `App::begin` calls this.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        match self.engine {
            Engine::Sqlite => sqlite::begin(&self.writer).await,
            Engine::Postgres => postgres::begin(&self.writer).await,
        }
    }

    /// Forgets what was cached if another process has written to the file since the last call.
    pub async fn notice_other_writers(&self) -> Result<()> {
        if self.engine == Engine::Sqlite && self.cache.moved_on(sqlite::data_version(&self.writer).await?) {
            self.cache.clear();
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) -> Result<()> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await?;
        Ok(())
    }

    /// Calls `callback` for every statement that is run from now on.
    pub fn on_statement(&mut self, callback: impl Fn(&str) + Send + Sync + Clone + 'static) {
        let second = callback.clone();
        self.reader.set_metric_callback(move |info| callback(&info.statement.sql));
        self.writer.set_metric_callback(move |info| second(&info.statement.sql));
    }
}

/// Tells "somebody was faster" from other trouble.
pub fn is_duplicate(error: &Error) -> bool {
    matches!(broken_rule(error), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Tells "what this belongs to is gone" from other trouble.
pub fn is_orphan(error: &Error) -> bool {
    matches!(broken_rule(error), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

fn broken_rule(error: &Error) -> Option<SqlErr> {
    let Error::Internal(source) = error else { return None };
    source.downcast_ref::<DbErr>()?.sql_err()
}
