//! Apps introduce themselves.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::oauth::{self, NewApp};
use crate::app::App;
use crate::domain::scope::Scopes;
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::{entity, json};
use crate::web::caller::{AnyScope, AppCaller};
use crate::web::params::Params;

/// An app as it introduces itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Introduction {
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    scopes: Option<String>,
    website: Option<String>,
}

/// `POST /api/v1/apps`
pub async fn create(State(app): State<App>, Params(form): Params<Introduction>) -> Result<Response> {
    let scopes: Scopes = form.scopes.as_deref().unwrap_or("read").parse().map_err(|_| unknown_scope())?;
    let new = NewApp {
        name: form.client_name.unwrap_or_default(),
        // One text may hold several, each kept byte for byte.
        redirect_uris: form.redirect_uris.iter().flat_map(|uris| uris.split_whitespace()).map(str::to_owned).collect(),
        scopes,
        website: form.website,
    };
    let registered = oauth::register_app(&app, new).await?;
    json(&entity::RegisteredApplication::new(&registered))
}

fn unknown_scope() -> Error {
    Error::field("scopes", "ERR_INVALID", "Scopes doesn't match configured on the server.")
}

/// `GET /api/v1/apps/verify_credentials`
pub async fn verify_credentials(State(app): State<App>, caller: AppCaller<AnyScope>) -> Result<Response> {
    json(&entity::Application::new(&views::apps::one(&app.db, caller.grant.token.app_id).await?))
}
