//! Hashtags on a profile.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::featured_tags as actions;
use crate::app::App;
use crate::domain::id::{AccountId, FeaturedTagId};
use crate::error::Result;
use crate::views;
use crate::web::api::entity::{FeaturedTag, Tag};
use crate::web::api::{Id, json, nothing};
use crate::web::caller::{Caller, MaybeCaller, ReadAccounts, WriteAccounts};
use crate::web::params::Params;

/// `GET /api/v1/featured_tags`
pub async fn index(State(app): State<App>, caller: Caller<ReadAccounts>) -> Result<Response> {
    of(&app, caller.account).await
}

/// `GET /api/v1/accounts/ID/featured_tags`
pub async fn of_account(
    State(app): State<App>,
    _: MaybeCaller<ReadAccounts>,
    Id(id): Id<AccountId>,
) -> Result<Response> {
    of(&app, id).await
}

async fn of(app: &App, account: AccountId) -> Result<Response> {
    let account = views::accounts::one(&app.db, account).await?;
    let featured = views::featured_tags::of(&app.db, account.id).await?;
    json(&featured.iter().map(|featured| FeaturedTag::new(featured, &account)).collect::<Vec<_>>())
}

/// A hashtag to show.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    name: String,
}

/// `POST /api/v1/featured_tags`
pub async fn create(
    State(app): State<App>,
    caller: Caller<WriteAccounts>,
    Params(form): Params<Named>,
) -> Result<Response> {
    let id = actions::feature(&app, caller.account, &form.name).await?;
    let account = views::accounts::one(&app.db, caller.account).await?;
    json(&FeaturedTag::new(&views::featured_tags::one(&app.db, account.id, id).await?, &account))
}

/// `DELETE /api/v1/featured_tags/ID`
pub async fn delete(
    State(app): State<App>,
    caller: Caller<WriteAccounts>,
    Id(id): Id<FeaturedTagId>,
) -> Result<Response> {
    actions::unfeature(&app, caller.account, id).await?;
    nothing()
}

/// `GET /api/v1/featured_tags/suggestions`
pub async fn suggestions(State(app): State<App>, caller: Caller<ReadAccounts>) -> Result<Response> {
    let tags = views::featured_tags::suggested(&app.db, caller.account).await?;
    json(&tags.iter().map(|tag| Tag::new(tag, &app.urls)).collect::<Vec<_>>())
}
