//! Whose word counts for what: ours, theirs, and what vouches for something said elsewhere.

use url::Url;

use crate::domain::handle::Host;
use crate::error::{Error, Result};

/// The longest id we take, in bytes.
pub const LONGEST_ID: usize = 2048;

/// Scheme, host and port: the smallest thing that can vouch for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// The origin of an address.
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default() })
    }
}

/// The id of something in the fediverse that is not ours.
///
/// Kept as it was written, because some servers tell ids apart that a URL parser would make equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RemoteId {
    text: String,
    url: Url,
}

impl RemoteId {
    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The id as an address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The server it belongs to.
    pub fn host(&self) -> Option<Host> {
        Host::of(&self.url)
    }

    /// Whether both belong to one server.
    pub fn shares_origin(&self, other: &Self) -> bool {
        let origin = Origin::of(&self.url);
        origin.is_some() && origin == Origin::of(&other.url)
    }
}

impl std::fmt::Display for RemoteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Decides once whether an id is ours or somebody else's.
#[derive(Debug, Clone)]
pub struct Borders {
    ours: Vec<Host>,
    plain_http: bool,
}

/// An id, on one side of the border or the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// Its host is ours, whatever its spelling.
    Local(Url),
    /// Somebody else's.
    Remote(RemoteId),
}

impl Borders {
    /// Borders around the hosts that are ours; plain HTTP is for development alone.
    pub fn new(ours: Vec<Host>, plain_http: bool) -> Self {
        Self { ours, plain_http }
    }

    /// Reads an id and says whose it is.
    pub fn read(&self, text: &str) -> Result<Id> {
        let refuse = || Error::invalid("an id is not an address we can use");
        if text.len() > LONGEST_ID || has_odd_signs(text) || !names_its_host(text) {
            return Err(refuse());
        }
        let url = Url::parse(text).map_err(|_| refuse())?;
        let usual = url.scheme() == "https" || (self.plain_http && url.scheme() == "http");
        let host = Host::of(&url).filter(|_| usual && url.username().is_empty() && url.password().is_none());
        let Some(host) = host else { return Err(refuse()) };
        // Our name with any port is still our name: nobody else can vouch for what is there.
        if self.ours.iter().any(|ours| *ours == host || (!self.plain_http && ours.name() == host.name())) {
            return Ok(Id::Local(url));
        }
        Ok(Id::Remote(RemoteId { text: text.to_owned(), url }))
    }

    /// Reads an id that must be somebody else's.
    pub fn remote(&self, text: &str) -> Result<RemoteId> {
        match self.read(text)? {
            Id::Remote(id) => Ok(id),
            Id::Local(_) => Err(Error::invalid("an id of this server does not belong here")),
        }
    }
}

/// Whether a text holds what a parser of addresses would quietly drop, so that two texts would be one address.
pub fn has_odd_signs(text: &str) -> bool {
    text.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Whether an address is written with its host behind two slashes.
///
/// Parsers fill in what is missing; on a page, a browser takes `https:/host/path` for a path on the page's own server.
pub fn names_its_host(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !rest.starts_with(['/', '\\'])
    })
}

/// Something said elsewhere that names itself and its author.
pub trait Attributed {
    /// Its id.
    fn id(&self) -> &RemoteId;
    /// The actor who answers for it; an actor answers for itself.
    fn author(&self) -> &RemoteId;
}

/// Something said elsewhere that is vouched for.
///
/// Whatever writes what others said takes this and nothing else, so that a forged object cannot be stored.
#[derive(Debug, Clone)]
pub struct Authentic<T>(T);

impl<T: Attributed> Authentic<T> {
    /// Vouched for by a signature: the author has signed the request that carries it.
    pub fn by_signature(said: T, signer: &RemoteId) -> Result<Self> {
        if said.author() == signer && said.id().shares_origin(signer) {
            Ok(Self(said))
        } else {
            Err(Error::Forbidden("The signer does not answer for this object"))
        }
    }

    /// Vouched for by its own server: it was found at its own id.
    pub fn by_fetch(said: T, found_at: &Url) -> Result<Self> {
        let mut own = said.id().url().clone();
        own.set_fragment(None);
        if own == *found_at && said.author().shares_origin(said.id()) {
            Ok(Self(said))
        } else {
            Err(Error::Forbidden("The object was not found under its own id"))
        }
    }

    /// What was said.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Authentic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
