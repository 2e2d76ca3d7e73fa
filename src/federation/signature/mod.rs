//! Signed requests after draft-cavage and after RFC 9421: how ours are signed, how those of others are read and checked.
//! Where keys come from, whose they are and when they are asked for again does not live here.
//! Start reading at `parse` for what comes in, and `Signer` in `sign.rs` for what goes out.

mod cavage;
mod claim;
mod key;
mod message;
mod parameters;
mod sign;
mod text;

pub use claim::{Claim, Parts, Refusal};
pub use key::{Algorithm, Fit, KeyError, PublicKey};
pub use message::CHALLENGE;
pub use sign::Signer;

/// What means something to us, and would mean two things if it came twice.
const SINGLE: [&str; 7] = ["host", "date", "digest", "content-digest", "signature", "signature-input", "content-type"];

/// Reads the signature of a request and refuses whatever no key could make good.
///
/// Nothing here goes out, waits or costs more than a hash of the body.
pub fn parse(parts: &Parts<'_>) -> Result<Claim, Refusal> {
    for name in SINGLE {
        parts.only(name)?;
    }
    claim::check_host(parts)?;
    // One rule decides which of the two schemes counts: a sender must not choose the weaker of two.
    if parts.headers.contains_key("signature-input") { message::read(parts) } else { cavage::read(parts) }
}

#[cfg(test)]
mod tests;
