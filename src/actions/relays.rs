//! Relays: asking one to take part in it, what it answers, leaving it.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::app::App;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, RelayId};
use crate::domain::relay::{RelayKind, RelayState};
use crate::error::{Error, Result};
use crate::store::entity::{account, relay};
use crate::store::relays;

/// A relay to take part in.
#[derive(Debug)]
pub struct Wanted {
    /// Where it is spoken to.
    pub inbox_url: String,
    /// Who it speaks as, where that is known; such a relay is followed, the others are asked for everything public.
    pub actor: Option<account::Model>,
}

/// Asks a relay to let this server take part, in the name of `server`.
pub async fn add(app: &App, server: AccountId, wanted: Wanted) -> Result<RelayId> {
    let mut change = app.begin().await?;
    if relays::by_inbox(change.tx(), &wanted.inbox_url).await?.is_some() {
        return Err(Error::invalid("This server has asked that relay already"));
    }
    let id: RelayId = app.id();
    let uri = app.urls.relay(server, id);
    let kind = if wanted.actor.is_some() { RelayKind::LitePub } else { RelayKind::Mastodon };
    let row = relay::ActiveModel {
        id: Set(id),
        kind: Set(kind),
        inbox_url: Set(wanted.inbox_url.clone()),
        account_id: Set(wanted.actor.as_ref().map(|actor| actor.id)),
        follow_uri: Set(uri.clone()),
        state: Set(RelayState::Asked),
        created_at: Set(change.now()),
    };
    relay::Entity::insert(row).exec_without_returning(change.tx()).await?;
    let actor = wanted.actor.map(|actor| actor.uri);
    change.record(Event::RelayAsked { account: server, inbox: wanted.inbox_url, actor, uri }).await?;
    change.commit().await?;
    Ok(id)
}

/// Leaves a relay; nothing that it brings counts any more.
pub async fn remove(app: &App, server: AccountId, id: RelayId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = relay::Entity::find_by_id(id).one(change.tx()).await?.ok_or(Error::NotFound("relay"))?;
    let actor = match known.account_id.filter(|_| known.kind == RelayKind::LitePub) {
        Some(account) => account::Entity::find_by_id(account).one(change.tx()).await?.map(|actor| actor.uri),
        None => None,
    };
    relay::Entity::delete_by_id(id).exec(change.tx()).await?;
    change.record(Event::RelayLeft { account: server, inbox: known.inbox_url, actor, uri: known.follow_uri }).await?;
    change.commit().await
}

/// Takes in what a relay answers, which speaks as `account` from now on.
pub async fn receive_answer(app: &App, id: RelayId, account: AccountId, answer: RelayState) -> Result<()> {
    let change = app.begin().await?;
    let Some(known) = relay::Entity::find_by_id(id).one(change.tx()).await? else { return Ok(()) };
    let mut known = known.into_active_model();
    known.account_id = Set(Some(account));
    known.state = Set(answer);
    known.update(change.tx()).await?;
    change.commit().await
}

/// Tells somebody whether they may follow the server itself: relays may that were asked, and nobody else.
pub async fn answer_follow(app: &App, server: AccountId, follower: AccountId, uri: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let uri = uri.to_owned();
    let event = match relays::by_account(change.tx(), follower).await? {
        Some(_) => Event::FollowAccepted { account: server, follower, uri },
        None => Event::FollowRejected { account: server, follower, uri },
    };
    change.record(event).await?;
    change.commit().await
}
