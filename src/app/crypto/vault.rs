//! What keeps private keys unreadable at rest.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{Secret, random_bytes, random_name};
use crate::error::{Error, Result};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
