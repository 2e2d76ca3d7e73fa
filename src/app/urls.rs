//! The addresses of everything on this server.
//!
//! Ids in the fediverse are built from our own ids and never from names, so that they stay when a name changes.
//! Pages for people carry the name.

use url::Url;

use crate::config::Config;
use crate::domain::handle::{Host, Username};
use crate::domain::id::{AccountId, FavouriteId, FollowId, RelationId, RelayId, StatusId};

/// Builds addresses.
#[derive(Debug, Clone)]
pub struct Urls {
    base: String,
    url: Url,
    host: Host,
    handle_host: Host,
}

/// What an address of ours stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local<'a> {
    /// An account, by id.
    Account(AccountId),
    /// A status, by author and id.
    Status(AccountId, StatusId),
    /// A profile page, by name.
    Profile(&'a str),
    /// The page of a status, by name of the author and id.
    StatusPage(&'a str, StatusId),
    /// The front page.
    Front,
}

impl Urls {
    /// Addresses below the public address of the configuration.
    pub fn new(config: &Config) -> Self {
        let base = config.public_url.as_str().trim_end_matches('/').to_owned();
        Self {
            base,
            url: config.public_url.clone(),
            host: config.domain.clone(),
            handle_host: config.handle_domain().clone(),
        }
    }

    /// The address of the server, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The host in all our addresses.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The host in handles of our members.
    pub fn handle_host(&self) -> &Host {
        &self.handle_host
    }

    /// Whether handles or addresses with this host mean this server.
    pub fn is_ours(&self, host: &Host) -> bool {
        *host == self.host || *host == self.handle_host
    }

    /// An address from a path that begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The id of an actor.
    pub fn actor(&self, id: AccountId) -> String {
        format!("{}/users/{id}", self.base)
    }

    /// Something below an actor, such as `followers`.
    pub fn of_actor(&self, id: AccountId, what: &str) -> String {
        format!("{}/users/{id}/{what}", self.base)
    }

    /// The id of a key of an actor.
    pub fn key(&self, id: AccountId, name: &str) -> String {
        format!("{}/users/{id}#{name}", self.base)
    }

    /// How others reach this node: `https`, or `http` in development.
    pub fn scheme(&self) -> &str {
        self.base.split_once("://").map_or("https", |(scheme, _)| scheme)
    }

    /// The inbox for everybody here.
    pub fn shared_inbox(&self) -> String {
        format!("{}/inbox", self.base)
    }

    /// The id of a status, and of the Announce that a boost is.
    pub fn status(&self, author: AccountId, id: StatusId) -> String {
        format!("{}/users/{author}/statuses/{id}", self.base)
    }

    /// The collection of a thread that began here.
    pub fn context(&self, root: StatusId) -> String {
        format!("{}/contexts/{root}", self.base)
    }

    /// The id of a Follow.
    pub fn follow(&self, account: AccountId, id: FollowId) -> String {
        format!("{}/users/{account}/follows/{id}", self.base)
    }

    /// The id of the Follow with which a relay is asked.
    pub fn relay(&self, account: AccountId, id: RelayId) -> String {
        format!("{}/users/{account}/relays/{id}", self.base)
    }

    /// The id of a Like.
    pub fn like(&self, account: AccountId, id: FavouriteId) -> String {
        format!("{}/users/{account}/likes/{id}", self.base)
    }

    /// The id of a Block.
    pub fn block(&self, account: AccountId, id: RelationId) -> String {
        format!("{}/users/{account}/blocks/{id}", self.base)
    }

    /// The approval of a quote of a post of `author`.
    pub fn quote_authorization(&self, author: AccountId, quoting: StatusId) -> String {
        format!("{}/users/{author}/quote_authorizations/{quoting}", self.base)
    }

    /// The page of a profile.
    pub fn profile(&self, username: &Username) -> String {
        format!("{}/@{username}", self.base)
    }

    /// The page of a status.
    pub fn status_page(&self, username: &Username, id: StatusId) -> String {
        format!("{}/@{username}/{id}", self.base)
    }

    /// The picture of a custom emoji.
    pub fn emoji(&self, file_name: &str) -> String {
        format!("{}/emoji/{file_name}", self.base)
    }

    /// The page on which somebody with an invitation signs up.
    pub fn invite(&self, code: &str) -> String {
        format!("{}/invite/{code}", self.base)
    }

    /// The page that confirms an address.
    pub fn confirm(&self, code: &str) -> String {
        format!("{}/confirm?code={code}", self.base)
    }

    /// The page of a hashtag.
    pub fn tag(&self, name: &str) -> String {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["tags", name]);
        }
        url.into()
    }

    /// What an address of ours stands for; nothing when it is not ours or stands for nothing.
    pub fn read<'a>(&self, url: &'a str) -> Option<Local<'a>> {
        let path = url.strip_prefix(&self.base)?;
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        let mut parts = path.split('/');
        if !parts.next()?.is_empty() {
            return None;
        }
        match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
            (None, ..) => Some(Local::Front),
            (Some("users"), Some(account), None, None, None) => Some(Local::Account(account.parse().ok()?)),
            (Some("users"), Some(account), Some("statuses"), Some(status), None) => {
                Some(Local::Status(account.parse().ok()?, status.parse().ok()?))
            }
            (Some(name), None, None, None, None) => Some(Local::Profile(name.strip_prefix('@')?)),
            (Some(name), Some(status), None, None, None) => {
                Some(Local::StatusPage(name.strip_prefix('@')?, status.parse().ok()?))
            }
            _ => None,
        }
    }
}
