//! Who asks to follow a member.

use axum::extract::State;
use axum::response::Response;

use crate::actions::follows;
use crate::app::App;
use crate::domain::id::AccountId;
use crate::error::Result;
use crate::views;
use crate::web::api::accounts::people;
use crate::web::api::relations::relationship;
use crate::web::api::{Id, Paging};
use crate::web::caller::{Caller, ReadFollows, WriteFollows};

/// `GET /api/v1/follow_requests`
pub async fn index(State(app): State<App>, caller: Caller<ReadFollows>, paging: Paging<40, 80>) -> Result<Response> {
    let found = views::accounts::follow_requests(&app.db, caller.account, &paging.page).await?;
    people(&app, &paging, &found)
}

/// `POST /api/v1/follow_requests/ID/authorize`
pub async fn authorize(
    State(app): State<App>,
    caller: Caller<WriteFollows>,
    Id(id): Id<AccountId>,
) -> Result<Response> {
    follows::accept(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}

/// `POST /api/v1/follow_requests/ID/reject`
pub async fn reject(State(app): State<App>, caller: Caller<WriteFollows>, Id(id): Id<AccountId>) -> Result<Response> {
    follows::reject(&app, caller.account, id).await?;
    relationship(&app, caller.account, id).await
}
