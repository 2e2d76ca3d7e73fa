//! Who quotes a post, and who may.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::actions::quotes;
use crate::app::App;
use crate::domain::id::StatusId;
use crate::domain::quote::QuoteChoice;
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::entity::Status;
use crate::web::api::{Id, List, Paging, json, page};
use crate::web::caller::{Caller, ReadStatuses, WriteStatuses};
use crate::web::params::{Params, word};

/// `GET /api/v1/statuses/ID/quotes`
pub async fn index(
    State(app): State<App>,
    caller: Caller<ReadStatuses>,
    Id(id): Id<StatusId>,
    paging: Paging<20, 40>,
) -> Result<Response> {
    let found = views::statuses::quotes(&app.db, caller.viewer(), id, &paging.page).await?;
    page(&Status::all(&found.items, &app), paging.links(&app.urls, found.bounds, List::Statuses))
}

/// `POST /api/v1/statuses/ID/quotes/QUOTING/revoke`
pub async fn revoke(
    State(app): State<App>,
    caller: Caller<WriteStatuses>,
    Path((quoted, quoting)): Path<(String, String)>,
) -> Result<Response> {
    let id = |text: &str| text.parse::<StatusId>().map_err(|_| Error::NotFound("status"));
    let (quoted, quoting) = (id(&quoted)?, id(&quoting)?);
    quotes::revoke(&app, caller.account, quoted, quoting).await?;
    let view = views::statuses::one(&app.db, caller.viewer(), quoting).await?;
    json(&Status::new(&view, &app))
}

/// Who may do what with a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Policy {
    #[serde(deserialize_with = "word")]
    quote_approval_policy: Option<QuoteChoice>,
}

/// `PUT /api/v1/statuses/ID/interaction_policy`
pub async fn set_policy(
    State(app): State<App>,
    caller: Caller<WriteStatuses>,
    Id(id): Id<StatusId>,
    Params(form): Params<Policy>,
) -> Result<Response> {
    if let Some(choice) = form.quote_approval_policy {
        quotes::set_policy(&app, caller.account, id, choice).await?;
    }
    let view = views::statuses::one(&app.db, caller.viewer(), id).await?;
    json(&Status::new(&view, &app))
}
