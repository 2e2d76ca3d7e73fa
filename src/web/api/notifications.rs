//! What members are told.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json as object;

use crate::actions::notifications as actions;
use crate::app::App;
use crate::domain::id::{AccountId, NotificationId};
use crate::domain::notification::NotificationKind;
use crate::error::{Error, Result};
use crate::views;
use crate::views::notifications as view;
use crate::web::api::entity::Notification;
use crate::web::api::{Id, List, Paging, json, length, nothing, page};
use crate::web::caller::{Caller, ReadNotifications, WriteNotifications};
use crate::web::params::Params;

/// Which notifications are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    types: Vec<String>,
    exclude_types: Vec<String>,
    account_id: Option<AccountId>,
    limit: Option<i64>,
}

impl Wanted {
    /// Apps name kinds this server does not know; they match nothing.
    fn known(&self) -> view::Wanted {
        let known =
            |words: &[String]| -> Vec<NotificationKind> { words.iter().filter_map(|word| word.parse().ok()).collect() };
        view::Wanted {
            kinds: (!self.types.is_empty()).then(|| known(&self.types)),
            exclude: known(&self.exclude_types),
            from: self.account_id,
        }
    }
}

/// `GET /api/v1/notifications`
pub async fn index(
    State(app): State<App>,
    caller: Caller<ReadNotifications>,
    paging: Paging<40, 80>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    let found = view::list(&app.db, caller.account, &form.known(), &paging.page).await?;
    let printed: Vec<Notification<'_>> = found.items.iter().map(|view| Notification::new(view, &app)).collect();
    page(&printed, paging.links(&app.urls, found.bounds, List::Timeline))
}

/// `GET /api/v1/notifications/ID`
pub async fn show(
    State(app): State<App>,
    caller: Caller<ReadNotifications>,
    Id(id): Id<NotificationId>,
) -> Result<Response> {
    let view = views::notifications::one(&app.db, caller.account, id).await?;
    json(&Notification::new(&view, &app))
}

/// `GET /api/v1/notifications/unread_count`
pub async fn unread_count(
    State(app): State<App>,
    caller: Caller<ReadNotifications>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    let most = length(form.limit, 100, 1000);
    let count = view::unread(&app.db, caller.account, &form.known(), most).await?;
    json(&object!({ "count": count }))
}

/// `POST /api/v1/notifications/clear`
pub async fn clear(State(app): State<App>, caller: Caller<WriteNotifications>) -> Result<Response> {
    actions::clear(&app, caller.account).await?;
    nothing()
}

/// `POST /api/v1/notifications/ID/dismiss`
pub async fn dismiss(
    State(app): State<App>,
    caller: Caller<WriteNotifications>,
    Id(id): Id<NotificationId>,
) -> Result<Response> {
    actions::dismiss(&app, caller.account, id).await?;
    nothing()
}

/// One notification by id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    id: Option<NotificationId>,
}

/// `POST /api/v1/notifications/dismiss`
pub async fn dismiss_named(
    State(app): State<App>,
    caller: Caller<WriteNotifications>,
    Params(form): Params<Named>,
) -> Result<Response> {
    let id = form.id.ok_or(Error::NotFound("notification"))?;
    actions::dismiss(&app, caller.account, id).await?;
    nothing()
}
