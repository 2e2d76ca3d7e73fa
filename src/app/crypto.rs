//! Secrets of this node: randomness, passwords, signing keys, and the vault that keeps them at rest.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// The longest password anybody can have, in bytes.
pub const LONGEST_PASSWORD: usize = 1024;

/// What argon2id costs: memory in KiB, passes, lanes.
const HASH_COST: (u32, u32, u32) = (19 * 1024, 2, 1);
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

/// How a token is stored: its SHA-256 in hexadecimal.
pub fn token_hash(token: &str) -> String {
    hex(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

/// What PKCE compares: the SHA-256 of a verifier in URL-safe base64.
pub fn s256_challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// Whether two secrets are the same; how long it takes does not tell where they differ.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Hashes a new password.
pub async fn hash_password(password: String) -> Result<String> {
    if password.len() > LONGEST_PASSWORD {
        return Err(Error::invalid("The password is too long"));
    }
    heavy(move || {
        let hash: PasswordHash =
            argon2()?.hash_password_with_salt(password.as_bytes(), &random_bytes::<16>()).map_err(Error::internal)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` belongs to `hash`.
///
/// Without a hash it is wrong, but only after the work a hash would have cost: how long the answer takes does not tell
/// whether the account exists.
pub async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    if password.len() > LONGEST_PASSWORD {
        return Ok(false);
    }
    heavy(move || match hash {
        Some(hash) => matches_hash(&password, &hash),
        None => {
            argon2()?.hash_password_into(password.as_bytes(), &[0; 16], &mut [0; 32]).map_err(Error::internal)?;
            Ok(false)
        }
    })
    .await
}

fn matches_hash(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(Error::internal)?;
    match argon2()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = HASH_COST;
    let params = Params::new(memory, passes, lanes, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
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

/// A fresh pair of keys for signing requests.
#[derive(Debug)]
pub struct KeyPair {
    /// The private key, PKCS#8 in DER; goes into the vault.
    pub private_pkcs8: Secret,
    /// The public key as other servers read it, `BEGIN PUBLIC KEY`.
    pub public_pem: String,
}

/// Makes an RSA key of 2048 bits.
pub async fn generate_rsa() -> Result<KeyPair> {
    heavy(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(Error::internal)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(Error::internal)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(Error::internal)?;
        Ok(KeyPair { private_pkcs8: Secret::new(private.as_ref().to_vec()), public_pem: public_pem(public.as_ref()) })
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

/// What a sealed text begins with, so that another way of sealing can be told apart one day.
const SEAL: &str = "v1.";

/// Keeps private keys unreadable at rest: AES-256-GCM under a key outside the database.
pub struct Vault(RandomizedNonceKey);

impl Vault {
    /// Reads the key of the vault from a file, which is made on the first start.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_key_file(path)?;
                // Read back: when two processes start at once, both use the key of the first.
                std::fs::read(path)?
            }
            read => read?,
        };
        let bytes = Secret::new(bytes);
        let key = <[u8; 32]>::try_from(bytes.as_bytes())
            .map_err(|_| Error::internal("the key file of the vault does not hold 32 bytes"))?;
        Ok(Self::from_key(key))
    }

    /// A vault under a given key.
    pub fn from_key(key: [u8; 32]) -> Self {
        let key = Secret::new(key.to_vec());
        Self(RandomizedNonceKey::new(&AES_256_GCM, key.as_bytes()).expect("a key of AES-256 has 32 bytes"))
    }

    /// Seals `plain`; it opens again only in the same `context`.
    ///
    /// The context says what the secret belongs to, so that a row copied over another row does not open.
    pub fn seal(&self, plain: &[u8], context: &str) -> String {
        let mut sealed = plain.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut sealed)
            .expect("sealing fails only beyond 64 GiB");
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        format!("{SEAL}{}", BASE64_URL_SAFE_NO_PAD.encode(whole))
    }

    /// Opens what [`Vault::seal`] sealed in the same `context`.
    pub fn open_sealed(&self, sealed: &str, context: &str) -> Result<Vec<u8>> {
        self.try_open(sealed, context).ok_or_else(|| Error::internal("a sealed secret does not open"))
    }

    fn try_open(&self, sealed: &str, context: &str) -> Option<Vec<u8>> {
        let whole = BASE64_URL_SAFE_NO_PAD.decode(sealed.strip_prefix(SEAL)?).ok()?;
        let (nonce, rest) = whole.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(context.as_bytes()), &mut rest).ok()?.len();
        rest.truncate(plain);
        Some(rest)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// Puts a fresh key at `path` unless there is one, without a moment in which half a key could be read.
fn create_key_file(path: &Path) -> io::Result<()> {
    let draft = draft_of(path);
    let written = write_private(&draft, &random_bytes::<32>()).and_then(|()| std::fs::hard_link(&draft, path));
    let removed = std::fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => removed,
        written => written.and(removed),
    }
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", random_name()));
    PathBuf::from(name)
}

/// Writes a new file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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

    #[test]
    fn what_is_sealed_opens_in_its_own_context_alone() {
        let vault = Vault::from_key([7; 32]);
        let sealed = vault.seal(b"a private key", "account 1");
        assert_eq!(vault.open_sealed(&sealed, "account 1").expect("opens"), b"a private key");
        assert!(vault.open_sealed(&sealed, "account 2").is_err());
        assert!(Vault::from_key([8; 32]).open_sealed(&sealed, "account 1").is_err());
    }

    #[test]
    fn sealing_twice_gives_two_texts() {
        let vault = Vault::from_key([7; 32]);
        assert_ne!(vault.seal(b"same", "here"), vault.seal(b"same", "here"));
    }

    #[test]
    fn damaged_seals_do_not_open() {
        let vault = Vault::from_key([7; 32]);
        let mut damaged = vault.seal(b"a private key", "here").into_bytes();
        damaged[20] = if damaged[20] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).expect("still ASCII");
        for text in [damaged.as_str(), "", "v1.", "v1.AAAA", "v1.!", "v2.AAAA", "ä"] {
            assert!(vault.open_sealed(text, "here").is_err(), "{text}");
        }
    }

    #[test]
    fn the_key_of_the_vault_is_made_once_and_kept_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("vault.key");
        let sealed = Vault::open(&path).expect("is made").seal(b"secret", "here");
        assert_eq!(Vault::open(&path).expect("is read").open_sealed(&sealed, "here").expect("opens"), b"secret");
        assert_eq!(std::fs::read_dir(directory.path()).expect("is readable").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn vaults_opened_at_once_share_one_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("vault.key");
        let vaults: Vec<Vault> = std::thread::scope(|scope| {
            let openings: Vec<_> = (0..8).map(|_| scope.spawn(|| Vault::open(&path).expect("opens"))).collect();
            openings.into_iter().map(|opening| opening.join().expect("does not panic")).collect()
        });
        let sealed = vaults[0].seal(b"secret", "here");
        assert!(vaults.iter().all(|vault| vault.open_sealed(&sealed, "here").is_ok()));
    }

    #[test]
    fn a_key_file_of_the_wrong_length_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("vault.key");
        std::fs::write(&path, [0; 31]).expect("is written");
        assert!(Vault::open(&path).is_err());
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_alone() {
        let hash = hash_password("correct horse".into()).await.expect("hashes");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse".into(), Some(hash.clone())).await.expect("verifies"));
        assert!(!verify_password("wrong horse".into(), Some(hash)).await.expect("verifies"));
        assert!(!verify_password("correct horse".into(), None).await.expect("verifies"));
    }

    #[tokio::test]
    async fn overlong_passwords_are_refused() {
        let overlong = "x".repeat(LONGEST_PASSWORD + 1);
        assert!(matches!(hash_password(overlong.clone()).await, Err(Error::Invalid(_))));
        assert!(!verify_password(overlong, None).await.expect("verifies"));
    }

    #[tokio::test]
    async fn generated_keys_sign_and_stay_secret() {
        let pair = generate_rsa().await.expect("generates");
        let key = SigningKey::from_pkcs8(pair.private_pkcs8.as_bytes()).expect("reads");
        assert_eq!(key.sign(b"message").expect("signs").len(), 256);
        assert!(pair.public_pem.lines().all(|line| line.len() <= 64));
        assert_eq!(format!("{:?} {key:?}", pair.private_pkcs8), "Secret(..) SigningKey(..)");
    }
}
