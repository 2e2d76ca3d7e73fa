//! Names of people and servers: `ann`, `example.org`, `@ann@example.org`.

use std::fmt;
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// The longest username we read from other servers, in bytes.
const LONGEST_USERNAME: usize = 128;
/// The longest username people can choose here, in characters.
pub const LONGEST_LOCAL_USERNAME: usize = 30;

/// The part of a handle before the host, spelled as its owner spells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
#[sea_orm(value_type = "String")]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

impl Username {
    /// A name somebody may choose here: `[a-z0-9_]`, 1 to 30 characters; capitals are lowered.
    pub fn local(text: &str) -> Result<Self, BadName> {
        let lowered = text.trim().to_ascii_lowercase();
        let fits = (1..=LONGEST_LOCAL_USERNAME).contains(&lowered.len());
        let plain = lowered.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if fits && plain { Ok(Self(lowered)) } else { Err(BadName) }
    }

    /// The name as its owner spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for Username {
    type Err = BadName;

    /// Reads a name from another server: letters, digits, `_`, and `.` or `-` inside.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let fits = (1..=LONGEST_USERNAME).contains(&text.len());
        if fits && text.chars().all(inner) && edge(text.chars().next()) && edge(text.chars().next_back()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName)
        }
    }
}

/// The name of a server: lower-case ASCII (IDNA), no trailing dot, a port only where it is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[sea_orm(value_type = "String")]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// The longest name of a host, in bytes (RFC 1035, section 2.3.4).
const LONGEST_HOST: usize = 253;

impl Host {
    /// The host of a URL, in the one form we store and compare.
    pub fn of(url: &url::Url) -> Option<Self> {
        let host = url.host_str()?;
        let host = host.strip_suffix('.').unwrap_or(host);
        // What ends in an empty label is no name, and what is left of it may be an address.
        if host.is_empty() || host.ends_with('.') || host.len() > LONGEST_HOST {
            return None;
        }
        Some(match url.port() {
            Some(port) => Self(format!("{host}:{port}")),
            None => Self(host.to_owned()),
        })
    }

    /// The name in ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without a port.
    pub fn name(&self) -> &str {
        self.0
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(&self.0, |(name, _)| name)
    }

    /// The domain somebody has registered that it lies under, by the Public Suffix List: whoever owns that has as many
    /// hosts as they like. An address is its own.
    pub fn site(&self) -> &str {
        let name = self.name();
        let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        if is_address { name } else { psl::domain_str(name).unwrap_or(name) }
    }

    /// The host itself and every domain above it, most specific first.
    pub fn and_parents(&self) -> impl Iterator<Item = &str> {
        let name = self.name();
        std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, parent)| parent))
    }
}

impl FromStr for Host {
    type Err = BadName;

    /// Reads a host in any spelling: capitals, a trailing dot, Unicode, the default port of https.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let strange = |c: char| c.is_whitespace() || matches!(c, '/' | '@' | '?' | '#' | '\\' | '%');
        if text.is_empty() || text.len() > LONGEST_HOST + ":65535".len() || text.contains(strange) {
            return Err(BadName);
        }
        let url = url::Url::parse(&format!("https://{text}/")).map_err(|_| BadName)?;
        Self::of(&url).ok_or(BadName)
    }
}

/// `@user@host`; without a host it means somebody here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handle {
    /// The part before the host.
    pub username: Username,
    /// The server, or nothing for this one.
    pub host: Option<Host>,
}

impl FromStr for Handle {
    type Err = BadName;

    /// Reads `user`, `@user`, `user@host`, `@user@host` and `acct:user@host`.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let text = text.strip_prefix('@').unwrap_or(text);
        match text.split_once('@') {
            Some((user, host)) => Ok(Self { username: user.parse()?, host: Some(host.parse()?) }),
            None => Ok(Self { username: text.parse()?, host: None }),
        }
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{}@{host}", self.username),
            None => self.username.fmt(f),
        }
    }
}

/// Not a name we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid name")]
pub struct BadName;

macro_rules! text_form {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

text_form!(Username);
text_form!(Host);
