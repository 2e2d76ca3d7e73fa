//! What the tests are told with: nodes, people, strangers, and a network that knows only them.

pub mod browser;
pub mod database;
mod network;
pub mod node;
mod peer;
pub mod schema;
mod user;

pub use network::Network;
pub use node::Node;
pub use peer::{Peer, PeerActor};
pub use user::{Answer, User, text_of};
