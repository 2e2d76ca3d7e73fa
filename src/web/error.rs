//! From errors to answers: the one place that knows status codes.

use std::error::Error as _;
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::error::{Error, Problem};
use crate::federation::signature::CHALLENGE;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        log(&self);
        let details = match &self {
            Self::Validation(problems) => Some(details(problems)),
            _ => None,
        };
        let mut response = answer(status(&self), &self.to_string(), details);
        match self {
            Self::Unauthenticated(_) => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany { retry_after } => {
                response.headers_mut().insert(RETRY_AFTER, seconds(retry_after));
            }
            _ => {}
        }
        response
    }
}

/// The status code that stands for an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Gone => StatusCode::GONE,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::Validation(_) | Error::NeedsUser => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Remote { .. } | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error as other servers read it: Problem Details (RFC 9457) with the types of FEP-c180 where one fits.
///
/// Says no more than a code: which part of a signature was wrong is for our own log.
pub fn to_peer(error: &Error) -> Response {
    log(error);
    let status = match error {
        // Trouble of our own passes: what was sent is to be sent again.
        Error::Internal(_) => StatusCode::SERVICE_UNAVAILABLE,
        other => status(other),
    };
    let kind = match error {
        Error::Forbidden(_) => "https://w3id.org/fep/c180#principal-not-authorized",
        Error::TooMany { .. } => "https://w3id.org/fep/c180#rate-limit-exceeded",
        _ => "about:blank",
    };
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({"type": kind, "title": title, "status": status.as_u16(), "detail": error.to_string()});
    let headers = [(CONTENT_TYPE, "application/problem+json"), (CACHE_CONTROL, "private, no-store")];
    let mut response = (status, headers, body.to_string()).into_response();
    let more = response.headers_mut();
    match error {
        Error::Unauthenticated(_) => {
            more.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
            more.insert("accept-signature", HeaderValue::from_static(CHALLENGE));
        }
        Error::TooMany { retry_after } => {
            more.insert(RETRY_AFTER, seconds(*retry_after));
        }
        _ => {}
    }
    response
}

/// Rounded up: whoever waits exactly that long must not be early.
fn seconds(wait: Duration) -> HeaderValue {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX))
}

/// Writes down what the person asking is not told; called once, where the error leaves.
pub fn log(error: &Error) {
    match error {
        Error::Internal(_) | Error::Unavailable(_) => {
            tracing::error!(error = %chain(error), "a request failed: {}", chain(error))
        }
        Error::Remote { host, .. } => {
            tracing::info!(host, error = %chain(error), "a request failed because of {}", chain(error));
        }
        _ => {}
    }
}

/// An error as client apps read it: `error` for Mastodon's, the rest after RFC 9457.
///
/// The type is plain JSON, because apps refuse to parse anything else.
pub fn answer(status: StatusCode, text: &str, details: Option<Value>) -> Response {
    let mut body = json!({
        "error": text,
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": text,
    });
    // Apps that know this status look for details, be there none.
    if let Some(details) = details.or_else(|| (status == StatusCode::UNPROCESSABLE_ENTITY).then(|| json!({}))) {
        body["details"] = details;
    }
    // What is refused to one may be given to the next: no cache between us keeps it.
    let headers = [(CONTENT_TYPE, "application/json; charset=utf-8"), (CACHE_CONTROL, "private, no-store")];
    (status, headers, body.to_string()).into_response()
}

/// One wrong field in the form the sign-up endpoint of the client API knows.
pub fn detail(code: &str, description: &str) -> Value {
    json!({ "error": code, "description": description })
}

fn details(problems: &[Problem]) -> Value {
    let mut fields: Map<String, Value> = Map::new();
    for problem in problems {
        let of_field = fields.entry(problem.field).or_insert_with(|| json!([]));
        if let Value::Array(of_field) = of_field {
            of_field.push(detail(problem.code, &problem.description));
        }
    }
    Value::Object(fields)
}

/// The error and everything that caused it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
