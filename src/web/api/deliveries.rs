//! Where a post went. An addition of ours: other software does not tell.

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::domain::id::StatusId;
use crate::error::Result;
use crate::views;
use crate::web::api::entity::Delivery;
use crate::web::api::{Id, json};
use crate::web::caller::{Caller, ReadStatuses};

/// `GET /api/v1/statuses/ID/deliveries`
pub async fn of_status(State(app): State<App>, caller: Caller<ReadStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    let reports = views::deliveries::of_status(&app.db, caller.account, id).await?;
    let printed: Vec<Delivery<'_>> = reports.iter().map(Delivery::new).collect();
    json(&printed)
}
