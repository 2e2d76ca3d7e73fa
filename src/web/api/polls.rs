//! Polls: reading and voting.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::polls as actions;
use crate::domain::id::StatusId;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::views;
use crate::web::Web;
use crate::web::api::entity::Poll;
use crate::web::api::{Id, json};
use crate::web::caller::{Caller, MaybeCaller, ReadStatuses, WriteStatuses};
use crate::web::params::Params;

/// `GET /api/v1/polls/ID`
pub async fn show(State(web): State<Web>, caller: MaybeCaller<ReadStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    web.federation.refresh_poll(caller.viewer(), id).await?;
    one(&web, caller.viewer(), id).await
}

/// What somebody chooses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choices {
    choices: Vec<i32>,
}

/// `POST /api/v1/polls/ID/votes`
pub async fn vote(
    State(web): State<Web>,
    caller: Caller<WriteStatuses>,
    Id(id): Id<StatusId>,
    Params(form): Params<Choices>,
) -> Result<Response> {
    actions::vote(&web.app, caller.account, id, &form.choices).await?;
    one(&web, caller.viewer(), id).await
}

async fn one(web: &Web, viewer: Viewer, id: StatusId) -> Result<Response> {
    let view = views::statuses::one(&web.app.db, viewer, id).await?;
    json(&Poll::of(&view, web.app.now()).ok_or(Error::NotFound("poll"))?)
}
