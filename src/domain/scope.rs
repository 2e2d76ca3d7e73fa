//! What a token may do.
//!
//! The words are those of the client API of Mastodon: wide scopes such as `read`, and fine ones such as
//! `read:statuses` below them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::domain::visibility::UnknownWord;

/// Every scope an app may ask for.
pub const KNOWN: &[&str] = &[
    "read",
    "profile",
    "write",
    "write:accounts",
    "write:blocks",
    "write:bookmarks",
    "write:conversations",
    "write:favourites",
    "write:filters",
    "write:follows",
    "write:lists",
    "write:media",
    "write:mutes",
    "write:notifications",
    "write:reports",
    "write:statuses",
    "read:accounts",
    "read:blocks",
    "read:bookmarks",
    "read:favourites",
    "read:filters",
    "read:follows",
    "read:lists",
    "read:mutes",
    "read:notifications",
    "read:search",
    "read:statuses",
    "follow",
    "push",
    "admin:read",
    "admin:read:accounts",
    "admin:read:reports",
    "admin:read:domain_allows",
    "admin:read:domain_blocks",
    "admin:read:ip_blocks",
    "admin:read:email_domain_blocks",
    "admin:read:canonical_email_blocks",
    "admin:write",
    "admin:write:accounts",
    "admin:write:reports",
    "admin:write:domain_allows",
    "admin:write:domain_blocks",
    "admin:write:ip_blocks",
    "admin:write:email_domain_blocks",
    "admin:write:canonical_email_blocks",
];

/// What `follow` stands for.
const FOLLOW: [&str; 6] = ["read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes"];

/// A set of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Whether every scope of `asked` is literally among these.
    pub fn include(&self, asked: &Self) -> bool {
        asked.0.is_subset(&self.0)
    }

    /// Whether one of the scopes that `needed` names is granted, as itself or by a wider one.
    pub fn cover(&self, needed: &[&str]) -> bool {
        needed.iter().any(|scope| self.covers(scope))
    }

    /// The scopes, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn covers(&self, scope: &str) -> bool {
        if self.0.contains(scope) || (self.0.contains("follow") && FOLLOW.contains(&scope)) {
            return true;
        }
        let mut wider = scope;
        while let Some((parent, _)) = wider.rsplit_once(':') {
            if self.0.contains(parent) {
                return true;
            }
            wider = parent;
        }
        false
    }
}

impl FromStr for Scopes {
    type Err = UnknownWord;

    /// Reads scopes separated by spaces or plus signs.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let words = text.split([' ', '+', ',', '\n', '\t']).filter(|word| !word.is_empty());
        let scopes: BTreeSet<String> = words.map(str::to_owned).collect();
        if scopes.iter().all(|scope| KNOWN.contains(&scope.as_str())) { Ok(Self(scopes)) } else { Err(UnknownWord) }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}
