//! Signed requests after draft-cavage: how ours are signed, how those of others are read and checked.
//! Where keys come from, whose they are and when they are asked for again does not live here.
//! Start reading at `parse` in `check.rs` for what comes in, and `Signer` in `sign.rs` for what goes out.

mod check;
mod key;
mod parameters;
mod sign;
mod text;

pub use check::{Algorithm, Claim, Parts, Refusal, parse};
pub use key::{KeyError, PublicKey};
pub use sign::Signer;
