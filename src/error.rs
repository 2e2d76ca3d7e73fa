//! The one error type, with the cases a caller can act on.
//!
//! `Display` is safe to show to anybody; what caused the error is its source and only logged.
//! `web/error.rs` is the one place that knows status codes.

use std::time::Duration;

use sea_orm::sqlx::{self, sqlite::SqliteError};
use sea_orm::{DbErr, RuntimeErr};

/// What can go wrong, named by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Absent, or not for this viewer: the two look alike on purpose.
    #[error("Record not found")]
    NotFound(&'static str),
    /// It was here, and will not be again.
    #[error("This is gone for good")]
    Gone,
    /// What was sent cannot be used; the text says why.
    #[error("{0}")]
    Invalid(String),
    /// A field of a form is wrong, in the vocabulary of client apps.
    #[error("Validation failed: {}", .0.iter().map(|problem| problem.description.as_str()).collect::<Vec<_>>().join(", "))]
    Validation(Vec<Problem>),
    /// Nobody has said who they are, or not convincingly.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Known, but not allowed; the text says what is missing.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The endpoint needs a person and the token belongs to an app alone.
    #[error("This method requires an authenticated user")]
    NeedsUser,
    /// Somebody else was faster.
    #[error("{0}")]
    Conflict(&'static str),
    /// The body is larger than we take.
    #[error("The request is too large")]
    TooLarge,
    /// Too often; when to come back.
    #[error("Too many requests")]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Another server did not do its part.
    #[error("{host} did not answer as expected")]
    Remote {
        /// The other server, in ASCII.
        host: String,
        /// What went wrong there, for the log.
        #[source]
        source: RemoteError,
    },
    /// Our database cannot be used for the moment: it is full, locked, read-only or away.
    #[error("Something went wrong on our side; please try again later")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Our own trouble.
    #[error("Something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One wrong field, as the sign-up endpoint of the client API reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the field, as sent.
    pub field: &'static str,
    /// A code of the client API such as `ERR_TAKEN`.
    pub code: &'static str,
    /// A whole sentence for people.
    pub description: String,
}

/// What another server did wrong.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The address may not be asked: scheme, host or network is refused.
    #[error("refused address: {0}")]
    Refused(String),
    /// It is not there (404), or gone for good (410 or a Tombstone).
    #[error("gone (status {0})")]
    Gone(u16),
    /// It answered with a status that is no success.
    #[error("answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`, when it was sent and makes sense.
        retry_after: Option<Duration>,
    },
    /// It could not be reached, or not in time.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// What it sent cannot be used.
    #[error("unusable answer: {0}")]
    Unusable(String),
}

impl RemoteError {
    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Gone(_) | Self::Unusable(_) => false,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429) || *status >= 500,
            Self::Unreachable(_) => true,
        }
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wraps trouble of our own.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// Wraps what another server did wrong.
    pub fn remote(host: impl Into<String>, source: RemoteError) -> Self {
        Self::Remote { host: host.into(), source }
    }

    /// Whether it is trouble of our own, which nobody outside can do anything about.
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Internal(_) | Self::Unavailable(_))
    }

    /// Says that what was sent cannot be used.
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid(why.into())
    }

    /// Says that one field is wrong.
    pub fn field(field: &'static str, code: &'static str, description: impl Into<String>) -> Self {
        Self::Validation(vec![Problem { field, code, description: description.into() }])
    }

    /// Whether the same work may succeed later, unchanged.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Internal(_) | Self::Unavailable(_) | Self::TooMany { .. } => true,
            Self::Remote { source, .. } => source.is_transient(),
            _ => false,
        }
    }
}

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        if database_is_out_of_order(&source) { Self::Unavailable(source.into()) } else { Self::internal(source) }
    }
}

/// Whether it is the database that is in trouble, and not what was asked of it.
fn database_is_out_of_order(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(source))
    | DbErr::Exec(RuntimeErr::SqlxError(source))
    | DbErr::Query(RuntimeErr::SqlxError(source))) = error
    else {
        return matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_));
    };
    let Some(said) = source.as_database_error() else {
        return matches!(
            **source,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed
        );
    };
    let code = said.code().unwrap_or_default();
    match said.try_downcast_ref::<SqliteError>() {
        // The lowest byte is the kind of trouble (<https://www.sqlite.org/rescode.html>).
        Some(_) => matches!(
            code.parse::<u32>().unwrap_or_default() & 0xff,
            SQLITE_BUSY | SQLITE_LOCKED | SQLITE_READONLY | SQLITE_IOERR | SQLITE_FULL | SQLITE_CANTOPEN
        ),
        // Connections, read-only transactions, conflicts, resources, operators (appendix A of the manual).
        None => {
            ["08", "40", "53", "57P"].iter().any(|class| code.starts_with(class))
                || matches!(code.as_ref(), "25006" | "55P03" | "58030")
        }
    }
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self::internal(source)
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::internal(source)
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(source: tokio::task::JoinError) -> Self {
        Self::internal(source)
    }
}
