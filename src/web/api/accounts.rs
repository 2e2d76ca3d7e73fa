//! Accounts, as everybody may see them.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::domain::handle::Handle;
use crate::domain::id::AccountId;
use crate::domain::page::Paged;
use crate::domain::text::Tag;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Result};
use crate::views;
use crate::views::AccountView;
use crate::views::timelines::OfAccount;
use crate::web::api::entity::{Account, Status};
use crate::web::api::{Id, List, Paging, json, page};
use crate::web::caller::{MaybeCaller, ReadAccounts, ReadStatuses};
use crate::web::params::Params;

/// How many accounts can be asked for at once.
const MOST: usize = 40;

/// `GET /api/v1/accounts/ID`
pub async fn show(State(app): State<App>, _: MaybeCaller<ReadAccounts>, Id(id): Id<AccountId>) -> Result<Response> {
    let account = views::accounts::one(&app.db, id).await?;
    profile(&app, &account).await
}

/// Several accounts by id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Several {
    id: Vec<AccountId>,
}

/// `GET /api/v1/accounts`
pub async fn index(
    State(app): State<App>,
    _: MaybeCaller<ReadAccounts>,
    Params(form): Params<Several>,
) -> Result<Response> {
    if form.id.len() > MOST {
        return Err(Error::field("id", "ERR_TOO_LONG", "Too many accounts are asked for at once"));
    }
    let accounts = views::accounts::several(&app.db, &form.id).await?;
    json(&Account::all(&accounts, &app.urls))
}

/// An account by its handle.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    acct: Option<String>,
}

/// `GET /api/v1/accounts/lookup`
pub async fn lookup(
    State(app): State<App>,
    _: MaybeCaller<ReadAccounts>,
    Params(form): Params<Named>,
) -> Result<Response> {
    let handle: Handle = form.acct.unwrap_or_default().parse().map_err(|_| Error::NotFound("account"))?;
    let host = handle.host.as_ref().filter(|host| !app.urls.is_ours(host));
    let account = views::accounts::by_name(&app.db, &handle.username, host).await?;
    profile(&app, &account).await
}

async fn profile(app: &App, account: &AccountView) -> Result<Response> {
    let home = views::accounts::new_home(&app.db, account).await?;
    json(&Account::with_home(account, home.as_ref(), &app.urls))
}

/// Which statuses of an account are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    only_media: Option<bool>,
    exclude_replies: Option<bool>,
    exclude_reblogs: Option<bool>,
    exclude_direct: Option<bool>,
    pinned: Option<bool>,
    tagged: Option<String>,
}

/// `GET /api/v1/accounts/ID/statuses`
pub async fn statuses(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Id(id): Id<AccountId>,
    paging: Paging<20, 40>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    views::accounts::one(&app.db, id).await?;
    if form.pinned == Some(true) {
        let pinned = views::timelines::pinned(&app.db, caller.viewer(), id).await?;
        return page(&Status::all(&pinned, &app), None);
    }
    let wanted = OfAccount {
        only_media: form.only_media.unwrap_or_default(),
        exclude_replies: form.exclude_replies.unwrap_or_default(),
        exclude_reblogs: form.exclude_reblogs.unwrap_or_default(),
        // What is no tag is carried by no status.
        tagged: form.tagged.map(|name| Tag::parse(&name).map(|tag| tag.key).unwrap_or_default()),
    };
    let mut found = views::timelines::account(&app.db, caller.viewer(), id, &wanted, &paging.page).await?;
    if form.exclude_direct == Some(true) {
        found.items.retain(|view| view.row().visibility != Visibility::Direct);
    }
    page(&Status::all(&found.items, &app), paging.links(&app.urls, found.bounds, List::Statuses))
}

/// `GET /api/v1/accounts/ID/followers`
pub async fn followers(
    State(app): State<App>,
    caller: MaybeCaller<ReadAccounts>,
    Id(id): Id<AccountId>,
    paging: Paging<40, 80>,
) -> Result<Response> {
    let found = views::accounts::followers(&app.db, caller.viewer(), id, &paging.page).await?;
    people(&app, &paging, &found)
}

/// `GET /api/v1/accounts/ID/following`
pub async fn following(
    State(app): State<App>,
    caller: MaybeCaller<ReadAccounts>,
    Id(id): Id<AccountId>,
    paging: Paging<40, 80>,
) -> Result<Response> {
    let found = views::accounts::following(&app.db, caller.viewer(), id, &paging.page).await?;
    people(&app, &paging, &found)
}

/// Prints a page of accounts.
pub(super) fn people(app: &App, paging: &Paging<40, 80>, found: &Paged<AccountView>) -> Result<Response> {
    page(&Account::all(&found.items, &app.urls), paging.links(&app.urls, found.bounds, List::Accounts))
}
