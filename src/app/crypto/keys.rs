//! Keys with which members sign: RSA for requests, Ed25519 for what they say.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Secret, heavy};
use crate::domain::multikey;
use crate::error::{Error, Result};

/// A fresh pair of keys.
#[derive(Debug)]
pub struct KeyPair {
    /// The private key, PKCS#8 in DER; goes into the vault.
    pub private_pkcs8: Secret,
    /// The public key as other servers read it: RSA in PEM, Ed25519 in multibase.
    pub public: String,
}

/// Makes an RSA key of 2048 bits.
pub async fn generate_rsa() -> Result<KeyPair> {
    heavy(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(Error::internal)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(Error::internal)?;
        Ok(KeyPair { private_pkcs8: Secret::new(private.as_ref().to_vec()), public: public_pem(public.as_ref()) })
    })
    .await
}

/// A public key in DER, as PEM.
fn public_pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

/// A private RSA key, ready to sign.
pub struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads a key as [`generate_rsa`] makes it.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        RsaKeyPair::from_pkcs8(der).map(Self).map_err(Error::internal)
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(Error::internal)?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Makes an Ed25519 key.
pub fn generate_ed25519() -> Result<KeyPair> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    let private = pair.to_pkcs8v1().map_err(Error::internal)?;
    let public = multikey::encode(pair.public_key().as_ref());
    Ok(KeyPair { private_pkcs8: Secret::new(private.as_ref().to_vec()), public })
}

/// A private Ed25519 key, ready to sign.
pub struct ProofKey(Ed25519KeyPair);

impl ProofKey {
    /// Reads a key as [`generate_ed25519`] makes it.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        Ed25519KeyPair::from_pkcs8(der).map(Self).map_err(Error::internal)
    }

    /// Signs; 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn generated_keys_sign_and_stay_secret() {
        let pair = generate_rsa().await.expect("generates");
        let key = SigningKey::from_pkcs8(pair.private_pkcs8.as_bytes()).expect("reads");
        assert_eq!(key.sign(b"message").expect("signs").len(), 256);
        assert!(pair.public.lines().all(|line| line.len() <= 64));
        assert_eq!(format!("{:?} {key:?}", pair.private_pkcs8), "Secret(..) SigningKey(..)");
    }
}
