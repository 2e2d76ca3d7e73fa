//! Signed requests after draft-cavage and after RFC 9421: how ours are signed, how those of others are read and checked.
//! Where keys come from, whose they are and when they are asked for again does not live here.
//! Start reading at `parse` in `claim.rs` for what comes in, and `Signer` in `sign.rs` for what goes out.

mod cavage;
mod claim;
mod key;
mod message;
mod parameters;
mod sign;
mod text;

pub use claim::{Algorithm, Claim, Parts, Refusal, parse};
pub use key::{Fit, KeyError, PublicKey};
pub use message::CHALLENGE;
pub use sign::Signer;
