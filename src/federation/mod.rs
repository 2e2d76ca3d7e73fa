//! ActivityPub: what we say to other servers and what we believe of what they say.
//! Rules of the community do not live here, nor do tables beside the queue.
//! Start reading at `inbox.rs` for what comes in and `publish.rs` for what goes out.

pub mod addresses;
pub mod http;
pub mod protocol;
pub mod signature;
