//! OAuth: apps ask members to speak for them, and get codes and tokens.
//! The rules are in `actions::oauth`, registering an app is part of the client API.
//! Start reading at `authorize.rs` for the page people see and `token.rs` for what apps ask.

use axum::Router;
use axum::routing::{get, post};

use crate::web::{Web, pages};

mod authorize;
mod metadata;
mod refusal;
pub mod scopes;
mod token;

/// The routes of this room.
pub fn router() -> Router<Web> {
    let consent = Router::new()
        .route("/oauth/authorize", get(authorize::ask).post(authorize::decide).delete(authorize::deny))
        .route("/oauth/authorize/native", get(authorize::native));
    Router::new()
        .merge(pages::guarded(consent))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(token::revoke))
        .route("/oauth/userinfo", get(metadata::user).post(metadata::user))
        .route("/.well-known/oauth-authorization-server", get(metadata::server))
}
