//! Timelines.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::domain::page::Paged;
use crate::domain::text::Tag;
use crate::error::Result;
use crate::views;
use crate::views::statuses::StatusView;
use crate::views::timelines::{From, Tagged};
use crate::web::api::entity::Status;
use crate::web::api::{List, Paging, page};
use crate::web::caller::{Caller, MaybeCaller, ReadStatuses};
use crate::web::params::Params;

/// How many further tags of one sort can be named.
const MOST_TAGS: usize = 4;

/// `GET /api/v1/timelines/home`
pub async fn home(State(app): State<App>, caller: Caller<ReadStatuses>, paging: Paging<20, 40>) -> Result<Response> {
    let found = views::timelines::home(&app.db, caller.account, app.now(), &paging.page).await?;
    print(&app, &paging, &found)
}

/// Whose statuses are wanted, and which.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    local: Option<bool>,
    remote: Option<bool>,
    only_media: Option<bool>,
    any: Vec<String>,
    all: Vec<String>,
    none: Vec<String>,
}

impl Wanted {
    fn whose(&self) -> From {
        match (self.local.unwrap_or_default(), self.remote.unwrap_or_default()) {
            (true, false) => From::Here,
            (false, true) => From::Elsewhere,
            _ => From::Everywhere,
        }
    }
}

/// `GET /api/v1/timelines/public`
pub async fn public(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    paging: Paging<20, 40>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    let only_media = form.only_media.unwrap_or_default();
    let viewer = caller.viewer();
    let found = views::timelines::public(&app.db, viewer, form.whose(), only_media, app.now(), &paging.page).await?;
    print(&app, &paging, &found)
}

/// `GET /api/v1/timelines/tag/NAME`
pub async fn tag(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Path(name): Path<String>,
    paging: Paging<20, 40>,
    Params(form): Params<Wanted>,
) -> Result<Response> {
    let (viewer, now) = (caller.viewer(), app.now());
    let key = Tag::parse(&name).map(|tag| tag.key).unwrap_or_default();
    let only_media = form.only_media.unwrap_or_default();
    let others = [&form.any, &form.all, &form.none];
    let found = if only_media || others.iter().any(|names| !names.is_empty()) {
        let mut any = keys(&form.any);
        any.push(key);
        let (all, none) = (keys(&form.all), keys(&form.none));
        let wanted = Tagged { any, all, none, from: form.whose(), only_media };
        views::timelines::tagged(&app.db, viewer, &wanted, now, &paging.page).await?
    } else {
        views::timelines::tag(&app.db, viewer, &key, form.whose(), now, &paging.page).await?
    };
    print(&app, &paging, &found)
}

fn keys(names: &[String]) -> Vec<String> {
    names.iter().filter_map(|name| Tag::parse(name)).map(|tag| tag.key).take(MOST_TAGS).collect()
}

fn print(app: &App, paging: &Paging<20, 40>, found: &Paged<StatusView>) -> Result<Response> {
    page(&Status::all(&found.items, app), paging.links(&app.urls, found.bounds, List::Timeline))
}
