//! What other servers ask for and send: actors, posts, collections, inboxes.

use std::net::IpAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::domain::id::{AccountId, StatusId};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::documents::Remains;
use crate::federation::http::{ACTIVITY, is_activity_media_type};
use crate::federation::inbox::{Reading, Request};
use crate::federation::protocol::context::with_context;
use crate::web::Web;
use crate::web::error;
use crate::web::middleware::ClientAddress;

/// The largest activity taken in, in bytes.
const LARGEST_ACTIVITY: usize = 1024 * 1024;

/// An error, in the form that other servers read.
struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        error::to_peer(&self.0)
    }
}

/// The routes other servers use.
pub fn router() -> Router<Web> {
    let inboxes = Router::new()
        .route("/inbox", post(inbox))
        .route("/users/{account}/inbox", post(inbox))
        .layer(DefaultBodyLimit::max(LARGEST_ACTIVITY));
    Router::new()
        .route("/users/{account}", get(actor))
        .route("/users/{account}/outbox", get(outbox))
        .route("/users/{account}/followers", get(followers))
        .route("/users/{account}/followers_synchronization", get(followers_synchronization))
        .route("/users/{account}/following", get(following))
        .route("/users/{account}/collections/featured", get(featured))
        .route("/users/{account}/collections/tags", get(featured_tags))
        .route("/users/{account}/liked", get(liked))
        .route("/users/{account}/statuses/{status}", get(status))
        .route("/contexts/{status}", get(context))
        .route("/users/{account}/statuses/{status}/activity", get(activity))
        .route("/users/{account}/quote_authorizations/{status}", get(quote_authorization))
        .route("/users/{account}/statuses/{status}/replies", get(replies))
        .route("/users/{account}/statuses/{status}/likes", get(likes))
        .route("/users/{account}/statuses/{status}/shares", get(shares))
        .merge(inboxes)
}

/// Whether a request would rather have ActivityPub than a page.
pub fn wanted(headers: &HeaderMap) -> bool {
    let Some(accept) = headers.get(ACCEPT).and_then(|value| value.to_str().ok()) else { return false };
    let mut activity = 0.0_f32;
    let mut page = 0.0_f32;
    for range in split_outside_quotes(accept) {
        let weight = weight(range);
        if is_activity_media_type(range) {
            activity = activity.max(weight);
        } else if range.trim_start().to_ascii_lowercase().starts_with("text/html")
            || range.trim_start().starts_with("*/*")
        {
            page = page.max(weight);
        }
    }
    activity > 0.0 && activity >= page
}

/// The actor document of a local account.
pub async fn account_document(
    web: &Web,
    headers: &HeaderMap,
    uri: &Uri,
    from: IpAddr,
    id: AccountId,
) -> Result<Response> {
    // Two servers that ask for a signature could never begin if the keys they sign with were not open to all.
    let keys = if id == web.federation.instance_actor { Reading::Open } else { Reading::AsConfigured };
    web.federation.refuse_reader(request(&Method::GET, uri, headers, from), keys).await?;
    let account = web.federation.local_by_id(id).await?;
    Ok(open(web, web.federation.actor_document(&account).await?))
}

/// The document of a status of a local account, for whoever signed the request.
pub async fn status_document(
    web: &Web,
    headers: &HeaderMap,
    uri: &Uri,
    from: IpAddr,
    id: StatusId,
) -> Result<Response> {
    web.federation.refuse_reader(request(&Method::GET, uri, headers, from), Reading::AsConfigured).await?;
    match web.federation.status_document(Viewer::Anyone, id).await {
        Ok(document) => Ok(open(web, document)),
        Err(Error::NotFound(_)) => {
            let viewer = viewer(web, headers, uri, from).await?;
            Ok(closed(web.federation.status_document(viewer, id).await?))
        }
        Err(other) => Err(other),
    }
}

/// An inbox, of somebody or of everybody: what comes is for whom it names, wherever it is left.
async fn inbox(
    State(web): State<Web>,
    account: Option<Path<String>>,
    ClientAddress(address): ClientAddress,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refused> {
    let owner = match account {
        Some(Path(account)) => Some(web.federation.local_by_id(account_id(&account)?).await?),
        None => None,
    };
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
        _ => Error::invalid("The body could not be read"),
    })?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_activity_media_type(content_type) {
        return Err(Error::invalid("The body is not ActivityPub by its content type").into());
    }
    web.federation
        .take_in(Request {
            body: Some(&body),
            inbox_of: owner.as_ref().map(|owner| owner.uri.as_str()),
            ..request(&method, &uri, &headers, address)
        })
        .await?;
    Ok(StatusCode::ACCEPTED)
}

async fn actor(
    ClientAddress(from): ClientAddress,
    State(web): State<Web>,
    Path(account): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let id = account_id(&account)?;
    if wanted(&headers) {
        return match account_document(&web, &headers, &uri, from, id).await {
            Err(Error::Gone) => Ok(match web.federation.remains(id).await? {
                Remains::Actor(actor) => closed(actor),
                Remains::Tombstone(tombstone) => (StatusCode::GONE, open(&web, tombstone)).into_response(),
            }),
            document => Ok(document?),
        };
    }
    let account = web.federation.local_by_id(id).await?;
    Ok(elsewhere(&account.url))
}

/// Whoever reads what is open to all, except servers this one has nothing to do with.
struct Reader;

impl FromRequestParts<Web> for Reader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Refused> {
        let asked = request(&parts.method, &parts.uri, &parts.headers, ClientAddress::of(&parts.extensions).0);
        web.federation.refuse_reader(asked, Reading::AsConfigured).await?;
        Ok(Self)
    }
}

/// Which part of an outbox is asked for.
#[derive(Debug, Deserialize)]
struct Part {
    page: Option<String>,
    max_id: Option<StatusId>,
    min_id: Option<StatusId>,
}

async fn outbox(
    _: Reader,
    State(web): State<Web>,
    Path(account): Path<String>,
    Query(part): Query<Part>,
) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    if part.page.is_some() {
        return Ok(open(&web, web.federation.outbox_page(&account, part.max_id, part.min_id).await?));
    }
    Ok(open(&web, web.federation.outbox(&account).await?))
}

/// A thread that began here.
async fn context(
    _: Reader,
    State(web): State<Web>,
    Path(root): Path<String>,
    Query(part): Query<Part>,
) -> Result<Response, Refused> {
    let root = status_id(&root)?;
    if part.page.is_some() {
        return Ok(open(&web, web.federation.context_page(root, part.max_id, part.min_id).await?));
    }
    Ok(open(&web, web.federation.context(root).await?))
}

async fn followers(_: Reader, State(web): State<Web>, Path(account): Path<String>) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    Ok(open(&web, web.federation.counted(&account, "followers", account.followers_count)))
}

/// The followers on the server that asks, which has to say who it is.
async fn followers_synchronization(
    ClientAddress(from): ClientAddress,
    State(web): State<Web>,
    Path(account): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    let reader = web.federation.who_asks(request(&Method::GET, &uri, &headers, from)).await?;
    let reader = reader.ok_or(Error::Unauthenticated("This is told to servers that say who they are"))?;
    Ok(closed(web.federation.followers_beside(&account, &reader.owner_uri).await?))
}

async fn following(_: Reader, State(web): State<Web>, Path(account): Path<String>) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    Ok(open(&web, web.federation.counted(&account, "following", account.following_count)))
}

async fn featured(_: Reader, State(web): State<Web>, Path(account): Path<String>) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    Ok(open(&web, web.federation.featured(&account).await?))
}

async fn featured_tags(_: Reader, State(web): State<Web>, Path(account): Path<String>) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    Ok(open(&web, web.federation.featured_tags(&account).await?))
}

/// What somebody likes is nobody's business, and asking for it no mistake.
async fn liked(_: Reader, State(web): State<Web>, Path(account): Path<String>) -> Result<Response, Refused> {
    let account = web.federation.local_by_id(account_id(&account)?).await?;
    Ok(open(&web, web.federation.listed(web.app.urls.of_actor(account.id, "liked"), Vec::new())))
}

async fn status(
    ClientAddress(from): ClientAddress,
    State(web): State<Web>,
    Path((account, status)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let (account, id) = (account_id(&account)?, status_id(&status)?);
    if !wanted(&headers) {
        let author = web.federation.local_by_id(account).await?;
        return Ok(elsewhere(&web.app.urls.status_page(&author.username, id)));
    }
    match status_document(&web, &headers, &uri, from, id).await {
        Err(Error::NotFound(missing)) => match web.federation.tombstone_of(account, id).await? {
            Some(tombstone) => Ok((StatusCode::GONE, open(&web, tombstone)).into_response()),
            // Whoever has left for good took everything along.
            None => Err(web.federation.local_by_id(account).await.err().unwrap_or(Error::NotFound(missing)).into()),
        },
        other => Ok(other?),
    }
}

async fn activity(
    _: Reader,
    ClientAddress(from): ClientAddress,
    State(web): State<Web>,
    Path((_, status)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let id = status_id(&status)?;
    match web.federation.activity_document(Viewer::Anyone, id).await {
        Ok(document) => Ok(open(&web, document)),
        Err(Error::NotFound(_)) => {
            let viewer = viewer(&web, &headers, &uri, from).await?;
            Ok(closed(web.federation.activity_document(viewer, id).await?))
        }
        Err(other) => Err(other.into()),
    }
}

async fn replies(
    _: Reader,
    State(web): State<Web>,
    Path((_, status)): Path<(String, String)>,
) -> Result<Response, Refused> {
    Ok(open(&web, web.federation.replies(Viewer::Anyone, status_id(&status)?).await?))
}

async fn quote_authorization(
    _: Reader,
    State(web): State<Web>,
    Path((account, status)): Path<(String, String)>,
) -> Result<Response, Refused> {
    Ok(open(&web, web.federation.quote_authorization(account_id(&account)?, status_id(&status)?).await?))
}

async fn likes(
    _: Reader,
    State(web): State<Web>,
    Path((_, status)): Path<(String, String)>,
) -> Result<Response, Refused> {
    count(&web, status_id(&status)?, "likes").await
}

async fn shares(
    _: Reader,
    State(web): State<Web>,
    Path((_, status)): Path<(String, String)>,
) -> Result<Response, Refused> {
    count(&web, status_id(&status)?, "shares").await
}

async fn count(web: &Web, id: StatusId, what: &str) -> Result<Response, Refused> {
    use crate::federation::documents::StatusDocument;

    match web.federation.status_document(Viewer::Anyone, id).await? {
        StatusDocument::Note(note) if what == "likes" => Ok(open(web, note.likes)),
        StatusDocument::Note(note) => Ok(open(web, note.shares)),
        StatusDocument::Announce(_) => Err(Error::NotFound("status").into()),
    }
}

/// The page for people, for whoever did not ask for a document.
fn elsewhere(page: &str) -> Response {
    ([(VARY, "Accept")], Redirect::to(page)).into_response()
}

/// Who asks; somebody who cannot show it is anybody.
async fn viewer(web: &Web, headers: &HeaderMap, uri: &Uri, from: IpAddr) -> Result<Viewer> {
    match web.federation.who_asks(request(&Method::GET, uri, headers, from)).await {
        Ok(Some(known)) => Ok(Viewer::Peer(known.owner)),
        Ok(None) | Err(Error::Unauthenticated(_)) => Ok(Viewer::Anyone),
        Err(other) => Err(other),
    }
}

fn request<'a>(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap, from: IpAddr) -> Request<'a> {
    Request {
        method: method.as_str(),
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()),
        authority: uri.authority().map(|authority| authority.as_str()),
        headers,
        body: None,
        from,
        inbox_of: None,
    }
}

/// An answer everybody may have, and keep for a while.
fn open(web: &Web, document: impl Serialize) -> Response {
    // Where not everybody may ask, nobody else keeps it.
    if web.app.config.federation.authorized_fetch { closed(document) } else { answer(document, "public, max-age=180") }
}

/// An answer for the one who asked.
fn closed(document: impl Serialize) -> Response {
    answer(document, "private, no-store")
}

fn answer(document: impl Serialize, cache: &'static str) -> Response {
    let mut response = axum::Json(with_context(document)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(ACTIVITY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(VARY, HeaderValue::from_static("Accept, Signature, Signature-Input"));
    response
}

fn account_id(text: &str) -> Result<AccountId> {
    text.parse().map_err(|_| Error::NotFound("account"))
}

fn status_id(text: &str) -> Result<StatusId> {
    text.parse().map_err(|_| Error::NotFound("status"))
}

fn weight(range: &str) -> f32 {
    let weight = range.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("q="));
    weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0)
}

/// The members of a header; a comma inside quotes separates nothing.
fn split_outside_quotes(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    header.split(move |c| {
        if c == '"' {
            quoted = !quoted;
        }
        c == ',' && !quoted
    })
}
