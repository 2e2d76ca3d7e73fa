//! What apps can find out about OAuth on this server, and about the member they speak for.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::scope::KNOWN;
use crate::error::Result;
use crate::views;
use crate::web::assets::MISSING_AVATAR;
use crate::web::caller::{Caller, Profile};

/// `GET /.well-known/oauth-authorization-server`, after RFC 8414.
pub async fn server(State(app): State<App>) -> Json<Value> {
    let at = |path: &str| app.urls.at(path);
    Json(json!({
        "issuer": at("/"),
        "service_documentation": at("/about"),
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "revocation_endpoint": at("/oauth/revoke"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "app_registration_endpoint": at("/api/v1/apps"),
        "scopes_supported": KNOWN,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

/// `GET` and `POST /oauth/userinfo`
pub async fn user(State(app): State<App>, caller: Caller<Profile>) -> Result<Json<Value>> {
    let account = views::accounts::one(&app.db, caller.account).await?;
    let name = if account.display_name.is_empty() { account.username.as_str() } else { &account.display_name };
    Ok(Json(json!({
        "iss": app.urls.at("/"),
        "sub": account.uri,
        "name": name,
        "preferred_username": account.username.as_str(),
        "profile": account.url,
        "picture": account.avatar_url.clone().unwrap_or_else(|| app.urls.at(MISSING_AVATAR)),
    })))
}
