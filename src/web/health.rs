//! What those who watch the server ask it: does it live, can it work.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::app::App;
use crate::views;
use crate::web::Web;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The routes of this file.
pub fn router() -> Router<Web> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

/// `GET /livez`: the program answers.
async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers as well, and has its tables.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, views::instance::is_ready(&app.db)).await {
        Ok(true) => (StatusCode::OK, "ok\n"),
        Ok(false) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
