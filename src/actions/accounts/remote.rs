//! What other servers say about their accounts.

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::attempts::Rate;
use crate::app::{App, Change};
use crate::domain::account::{Emojis, Names};
use crate::domain::handle::{Host, Username};
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::origin::Authentic;
use crate::domain::remote::RemoteAccount;
use crate::domain::severity::Severity;
use crate::error::{Error, Result};
use crate::store::entity::{account, account_key, domain_block};
use crate::store::{accounts, received};

/// Stores what another server says of one of its accounts.
///
/// The row belongs to the id. Whoever else had the name before loses it, if their server says that it is another's now;
/// otherwise whoever claims it goes without.
pub async fn receive(app: &App, said: Authentic<RemoteAccount>) -> Result<account::Model> {
    let mut change = app.begin().await?;
    let mut said = said.into_inner();
    let hosts: Vec<Host> = std::iter::once(said.host.clone()).chain(said.uri.host()).collect();
    let decided = received::decisions(change.tx(), &hosts).await?;
    if decided.iter().any(|block| block.severity == Severity::Suspend) {
        return Err(Error::Forbidden("This server has nothing to do with that one"));
    }
    let known = accounts::by_uri(change.tx(), said.uri.as_str()).await?;
    if let Some(other) = accounts::by_name(change.tx(), &said.username, Some(&said.host)).await?
        && other.uri != said.uri.as_str()
    {
        if said.confirmed {
            give_up_name(&mut change, other).await?;
        } else {
            (said.username, said.host) = match &known {
                Some(known) => (known.username.clone(), known.host.clone().unwrap_or(said.host)),
                None => (placeholder(app.id())?, said.host),
            };
        }
    }
    let moved_to = confirmed_move(&change, &said).await?;
    let mut fresh = remote_row(app, &said, known.as_ref(), moved_to);
    keep_away(&mut fresh, &decided);
    let stored = match known {
        Some(_) => fresh.into_active_model().reset_all().update(change.tx()).await?,
        None => {
            account::Entity::insert(fresh.clone().into_active_model().reset_all())
                .exec_without_returning(change.tx())
                .await?;
            fresh
        }
    };
    let keys_changed = replace_keys(&change, stored.id, &said.keys).await?;
    change.touch_account(stored.id);
    change.commit().await?;
    if keys_changed && let Some(host) = &stored.id_host {
        warn_of_new_owner(app, host).await?;
    }
    Ok(stored)
}

/// Takes in that an account elsewhere is gone, with everything it wrote.
pub async fn receive_delete(app: &App, id: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let gone = accounts::find(change.tx(), id).await?;
    if gone.host.is_none() {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    let touched = accounts::forget_traces(change.tx(), id).await?;
    account::Entity::delete_by_id(id).exec(change.tx()).await?;
    received::bury(change.tx(), &gone.uri, &gone, app.now()).await?;
    change.touch_account(id);
    for account in touched.accounts {
        change.touch_account(account);
    }
    for status in touched.statuses {
        change.touch_status(status);
    }
    change.commit().await
}

/// Somebody who registers a name that has run out can speak for everybody who was there: their keys are new, all of
/// them. Nothing is done about it, because honest servers may do the same; but somebody should look.
async fn warn_of_new_owner(app: &App, host: &Host) -> Result<()> {
    const ONCE_AN_HOUR: Rate = Rate { count: 1, window: Duration::from_secs(3600) };
    if let Some(people) = accounts::all_with_new_keys(app.db.reader(), host, app.now()).await?
        && app.attempts.count(&format!("new keys of {host}"), ONCE_AN_HOUR, app.now()).is_ok()
    {
        tracing::warn!(%host, people, "everybody of {host} has new keys since yesterday: is it still the same server?");
    }
    Ok(())
}

/// Whether somebody who had keys has none of them any more.
async fn replace_keys(change: &Change, owner: AccountId, keys: &[(String, String)]) -> Result<bool> {
    let known = accounts::keys(change.tx(), owner).await?;
    let is_listed =
        |key: &account_key::Model| keys.iter().any(|(uri, public)| *uri == key.uri && *public == key.public);
    let (kept, gone): (Vec<_>, Vec<_>) = known.into_iter().partition(is_listed);
    let changed = kept.is_empty() && !gone.is_empty();
    if gone.is_empty() && kept.len() == keys.len() {
        return Ok(false);
    }
    let gone: Vec<String> = gone.into_iter().map(|key| key.uri).collect();
    account_key::Entity::delete_many().filter(account_key::Column::Uri.is_in(gone)).exec(change.tx()).await?;
    for (uri, public) in keys {
        let row = account_key::ActiveModel {
            uri: Set(uri.clone()),
            account_id: Set(owner),
            public: Set(public.clone()),
            private_sealed: Set(None),
            created_at: Set(change.now()),
            retired_at: Set(None),
        };
        // A key that is somebody else's stays theirs.
        let keep = OnConflict::column(account_key::Column::Uri).do_nothing().to_owned();
        account_key::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    }
    Ok(changed)
}

/// The account that had a name before somebody else on its server took it over.
async fn give_up_name(change: &mut Change, other: account::Model) -> Result<()> {
    let id = other.id;
    let mut row = other.into_active_model();
    let former = placeholder(id)?;
    row.username_key = Set(former.key());
    row.username = Set(former);
    row.update(change.tx()).await?;
    change.touch_account(id);
    Ok(())
}

/// The name of somebody whose name is another's.
fn placeholder(id: AccountId) -> Result<Username> {
    format!("unnamed_{id}").parse().map_err(Error::internal)
}

/// What was decided about a server holds for accounts that are met later, too.
fn keep_away(row: &mut account::Model, decided: &[domain_block::Model]) {
    let silenced = decided.iter().find(|block| block.severity == Severity::Silence);
    row.limited_at = row.limited_at.or(silenced.map(|block| block.created_at));
    row.without_media = decided.iter().any(|block| block.reject_media);
    if row.without_media {
        (row.avatar_url, row.header_url, row.emojis) = (None, None, Emojis::default());
    }
}

/// Where an account says it has moved to, when that one is known here and says so too.
async fn confirmed_move(change: &Change, said: &RemoteAccount) -> Result<Option<AccountId>> {
    let Some(target) = &said.moved_to else { return Ok(None) };
    let target = accounts::by_uri(change.tx(), target).await?;
    let agrees = |target: &account::Model| target.also_known_as.0.iter().any(|alias| alias == said.uri.as_str());
    Ok(target.filter(agrees).map(|target| target.id))
}

fn remote_row(
    app: &App,
    said: &RemoteAccount,
    known: Option<&account::Model>,
    moved_to: Option<AccountId>,
) -> account::Model {
    let now = app.now();
    let created_at = said.published.map_or(now, |published| Ord::min(published, now)).max(Moment(1));
    account::Model {
        id: known.map_or_else(|| app.id(), |known| known.id),
        username: said.username.clone(),
        username_key: said.username.key(),
        host: Some(said.host.clone()),
        id_host: said.uri.host(),
        uri: said.uri.as_str().to_owned(),
        url: said.url.clone(),
        kind: said.kind,
        display_name: said.display_name.clone(),
        note: said.note.clone(),
        note_source: None,
        fields: said.fields.clone(),
        emojis: said.emojis.clone(),
        avatar_url: said.avatar.as_ref().map(|picture| picture.url.clone()),
        avatar_description: said.avatar.as_ref().map(|picture| picture.description.clone()).unwrap_or_default(),
        header_url: said.header.as_ref().map(|picture| picture.url.clone()),
        header_description: said.header.as_ref().map(|picture| picture.description.clone()).unwrap_or_default(),
        inbox_url: said.inbox_url.clone(),
        shared_inbox_url: said.shared_inbox_url.clone(),
        outbox_url: said.outbox_url.clone(),
        followers_url: said.followers_url.clone(),
        following_url: said.following_url.clone(),
        featured_url: said.featured_url.clone(),
        locked: said.locked,
        discoverable: said.discoverable,
        indexable: said.indexable,
        hide_collections: false,
        memorial: said.memorial,
        also_known_as: Names(said.also_known_as.clone()),
        moved_to_id: moved_to,
        moved_at: known.and_then(|known| known.moved_at),
        followers_count: known.map_or(0, |known| known.followers_count),
        following_count: known.map_or(0, |known| known.following_count),
        statuses_count: known.map_or(0, |known| known.statuses_count),
        last_status_at: known.and_then(|known| known.last_status_at),
        created_at: known.map_or(created_at, |known| known.created_at),
        updated_at: now,
        fetched_at: Some(now),
        limited_at: known.and_then(|known| known.limited_at),
        without_media: false,
        suspended_at: known.and_then(|known| known.suspended_at),
        pending: false,
    }
}
