//! Refusals in the words of OAuth.

use axum::Json;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::actions::oauth::Refusal;

/// A refusal as apps read it: `error` and `error_description`.
pub fn answer(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let description = self.to_string();
        match self {
            Self::InvalidClient => {
                let mut response = answer(StatusCode::UNAUTHORIZED, "invalid_client", &description);
                let realm = HeaderValue::from_static("Basic realm=\"outloud\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, realm);
                response
            }
            Self::InvalidGrant => answer(StatusCode::BAD_REQUEST, "invalid_grant", &description),
            Self::InvalidScope => answer(StatusCode::BAD_REQUEST, "invalid_scope", &description),
            Self::InvalidRequest(_) => answer(StatusCode::BAD_REQUEST, "invalid_request", &description),
            Self::UnauthorizedClient => answer(StatusCode::FORBIDDEN, "unauthorized_client", &description),
            Self::Failed(error) => error.into_response(),
        }
    }
}
