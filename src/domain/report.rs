//! Reports: what members and other servers ask those who keep the peace to look at.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::domain::account::words;
use crate::domain::id::StatusId;

/// The longest comment, in characters, as in Mastodon.
pub const LONGEST_COMMENT: usize = 1000;
/// How many statuses one report names.
pub const MOST_CITED: usize = 50;

words! {
    /// What sort of thing is wrong, in the words of the client API.
    Category {
        /// Unwanted advertising.
        Spam = "spam",
        /// Against the law.
        Legal = "legal",
        /// Against the rules of this server.
        Violation = "violation",
        /// Something else.
        Other = "other",
    }
}

/// The statuses a report is about; some may be gone by now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Cited(pub Vec<StatusId>);
