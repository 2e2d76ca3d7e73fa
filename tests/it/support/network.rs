//! Several nodes and strangers under names that only they know.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use outloud::domain::moment::{Clock, Moment};
use outloud::federation::http::Resolver;

use super::node::MOST_ROUNDS;
use super::{Node, Peer};

/// A small fediverse on loopback with a clock that stands until it is moved.
pub struct Network {
    pub clock: Clock,
    names: Arc<RwLock<HashMap<String, SocketAddr>>>,
    nodes: Mutex<Vec<Node>>,
}

impl Network {
    pub async fn start() -> Self {
        let noon = Moment::parse("2026-11-01T12:00:00Z").unwrap();
        Self { clock: Clock::standing_at(noon), names: Arc::default(), nodes: Mutex::default() }
    }

    /// A node with this name.
    pub async fn node(&self, name: &str) -> Node {
        self.node_with(name, &[]).await
    }

    /// A node with more settings in its environment.
    pub async fn node_with(&self, name: &str, more: &[(&str, &str)]) -> Node {
        let node = Node::start_with(name, self.clock.clone(), self.resolver(), more).await;
        self.name(name, node.address());
        self.nodes.lock().unwrap().push(node.clone());
        node
    }

    /// A scripted stranger with this name.
    pub async fn peer(&self, name: &str) -> Peer {
        let peer = Peer::start(name, self.clock.clone()).await;
        self.name(name, peer.address());
        peer
    }

    /// Lets a name lead somewhere else, or nowhere when nobody listens there.
    pub fn name(&self, name: &str, address: SocketAddr) {
        self.names.write().unwrap().insert(name.to_owned(), address);
    }

    /// Does everything that is due, on all nodes, until nothing is left.
    pub async fn settle(&self) {
        let nodes = self.nodes.lock().unwrap().clone();
        for _ in 0..MOST_ROUNDS {
            let mut done = 0;
            for node in &nodes {
                done += node.work().await;
            }
            if done == 0 {
                return;
            }
        }
        panic!("there is always more to do");
    }

    /// Lets time pass and does what becomes due.
    pub async fn later(&self, duration: Duration) {
        self.clock.advance(duration);
        self.settle().await;
    }

    fn resolver(&self) -> Resolver {
        Resolver::Fixed(self.names.clone())
    }
}
