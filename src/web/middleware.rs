//! What happens to every request and every answer, whichever route they belong to.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, AUTHORIZATION,
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument;

use crate::app::crypto;
use crate::error::Error;
use crate::web::caller::{self, Identity};
use crate::web::limits::{Asked, Standing};
use crate::web::{Web, error};

/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(30);
/// How many proxies may stand between us and the caller.
const MOST_HOPS: usize = 16;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What browsers may do with a page: show it, with styles, pictures and films, and nothing that runs.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data: https:; media-src 'self' https:; \
    font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same where a form may lead on to an app, whose address can be of any kind.
const CONSENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'";
/// What is no page is nothing a browser shows.
const DOCUMENT_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The routes with everything around them; the last layer here is the first to see a request.
///
/// The routes are the fallback of an empty router, so that layers see a request before its route is chosen, and
/// requests without a route too.
pub fn around(routes: Router, web: Web) -> Router {
    Router::new()
        .fallback_service(routes)
        .layer(from_fn_with_state(web.clone(), count))
        .layer(from_fn(forgive_slash))
        .layer(RequestBodyTimeoutLayer::new(PAUSE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(share))
        .layer(from_fn_with_state(web.clone(), protect))
        .layer(from_fn_with_state(web, observe))
}

/// Where a request comes from, as far as it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

impl ClientAddress {
    /// What is known about it.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

/// Names the request, and everything that is logged about it.
async fn observe(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let id = crypto::random_name();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if let Some(peer) = peer {
        let address = client_address(peer, request.headers(), &web.app.config.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(address));
    }
    let span = tracing::info_span!("web.request", id, method = %request.method(), path = request.uri().path());
    async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), began.elapsed());
        tracing::debug!(status, took = ?took, "answered {status} after {took:?}");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// The address of the caller: what a proxy of ours says, read from the right, up to the first address that is not ours.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut address = peer.to_canonical();
    let said: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    for hop in said.iter().rev().take(MOST_HOPS) {
        if !is_ours(address) {
            break;
        }
        let Some(hop) = read_hop(hop.trim()) else { break };
        address = hop;
    }
    address
}

/// An address, which some proxies write with a port.
fn read_hop(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.or_else(with_port).map(|address| address.to_canonical())
}

/// Tells browsers what they may do with the answer.
async fn protect(State(web): State<Web>, request: Request, next: Next) -> Response {
    let consents = request.uri().path().starts_with("/oauth/");
    let mut response = next.run(request).await;
    let is_page = is_html(response.headers());
    let policy = match (is_page, consents) {
        (true, true) => CONSENT_POLICY,
        (true, false) => PAGE_POLICY,
        (false, _) => DOCUMENT_POLICY,
    };
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if web.app.config.public_url.scheme() == "https" {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|content_type| content_type.as_bytes().starts_with(b"text/html"))
}

/// Lets scripts of other origins ask where that does no harm: nothing here goes by cookies.
async fn share(request: Request, next: Next) -> Response {
    let Some(methods) = shared(request.uri().path()) else { return next.run(request).await };
    let is_question = request.method() == Method::OPTIONS;
    let wanted = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if is_question { StatusCode::OK.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Link, Mastodon-Async-Refresh, X-RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-Request-Id",
        ),
    );
    if is_question {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HeaderValue::from_static("*")));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    }
    response
}

/// With which methods scripts of other origins may ask for a path.
fn shared(path: &str) -> Option<&'static str> {
    if path.starts_with("/api/") {
        return Some("GET, POST, PUT, PATCH, DELETE, OPTIONS");
    }
    match path.trim_end_matches('/') {
        "/oauth/token" | "/oauth/revoke" => return Some("POST, OPTIONS"),
        "/oauth/userinfo" => return Some("GET, POST, OPTIONS"),
        _ => {}
    }
    let open = ["/.well-known/", "/nodeinfo/", "/users/", "/@"].iter().any(|room| path.starts_with(room));
    open.then_some("GET, OPTIONS")
}

/// An answer in the place of a handler that gave up.
fn panicked(what: Box<dyn Any + Send>) -> Response {
    let text = what.downcast_ref::<&str>().copied().or_else(|| what.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("something that is no text");
    tracing::error!(panic = text, "a handler panicked: {text}");
    error::answer(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side", None)
}

/// Takes a slash away at the end of a path, where people and apps write one.
async fn forgive_slash(mut request: Request, next: Next) -> Response {
    if let Some(uri) = without_slash(request.uri()) {
        *request.uri_mut() = uri;
    }
    next.run(request).await
}

/// Addresses that other servers sign stay as they are.
fn without_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let short = path.trim_end_matches('/');
    if short.is_empty() || short.len() == path.len() || path.starts_with("/users/") || path.starts_with("/inbox") {
        return None;
    }
    let text = match uri.query() {
        Some(query) => format!("{short}?{query}"),
        None => short.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(text.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// Counts requests of apps, refuses those that come too often, and says how long answers may be kept.
async fn count(State(web): State<Web>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let identity = match caller::identify(&web.app, &mut parts).await {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let standing = standing(&web, &parts, &identity);
    let now = web.app.now();
    let cacheable = parts.method == Method::GET && matches!(identity, Identity::Nobody);
    let mut response = match standing {
        Some(standing) if standing.exceeded => Error::TooMany { retry_after: standing.wait(now) }.into_response(),
        _ => next.run(Request::from_parts(parts, body)).await,
    };
    if let Some(standing) = standing {
        announce(response.headers_mut(), standing);
    }
    keep(&mut response, cacheable);
    response
}

fn standing(web: &Web, parts: &Parts, identity: &Identity) -> Option<Standing> {
    if !web.app.config.rate_limits.enabled {
        return None;
    }
    let asked = Asked {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        identity,
        address: ClientAddress::of(&parts.extensions).0,
    };
    web.limits.count(asked, &web.app)
}

fn announce(headers: &mut HeaderMap, standing: Standing) {
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    let reset = standing.reset.datetime().to_rfc3339_opts(SecondsFormat::Micros, true);
    if let Ok(reset) = HeaderValue::from_str(&reset) {
        headers.insert(RESET, reset);
    }
}

/// What visitors see may be kept for a moment, what members see for none.
fn keep(response: &mut Response, cacheable: bool) {
    let keepable = cacheable && response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    if keepable {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("public, max-age=15"));
    } else {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    headers.append(VARY, HeaderValue::from_name(AUTHORIZATION));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().expect("is a network")).collect()
    }

    fn address(peer: &str, said: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let trusted = networks(&["10.0.0.0/8", "::1/128"]);
        client_address(peer.parse().expect("is an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_they_are() {
        assert_eq!(address("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_proxy_is_believed_up_to_the_first_stranger() {
        assert_eq!(address("10.0.0.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["203.0.113.9", "198.51.100.7, 10.1.1.1"]), "198.51.100.7");
        assert_eq!(address("::1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(address("::ffff:10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn a_slash_at_the_end_is_forgiven_where_nobody_signs() {
        let forgiven = |text: &'static str| without_slash(&Uri::from_static(text)).map(|uri| uri.to_string());
        assert_eq!(forgiven("/api/v1/instance/?a=b/").as_deref(), Some("/api/v1/instance?a=b/"));
        assert_eq!(forgiven("/oauth/authorize//").as_deref(), Some("/oauth/authorize"));
        assert_eq!(forgiven("/api/v1/instance"), None);
        assert_eq!(forgiven("/"), None);
        assert_eq!(forgiven("/users/1/inbox/"), None);
    }

    #[test]
    fn scripts_of_others_may_ask_apis_and_documents_alone() {
        assert!(shared("/api/v1/statuses").is_some_and(|methods| methods.contains("DELETE")));
        assert_eq!(shared("/oauth/token"), Some("POST, OPTIONS"));
        assert_eq!(shared("/@ann"), Some("GET, OPTIONS"));
        for closed in ["/oauth/authorize", "/settings", "/", "/login"] {
            assert_eq!(shared(closed), None, "{closed}");
        }
    }
}
