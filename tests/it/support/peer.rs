//! A scripted stranger: a server of other software with keys of its own, which answers what it is told to answer.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use outloud::app::crypto::{self, ProofKey, SigningKey};
use outloud::domain::moment::Clock;
use outloud::federation::proof::Prover;
use outloud::federation::signature::Signer;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use url::Url;

use super::Node;

/// The media type of everything a stranger says.
pub const ACTIVITY: &str = "application/activity+json";

/// Making keys is slow: strangers share a few.
static KEYS: OnceCell<Vec<(Arc<SigningKey>, String)>> = OnceCell::const_new();

async fn keys() -> &'static [(Arc<SigningKey>, String)] {
    KEYS.get_or_init(|| async {
        let mut keys = Vec::new();
        for _ in 0..3 {
            let pair = crypto::generate_rsa().await.unwrap();
            let key = SigningKey::from_pkcs8(pair.private_pkcs8.as_bytes()).unwrap();
            keys.push((Arc::new(key), pair.public));
        }
        keys
    })
    .await
}

/// A server that is not ours; cheap to clone.
#[derive(Clone)]
pub struct Peer(Arc<Script>);

struct Script {
    name: String,
    address: SocketAddr,
    clock: Clock,
    documents: Mutex<HashMap<String, (u16, String, String)>>,
    redirects: Mutex<HashMap<String, String>>,
    squeezed: Mutex<HashMap<String, Vec<u8>>>,
    inbox_status: Mutex<(u16, Option<String>)>,
    silent: std::sync::atomic::AtomicBool,
    only_messages: std::sync::atomic::AtomicBool,
    hangs_up: std::sync::atomic::AtomicBool,
    requests: Mutex<Vec<(Method, String, HeaderMap)>>,
    received: Mutex<Vec<Value>>,
    arrived: tokio::sync::Notify,
}

/// Somebody on a stranger's server.
#[derive(Clone)]
pub struct PeerActor {
    pub peer: Peer,
    pub id: String,
    pub name: String,
    pub key: Arc<SigningKey>,
    pub public_pem: String,
    pub proof_key: Arc<ProofKey>,
    pub multikey: String,
}

impl Peer {
    pub async fn start(name: &str, clock: Clock) -> Self {
        Self::start_at(name, Ipv4Addr::LOCALHOST.into(), clock).await
    }

    /// A server with an address of this machine that need not be the usual one.
    pub async fn start_at(name: &str, address: IpAddr, clock: Clock) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = Self(Arc::new(Script {
            // A name that the system resolves needs its port.
            name: if name == "localhost" { format!("localhost:{}", address.port()) } else { name.to_owned() },
            address,
            clock,
            documents: Mutex::default(),
            redirects: Mutex::default(),
            squeezed: Mutex::default(),
            inbox_status: Mutex::new((202, None)),
            silent: std::sync::atomic::AtomicBool::new(false),
            only_messages: std::sync::atomic::AtomicBool::new(false),
            hangs_up: std::sync::atomic::AtomicBool::new(false),
            requests: Mutex::default(),
            received: Mutex::default(),
            arrived: tokio::sync::Notify::new(),
        }));
        let router = Router::new().fallback(answer_politely).with_state(peer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        peer
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.name)
    }

    /// Answers `path` with this document.
    pub fn serve(&self, path: &str, document: &Value) {
        self.serve_as(path, 200, ACTIVITY, &document.to_string());
    }

    /// Answers `path` with these bytes.
    pub fn serve_as(&self, path: &str, status: u16, content_type: &str, body: &str) {
        let answer = (status, content_type.to_owned(), body.to_owned());
        self.0.documents.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Answers `path` with the way to another address.
    pub fn redirect(&self, path: &str, to: &str) {
        self.0.redirects.lock().unwrap().insert(path.to_owned(), to.to_owned());
    }

    /// Answers `path` with bytes that are compressed with gzip already.
    pub fn serve_squeezed(&self, path: &str, gzip: Vec<u8>) {
        self.0.squeezed.lock().unwrap().insert(path.to_owned(), gzip);
    }

    /// Answers every delivery with this status.
    pub fn answer_deliveries(&self, status: u16, retry_after: Option<&str>) {
        *self.0.inbox_status.lock().unwrap() = (status, retry_after.map(str::to_owned));
    }

    /// Takes every request from now on and never answers.
    pub fn keep_silent(&self) {
        self.0.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Answers again after a silence.
    pub fn speak_again(&self) {
        self.0.silent.store(false, std::sync::atomic::Ordering::Relaxed);
    }

    /// Answers 401 from now on to whatever is not signed after RFC 9421.
    pub fn read_only_messages(&self) {
        self.0.only_messages.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Ends every connection after one answer from now on, so that whoever comes again has to look for the way again.
    pub fn hang_up(&self) {
        self.0.hangs_up.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.0.requests.lock().unwrap().len()
    }

    /// The paths that were asked for, with their queries, oldest first.
    pub fn paths(&self) -> Vec<String> {
        self.0.requests.lock().unwrap().iter().map(|(_, path, _)| path.clone()).collect()
    }

    /// The headers of the last request to `path`.
    pub fn headers_of(&self, path: &str) -> Option<HeaderMap> {
        let requests = self.0.requests.lock().unwrap();
        requests.iter().rev().find(|(_, asked, _)| asked == path).map(|(_, _, headers)| headers.clone())
    }

    /// The activities that were delivered, oldest first.
    pub fn received(&self) -> Vec<Value> {
        self.0.received.lock().unwrap().clone()
    }

    /// The delivered activities of one type.
    pub fn received_of(&self, kind: &str) -> Vec<Value> {
        self.received().into_iter().filter(|activity| activity["type"] == kind).collect()
    }

    /// Waits until something was delivered that `is_it`; for servers in processes of their own.
    pub async fn wait_for(&self, is_it: impl Fn(&Value) -> bool) {
        self.wait_for_all(|received| received.iter().any(&is_it)).await;
    }

    /// Waits until what was delivered `is_all`.
    pub async fn wait_for_all(&self, is_all: impl Fn(&[Value]) -> bool) {
        self.wait_until(|| is_all(&self.0.received.lock().unwrap())).await;
    }

    /// Waits until something `is_so`, asking with every request that comes.
    pub async fn wait_until(&self, is_so: impl Fn() -> bool) {
        let arrival = async {
            while !is_so() {
                self.0.arrived.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), arrival).await.expect("it does not arrive");
    }

    /// Somebody with the usual documents: actor, WebFinger.
    pub async fn actor(&self, name: &str) -> PeerActor {
        self.actor_with_key(name, 0).await
    }

    /// Somebody whose key is another than that of most.
    pub async fn actor_with_key(&self, name: &str, key: usize) -> PeerActor {
        let (signing, public_pem) = keys().await[key].clone();
        let pair = crypto::generate_ed25519().unwrap();
        let actor = PeerActor {
            peer: self.clone(),
            id: self.url(&format!("/users/{name}")),
            name: name.to_owned(),
            key: signing,
            public_pem,
            proof_key: Arc::new(ProofKey::from_pkcs8(pair.private_pkcs8.as_bytes()).unwrap()),
            multikey: pair.public,
        };
        self.serve(&format!("/users/{name}"), &actor.document());
        let finger = json!({
            "subject": format!("acct:{name}@{}", self.0.name),
            "links": [{"rel": "self", "type": ACTIVITY, "href": actor.id}],
        });
        let resource: String =
            url::form_urlencoded::byte_serialize(format!("acct:{name}@{}", self.0.name).as_bytes()).collect();
        let path = format!("/.well-known/webfinger?resource={resource}");
        self.serve_as(&path, 200, "application/jrd+json", &finger.to_string());
        actor
    }
}

/// Answers, and says goodbye where that is wanted.
async fn answer_politely(peer: State<Peer>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let hangs_up = peer.0.0.hangs_up.load(std::sync::atomic::Ordering::Relaxed);
    let mut response = answer(peer, method, uri, headers, body).await;
    if hangs_up {
        response.headers_mut().insert("connection", HeaderValue::from_static("close"));
    }
    response
}

async fn answer(State(peer): State<Peer>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let is_message = headers.contains_key("signature-input") || path.starts_with("/.well-known/");
    peer.0.requests.lock().unwrap().push((method.clone(), path.clone(), headers));
    peer.0.arrived.notify_one();
    if peer.0.silent.load(std::sync::atomic::Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    if peer.0.only_messages.load(std::sync::atomic::Ordering::Relaxed) && !is_message {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if method == Method::POST {
        let (status, retry_after) = peer.0.inbox_status.lock().unwrap().clone();
        if (200..300).contains(&status) {
            peer.0.received.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
            peer.0.arrived.notify_one();
        }
        let mut response = StatusCode::from_u16(status).unwrap().into_response();
        if let Some(retry_after) = retry_after {
            response.headers_mut().insert("retry-after", HeaderValue::from_str(&retry_after).unwrap());
        }
        return response;
    }
    if let Some(to) = peer.0.redirects.lock().unwrap().get(&path) {
        return (StatusCode::FOUND, [("location", to.clone())]).into_response();
    }
    if let Some(gzip) = peer.0.squeezed.lock().unwrap().get(&path) {
        return ([("content-type", ACTIVITY), ("content-encoding", "gzip")], gzip.clone()).into_response();
    }
    match peer.0.documents.lock().unwrap().get(&path).cloned() {
        Some((status, content_type, body)) => {
            (StatusCode::from_u16(status).unwrap(), [("content-type", content_type)], body).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl PeerActor {
    pub fn handle(&self) -> String {
        format!("@{}@{}", self.name, self.peer.0.name)
    }

    pub fn key_id(&self) -> String {
        format!("{}#main-key", self.id)
    }

    pub fn proof_key_id(&self) -> String {
        format!("{}#ed25519-key", self.id)
    }

    /// Something this actor says, with its proof.
    pub fn proves(&self, document: &Value) -> Value {
        let prover = Prover::new(self.proof_key_id(), self.proof_key.clone());
        serde_json::from_str(&prover.prove(document, self.peer.0.clock.now()).unwrap()).unwrap()
    }

    /// The actor as its server describes it.
    pub fn document(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.id,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name,
            "summary": "",
            "url": self.peer.url(&format!("/@{}", self.name)),
            "inbox": format!("{}/inbox", self.id),
            "outbox": format!("{}/outbox", self.id),
            "followers": format!("{}/followers", self.id),
            "following": format!("{}/following", self.id),
            "featured": format!("{}/collections/featured", self.id),
            "endpoints": {"sharedInbox": self.peer.url("/inbox")},
            "publicKey": {"id": self.key_id(), "owner": self.id, "publicKeyPem": self.public_pem},
            "assertionMethod": [{
                "id": self.proof_key_id(), "type": "Multikey", "controller": self.id,
                "publicKeyMultibase": self.multikey,
            }],
        })
    }

    /// A public note.
    pub fn note(&self, name: &str, text: &str) -> Value {
        json!({
            "id": format!("{}/notes/{name}", self.id),
            "type": "Note",
            "attributedTo": self.id,
            "content": format!("<p>{text}</p>"),
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [format!("{}/followers", self.id)],
            "published": self.peer.0.clock.now().seconds(),
        })
    }

    /// An activity of this actor.
    pub fn activity(&self, kind: &str, name: &str, object: Value) -> Value {
        let mut activity = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}/activities/{name}", self.id),
            "type": kind,
            "actor": self.id,
            "object": object,
        });
        for field in ["to", "cc"] {
            if let Some(addresses) = activity["object"].get(field).cloned() {
                activity[field] = addresses;
            }
        }
        activity
    }

    /// A public boost.
    pub fn boost(&self, name: &str, id: &str) -> Value {
        let mut boost = self.activity("Announce", name, json!(id));
        boost["to"] = json!(["https://www.w3.org/ns/activitystreams#Public"]);
        boost
    }

    pub fn create(&self, note: Value) -> Value {
        let name = note["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        self.activity("Create", &format!("create-{name}"), note)
    }

    /// Signs as this actor, under its own key or another name for it.
    pub fn signer(&self) -> Signer {
        Signer::new(self.key_id(), self.key.clone())
    }

    /// The headers of a well signed delivery to `url`.
    pub fn signed(&self, url: &str, body: &str) -> Vec<(HeaderName, HeaderValue)> {
        let url = Url::parse(url).unwrap();
        self.signer().sign_headers("POST", &url, Some(body.as_bytes()), self.peer.0.clock.now()).unwrap()
    }

    /// Delivers to the shared inbox of a node; the status it answers.
    pub async fn deliver(&self, node: &Node, activity: &Value) -> u16 {
        self.deliver_to(node, "/inbox", activity).await
    }

    pub async fn deliver_to(&self, node: &Node, path: &str, activity: &Value) -> u16 {
        let body = activity.to_string();
        let headers = self.signed(&node.url(path), &body);
        self.deliver_raw(node, path, headers, &body).await
    }

    /// Delivers with exactly these headers besides the content type.
    pub async fn deliver_raw(
        &self,
        node: &Node,
        path: &str,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: &str,
    ) -> u16 {
        let mut request = node.client().post(node.url(path)).header("content-type", ACTIVITY).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Fetches a document of a node, signed as this actor.
    pub async fn fetch(&self, node: &Node, url: &str) -> (u16, Value) {
        let parsed = Url::parse(url).unwrap();
        let signed = self.signer().sign_headers("GET", &parsed, None, self.peer.0.clock.now()).unwrap();
        let mut request = node.client().get(url).header("accept", ACTIVITY);
        for (name, value) in signed {
            request = request.header(name, value);
        }
        let answer = node.answer(request).await;
        (answer.status.as_u16(), answer.body)
    }
}
