//! Passwords, as argon2id keeps them.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::{heavy, random_bytes};
use crate::error::{Error, Result};

/// The longest password anybody can have, in bytes.
pub const LONGEST_PASSWORD: usize = 1024;

/// What argon2id costs: memory in KiB, passes, lanes.
const HASH_COST: (u32, u32, u32) = (19 * 1024, 2, 1);

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
