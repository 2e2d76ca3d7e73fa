//! How people and their apps come in: routes, the client API, OAuth, pages, and the documents other servers fetch.
//! No SQL and no rules of the community live here; handlers extract, call one action or view, and print.
//! Start reading at [`router`]; `api/mod.rs` lists every route of the client API.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::app::App;
use crate::federation::Federation;
use crate::web::limits::Limits;

pub mod activitypub;
pub mod api;
pub mod assets;
pub mod caller;
pub mod discovery;
pub mod emoji;
pub mod error;
pub mod health;
pub mod limits;
pub mod middleware;
pub mod oauth;
pub mod pages;
pub mod params;

/// What every handler can ask for; cheap to clone.
#[derive(Debug, Clone)]
pub struct Web {
    /// The node.
    pub app: App,
    /// The way to other servers.
    pub federation: Federation,
    /// Who has asked how often.
    pub limits: Arc<Limits>,
}

impl Web {
    /// The web side of a node.
    pub fn new(app: App, federation: Federation) -> Self {
        Self { app, federation, limits: Arc::new(Limits::new()) }
    }
}

impl FromRef<Web> for App {
    fn from_ref(web: &Web) -> Self {
        web.app.clone()
    }
}

impl FromRef<Web> for Federation {
    fn from_ref(web: &Web) -> Self {
        web.federation.clone()
    }
}

/// Everything that can be asked of this server over HTTP.
pub fn router(web: Web) -> Router {
    let routes = Router::new()
        .merge(api::router())
        .merge(oauth::router())
        .merge(pages::router())
        .merge(assets::router())
        .merge(activitypub::router())
        .merge(discovery::router())
        .merge(emoji::router())
        .merge(health::router())
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(web.clone());
    middleware::around(routes, web)
}

async fn not_found(State(web): State<Web>, request: Request) -> Response {
    if is_for_apps(request.uri().path()) {
        return error::answer(StatusCode::NOT_FOUND, "Not Found", None);
    }
    pages::not_found(State(web), request).await
}

async fn wrong_method(State(web): State<Web>, request: Request) -> Response {
    if is_for_apps(request.uri().path()) || !reads_pages(request.headers()) {
        let text = format!("{} cannot be used here", request.method());
        return error::answer(StatusCode::METHOD_NOT_ALLOWED, &text, None);
    }
    pages::wrong_method(State(web), request).await
}

/// Whether it is a browser that asks.
fn reads_pages(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Whether apps ask here, who cannot read pages.
fn is_for_apps(path: &str) -> bool {
    ["/api", "/oauth"].iter().any(|room| path == *room || path.starts_with(&format!("{room}/")))
}
