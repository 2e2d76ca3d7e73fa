//! The one error type, with the cases a caller can act on.
//!
//! `Display` is safe to show to anybody; what caused the error is its source and only logged.
//! `web/error.rs` is the one place that knows status codes.

use std::time::Duration;

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
            Self::Internal(_) | Self::TooMany { .. } => true,
            Self::Remote { source, .. } => source.is_transient(),
            _ => false,
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::internal(source)
    }
}

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
