//! Accounts: joining, changing a profile, learning of somebody elsewhere.
//!
//! Here is what all of them share; start reading at `join.rs`.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use crate::app::{App, Change};
use crate::domain::account::{ActorKind, Emojis, Fields, Names};
use crate::domain::handle::Username;
use crate::domain::id::AccountId;
use crate::error::{Error, Problem, Result};
use crate::store::entity::account;
use crate::store::{accounts, settings};

mod delete;
mod join;
mod keys;
mod profile;
mod remote;

pub use delete::{delete, erase};
pub use join::{Joined, Newcomer, Terms, approve, confirm, email_key, join, set_password, set_role};
pub use keys::{complete_keys, forget_retired_keys, rotate_keys};
pub use profile::{ProfileChange, update_profile};
pub use remote::{receive, receive_delete};

use keys::FreshKeys;

/// The setting that names the account of the server itself.
const INSTANCE_ACTOR: &str = "instance_actor";

/// The account of the server itself, made at the first start.
pub async fn instance_actor(app: &App) -> Result<account::Model> {
    if let Some(id) = settings::get(app.db.reader(), INSTANCE_ACTOR).await? {
        let id: AccountId = id.parse().map_err(Error::internal)?;
        return accounts::find(app.db.reader(), id).await;
    }
    let keys = FreshKeys::make().await?;
    let mut change = app.begin().await?;
    let username: Username = app.urls.host().name().parse().map_err(Error::internal)?;
    let id = insert_local(&mut change, &username, ActorKind::Application, &keys, false).await?;
    let kept = settings::set_once(change.tx(), INSTANCE_ACTOR, &id.to_string()).await?;
    if kept != id.to_string() {
        // Another process was faster; this change is dropped.
        drop(change);
        return accounts::find(app.db.reader(), kept.parse().map_err(Error::internal)?).await;
    }
    change.commit().await?;
    accounts::find(app.db.reader(), id).await
}

async fn insert_local(
    change: &mut Change,
    username: &Username,
    kind: ActorKind,
    keys: &FreshKeys,
    pending: bool,
) -> Result<AccountId> {
    let app = change.app().clone();
    let (urls, now) = (&app.urls, app.now());
    let id: AccountId = app.id();
    let row = account::Model {
        id_host: None,
        id,
        username: username.clone(),
        username_key: username.key(),
        host: None,
        uri: urls.actor(id),
        url: urls.profile(username),
        kind,
        display_name: String::new(),
        note: String::new(),
        note_source: Some(String::new()),
        fields: Fields::default(),
        emojis: Emojis::default(),
        avatar_url: None,
        avatar_description: String::new(),
        header_url: None,
        header_description: String::new(),
        inbox_url: urls.of_actor(id, "inbox"),
        shared_inbox_url: Some(urls.shared_inbox()),
        outbox_url: Some(urls.of_actor(id, "outbox")),
        followers_url: Some(urls.of_actor(id, "followers")),
        following_url: Some(urls.of_actor(id, "following")),
        featured_url: Some(urls.of_actor(id, "collections/featured")),
        locked: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        memorial: false,
        also_known_as: Names::default(),
        moved_to_id: None,
        moved_at: None,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: now,
        updated_at: now,
        fetched_at: None,
        limited_at: None,
        without_media: false,
        suspended_at: None,
        pending,
    };
    account::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(change.tx())
        .await
        .map_err(taken)?;
    keys.insert(change, id, ["main-key", "ed25519-key"]).await?;
    Ok(id)
}

fn taken(error: sea_orm::DbErr) -> Error {
    let error = Error::from(error);
    if crate::store::is_duplicate(&error) {
        let description = "Username or email has already been taken".to_owned();
        return Error::Validation(vec![Problem { field: "username", code: "ERR_TAKEN", description }]);
    }
    error
}
