//! Public keys of others, read once and refused when they are weak.

use std::fmt;

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaSubjectPublicKey, UnparsedPublicKey,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::check::Algorithm;

/// The longest PEM that is read, in bytes.
const LONGEST_PEM: usize = 8 * 1024;
const FEWEST_BITS: usize = 2048;
const MOST_BITS: usize = 8192;

/// An RSA key with which signatures of others are checked.
#[derive(Clone)]
pub struct PublicKey(ParsedPublicKey);

/// Why a public key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Longer than any key we would use.
    #[error("the key is too long")]
    TooLong,
    /// Neither `BEGIN PUBLIC KEY` nor `BEGIN RSA PUBLIC KEY`.
    #[error("the key is not in PEM")]
    NotPem,
    /// Well wrapped, but no RSA key inside.
    #[error("the key is not an RSA key")]
    NotRsa,
    /// Fewer than 2048 bits, more than 8192, or an exponent nobody should use.
    #[error("the key is too weak or too large")]
    Strength,
}

impl PublicKey {
    /// Reads a key in PEM, whichever of the two ways it is wrapped.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if pem.len() > LONGEST_PEM {
            return Err(KeyError::TooLong);
        }
        Self::from_der(&unwrap_pem(pem)?)
    }

    fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaSubjectPublicKey::from_der(der).map_err(|_| KeyError::NotRsa)?;
        let modulus = key.modulus();
        let modulus = modulus.big_endian_without_leading_zero();
        let leading = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        let bits = modulus.len() * 8 - leading;
        let exponent = key.exponent();
        let exponent = exponent.big_endian_without_leading_zero();
        let is_odd = exponent.last().is_some_and(|last| last % 2 == 1);
        if !(FEWEST_BITS..=MOST_BITS).contains(&bits) || !is_odd || exponent == [1] {
            return Err(KeyError::Strength);
        }
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref()).map(Self).map_err(|_| KeyError::NotRsa)
    }

    /// Whether `signature` was made over `text` with the private half of this key.
    pub(super) fn verifies(&self, algorithm: Algorithm, text: &str, signature: &[u8]) -> bool {
        match algorithm {
            Algorithm::RsaSha256 => self.0.verify_sig(text.as_bytes(), signature).is_ok(),
            Algorithm::RsaSha512 => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, self.0.as_ref())
                .verify(text.as_bytes(), signature)
                .is_ok(),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

/// The DER inside a PEM, whatever its line ends and line lengths.
fn unwrap_pem(pem: &str) -> Result<Vec<u8>, KeyError> {
    let text = pem.trim();
    let inner = ["PUBLIC KEY", "RSA PUBLIC KEY"].into_iter().find_map(|label| {
        text.strip_prefix("-----BEGIN ")?
            .strip_prefix(label)?
            .strip_prefix("-----")?
            .strip_suffix("-----")?
            .strip_suffix(label)?
            .strip_suffix("-----END ")
    });
    let base64: String = inner.ok_or(KeyError::NotPem)?.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(base64).map_err(|_| KeyError::NotPem)
}
