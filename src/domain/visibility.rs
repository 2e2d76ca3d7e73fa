//! Who a status is for, and who is looking.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

use crate::domain::id::AccountId;

/// Who a status is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[serde(rename_all = "lowercase")]
#[sea_orm(value_type = "String")]
pub enum Visibility {
    /// Everybody, and listed in public timelines.
    Public,
    /// Everybody who finds it; listed nowhere.
    Unlisted,
    /// Followers and the people mentioned. `private` in the client API.
    Private,
    /// The people mentioned.
    Direct,
}

impl Visibility {
    /// The word for it, in the database and in the client API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    /// Whether people without an account may see it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

impl std::fmt::Display for Visibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Visibility {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "public" => Ok(Self::Public),
            "unlisted" => Ok(Self::Unlisted),
            "private" => Ok(Self::Private),
            "direct" => Ok(Self::Direct),
            _ => Err(UnknownWord),
        }
    }
}

/// A word that stands for nothing here.
#[derive(Debug, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

/// Who is looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A visitor without an account, or a server that has not said who it asks for.
    Anyone,
    /// A member of this server.
    Member(AccountId),
    /// Somebody elsewhere whose request is signed.
    Peer(AccountId),
}

impl Viewer {
    /// The account that is looking, if it is one.
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Anyone => None,
            Self::Member(id) | Self::Peer(id) => Some(id),
        }
    }
}
