//! What a reader does not want to meet.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::filters::{self as actions, KeywordWish, Wish};
use crate::app::App;
use crate::domain::filter::FilterAction;
use crate::domain::id::{AccountId, FilterId, FilterKeywordId, FilterStatusId, StatusId};
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::entity::{Filter, FilterKeyword, FilterStatus};
use crate::web::api::{Id, json, nothing};
use crate::web::caller::{Caller, ReadFilters, WriteFilters};
use crate::web::params::{Params, text, told, word};

/// What is wanted of a filter.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    #[serde(deserialize_with = "text")]
    title: Option<String>,
    context: Option<Vec<String>>,
    #[serde(deserialize_with = "word")]
    filter_action: Option<FilterAction>,
    #[serde(deserialize_with = "told")]
    expires_in: Option<Option<u32>>,
    keywords_attributes: Vec<Keyword>,
}

/// What is wanted of a word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Keyword {
    id: Option<FilterKeywordId>,
    #[serde(deserialize_with = "text")]
    keyword: Option<String>,
    whole_word: Option<bool>,
    #[serde(rename = "_destroy")]
    destroy: Option<bool>,
}

impl Written {
    fn wish(self) -> Wish {
        Wish {
            title: self.title,
            context: self.context,
            action: self.filter_action,
            expires_in: self.expires_in.map(seconds),
            keywords: self.keywords_attributes.into_iter().map(Keyword::wish).collect(),
        }
    }
}

impl Keyword {
    fn wish(self) -> KeywordWish {
        KeywordWish {
            id: self.id,
            keyword: self.keyword,
            whole_word: self.whole_word,
            destroy: self.destroy.unwrap_or_default(),
        }
    }
}

/// So many seconds, or for ever.
pub(super) fn seconds(after: Option<u32>) -> Option<Duration> {
    after.map(|seconds| Duration::from_secs(seconds.into()))
}

/// `GET /api/v2/filters`
pub async fn index(State(app): State<App>, caller: Caller<ReadFilters>) -> Result<Response> {
    let found = views::filters::of(&app.db, caller.account).await?;
    json(&found.iter().map(Filter::new).collect::<Vec<_>>())
}

/// `POST /api/v2/filters`
pub async fn create(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Params(form): Params<Written>,
) -> Result<Response> {
    let id = actions::create(&app, caller.account, form.wish()).await?;
    one(&app, caller.account, id).await
}

/// `GET /api/v2/filters/ID`
pub async fn show(State(app): State<App>, caller: Caller<ReadFilters>, Id(id): Id<FilterId>) -> Result<Response> {
    one(&app, caller.account, id).await
}

/// `PUT /api/v2/filters/ID`
pub async fn update(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterId>,
    Params(form): Params<Written>,
) -> Result<Response> {
    actions::update(&app, caller.account, id, form.wish()).await?;
    one(&app, caller.account, id).await
}

/// `DELETE /api/v2/filters/ID`
pub async fn delete(State(app): State<App>, caller: Caller<WriteFilters>, Id(id): Id<FilterId>) -> Result<Response> {
    actions::delete(&app, caller.account, id).await?;
    nothing()
}

/// `GET /api/v2/filters/ID/keywords`
pub async fn keywords(State(app): State<App>, caller: Caller<ReadFilters>, Id(id): Id<FilterId>) -> Result<Response> {
    let view = views::filters::one(&app.db, caller.account, id).await?;
    json(&view.keywords.iter().map(FilterKeyword::new).collect::<Vec<_>>())
}

/// `POST /api/v2/filters/ID/keywords`
pub async fn add_keyword(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterId>,
    Params(form): Params<Keyword>,
) -> Result<Response> {
    let id = actions::add_keyword(&app, caller.account, id, form.wish()).await?;
    one_keyword(&app, caller.account, id).await
}

/// `GET /api/v2/filters/keywords/ID`
pub async fn keyword(
    State(app): State<App>,
    caller: Caller<ReadFilters>,
    Id(id): Id<FilterKeywordId>,
) -> Result<Response> {
    one_keyword(&app, caller.account, id).await
}

/// `PUT /api/v2/filters/keywords/ID`
pub async fn update_keyword(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterKeywordId>,
    Params(form): Params<Keyword>,
) -> Result<Response> {
    actions::update_keyword(&app, caller.account, id, form.wish()).await?;
    one_keyword(&app, caller.account, id).await
}

/// `DELETE /api/v2/filters/keywords/ID`
pub async fn delete_keyword(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterKeywordId>,
) -> Result<Response> {
    actions::delete_keyword(&app, caller.account, id).await?;
    nothing()
}

/// `GET /api/v2/filters/ID/statuses`
pub async fn statuses(State(app): State<App>, caller: Caller<ReadFilters>, Id(id): Id<FilterId>) -> Result<Response> {
    let view = views::filters::one(&app.db, caller.account, id).await?;
    json(&view.statuses.iter().map(FilterStatus::new).collect::<Vec<_>>())
}

/// The status a filter is to pick.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Picked {
    status_id: Option<StatusId>,
}

/// `POST /api/v2/filters/ID/statuses`
pub async fn pick(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterId>,
    Params(form): Params<Picked>,
) -> Result<Response> {
    let status = form.status_id.ok_or(Error::NotFound("status"))?;
    let id = actions::pick(&app, caller.account, id, status).await?;
    json(&FilterStatus::new(&views::filters::pick(&app.db, caller.account, id).await?))
}

/// `GET /api/v2/filters/statuses/ID`
pub async fn picked(
    State(app): State<App>,
    caller: Caller<ReadFilters>,
    Id(id): Id<FilterStatusId>,
) -> Result<Response> {
    json(&FilterStatus::new(&views::filters::pick(&app.db, caller.account, id).await?))
}

/// `DELETE /api/v2/filters/statuses/ID`
pub async fn unpick(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterStatusId>,
) -> Result<Response> {
    actions::unpick(&app, caller.account, id).await?;
    nothing()
}

async fn one(app: &App, reader: AccountId, id: FilterId) -> Result<Response> {
    json(&Filter::new(&views::filters::one(&app.db, reader, id).await?))
}

async fn one_keyword(app: &App, reader: AccountId, id: FilterKeywordId) -> Result<Response> {
    let (_, keyword) = views::filters::keyword(&app.db, reader, id).await?;
    json(&FilterKeyword::new(&keyword))
}
