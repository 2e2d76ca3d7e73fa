//! ActivityPub: what we say to other servers and what we believe of what they say.
//! Rules of the community do not live here, nor do tables beside the queue.
//! Start reading at `inbox.rs` for what comes in and `publish.rs` for what goes out.

use std::sync::Arc;

use crate::app::App;
use crate::domain::id::AccountId;
use crate::domain::origin::Borders;
use crate::error::Result;
use crate::federation::crowd::Crowd;
use crate::federation::http::{Remote, RemoteConfig, Resolver};
use crate::federation::keys::Keys;
use crate::federation::silence::Silence;

mod absence;
pub mod addresses;
mod audience;
mod collection;
mod conversation;
mod crowd;
mod deliver;
pub mod documents;
pub mod followers;
mod forward;
mod hearsay;
pub mod http;
pub mod inbox;
pub mod keys;
mod moves;
mod polls;
mod probe;
pub mod proof;
pub mod protocol;
pub mod publish;
mod quotes;
pub mod receive;
pub mod relay;
mod relevance;
mod reports;
pub mod resolve;
pub mod signature;
mod silence;
mod thread;
pub mod translate;
pub mod webfinger;

pub use deliver::Flights;

/// Everything a node needs to talk to other servers; cheap to clone.
#[derive(Debug, Clone)]
pub struct Federation(Arc<Parts>);

/// What talking to other servers takes.
#[derive(Debug)]
pub struct Parts {
    /// The node.
    pub app: App,
    /// The client for everything remote.
    pub remote: Remote,
    /// Whose ids are ours.
    pub borders: Borders,
    /// Keys, ours and theirs.
    pub keys: Keys,
    /// How much of each server waits.
    crowd: Crowd,
    /// Servers that do not answer.
    pub silence: Silence,
    /// The account that fetches in the name of the server.
    pub instance_actor: AccountId,
}

impl Federation {
    /// Prepares to talk to other servers in the name of `instance_actor`.
    pub fn new(app: App, resolver: Resolver, instance_actor: AccountId) -> Result<Self> {
        let config = &app.config;
        let hosts = vec![config.domain.clone(), config.handle_domain().clone()];
        let remote = RemoteConfig {
            user_agent: format!("outloud/{} (+{}/)", env!("CARGO_PKG_VERSION"), app.urls.base()),
            addresses: config.federation.allow_addresses.clone(),
            allow_http: config.development,
            local_hosts: hosts.clone(),
            resolver,
            timeout: config.federation.timeout,
        };
        let remote = Remote::new(remote, Some(app.db.clone()))?;
        let borders = Borders::new(hosts, config.development);
        let (keys, crowd, silence) = (Keys::new(), Crowd::new(), Silence::default());
        Ok(Self(Arc::new(Parts { app, remote, borders, keys, crowd, silence, instance_actor })))
    }
}

impl std::ops::Deref for Federation {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
