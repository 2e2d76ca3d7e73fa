//! How others find out what is here: WebFinger, host-meta, NodeInfo.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{PreEscaped, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::urls::Local;
use crate::domain::handle::Handle;
use crate::domain::settings::Registration;
use crate::error::{Error, Result};
use crate::federation::http::ACTIVITY;
use crate::views::{self, AccountView};
use crate::web::Web;

const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";
const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema";

/// The routes by which a server is found.
pub fn router() -> Router<Web> {
    Router::new()
        .route("/.well-known/webfinger", get(webfinger))
        .route("/.well-known/host-meta", get(host_meta))
        .route("/.well-known/host-meta.json", get(host_meta_json))
        .route("/.well-known/nodeinfo", get(nodeinfo_links))
        .route("/nodeinfo/2.0", get(nodeinfo_2_0))
        .route("/nodeinfo/2.1", get(nodeinfo_2_1))
}

#[derive(Debug, Deserialize)]
struct Asked {
    resource: Option<String>,
}

async fn webfinger(State(web): State<Web>, Query(asked): Query<Asked>) -> Response {
    let Some(resource) = asked.resource.filter(|resource| !resource.is_empty()) else {
        let error = json!({"error": "A resource is needed, such as acct:name@example.org"});
        return (axum::http::StatusCode::BAD_REQUEST, axum::Json(error)).into_response();
    };
    match find(&web, &resource).await {
        Ok(account) => document(&describe(&web, &account), "application/jrd+json"),
        Err(error) => error.into_response(),
    }
}

/// The account a resource means: by handle, by id, or by page.
async fn find(web: &Web, resource: &str) -> Result<AccountView> {
    const NOBODY: Error = Error::NotFound("account");
    let urls = &web.app.urls;
    match urls.read(resource) {
        Some(Local::Account(id)) => return web.federation.local_by_id(id).await,
        Some(Local::Profile(name)) => {
            return web.federation.local_by_name(&name.parse().map_err(|_| NOBODY)?).await;
        }
        Some(Local::Front) => return web.federation.local_by_id(web.federation.instance_actor).await,
        Some(Local::Status(..) | Local::StatusPage(..)) => return Err(NOBODY),
        None => {}
    }
    let handle: Handle = resource.parse().map_err(|_| NOBODY)?;
    match &handle.host {
        Some(host) if urls.is_ours(host) => web.federation.local_by_name(&handle.username).await,
        _ => Err(NOBODY),
    }
}

fn describe(web: &Web, account: &AccountView) -> Value {
    let urls = &web.app.urls;
    let mut links = vec![
        json!({"rel": "self", "type": ACTIVITY, "href": account.uri}),
        json!({"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": account.url}),
        json!({"rel": SUBSCRIBE, "template": urls.at("/authorize_interaction?uri={uri}")}),
        // Both lead to a page that asks first (FEP-3b86).
        json!({"rel": "https://w3id.org/fep/3b86/Object", "template": urls.at("/authorize_interaction?uri={object}")}),
        json!({"rel": "https://w3id.org/fep/3b86/Create", "template": urls.at("/compose?text={content}")}),
    ];
    if account.id == web.federation.instance_actor {
        links.push(json!({
            "rel": "https://www.w3.org/ns/activitystreams#Service",
            "type": ACTIVITY,
            "href": account.uri,
        }));
    }
    json!({
        "subject": format!("acct:{}@{}", account.username, urls.handle_host()),
        "aliases": [account.url, account.uri],
        "links": links,
    })
}

async fn host_meta(State(web): State<Web>) -> Response {
    let template = lrdd(&web);
    let xrd = html! {
        (PreEscaped(r#"<?xml version="1.0" encoding="UTF-8"?>"#))
        XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0" { Link rel="lrdd" template=(template) {} }
    };
    let headers = [(CONTENT_TYPE, "application/xrd+xml; charset=utf-8"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, xrd.into_string()).into_response()
}

async fn host_meta_json(State(web): State<Web>) -> Response {
    let links = json!({"links": [{"rel": "lrdd", "type": "application/jrd+json", "template": lrdd(&web)}]});
    document(&links, "application/jrd+json")
}

async fn nodeinfo_links(State(web): State<Web>) -> Response {
    let link = |version: &str| json!({"rel": format!("{SCHEMA}/{version}"), "href": web.app.urls.at(&format!("/nodeinfo/{version}"))});
    document(&json!({"links": [link("2.0"), link("2.1")]}), "application/json")
}

async fn nodeinfo_2_0(State(web): State<Web>) -> Result<Response> {
    let mut info = nodeinfo(&web).await?;
    info["version"] = json!("2.0");
    info["software"] = json!({"name": "outloud", "version": env!("CARGO_PKG_VERSION")});
    Ok(document(&info, &format!("application/json; profile=\"{SCHEMA}/2.0#\"; charset=utf-8")))
}

async fn nodeinfo_2_1(State(web): State<Web>) -> Result<Response> {
    let mut info = nodeinfo(&web).await?;
    info["version"] = json!("2.1");
    info["software"] = json!({
        "name": "outloud",
        "version": env!("CARGO_PKG_VERSION"),
        "repository": env!("CARGO_PKG_REPOSITORY"),
    });
    Ok(document(&info, &format!("application/json; profile=\"{SCHEMA}/2.1#\"; charset=utf-8")))
}

/// What both versions say: counted, never guessed.
async fn nodeinfo(web: &Web) -> Result<Value> {
    let db = &web.app.db;
    let settings = views::instance::settings(db).await?;
    let counts = views::instance::counts(db, web.app.now()).await?;
    let staff = views::instance::staff(db).await?;
    let staff: Vec<&str> = staff.iter().map(|account| account.uri.as_str()).collect();
    Ok(json!({
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": ["atom1.0"]},
        "openRegistrations": settings.registration == Registration::Open,
        "usage": {
            "users": {
                "total": counts.members,
                "activeMonth": counts.active_month,
                "activeHalfyear": counts.active_half_year,
            },
            "localPosts": counts.statuses,
        },
        "metadata": {
            "nodeName": settings.name,
            "nodeDescription": settings.purpose,
            "staffAccounts": staff,
            // Client libraries choose their dialect by this name (the API is that of Mastodon).
            "upstream": {"name": "mastodon"},
        },
    }))
}

fn lrdd(web: &Web) -> String {
    web.app.urls.at("/.well-known/webfinger?resource={uri}")
}

/// A document everybody may read, from any page.
fn document(document: &impl serde::Serialize, content_type: &str) -> Response {
    let headers =
        [(CONTENT_TYPE, content_type), (ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (CACHE_CONTROL, "public, max-age=180")];
    match serde_json::to_vec(document) {
        Ok(body) => (headers, body).into_response(),
        Err(error) => Error::from(error).into_response(),
    }
}
