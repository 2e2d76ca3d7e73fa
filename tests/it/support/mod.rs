//! What the tests are told with: nodes, people, strangers, and a network that knows only them.

pub mod database;
mod network;
mod node;
mod peer;
mod user;

pub use network::Network;
pub use node::Node;
pub use peer::{Peer, PeerActor};
pub use user::{Answer, User};
