//! PostgreSQL: a small pool to write, another that may only read.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
};

use crate::error::Result;

/// How many connections write at once.
const WRITERS: u32 = 4;
/// How many connections read at once.
const READERS: u32 = 6;
/// Names the advisory lock that keeps two processes from migrating at once.
const MIGRATION_LOCK: i64 = 0x006f_7574_6c6f_7564;

/// Opens the readers and the writers.
pub async fn connect(url: &str) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let mut options = options(url);
    options.max_connections(WRITERS);
    let writer = Database::connect(options).await?;
    let mut options = self::options(url);
    options.max_connections(READERS);
    options.map_sqlx_postgres_opts(|postgres| postgres.options([("default_transaction_read_only", "on")]));
    let reader = Database::connect(options).await?;
    Ok((reader, writer))
}

/// Begins to write.
#[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction on PostgreSQL")]
pub async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction> {
    Ok(writer.begin().await?)
}

/// Does `work` while no other process does the same.
#[expect(clippy::disallowed_methods, reason = "holds the migration lock for as long as the migrations run")]
pub async fn locked(writer: &DatabaseConnection, work: impl Future<Output = Result<(), DbErr>>) -> Result<(), DbErr> {
    let guard = writer.begin().await?;
    let sql = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
    guard.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    work.await?;
    guard.commit().await
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).min_connections(1).acquire_timeout(Duration::from_secs(30));
    options
}
