//! What apps ask without people: tokens for codes, tokens for themselves, and the end of tokens.

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;

use crate::actions::oauth::{self, Client, Exchange, IssuedToken, Refusal};
use crate::app::App;
use crate::domain::scope::Scopes;
use crate::web::oauth::refusal;
use crate::web::params::{self, Params};

/// What an app may do when it does not say what it wants.
pub const DEFAULT_SCOPE: &str = "read";

/// What an app sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    scope: Option<String>,
    token: Option<String>,
}

/// `POST /oauth/token`
pub async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Result<Params<Asked>, params::Refusal>,
) -> Result<Response, Response> {
    let Params(asked) = asked.map_err(unreadable)?;
    let client = client(&headers, &asked);
    let issued = match asked.grant_type.as_deref() {
        Some("authorization_code") => by_code(&app, &client, asked).await,
        Some("client_credentials") => for_itself(&app, &client, asked).await,
        None => Err(missing("grant_type")),
        Some(_) => {
            let why = "The authorization grant type is not supported by the authorization server.";
            return Err(refusal::answer(StatusCode::BAD_REQUEST, "unsupported_grant_type", why));
        }
    };
    issued.map(print).map_err(IntoResponse::into_response)
}

/// `POST /oauth/revoke`
pub async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    asked: Result<Params<Asked>, params::Refusal>,
) -> Result<Response, Response> {
    let Params(asked) = asked.map_err(unreadable)?;
    let client = client(&headers, &asked);
    oauth::revoke(&app, &client, &asked.token.unwrap_or_default()).await.map_err(IntoResponse::into_response)?;
    Ok(Json(json!({})).into_response())
}

async fn by_code(app: &App, client: &Client, asked: Asked) -> Result<IssuedToken, Refusal> {
    let given = Exchange {
        code: asked.code.ok_or(missing("code"))?,
        redirect_uri: asked.redirect_uri.ok_or(missing("redirect_uri"))?,
        code_verifier: asked.code_verifier,
    };
    oauth::exchange(app, client, given).await
}

async fn for_itself(app: &App, client: &Client, asked: Asked) -> Result<IssuedToken, Refusal> {
    let scope = asked.scope.as_deref().unwrap_or(DEFAULT_SCOPE);
    let scopes: Scopes = scope.parse().map_err(|_| Refusal::InvalidScope)?;
    oauth::client_token(app, client, scopes).await
}

fn missing(name: &str) -> Refusal {
    Refusal::InvalidRequest(match name {
        "code" => "Missing required parameter: code.",
        "redirect_uri" => "Missing required parameter: redirect_uri.",
        _ => "Missing required parameter: grant_type.",
    })
}

/// Who asks: by the header if it says so, by the parameters otherwise.
fn client(headers: &HeaderMap, asked: &Asked) -> Client {
    if let Some((id, secret)) = basic(headers) {
        return Client { id, secret };
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Client { id: text(&asked.client_id), secret: text(&asked.client_secret) }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn unreadable(why: params::Refusal) -> Response {
    match why {
        params::Refusal::Malformed(why) => refusal::answer(StatusCode::BAD_REQUEST, "invalid_request", why),
        params::Refusal::Field { name, why } => {
            refusal::answer(StatusCode::BAD_REQUEST, "invalid_request", &format!("{name}: {why}"))
        }
        other => other.into_response(),
    }
}

fn print(issued: IssuedToken) -> Response {
    let body = json!({
        "access_token": issued.token,
        "token_type": "Bearer",
        "scope": issued.scopes.to_string(),
        "created_at": issued.created_at.0.div_euclid(1000),
    });
    let never = [(CACHE_CONTROL, HeaderValue::from_static("no-store")), (PRAGMA, HeaderValue::from_static("no-cache"))];
    (never, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_who_asks_before_the_parameters_do() {
        let asked = Asked { client_id: Some("body".to_owned()), ..Asked::default() };
        let mut headers = HeaderMap::new();
        assert_eq!(client(&headers, &asked).id, "body");
        headers.insert(AUTHORIZATION, HeaderValue::from_static("basic aGVhZGVyOnNlY3JldDp4"));
        let client = client(&headers, &asked);
        assert_eq!((client.id.as_str(), client.secret.as_str()), ("header", "secret:x"));
    }

    #[test]
    fn a_broken_header_is_nobody() {
        for header in ["Basic !", "Basic", "Basic bm9jb2xvbg==", "Bearer abc"] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(header))]);
            assert_eq!(basic(&headers), None, "{header}");
        }
    }
}
