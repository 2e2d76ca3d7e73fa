//! The keys of accounts here: one to sign requests with, one to sign what is said (FEP-521a, FEP-8b32).

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::app::crypto::{self, KeyPair};
use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::id::{AccountId, ActivityId};
use crate::error::{Error, Result};
use crate::store::accounts;
use crate::store::entity::account_key;

/// For how long a key that was replaced is kept: what was to be signed with it is delivered or given up by then.
const GRACE: Duration = Duration::from_secs(14 * 24 * 3600);

/// Keys that belong to nobody yet.
#[derive(Debug)]
pub(super) struct FreshKeys {
    signing: KeyPair,
    proving: KeyPair,
}

impl FreshKeys {
    /// Makes both; takes its time, so no transaction should wait for it.
    pub(super) async fn make() -> Result<Self> {
        Ok(Self { signing: crypto::generate_rsa().await?, proving: crypto::generate_ed25519()? })
    }

    /// Gives them to an account, under these names.
    pub(super) async fn insert(&self, change: &Change, owner: AccountId, names: [&str; 2]) -> Result<()> {
        for (pair, name) in [&self.signing, &self.proving].into_iter().zip(names) {
            insert(change, owner, name, pair).await?;
        }
        Ok(())
    }
}

async fn insert(change: &Change, owner: AccountId, name: &str, pair: &KeyPair) -> Result<()> {
    let app = change.app();
    let uri = app.urls.key(owner, name);
    let row = account_key::ActiveModel {
        private_sealed: Set(Some(app.vault.seal(pair.private_pkcs8.as_bytes(), &uri))),
        uri: Set(uri),
        account_id: Set(owner),
        public: Set(pair.public.clone()),
        created_at: Set(change.now()),
        retired_at: Set(None),
    };
    let keep = OnConflict::column(account_key::Column::Uri).do_nothing().to_owned();
    account_key::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    Ok(())
}

/// Gives the second kind of key to accounts that were made before there was one.
pub async fn complete_keys(app: &App) -> Result<()> {
    let incomplete = accounts::without_proof_key(app.db.reader()).await?;
    if incomplete.is_empty() {
        return Ok(());
    }
    let pairs = incomplete.iter().map(|_| crypto::generate_ed25519()).collect::<Result<Vec<_>>>()?;
    let change = app.begin().await?;
    for (account, pair) in incomplete.into_iter().zip(&pairs) {
        insert(&change, account, "ed25519-key", pair).await?;
    }
    change.commit().await
}

/// Replaces both keys of a local account. Other servers hear of it in a message signed with the old key.
pub async fn rotate_keys(app: &App, account: AccountId) -> Result<()> {
    let fresh = FreshKeys::make().await?;
    let mut change = app.begin().await?;
    let owner = accounts::find(change.tx(), account).await?;
    if owner.host.is_some() {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    let now = app.now();
    let old = accounts::keys(change.tx(), account).await?;
    let signing = old.iter().find(|key| key.retired_at.is_none() && !key.is_for_proofs());
    let signed_with = signing.map(|key| key.uri.clone()).ok_or(Error::NotFound("key"))?;
    account_key::Entity::update_many()
        .set(account_key::ActiveModel { retired_at: Set(Some(now)), ..Default::default() })
        .filter(account_key::Column::AccountId.eq(account))
        .filter(account_key::Column::RetiredAt.is_null())
        .exec(change.tx())
        .await?;
    let serial = app.id::<ActivityId>();
    fresh.insert(&change, account, [&format!("main-key-{serial}"), &format!("ed25519-key-{serial}")]).await?;
    change.record(Event::KeysReplaced { account, signed_with }).await?;
    change.touch_account(account);
    change.commit().await
}

/// Forgets keys that were replaced long ago.
pub async fn forget_retired_keys(app: &App) -> Result<()> {
    let change = app.begin().await?;
    account_key::Entity::delete_many()
        .filter(account_key::Column::RetiredAt.lt(app.now() - GRACE))
        .exec(change.tx())
        .await?;
    change.commit().await
}
