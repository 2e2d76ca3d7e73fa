//! The server introduces itself.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use serde_json::Value;

use crate::app::App;
use crate::error::Result;
use crate::views;
use crate::web::api::entity::CustomEmoji;
use crate::web::api::entity::instance::{self, Portrait};
use crate::web::api::json;

/// What hardly ever changes may be kept for five minutes.
const FOR_A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /api/v2/instance`
pub async fn v2(State(app): State<App>) -> Result<Response> {
    portray(&app, instance::v2).await
}

/// `GET /api/v1/instance`
pub async fn v1(State(app): State<App>) -> Result<Response> {
    portray(&app, instance::v1).await
}

async fn portray(app: &App, print: impl Fn(&Portrait<'_>) -> Value) -> Result<Response> {
    let settings = views::instance::settings(&app.db).await?;
    let counts = views::instance::counts(&app.db, app.now()).await?;
    let staff = views::instance::staff(&app.db).await?;
    kept(json(&print(&Portrait { app, settings: &settings, counts, contact: staff.first() }))?)
}

/// `GET /api/v1/custom_emojis`
pub async fn custom_emojis(State(app): State<App>) -> Result<Response> {
    let emojis = views::instance::emojis(&app.db).await?;
    let printed: Vec<CustomEmoji<'_>> = emojis.iter().map(|emoji| CustomEmoji::new(emoji, &app.urls)).collect();
    kept(json(&printed)?)
}

fn kept(mut response: Response) -> Result<Response> {
    response.headers_mut().insert(CACHE_CONTROL, FOR_A_WHILE);
    Ok(response)
}
