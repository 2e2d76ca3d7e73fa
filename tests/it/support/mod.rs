//! What the tests are told with: nodes, people, strangers, and a network that knows only them.

mod alarm;
pub mod browser;
pub mod database;
mod dice;
mod golden;
mod network;
pub mod node;
mod peer;
mod program;
mod scenes;
mod schema;
mod user;

pub use dice::Dice;
pub use golden::{golden, golden_text};
pub use network::Network;
pub use node::Node;
pub use peer::{ACTIVITY, Peer, PeerActor};
pub use program::Program;
pub use scenes::{Encounter, Neighbours, attention, community, lonely_node};
pub use user::{Answer, User, list, path_of, text_of};
