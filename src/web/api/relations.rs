//! What members are to others: follows, blocks, mutes.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::follows::{self, Wishes};
use crate::actions::relations;
use crate::app::App;
use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::accounts::people;
use crate::web::api::entity::{MutedAccount, Relationship};
use crate::web::api::{Id, List, Paging, json, page};
use crate::web::caller::{Caller, ReadBlocks, ReadFollows, ReadMutes, WriteBlocks, WriteFollows, WriteMutes};
use crate::web::params::Params;

/// How many accounts can be asked about at once.
const MOST: usize = 400;

/// Several accounts by id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Several {
    id: Vec<AccountId>,
}

/// `GET /api/v1/accounts/relationships`
pub async fn relationships(
    State(app): State<App>,
    caller: Caller<ReadFollows>,
    Params(form): Params<Several>,
) -> Result<Response> {
    let ids: Vec<AccountId> = form.id.into_iter().take(MOST).collect();
    let known: Vec<AccountId> =
        views::accounts::several(&app.db, &ids).await?.into_iter().map(|account| account.id).collect();
    let found = views::accounts::relationships(&app.db, caller.account, &known, app.now()).await?;
    json(&Relationship::all(&found))
}

/// What a follower wants to see.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Follow {
    reblogs: Option<bool>,
    notify: Option<bool>,
    languages: Option<Vec<String>>,
}

/// `POST /api/v1/accounts/ID/follow`
pub async fn follow(
    State(app): State<App>,
    caller: Caller<WriteFollows>,
    Id(id): Id<AccountId>,
    Params(form): Params<Follow>,
) -> Result<Response> {
    let wishes = Wishes { reblogs: form.reblogs, notify: form.notify, languages: form.languages };
    follows::follow(&app, caller.account, id, wishes).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/accounts/ID/unfollow`
pub async fn unfollow(State(app): State<App>, caller: Caller<WriteFollows>, Id(id): Id<AccountId>) -> Result<Response> {
    follows::unfollow(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/accounts/ID/remove_from_followers`
pub async fn remove_from_followers(
    State(app): State<App>,
    caller: Caller<WriteFollows>,
    Id(id): Id<AccountId>,
) -> Result<Response> {
    views::accounts::one(&app.db, id).await?;
    follows::remove_follower(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/accounts/ID/block`
pub async fn block(State(app): State<App>, caller: Caller<WriteBlocks>, Id(id): Id<AccountId>) -> Result<Response> {
    relations::block(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/accounts/ID/unblock`
pub async fn unblock(State(app): State<App>, caller: Caller<WriteBlocks>, Id(id): Id<AccountId>) -> Result<Response> {
    relations::unblock(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// What is muted of somebody, and for how long.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Mute {
    notifications: Option<bool>,
    duration: Option<u32>,
}

/// `POST /api/v1/accounts/ID/mute`
pub async fn mute(
    State(app): State<App>,
    caller: Caller<WriteMutes>,
    Id(id): Id<AccountId>,
    Params(form): Params<Mute>,
) -> Result<Response> {
    let duration = form.duration.map(|seconds| Duration::from_secs(seconds.into()));
    relations::mute(&app, caller.account, id, form.notifications, duration).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/accounts/ID/unmute`
pub async fn unmute(State(app): State<App>, caller: Caller<WriteMutes>, Id(id): Id<AccountId>) -> Result<Response> {
    relations::unmute(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// `GET /api/v1/blocks`
pub async fn blocks(State(app): State<App>, caller: Caller<ReadBlocks>, paging: Paging<40, 80>) -> Result<Response> {
    let found = views::accounts::blocked(&app.db, caller.account, &paging.page).await?;
    people(&app, &paging, &found)
}

/// `GET /api/v1/mutes`
pub async fn mutes(State(app): State<App>, caller: Caller<ReadMutes>, paging: Paging<40, 80>) -> Result<Response> {
    let found = views::accounts::muted(&app.db, caller.account, app.now(), &paging.page).await?;
    let printed: Vec<MutedAccount<'_>> =
        found.items.iter().map(|(account, ends)| MutedAccount::new(account, *ends, &app.urls)).collect();
    page(&printed, paging.links(&app.urls, found.bounds, List::Accounts))
}

/// Prints what somebody is to a member.
pub(super) async fn relationship(app: &App, reader: AccountId, id: AccountId) -> Result<Response> {
    let found = views::accounts::relationships(&app.db, reader, &[id], app.now()).await?;
    let (id, relationship) = found.first().ok_or(Error::NotFound("account"))?;
    json(&Relationship::new(*id, relationship))
}
