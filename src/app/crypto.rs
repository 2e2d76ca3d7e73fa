//! Secrets of this node: randomness, passwords, signing keys, and the vault that keeps them at rest.

use std::fmt;

use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

mod keys;
mod passwords;
mod vault;

pub use keys::{KeyPair, ProofKey, SigningKey, generate_ed25519, generate_rsa};
pub use passwords::{LONGEST_PASSWORD, hash_password, verify_password};
pub use vault::Vault;

/// Hashing takes memory and a whole core: two at a time leave room for everything else.
static HEAVY_WORK: Semaphore = Semaphore::const_new(2);

/// A secret for a token, a session or a code: 32 random bytes in URL-safe base64.
pub fn random_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A name nobody can guess: 128 random bits in lower-case hexadecimal.
pub fn random_name() -> String {
    hex(&random_bytes::<16>())
}

/// A number that differs between processes.
pub fn random_seed() -> u16 {
    u16::from_ne_bytes(random_bytes())
}

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// How a token is stored: its SHA-256 in hexadecimal.
pub fn token_hash(token: &str) -> String {
    hex(&sha256(token.as_bytes()))
}

/// What PKCE compares: the SHA-256 of a verifier in URL-safe base64.
pub fn s256_challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// Whether two secrets are the same; how long it takes does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).expect("the generator of aws-lc stops the process rather than fail");
    bytes
}

/// Bytes as digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Runs slow work off the runtime, two at a time.
async fn heavy<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let permit = HEAVY_WORK.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        // Held by the thread, not by the caller: somebody who hangs up must not make room for a third.
        let _permit = permit;
        work()
    })
    .await?
}

/// Bytes that are never shown, and overwritten when they are no longer needed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes bytes into custody.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from leaving the overwriting out.
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_names_differ_every_time() {
        assert_ne!(random_token(), random_token());
        assert_ne!(random_name(), random_name());
        assert_eq!(random_token().len(), 43);
        assert_eq!(random_name().len(), 32);
    }

    #[test]
    fn a_token_is_stored_as_its_sha_256() {
        assert_eq!(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
