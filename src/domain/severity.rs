//! How far other servers are kept away.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::domain::account::words;

words! {
    /// How far a server is kept away, in the words of the client API.
    Severity {
        /// It is watched, and nothing more.
        Noop = "noop",
        /// Whoever follows its people sees them; nobody else does, and nobody is bothered by them.
        Silence = "silence",
        /// It is shut out.
        Suspend = "suspend",
    }
}

/// What a member lost when a server was shut out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Severance {
    /// The server.
    pub domain: String,
    /// How many followers there are lost.
    pub followers: i64,
    /// How many there were followed.
    pub following: i64,
}
