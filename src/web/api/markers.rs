//! How far a member has read.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::markers as actions;
use crate::app::App;
use crate::domain::id::AccountId;
use crate::error::Result;
use crate::views;
use crate::web::api::entity::Marker;
use crate::web::api::json;
use crate::web::caller::{Caller, ReadStatuses, WriteStatuses};
use crate::web::params::Params;

/// Which timelines are meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    timeline: Vec<String>,
}

/// `GET /api/v1/markers`
pub async fn index(
    State(app): State<App>,
    caller: Caller<ReadStatuses>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    let timelines: Vec<String> =
        form.timeline.into_iter().filter(|name| actions::TIMELINES.contains(&name.as_str())).collect();
    print(&app, caller.account, &timelines).await
}

/// How far each timeline was read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Read {
    home: Mark,
    notifications: Mark,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mark {
    last_read_id: Option<String>,
}

/// `POST /api/v1/markers`
pub async fn create(
    State(app): State<App>,
    caller: Caller<WriteStatuses>,
    Params(form): Params<Read>,
) -> Result<Response> {
    let read: Vec<(&'static str, String)> = actions::TIMELINES
        .into_iter()
        .zip([form.home.last_read_id, form.notifications.last_read_id])
        .filter_map(|(timeline, id)| Some((timeline, id?)))
        .collect();
    actions::set(&app, caller.account, &read).await?;
    let timelines: Vec<String> = read.iter().map(|(timeline, _)| (*timeline).to_owned()).collect();
    print(&app, caller.account, &timelines).await
}

async fn print(app: &App, account: AccountId, timelines: &[String]) -> Result<Response> {
    let marks = views::notifications::markers(&app.db, account, timelines).await?;
    json(&Marker::all(&marks))
}
