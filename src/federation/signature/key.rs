//! Public keys of others, read once and refused when they are weak.

use std::fmt;

use aws_lc_rs::signature::{
    ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaSubjectPublicKey,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::domain::multikey;

/// The longest PEM that is read, in bytes.
const LONGEST_PEM: usize = 8 * 1024;
const FEWEST_BITS: usize = 2048;
const MOST_BITS: usize = 8192;

/// What the y of a point of small order looks like, without the bit for the sign of x: a key that is one of them says
/// yes to signatures nobody made.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    small(1),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    near_the_prime(0xec),
    near_the_prime(0xed),
    near_the_prime(0xee),
];

const fn small(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = number;
    bytes
}

/// 2²⁵⁵ − 256 + `last`, in little-endian order.
const fn near_the_prime(last: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = last;
    bytes[31] = 0x7f;
    bytes
}

/// A key with which signatures of others are checked.
#[derive(Clone)]
pub struct PublicKey(Kind);

/// How a signature says that it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// As its key makes signatures, whatever kind of key that is.
    OfKey,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// Ed25519.
    Ed25519,
}

/// What a key has to do with a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The signature was made with it.
    Made,
    /// It was not.
    NotMade,
    /// It cannot have been: keys of this kind make others.
    OtherKind,
}

#[derive(Clone)]
enum Kind {
    Rsa(ParsedPublicKey),
    Ed25519(ParsedPublicKey),
}

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
    /// No Ed25519 key in multibase.
    #[error("the key is not an Ed25519 key in multibase")]
    NotEd25519,
    /// Fewer than 2048 bits, more than 8192, an exponent nobody should use, or a point of small order.
    #[error("the key is too weak or too large")]
    Strength,
}

impl PublicKey {
    /// Reads a key as it is stored: in PEM, or in multibase as a Multikey has it (FEP-521a).
    pub fn read(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(multikey::BASE58) { Self::from_multibase(text) } else { Self::from_pem(text) }
    }

    /// Reads an Ed25519 key in multibase.
    pub fn from_multibase(text: &str) -> Result<Self, KeyError> {
        let point = multikey::decode(text).ok_or(KeyError::NotEd25519)?;
        let mut unsigned = point;
        unsigned[31] &= 0x7f;
        if SMALL_ORDER.contains(&unsigned) {
            return Err(KeyError::Strength);
        }
        ParsedPublicKey::new(&ED25519, point).map(|key| Self(Kind::Ed25519(key))).map_err(|_| KeyError::NotEd25519)
    }

    /// Reads a key in PEM, whichever of the two ways it is wrapped.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if pem.len() > LONGEST_PEM {
            return Err(KeyError::TooLong);
        }
        Self::from_der(&unwrap_pem(pem)?)
    }

    /// Reads a key in DER, whichever of the two ways it is wrapped.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
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
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref())
            .map(|key| Self(Kind::Rsa(key)))
            .map_err(|_| KeyError::NotRsa)
    }

    /// Whether `signature` was made over one of `texts` with the private half of this key.
    pub fn fits(&self, algorithm: Algorithm, texts: &[&[u8]], signature: &[u8]) -> Fit {
        let is_of_this_kind = match (&self.0, algorithm) {
            (_, Algorithm::OfKey) => true,
            (Kind::Rsa(_), algorithm) => algorithm != Algorithm::Ed25519,
            (Kind::Ed25519(_), algorithm) => algorithm == Algorithm::Ed25519,
        };
        if !is_of_this_kind {
            return Fit::OtherKind;
        }
        let is_made = texts.iter().any(|text| match &self.0 {
            Kind::Rsa(key) if algorithm == Algorithm::RsaSha512 => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, key.as_ref()).verify(text, signature).is_ok()
            }
            Kind::Rsa(key) | Kind::Ed25519(key) => key.verify_sig(text, signature).is_ok(),
        });
        if is_made { Fit::Made } else { Fit::NotMade }
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

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

    use super::*;

    static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));

    fn spki() -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = PAIR.public_key().as_der().expect("a public key");
        der.as_ref().to_vec()
    }

    fn pem(label: &str, der: &[u8], line_end: &str) -> String {
        let text = BASE64_STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64 is ASCII")).collect();
        format!("-----BEGIN {label}-----{line_end}{}{line_end}-----END {label}-----", lines.join(line_end))
    }

    #[test]
    fn keys_are_read_in_both_wrappings_and_with_any_line_ends() {
        let pkcs1 = PAIR.public_key().as_ref().to_vec();
        let mut signature = vec![0; PAIR.public_modulus_len()];
        PAIR.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"text", &mut signature).expect("signs");
        for pem in [
            pem("PUBLIC KEY", &spki(), "\n"),
            pem("PUBLIC KEY", &spki(), "\r\n"),
            pem("PUBLIC KEY", &spki(), "\n") + "\n",
            format!("\n  {}  \r\n", pem("PUBLIC KEY", &spki(), "\n")),
            pem("RSA PUBLIC KEY", &pkcs1, "\n"),
            pem("RSA PUBLIC KEY", &pkcs1, "\r\n"),
        ] {
            let key = PublicKey::from_pem(&pem).expect(&pem);
            let fit = |algorithm, text: &[u8]| key.fits(algorithm, &[text], &signature);
            assert_eq!(fit(Algorithm::RsaSha256, b"text"), Fit::Made, "{pem}");
            assert_eq!(fit(Algorithm::RsaSha256, b"other text"), Fit::NotMade, "{pem}");
            assert_eq!(fit(Algorithm::RsaSha512, b"text"), Fit::NotMade, "{pem}");
        }
    }

    /// DER of an integer or a sequence.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[tag, 0x82][..], &length, content].concat()
    }

    /// A minimal DER header for short contents, a long one for the rest.
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        match u8::try_from(content.len()) {
            Ok(length @ 0..=127) => [&[tag, length][..], content].concat(),
            Ok(length) => [&[tag, 0x81, length][..], content].concat(),
            Err(_) => der(tag, content),
        }
    }

    /// An RSA public key with an odd modulus of exactly `bits` bits.
    fn made_up_key(bits: usize, exponent: &[u8]) -> String {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        if modulus[0] >= 0x80 {
            modulus.insert(0, 0);
        }
        let content = [element(2, &modulus), element(2, exponent)].concat();
        pem("RSA PUBLIC KEY", &element(0x30, &content), "\n")
    }

    #[test]
    fn weak_and_oversized_keys_are_refused() {
        const USUAL: &[u8] = &[1, 0, 1];
        for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
            assert!(PublicKey::from_pem(&made_up_key(bits, USUAL)).is_ok(), "{bits}");
        }
        for bits in [512, 1024, 2040, 2047, 8193, 16384] {
            assert!(PublicKey::from_pem(&made_up_key(bits, USUAL)).is_err(), "{bits}");
        }
        assert!(PublicKey::from_pem(&made_up_key(2048, &[3])).is_ok());
        for exponent in [&[0][..], &[1], &[2], &[4], &[1, 0, 0]] {
            assert!(PublicKey::from_pem(&made_up_key(2048, exponent)).is_err(), "{exponent:?}");
        }
    }

    #[test]
    fn what_is_no_rsa_key_is_refused() {
        let good = pem("PUBLIC KEY", &spki(), "\n");
        let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        assert_eq!(PublicKey::from_pem(ed25519).err(), Some(KeyError::NotRsa));
        assert_eq!(PublicKey::from_pem(&good.replace("PUBLIC", "PRIVATE")).err(), Some(KeyError::NotPem));
        assert_eq!(PublicKey::from_pem(&format!("{good}{}", "\n".repeat(9000))).err(), Some(KeyError::TooLong));
        assert_eq!(PublicKey::from_pem(&"A".repeat(1024 * 1024)).err(), Some(KeyError::TooLong));
        let truncated = pem("PUBLIC KEY", &spki()[..200], "\n");
        assert_eq!(PublicKey::from_pem(&truncated).err(), Some(KeyError::NotRsa));
        for text in ["", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----", "MIIB"] {
            assert!(PublicKey::from_pem(text).is_err(), "{text}");
        }
    }
}
