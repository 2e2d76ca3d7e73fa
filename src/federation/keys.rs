//! Keys: ours to sign with, theirs to check with.
//!
//! A key of another server counts only when its owner lists it and both live on one server. Parsed keys are kept, of no
//! domain more than its share; how often a key may be fetched is limited (`asking.rs`).

mod asking;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use crate::app::App;
use crate::app::crypto::{ProofKey, SigningKey};
use crate::domain::handle::Host;
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::origin::RemoteId;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::{Accept, Budget};
use crate::federation::proof::Prover;
use crate::federation::protocol::shape;
use crate::federation::signature::{PublicKey, Signer};
use crate::store::accounts;
use crate::store::entity::account_key;

use asking::{Asking, Turn};

/// How many keys of others are kept.
const KEPT: usize = 4_000;
/// How many of them may be of one registrable domain.
const SHARE: u64 = 1_000;
/// For how long a parsed key is used without looking at the database again.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// For how long our own keys are used without looking whether they were replaced.
const OWN_FRESH: Duration = Duration::from_secs(60);

/// Keys that were used lately.
#[derive(Debug)]
pub struct Keys {
    known: Cache<Place, Arc<Known>>,
    signers: Cache<AccountId, Arc<OwnKeys>>,
    asking: Asking,
}

/// Where a key is kept: every domain has so many places and no more, so that no server drives out the keys of others.
type Place = (String, u64);

/// A key and whose it is.
#[derive(Debug)]
pub struct Known {
    id: String,
    /// The key, ready to check with.
    pub key: PublicKey,
    /// The account that owns it.
    pub owner: AccountId,
    /// The id of that account.
    pub owner_uri: String,
    since: Moment,
}

/// What an account here signs with.
#[derive(Debug)]
struct OwnKeys {
    signer: Signer,
    prover: Prover,
    since: Moment,
}

impl Keys {
    /// No keys yet.
    pub fn new() -> Self {
        Self { known: Cache::new(KEPT), signers: Cache::new(500), asking: Asking::new() }
    }

    fn fresh(&self, id: &str, now: Moment) -> Option<Arc<Known>> {
        self.known.get(&place_of(id)).filter(|known| known.id == id && now.since(known.since) < FRESH)
    }

    fn keep(&self, known: Arc<Known>) {
        self.known.insert(place_of(&known.id), known);
    }

    /// Forgets all keys of somebody, because they may have changed.
    pub fn forget_those_of(&self, owner: &RemoteId) {
        self.known.retain(|_, known| known.owner_uri != owner.as_str());
    }
}

fn place_of(id: &str) -> Place {
    let host: Option<Host> = id.split('/').nth(2).and_then(|host| host.parse().ok());
    let site = host.as_ref().map_or("", Host::site).to_owned();
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    (site, hasher.finish() % SHARE)
}

impl Default for Keys {
    fn default() -> Self {
        Self::new()
    }
}

impl Federation {
    /// Signs in the name of a local account.
    pub async fn signer(&self, account: AccountId) -> Result<Signer> {
        Ok(self.own_keys(account).await?.signer.clone())
    }

    /// Proves what a local account says.
    pub async fn prover(&self, account: AccountId) -> Result<Prover> {
        Ok(self.own_keys(account).await?.prover.clone())
    }

    /// Signs with one particular key of ours, which may have been replaced since.
    pub async fn signer_with(&self, key: &str) -> Result<Signer> {
        let (key, _) = accounts::key(self.app.db.reader(), key).await?.ok_or(Error::NotFound("key"))?;
        signer_of(&self.app, key)
    }

    async fn own_keys(&self, account: AccountId) -> Result<Arc<OwnKeys>> {
        let now = self.app.now();
        if let Some(known) = self.keys.signers.get(&account).filter(|known| now.since(known.since) < OWN_FRESH) {
            return Ok(known);
        }
        let own = Arc::new(load_own(&self.app, account).await?);
        self.keys.signers.insert(account, own.clone());
        Ok(own)
    }

    /// The key with this id as far as we know it, without asking anybody.
    pub async fn known_key(&self, id: &str) -> Result<Option<Arc<Known>>> {
        let now = self.app.now();
        if let Some(known) = self.keys.fresh(id, now) {
            return Ok(Some(known));
        }
        let Some((row, owner)) = accounts::key(self.app.db.reader(), id).await? else { return Ok(None) };
        if owner.host.is_none() {
            return Ok(None);
        }
        // A key that cannot be used is like none at all.
        let Ok(key) = PublicKey::read(&row.public) else { return Ok(None) };
        let known = Arc::new(Known { id: id.to_owned(), key, owner: owner.id, owner_uri: owner.uri, since: now });
        self.keys.keep(known.clone());
        Ok(Some(known))
    }

    /// Asks the server of a key for it, if that may be done now.
    pub async fn fetch_key(&self, id: &RemoteId) -> Result<Option<Arc<Known>>> {
        match self.keys.asking.turn(id, self.app.now()) {
            Turn::Now => {}
            Turn::AskedLately => return Ok(None),
            Turn::TooMany(retry_after) => return Err(Error::TooMany { retry_after }),
        }
        let owner = self.owner_of(id).await?;
        if !owner.shares_origin(id) {
            return Err(Error::Forbidden("The key belongs to somebody on another server"));
        }
        // Storing the owner stores the keys it lists, and no others.
        self.fetch_account(&owner, &mut Budget::for_discovery()).await?;
        let known = self.known_key(id.as_str()).await?;
        if known.is_some() {
            self.keys.asking.was_found(id);
        }
        Ok(known)
    }

    /// Whose key it claims to be: the document is an actor, or a key that names its owner.
    async fn owner_of(&self, id: &RemoteId) -> Result<RemoteId> {
        let signer = self.signer(self.instance_actor).await?;
        let mut budget = Budget::for_discovery();
        let (url, document) =
            self.remote.get_json(id.url(), Accept::Activity, Some(&signer), self.app.now(), &mut budget).await?;
        let named = document.get("id").and_then(serde_json::Value::as_str).unwrap_or_default();
        let is_key = ["publicKeyPem", "publicKeyMultibase"].iter().any(|member| document.get(*member).is_some())
            && document.get("inbox").is_none();
        let owner = if is_key {
            document.get("owner").or_else(|| document.get("controller")).and_then(shape::id_of)
        } else {
            Some(named)
        };
        let owner = self.borders.remote(owner.unwrap_or_default())?;
        let found_at = self.borders.remote(url.as_str())?;
        if owner.shares_origin(&found_at) { Ok(owner) } else { Err(Error::invalid("a key of somebody elsewhere")) }
    }
}

async fn load_own(app: &App, account: AccountId) -> Result<OwnKeys> {
    let keys = accounts::keys(app.db.reader(), account).await?;
    let in_use = keys.into_iter().filter(|key| key.retired_at.is_none());
    let (proving, signing): (Vec<_>, Vec<_>) = in_use.partition(account_key::Model::is_for_proofs);
    let none = || Error::NotFound("key");
    let proving = proving.into_iter().next().ok_or_else(none)?;
    Ok(OwnKeys {
        signer: signer_of(app, signing.into_iter().next().ok_or_else(none)?)?,
        prover: Prover::new(proving.uri.clone(), Arc::new(ProofKey::from_pkcs8(&private(app, &proving)?)?)),
        since: app.now(),
    })
}

fn signer_of(app: &App, key: account_key::Model) -> Result<Signer> {
    let private = private(app, &key)?;
    Ok(Signer::new(key.uri, Arc::new(SigningKey::from_pkcs8(&private)?)))
}

fn private(app: &App, key: &account_key::Model) -> Result<Vec<u8>> {
    let sealed = key.private_sealed.as_deref().ok_or(Error::NotFound("key"))?;
    app.vault.open_sealed(sealed, &key.uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::crypto::generate_ed25519;

    #[test]
    fn no_domain_has_more_than_its_share_of_the_keys_that_are_kept() {
        let (keys, now) = (Keys::new(), Moment(1));
        let public = generate_ed25519().expect("a key").public;
        let known = |id: &str| {
            let key = PublicKey::read(&public).expect("a key");
            Arc::new(Known { id: id.to_owned(), key, owner: AccountId(1), owner_uri: String::new(), since: now })
        };
        keys.keep(known("https://good.test/users/alice#main-key"));
        for number in 0..20_000 {
            keys.keep(known(&format!("https://s{number}.evil.test/users/m#key-{number}")));
        }
        assert!(keys.fresh("https://good.test/users/alice#main-key", now).is_some());
        assert!(keys.known.len() as u64 <= SHARE + 1, "{}", keys.known.len());
        let last = "https://s19999.evil.test/users/m#key-19999";
        assert_eq!(keys.fresh(last, now).expect("was kept last").id, last);
        // Two that share a place are not taken for each other.
        assert!(
            (0..20_000)
                .filter(|n| keys.fresh(&format!("https://s{n}.evil.test/users/m#key-{n}"), now).is_some())
                .count()
                <= 1000
        );
    }
}
