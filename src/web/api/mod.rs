//! The client API: what apps written for Mastodon ask for, answered as they expect.
//! Neither SQL nor rules live here; a handler extracts, calls one action or view, and prints an entity.
//! Start reading at [`router`]; the names of the files follow the addresses.

use std::str::FromStr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path};
use axum::handler::Handler;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, delete, get, on, post};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::web::Web;

mod accounts;
mod apps;
mod deliveries;
pub mod entity;
mod featured_tags;
mod filters;
mod filters_v1;
mod follow_requests;
mod instance;
mod markers;
mod notifications;
mod paging;
mod polls;
mod profile;
mod quotes;
mod relations;
mod reports;
mod search;
mod statuses;
mod timelines;

pub use paging::{List, Paging, length};

/// Every route of the client API.
pub fn router() -> Router<Web> {
    Router::new()
        // Apps and the server
        .route("/api/v1/apps", post(apps::create))
        .route("/api/v1/apps/verify_credentials", get(apps::verify_credentials))
        .route("/api/v1/instance", get(instance::v1))
        .route("/api/v2/instance", get(instance::v2))
        .route("/api/v1/custom_emojis", get(instance::custom_emojis))
        // One's own account
        .route("/api/v1/accounts", get(accounts::index).post(profile::create))
        .route("/api/v1/accounts/verify_credentials", get(profile::verify_credentials))
        .route("/api/v1/accounts/update_credentials", update(profile::update_credentials))
        .route("/api/v1/preferences", get(profile::preferences))
        .route("/api/v1/featured_tags", get(featured_tags::index).post(featured_tags::create))
        .route("/api/v1/featured_tags/suggestions", get(featured_tags::suggestions))
        .route("/api/v1/featured_tags/{id}", delete(featured_tags::delete))
        // Accounts
        .route("/api/v1/accounts/lookup", get(accounts::lookup))
        .route("/api/v1/accounts/search", get(search::accounts))
        .route("/api/v1/accounts/relationships", get(relations::relationships))
        .route("/api/v1/accounts/{id}", get(accounts::show))
        .route("/api/v1/accounts/{id}/statuses", get(accounts::statuses))
        .route("/api/v1/accounts/{id}/followers", get(accounts::followers))
        .route("/api/v1/accounts/{id}/following", get(accounts::following))
        .route("/api/v1/accounts/{id}/featured_tags", get(featured_tags::of_account))
        .route("/api/v1/accounts/{id}/follow", post(relations::follow))
        .route("/api/v1/accounts/{id}/unfollow", post(relations::unfollow))
        .route("/api/v1/accounts/{id}/remove_from_followers", post(relations::remove_from_followers))
        .route("/api/v1/accounts/{id}/block", post(relations::block))
        .route("/api/v1/accounts/{id}/unblock", post(relations::unblock))
        .route("/api/v1/accounts/{id}/mute", post(relations::mute))
        .route("/api/v1/accounts/{id}/unmute", post(relations::unmute))
        .route("/api/v1/blocks", get(relations::blocks))
        .route("/api/v1/mutes", get(relations::mutes))
        .route("/api/v1/follow_requests", get(follow_requests::index))
        .route("/api/v1/follow_requests/{id}/authorize", post(follow_requests::authorize))
        .route("/api/v1/follow_requests/{id}/reject", post(follow_requests::reject))
        // Statuses
        .route("/api/v1/statuses", get(statuses::index).post(statuses::create))
        .route("/api/v1/statuses/{id}", get(statuses::show).delete(statuses::delete).merge(update(statuses::update)))
        .route("/api/v1/statuses/{id}/context", get(statuses::context))
        .route("/api/v1/statuses/{id}/source", get(statuses::source))
        .route("/api/v1/statuses/{id}/history", get(statuses::history))
        .route("/api/v1/statuses/{id}/favourite", post(statuses::favourite))
        .route("/api/v1/statuses/{id}/unfavourite", post(statuses::unfavourite))
        .route("/api/v1/statuses/{id}/pin", post(statuses::pin))
        .route("/api/v1/statuses/{id}/unpin", post(statuses::unpin))
        .route("/api/v1/statuses/{id}/favourited_by", get(statuses::favourited_by))
        .route("/api/v1/statuses/{id}/reblog", post(statuses::reblog))
        .route("/api/v1/statuses/{id}/unreblog", post(statuses::unreblog))
        .route("/api/v1/statuses/{id}/reblogged_by", get(statuses::reblogged_by))
        .route("/api/v1/statuses/{id}/deliveries", get(deliveries::of_status))
        .route("/api/v1/statuses/{id}/quotes", get(quotes::index))
        .route("/api/v1/statuses/{id}/quotes/{quoting}/revoke", post(quotes::revoke))
        .route("/api/v1/statuses/{id}/interaction_policy", update(quotes::set_policy))
        .route("/api/v1/polls/{id}", get(polls::show))
        .route("/api/v1/polls/{id}/votes", post(polls::vote))
        // Timelines, what one is told, how far one has read
        .route("/api/v1/timelines/home", get(timelines::home))
        .route("/api/v1/timelines/public", get(timelines::public))
        .route("/api/v1/timelines/tag/{name}", get(timelines::tag))
        .route("/api/v1/notifications", get(notifications::index))
        .route("/api/v1/notifications/unread_count", get(notifications::unread_count))
        .route("/api/v1/notifications/clear", post(notifications::clear))
        .route("/api/v1/notifications/dismiss", post(notifications::dismiss_named))
        .route("/api/v1/notifications/{id}", get(notifications::show))
        .route("/api/v1/notifications/{id}/dismiss", post(notifications::dismiss))
        .route("/api/v1/markers", get(markers::index).post(markers::create))
        .route("/api/v1/reports", post(reports::create))
        // Finding
        .route("/api/v2/search", get(search::everything))
        // Filters, of today and of old apps
        .route("/api/v2/filters", get(filters::index).post(filters::create))
        .route("/api/v2/filters/{id}", get(filters::show).delete(filters::delete).merge(update(filters::update)))
        .route("/api/v2/filters/{id}/keywords", get(filters::keywords).post(filters::add_keyword))
        .route("/api/v2/filters/{id}/statuses", get(filters::statuses).post(filters::pick))
        .route(
            "/api/v2/filters/keywords/{id}",
            get(filters::keyword).delete(filters::delete_keyword).merge(update(filters::update_keyword)),
        )
        .route("/api/v2/filters/statuses/{id}", get(filters::picked).merge(delete(filters::unpick)))
        .route("/api/v1/filters", get(filters_v1::index).post(filters_v1::create))
        .route(
            "/api/v1/filters/{id}",
            get(filters_v1::show).delete(filters_v1::delete).merge(update(filters_v1::update)),
        )
}

/// Apps do not agree on whether something is changed by PUT or by PATCH.
fn update<H: Handler<T, Web>, T: 'static>(handler: H) -> MethodRouter<Web> {
    on(MethodFilter::PUT.or(MethodFilter::PATCH), handler)
}

/// The id in an address; what is no number is nothing that could be found.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let id = path.ok().and_then(|Path(text)| text.parse().ok()); // whatever is wrong with it, it is not found
        id.map(Self).ok_or(Error::NotFound("id"))
    }
}

/// Prints an answer.
pub fn json<T: Serialize + ?Sized>(entity: &T) -> Result<Response> {
    const ROOM: usize = 16 * 1024;
    let mut bytes = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut bytes, entity)?;
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    Ok(([(CONTENT_TYPE, content_type)], Bytes::from(bytes)).into_response())
}

/// Prints an answer with nothing in it, which must still be JSON.
pub fn nothing() -> Result<Response> {
    json(&serde_json::Map::new())
}

/// Prints a page, with the addresses of its neighbours.
pub fn page<T: Serialize>(entities: &[T], links: Option<HeaderValue>) -> Result<Response> {
    let mut response = json(entities)?;
    if let Some(links) = links {
        response.headers_mut().insert(LINK, links);
    }
    Ok(response)
}
