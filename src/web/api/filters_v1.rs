//! Filters as old apps know them: one word each.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::filters::{self as actions, KeywordWish, Wish};
use crate::app::App;
use crate::domain::filter::FilterAction;
use crate::domain::id::{AccountId, FilterKeywordId};
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::entity::FilterV1;
use crate::web::api::filters::seconds;
use crate::web::api::{Id, json, nothing};
use crate::web::caller::{Caller, ReadFilters, WriteFilters};
use crate::web::params::{Params, text, told};

/// What is wanted of a filter with one word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Written {
    #[serde(deserialize_with = "text")]
    phrase: Option<String>,
    context: Option<Vec<String>>,
    irreversible: Option<bool>,
    whole_word: Option<bool>,
    #[serde(deserialize_with = "told")]
    expires_in: Option<Option<u32>>,
}

impl Written {
    /// The filter and its word; old apps know no titles, so the word is the title.
    fn wish(self) -> (Wish, KeywordWish) {
        let action = |irreversible| if irreversible { FilterAction::Hide } else { FilterAction::Warn };
        let title = self.phrase.as_ref().map(|phrase| phrase.chars().take(256).collect());
        let wish = Wish {
            title,
            context: self.context,
            action: self.irreversible.map(action),
            expires_in: self.expires_in.map(seconds),
            keywords: Vec::new(),
        };
        let word = KeywordWish { id: None, keyword: self.phrase, whole_word: self.whole_word, destroy: false };
        (wish, word)
    }
}

/// `GET /api/v1/filters`
pub async fn index(State(app): State<App>, caller: Caller<ReadFilters>) -> Result<Response> {
    let found = views::filters::of(&app.db, caller.account).await?;
    let printed: Vec<FilterV1<'_>> = found
        .iter()
        .flat_map(|view| view.keywords.iter().map(|keyword| FilterV1::new(&view.filter, keyword)))
        .collect();
    json(&printed)
}

/// `POST /api/v1/filters`
pub async fn create(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Params(form): Params<Written>,
) -> Result<Response> {
    let (wish, word) = form.wish();
    let id = actions::create(&app, caller.account, Wish { keywords: vec![word], ..wish }).await?;
    let view = views::filters::one(&app.db, caller.account, id).await?;
    let keyword = view.keywords.first().ok_or(Error::NotFound("keyword"))?;
    json(&FilterV1::new(&view.filter, keyword))
}

/// `GET /api/v1/filters/ID`
pub async fn show(
    State(app): State<App>,
    caller: Caller<ReadFilters>,
    Id(id): Id<FilterKeywordId>,
) -> Result<Response> {
    one(&app, caller.account, id).await
}

/// `PUT /api/v1/filters/ID`
pub async fn update(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterKeywordId>,
    Params(form): Params<Written>,
) -> Result<Response> {
    let (wish, word) = form.wish();
    actions::update_single(&app, caller.account, id, wish, word).await?;
    one(&app, caller.account, id).await
}

/// `DELETE /api/v1/filters/ID`
pub async fn delete(
    State(app): State<App>,
    caller: Caller<WriteFilters>,
    Id(id): Id<FilterKeywordId>,
) -> Result<Response> {
    actions::delete_single(&app, caller.account, id).await?;
    nothing()
}

async fn one(app: &App, reader: AccountId, id: FilterKeywordId) -> Result<Response> {
    let (view, keyword) = views::filters::keyword(&app.db, reader, id).await?;
    json(&FilterV1::new(&view.filter, &keyword))
}
