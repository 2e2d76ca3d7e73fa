//! SQLite: one writer, several readers, write-ahead log.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::error::{Error, Result};

/// How many connections read at once.
const READERS: u32 = 4;
/// How long a statement waits for another process to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the readers and the writer, making the file where there is none.
pub async fn connect(url: &str) -> Result<(DatabaseConnection, DatabaseConnection)> {
    // The writer comes first: it makes the file and turns the log on.
    let mut options = options(url);
    options.min_connections(1).max_connections(1);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "NORMAL")
            .pragma("journal_size_limit", "67108864")
            .pragma("cache_size", "-4096")
            .statement_cache_capacity(400)
    });
    options.map_sqlx_sqlite_pool_opts(|pool| {
        // On a full disk SQLite ends a transaction by itself. The driver does not notice, goes on counting it, and could
        // never begin another one on this connection.
        pool.before_acquire(|connection, _| {
            let is_between = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_between) })
        })
    });
    let writer = Database::connect(options).await?;

    let mut options = self::options(url);
    options.min_connections(1).max_connections(READERS);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("query_only", "ON")
            .pragma("cache_size", "-2048")
            .statement_cache_capacity(400)
    });
    let reader = Database::connect(options).await?;
    Ok((reader, writer))
}

/// Begins to write at once, so that no read inside can turn out to be stale.
#[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction on SQLite")]
pub async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(writer.begin_with_options(options).await?)
}

/// A number that changes when another connection than the writer has written.
pub async fn data_version(writer: &DatabaseConnection) -> Result<i64> {
    let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA data_version");
    let row = writer.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::internal("SQLite knows no data_version"))?;
    Ok(row.try_get_by_index(0)?)
}

/// The file behind an address.
pub fn file(url: &str) -> Option<PathBuf> {
    let options: SqliteConnectOptions = url.parse().ok()?;
    Some(options.get_filename().to_owned())
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).test_before_acquire(false).acquire_timeout(Duration::from_secs(30));
    options
}
