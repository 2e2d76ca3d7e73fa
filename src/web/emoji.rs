//! Pictures of custom emoji.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::error::Result;
use crate::views;
use crate::web::Web;

/// The routes of this file.
pub fn router() -> Router<Web> {
    Router::new().route("/emoji/{file_name}", get(picture))
}

/// `GET /emoji/FILE_NAME`: the picture; a new picture gets a new name, so this one may be kept for good.
async fn picture(State(app): State<App>, Path(file_name): Path<String>) -> Result<Response> {
    let emoji = views::instance::emoji_file(&app.db, &file_name).await?;
    let headers = [
        (CONTENT_TYPE, media_type(&emoji.mime_type)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Whatever hides in the file, opened by itself it may do nothing.
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    Ok((headers, emoji.image).into_response())
}

/// Only the kinds that were taken in leave again.
fn media_type(stored: &str) -> HeaderValue {
    HeaderValue::from_static(match stored {
        "image/png" => "image/png",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        _ => "application/octet-stream",
    })
}
