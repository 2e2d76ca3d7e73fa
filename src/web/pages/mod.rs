//! The pages: everything a browser can open, drawn on the server, without a script.
//! The client API and OAuth do not live here; they have rooms of their own.
//! Start reading at [`router`]; `scene.rs` is what pages are drawn with, `posted.rs` how forms come in.

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post as posting};

use crate::error::Error;
use crate::web::Web;

pub mod answer;
pub mod components;
mod compose;
mod deeds;
mod feeds;
mod frame;
mod home;
mod interact;
mod join;
mod landing;
pub mod layout;
mod notifications;
mod people;
mod poll;
mod post;
pub mod posted;
mod profile;
pub mod scene;
mod search;
pub mod session;
mod settings;
mod setup;
mod sign_in;
mod status;

use answer::Failure;
pub use answer::{PageError, error_page};

/// Every page and every form.
pub fn router() -> Router<Web> {
    Router::new()
        .merge(reading())
        .merge(coming_and_going())
        .merge(acting())
        .merge(deciding())
        .layer(from_fn(frame::around))
}

/// Headers that guard a page, and the frame of the server around its errors; for pages of other rooms.
pub fn guarded(routes: Router<Web>) -> Router<Web> {
    routes.layer(from_fn(frame::around))
}

fn reading() -> Router<Web> {
    Router::new()
        .route("/", get(landing::front))
        .route("/about", get(landing::about))
        .route("/home", get(home::home))
        .route("/local", get(home::local))
        .route("/public", get(home::local))
        .route("/public/local", get(home::local))
        .route("/tags/{name}", get(home::tag))
        .route("/tags/{name}/feed.atom", get(feeds::of_tag))
        .route("/@{name}", get(profile::page))
        .route("/@{name}/feed.atom", get(feeds::of_person))
        .route("/@{name}/{id}", get(status::page))
        .route("/search", get(search::page))
        .route("/notifications", get(notifications::page).post(notifications::mark))
}

fn coming_and_going() -> Router<Web> {
    Router::new()
        .route("/setup", get(setup::page).post(setup::complete))
        .route("/login", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/auth/sign_in", get(sign_in::elsewhere))
        .route("/logout", posting(sign_in::sign_out))
        .route("/sign-out", posting(sign_in::sign_out))
        .route("/join", get(join::page).post(join::join))
        .route("/auth/sign_up", get(|| async { answer::Onward::to("/join") }))
        .route("/invite/{code}", get(join::invited))
        .route("/confirm", get(join::confirm_by_query))
        .route("/confirm/{code}", get(join::confirm))
}

fn acting() -> Router<Web> {
    Router::new()
        .route("/compose", get(compose::page).post(compose::post))
        .route("/share", get(compose::share))
        .route("/actions/posts/{id}/{deed}", posting(deeds::to_post))
        .route("/actions/people/{id}/{deed}", posting(deeds::to_person))
        .route("/authorize_interaction", get(interact::authorize))
        .route("/interact", get(interact::ask).post(interact::lead))
}

fn deciding() -> Router<Web> {
    Router::new()
        .route("/settings", get(settings::index))
        .route("/settings/profile", get(settings::profile).post(settings::change_profile))
        .route("/settings/applications", get(settings::apps))
        .route("/settings/applications/{id}/revoke", posting(settings::revoke))
        .route("/settings/password", get(settings::password).post(settings::change_password))
        .route("/settings/sessions", posting(settings::end_sessions))
        .route("/oauth/authorized_applications", get(settings::apps))
        .route("/auth/edit", get(|| async { answer::Onward::to("/settings/password") }))
}

/// What is shown where there is no page.
pub async fn not_found(State(web): State<Web>, request: Request) -> Response {
    instead(&web, request, Failure::of(&Error::NotFound("page"))).await
}

/// What is shown where a page cannot be used that way.
pub async fn wrong_method(State(web): State<Web>, request: Request) -> Response {
    instead(&web, request, Failure::wrong_method()).await
}

async fn instead(web: &Web, request: Request, failure: Failure) -> Response {
    let (mut parts, _) = request.into_parts();
    match scene::Scene::from_request_parts(&mut parts, web).await {
        Ok(scene) => frame::failed(&failure, &scene),
        Err(error) => error.into_response(),
    }
}
