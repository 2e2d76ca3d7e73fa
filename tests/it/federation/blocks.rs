//! Whom this server shuts out, and how little others can make it ask. Cases H12, C10 and B15 of the attack catalogue.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::response::Redirect;
use outloud::actions::domains;
use outloud::domain::event::Event;
use outloud::domain::handle::Host;
use outloud::domain::moment::{Clock, Moment};
use outloud::federation::http::Resolver;
use outloud::federation::signature::Signer;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::browser::Browser;
use crate::support::{Answer, Encounter, Network, Node, Peer, PeerActor, User, path_of, text_of};

/// Ann and Alice of a good server, and Mallory of one that is about to be shut out.
struct Scene {
    here: Encounter,
    evil: Peer,
    mallory: PeerActor,
}

impl Deref for Scene {
    type Target = Encounter;

    fn deref(&self) -> &Encounter {
        &self.here
    }
}

impl Scene {
    /// Nobody has heard of anybody.
    async fn of_strangers() -> Self {
        Self::with(Encounter::of_strangers().await).await
    }

    /// Ann follows Alice, who may bring things here.
    async fn with_an_ally() -> Self {
        Self::with(Encounter::where_ann_follows_alice().await).await
    }

    /// Ann and Mallory follow each other.
    async fn of_friends() -> Self {
        let scene = Self::of_strangers().await;
        befriend(&scene.here, &scene.mallory).await;
        scene
    }

    async fn with(here: Encounter) -> Self {
        let evil = here.net.peer("evil.test").await;
        let mallory = evil.actor_with_key("mallory", 1).await;
        Self { here, evil, mallory }
    }

    /// Mallory under another name of the server.
    fn mallory_of(&self, host: &str) -> PeerActor {
        PeerActor { id: format!("http://{host}/users/mallory"), ..self.mallory.clone() }
    }

    /// Something Mallory has posted where others can read it; its id.
    fn mallory_posts_at_home(&self) -> String {
        let note = self.mallory.note("1", "from over there");
        self.evil.serve("/users/mallory/notes/1", &note);
        note["id"].as_str().unwrap().to_owned()
    }

    /// Follows Ann, names her in a post and likes one of hers.
    fn approaches(&self, mallory: &PeerActor, post: &Value) -> [Value; 3] {
        [
            mallory.activity("Follow", "follow-ann", json!(self.ann.uri())),
            mallory.create(mention(mallory, &self.ann, "hello Ann")),
            mallory.activity("Like", "like-ann", post["uri"].clone()),
        ]
    }

    /// Nothing has come of what Mallory did.
    async fn ann_hears_nothing_of(&self, mallory: &PeerActor, post: &Value) {
        let id = &mallory.id;
        assert_eq!(self.ann.notifications().await, Vec::<Value>::new(), "{id}");
        assert_eq!(self.ann.account().await["followers_count"], 0, "{id}");
        assert_eq!(self.ann.again(post).await["favourites_count"], 0, "{id}");
        assert_eq!(knows(&self.ann, &format!("{id}/notes/mention")).await["statuses"], json!([]), "{id}");
    }
}

/// Mallory, whose ids are on one server and whose handle is on another; Ann follows him, and he her.
struct Split {
    here: Encounter,
    ids: Peer,
    handles: Peer,
    mallory: PeerActor,
}

impl Deref for Split {
    type Target = Encounter;

    fn deref(&self) -> &Encounter {
        &self.here
    }
}

impl Split {
    async fn start() -> Self {
        let here = Encounter::of_strangers().await;
        let (ids, handles) = (here.net.peer("ids.test").await, here.net.peer("handles.test").await);
        let mallory = ids.actor_with_key("mallory", 1).await;
        let scene = Self { here, ids, handles, mallory };
        scene.has_handle_elsewhere(&scene.mallory);
        befriend(&scene.here, &scene.mallory).await;
        scene
    }

    /// Both servers agree where the handle of somebody is.
    fn has_handle_elsewhere(&self, actor: &PeerActor) {
        let name = &actor.name;
        let finger = json!({
            "subject": format!("acct:{name}@handles.test"),
            "links": [{"rel": "self", "type": "application/activity+json", "href": actor.id}],
        });
        for (peer, host) in [(&self.ids, "ids.test"), (&self.handles, "handles.test")] {
            let path = format!("/.well-known/webfinger?resource=acct%3A{name}%40{host}");
            peer.serve_as(&path, 200, "application/jrd+json", &finger.to_string());
        }
    }

    /// What Mallory has posted, as Ann sees it.
    async fn posted(&self) -> Value {
        let create = self.mallory.create(self.mallory.note("1", "from over there"));
        assert_eq!(self.hears(&self.mallory, &create).await, 202);
        let post = self.ann.home().await[0].clone();
        assert_eq!((text_of(&post).as_str(), &post["account"]["acct"]), ("from over there", &json!(MALLORY)));
        post
    }

    /// Shuts one of the two servers out: Mallory is gone, is not told of anything, and does not come back.
    async fn loses_sight_of_mallory_without(&self, host: &str) {
        let post = self.posted().await;
        shut_out(&self.us, host).await;
        let told = self.ids.received().len();
        assert!(self.ann.reads().await.is_empty());
        self.ann.get(&path_of(&post)).await.refused(404);
        assert_eq!(self.ann.find(&format!("@{MALLORY}")).await, Value::Null);
        let account = self.ann.account().await;
        assert_eq!((&account["followers_count"], &account["following_count"]), (&json!(0), &json!(0)));

        let trudy = self.ids.actor_with_key("trudy", 1).await;
        self.has_handle_elsewhere(&trudy);
        for actor in [&self.mallory, &trudy] {
            self.hears(actor, &actor.create(mention(actor, &self.ann, "still here"))).await;
        }
        hears_of_the_loss_alone(&self.ann).await;
        assert!(self.ann.reads().await.is_empty());
        self.ann.post("among ourselves").await;
        self.net.settle().await;
        assert_eq!(self.ids.received().len(), told);

        let_in(&self.us, host).await;
        assert_eq!(text_of(&self.ann.again(&post).await), "from over there");
    }
}

/// The handle of Mallory where it is on another server than he.
const MALLORY: &str = "mallory@handles.test";

async fn befriend(here: &Encounter, actor: &PeerActor) {
    here.ann_follows(actor).await;
    let follow = actor.activity("Follow", "follow-ann", json!(here.ann.uri()));
    assert_eq!(here.hears(actor, &follow).await, 202);
}

/// Shuts a server out, as the operator does.
async fn shut_out(node: &Node, host: &str) {
    let host: Host = host.parse().unwrap();
    domains::block(node.app(), &host, domains::Terms::default()).await.unwrap();
}

/// Of whatever came from a server that was shut out, a member hears no more than that it is.
async fn hears_of_the_loss_alone(member: &User) {
    let told = member.notifications().await;
    let kinds: Vec<&str> = told.iter().filter_map(|told| told["type"].as_str()).collect();
    assert_eq!(kinds, ["severed_relationships"]);
}

/// Lets a server in again, as the operator does.
async fn let_in(node: &Node, host: &str) {
    let host: Host = host.parse().unwrap();
    domains::unblock(node.app(), &host).await.unwrap();
}

/// A public note that names somebody here.
fn mention(actor: &PeerActor, named: &User, text: &str) -> Value {
    let mut note = actor.note("mention", text);
    note["cc"] = json!([named.uri()]);
    note["tag"] = json!([{"type": "Mention", "href": named.uri(), "name": named.handle()}]);
    note
}

/// What a member finds under an address, asking other servers for it.
async fn look_up(member: &User, address: &str) -> Answer {
    let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    member.get(&format!("/api/v2/search?resolve=true&q={query}")).await
}

/// What is known here under an address.
async fn knows(member: &User, address: &str) -> Value {
    let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    member.get(&format!("/api/v2/search?q={query}")).await.ok()
}

/// A server that sends whoever asks it somewhere else; how often it was asked.
async fn signpost(net: &Network, name: &str, to: &str) -> Arc<AtomicUsize> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    net.name(name, listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, answer) = (asked.clone(), Redirect::temporary(to));
    let router = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        std::future::ready(answer.clone())
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    asked
}

#[tokio::test]
async fn h12_a_server_that_is_shut_out_is_refused_under_each_of_its_names() {
    let scene = Scene::of_strangers().await;
    let post = scene.ann.post("hello").await;
    shut_out(&scene.us, "evil.test").await;
    let plain = ["evil.test", "sub.evil.test", "EVIL.test", "evil.test.", "Sub.Evil.Test."];
    let with_ports = ["evil.test:80", "evil.test:8443", "sub.evil.test:8443"];
    for host in plain.into_iter().chain(with_ports) {
        let mallory = scene.mallory_of(host);
        for activity in scene.approaches(&mallory, &post) {
            assert_eq!(scene.hears(&mallory, &activity).await, 403, "{host}: {}", activity["type"]);
        }
        scene.ann_hears_nothing_of(&mallory, &post).await;
    }
    assert_eq!(scene.evil.requests(), 0, "nobody there is asked for a key");
    // A name that only looks alike is another server.
    let namesake = scene.net.peer("notevil.test").await.actor("nora").await;
    let follow = namesake.activity("Follow", "follow-ann", json!(scene.ann.uri()));
    assert_eq!(scene.hears(&namesake, &follow).await, 202);
}

#[tokio::test]
async fn h12_a_server_is_shut_out_however_its_name_is_written() {
    let scene = Scene::of_strangers().await;
    let follow = scene.mallory.activity("Follow", "follow-ann", json!(scene.ann.uri()));
    for spelling in ["EVIL.test", "evil.test.", "evil.test:8443"] {
        shut_out(&scene.us, spelling).await;
        assert_eq!(scene.hears(&scene.mallory, &follow).await, 403, "{spelling}");
        let_in(&scene.us, "evil.test").await;
    }
    assert_eq!(scene.hears(&scene.mallory, &follow).await, 202);
}

#[tokio::test]
async fn h12_what_waits_when_its_server_is_shut_out_has_no_effect() {
    let scene = Scene::of_strangers().await;
    let post = scene.ann.post("hello").await;
    for activity in scene.approaches(&scene.mallory, &post) {
        assert_eq!(scene.mallory.deliver(&scene.us, &activity).await, 202);
    }
    shut_out(&scene.us, "evil.test").await;
    let asked = scene.evil.requests();
    scene.net.settle().await;
    scene.ann_hears_nothing_of(&scene.mallory, &post).await;
    let_in(&scene.us, "evil.test").await;
    scene.net.settle().await;
    scene.ann_hears_nothing_of(&scene.mallory, &post).await;
    assert_eq!(scene.evil.requests(), asked, "nobody there is asked or told");
}

#[tokio::test]
async fn h12_an_ally_brings_nothing_here_from_there() {
    let scene = Scene::with_an_ally().await;
    let id = scene.mallory_posts_at_home();
    shut_out(&scene.us, "evil.test").await;
    scene.alice_sends(&scene.alice.boost("announce-1", &id)).await;
    scene.alice_does("Announce", "announce-2", scene.mallory.note("1", "from over there")).await;
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(knows(&scene.ann, &id).await["statuses"], json!([]));
    assert_eq!(scene.evil.requests(), 0);
}

#[tokio::test]
async fn h12_a_known_post_from_there_is_not_shown_in_boosts_of_allies() {
    let scene = Scene::with_an_ally().await;
    let bob = scene.good.actor("bob").await;
    scene.ann_follows(&bob).await;
    let id = scene.mallory_posts_at_home();
    scene.alice_sends(&scene.alice.boost("announce-1", &id)).await;
    assert_eq!(scene.ann.reads().await, ["from over there"]);
    shut_out(&scene.us, "evil.test").await;
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(scene.hears(&bob, &bob.boost("announce-2", &id)).await, 202);
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn h12_nobody_is_followed_to_a_server_that_is_shut_out() {
    let scene = Scene::with_an_ally().await;
    let id = scene.mallory_posts_at_home();
    signpost(&scene.net, "ally.test", &id).await;
    let found = look_up(&scene.ann, "http://ally.test/1").await.ok();
    assert_eq!(text_of(&found["statuses"][0]), "from over there");
    shut_out(&scene.us, "evil.test").await;
    let asked = scene.evil.requests();

    let found = look_up(&scene.ann, "http://ally.test/2").await;
    assert!(found.status != 200 || found.body["statuses"] == json!([]), "{}", found.body);
    scene.alice_does("Announce", "announce-1", json!("http://ally.test/3")).await;
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(scene.ann.find("@mallory@ally.test").await, Value::Null);
    let hidden = scene.mallory_of("ally.test");
    let follow = hidden.activity("Follow", "follow-ann", json!(scene.ann.uri()));
    let answer = scene.hears(&hidden, &follow).await;
    assert!([401, 403].contains(&answer), "{answer}");
    assert_eq!(scene.evil.requests(), asked);
}

#[tokio::test]
async fn h12_a_server_that_is_shut_out_does_not_show_the_way_either() {
    let scene = Scene::with_an_ally().await;
    let note = scene.alice.note("1", "behind two corners");
    scene.good.serve("/users/alice/notes/1", &note);
    let middle = signpost(&scene.net, "middle.test", note["id"].as_str().unwrap()).await;
    signpost(&scene.net, "ally.test", "http://middle.test/1").await;
    let found = look_up(&scene.ann, "http://ally.test/1").await.ok();
    assert_eq!(text_of(&found["statuses"][0]), "behind two corners");
    shut_out(&scene.us, "middle.test").await;
    let asked = (middle.load(Ordering::Relaxed), scene.good.requests());

    let found = look_up(&scene.ann, "http://ally.test/2").await;
    assert!(found.status != 200 || found.body["statuses"] == json!([]), "{}", found.body);
    assert_eq!((middle.load(Ordering::Relaxed), scene.good.requests()), asked);
}

#[tokio::test]
async fn h12_a_handle_elsewhere_does_not_open_the_door() {
    let scene = Split::start().await;
    scene.has_handle_elsewhere(&scene.ids.actor_with_key("trudy", 1).await);
    shut_out(&scene.us, "ids.test").await;
    let asked = scene.ids.requests();
    let create = scene.mallory.create(scene.mallory.note("1", "still here"));
    assert_eq!(scene.hears(&scene.mallory, &create).await, 403);
    assert_eq!(scene.ann.find("@mallory@ids.test").await, Value::Null);
    assert_eq!(scene.ann.find("@trudy@handles.test").await, Value::Null);
    assert_eq!(scene.ids.requests(), asked);
}

#[tokio::test]
async fn h12_shutting_out_the_host_of_the_ids_ends_what_was_there() {
    Split::start().await.loses_sight_of_mallory_without("ids.test").await;
}

#[tokio::test]
async fn h12_shutting_out_the_host_of_the_handles_ends_what_was_there() {
    let scene = Split::start().await;
    let asked = scene.handles.requests();
    scene.loses_sight_of_mallory_without("handles.test").await;
    assert_eq!(scene.handles.requests(), asked, "it is not asked who has its handles");
}

#[tokio::test]
async fn h12_whoever_is_shut_out_is_given_nothing_that_they_sign_for() {
    let scene = Scene::of_strangers().await;
    let post = scene.ann.post("for everybody").await;
    scene.net.settle().await;
    shut_out(&scene.us, "evil.test").await;
    let (actor, uri) = (scene.ann.uri(), post["uri"].as_str().unwrap());
    let outbox = format!("{actor}/outbox");
    for document in [uri, &format!("{uri}/activity"), &actor, &outbox, &format!("{outbox}?page=true")] {
        for host in ["evil.test", "sub.evil.test"] {
            let (status, body) = scene.mallory_of(host).fetch(&scene.us, document).await;
            assert_eq!(status, 403, "{host} asks for {document}: {body}");
        }
        assert_eq!(scene.alice.fetch(&scene.us, document).await.0, 200, "{document}");
        assert_eq!(scene.us.document(document).await.status, 200, "{document}");
    }
    assert_eq!(scene.evil.requests(), 0);
}

#[tokio::test]
async fn h12_follows_end_and_what_came_from_there_is_out_of_sight_until_it_may_come_again() {
    let scene = Scene::of_friends().await;
    let theirs = scene.alice.note("1", "from a good server");
    scene.good.serve("/users/alice/notes/1", &theirs);
    let create = scene.mallory.create(mention(&scene.mallory, &scene.ann, "from over there"));
    let announce = scene.mallory.boost("announce-1", theirs["id"].as_str().unwrap());
    for activity in [create, announce] {
        assert_eq!(scene.hears(&scene.mallory, &activity).await, 202);
    }
    let home = scene.ann.home().await;
    let (boosts, posts): (Vec<Value>, Vec<Value>) = home.into_iter().partition(|status| status["reblog"].is_object());
    let (boost, post) = (&boosts[0], &posts[0]);
    let told = scene.ann.notifications().await;
    assert!(["follow", "mention"].iter().all(|kind| told.iter().any(|news| news["type"] == *kind)), "{told:?}");

    shut_out(&scene.us, "evil.test").await;
    let asked = scene.evil.requests();
    scene.net.settle().await;
    let account = scene.ann.account().await;
    assert_eq!((&account["followers_count"], &account["following_count"]), (&json!(0), &json!(0)));
    assert!(scene.ann.reads().await.is_empty());
    hears_of_the_loss_alone(&scene.ann).await;
    for gone in [post, boost] {
        scene.ann.get(&path_of(gone)).await.refused(404);
    }
    assert_eq!(text_of(&scene.ann.again(&boost["reblog"]).await), "from a good server");
    assert_eq!(scene.evil.requests(), asked, "the other server is not told");

    let_in(&scene.us, "evil.test").await;
    for back in [post, boost] {
        assert_eq!(text_of(&scene.ann.again(back).await), text_of(back));
    }
    let relation = scene.ann.relationship(&scene.mallory.handle()).await;
    assert_eq!((&relation["following"], &relation["followed_by"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn h12_nothing_is_delivered_to_a_server_that_is_shut_out() {
    let scene = Scene::of_friends().await;
    let waiting = scene.ann.post("on its way").await;
    // It is addressed before the server is shut out, and has not left.
    let status = waiting["id"].as_str().unwrap().parse().unwrap();
    scene.us.federation().publish(&Event::StatusPosted { account: scene.ann.id, status }).await.unwrap();
    shut_out(&scene.us, "evil.test").await;
    let asked = scene.evil.requests();
    scene.net.settle().await;
    let post = scene.ann.post("for my followers, and for @mallory@evil.test").await;
    scene.ann.edit(&post, "for my followers").await;
    scene.ann.changes_profile(json!({"display_name": "Ann of here"})).await;
    scene.net.settle().await;
    scene.ann.take_back(&post).await;
    scene.net.settle().await;
    assert_eq!(scene.evil.requests(), asked);
}

#[tokio::test]
async fn h12_nobody_there_is_asked_for_a_handle() {
    let scene = Scene::of_strangers().await;
    scene.net.name("sub.evil.test", scene.evil.address());
    // Servers of others that send us there.
    let finger = json!({
        "subject": "acct:mallory@good.test",
        "links": [{"rel": "self", "type": "application/activity+json", "href": scene.mallory.id}],
    });
    let path = "/.well-known/webfinger?resource=acct%3Amallory%40good.test";
    scene.good.serve_as(path, 200, "application/jrd+json", &finger.to_string());
    let meta = r#"<XRD><Link rel="lrdd" template="http://evil.test/finger?{uri}"/></XRD>"#;
    scene.good.serve_as("/.well-known/host-meta", 200, "application/xrd+xml", meta);
    assert_eq!(scene.ann.find("@nobody@evil.test").await, Value::Null);
    let asked = scene.evil.requests();
    assert!(asked > 0);

    shut_out(&scene.us, "evil.test").await;
    let handles = ["@mallory@evil.test", "@mallory@sub.evil.test", "@mallory@EVIL.test."];
    for handle in handles.into_iter().chain(["@mallory@good.test", "@nobody@good.test"]) {
        assert_eq!(scene.ann.find(handle).await, Value::Null, "{handle}");
        assert_eq!(scene.evil.requests(), asked, "{handle}");
    }
    let found = look_up(&scene.ann, &scene.mallory.id).await;
    assert!(found.status != 200 || found.body["accounts"] == json!([]), "{}", found.body);
    scene.ann.post("does anybody know @mallory@evil.test?").await;
    let mut visitor = Browser::new(&scene.us);
    let form = visitor.get("/@ann").await.form("interact");
    visitor.send(&form.with("handle", "@mallory@evil.test")).await;
    scene.net.settle().await;
    assert_eq!(scene.evil.requests(), asked);
}

/// A node that counts who asks it how often, and a server whose people it does not know yet.
struct Flood {
    us: Node,
    ann: User,
    good: Peer,
}

impl Flood {
    async fn start() -> Self {
        let clock = Clock::standing_at(Moment::parse("2026-11-01T12:00:00Z").unwrap());
        let names: Arc<RwLock<HashMap<String, SocketAddr>>> = Arc::default();
        let counts = [("OUTLOUD__RATE_LIMITS__ENABLED", "true")];
        let us = Node::start_with("node.test", clock.clone(), Resolver::Fixed(names.clone()), &counts).await;
        let good = Peer::start("good.test", clock).await;
        for (name, address) in [("node.test", us.address()), ("good.test", good.address())] {
            names.write().unwrap().insert(name.to_owned(), address);
        }
        let ann = us.user("ann").await;
        Self { us, ann, good }
    }

    /// Somebody at an address, as the proxy in front of the node says, delivers an activity.
    async fn hears_from(&self, address: &'static str, actor: &PeerActor, activity: &Value) -> u16 {
        let body = activity.to_string();
        let mut headers = actor.signed(&self.us.url("/inbox"), &body);
        headers.push((HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(address)));
        actor.deliver_raw(&self.us, "/inbox", headers, &body).await
    }

    /// Somebody of the good server whom nobody here knows, or nobody at all, in whose name another key signs.
    async fn forged(&self, round: usize) -> PeerActor {
        let key = self.good.actor_with_key("forger", 1).await.key;
        let name = format!("member{round}");
        let real = if round.is_multiple_of(2) { self.good.actor(&name).await } else { self.good.actor("alice").await };
        let id = self.good.url(&format!("/users/{name}"));
        PeerActor { id, name, key, ..real }
    }
}

#[tokio::test]
async fn b15_c10_a_flood_of_forged_requests_keeps_nobody_else_from_being_heard() {
    let flood = Flood::start().await;
    let mut answers = Vec::new();
    for round in 0..100 {
        let forged = flood.forged(round).await;
        let follow = forged.activity("Follow", "follow-ann", json!(flood.ann.uri()));
        answers.push(flood.hears_from("203.0.113.9", &forged, &follow).await);
    }
    assert_eq!(answers[0], 401);
    assert!(answers.contains(&429), "{answers:?}");
    assert!(answers.iter().all(|status| [401, 429].contains(status)), "{answers:?}");

    let newcomer = flood.good.actor("newcomer").await;
    let follow = newcomer.activity("Follow", "follow-ann", json!(flood.ann.uri()));
    assert_eq!(flood.hears_from("198.51.100.7", &newcomer, &follow).await, 202);
    flood.us.settle().await;
    assert_eq!(flood.ann.account().await["followers_count"], 1);
}

#[tokio::test]
async fn b15_whoever_is_known_is_heard_from_an_address_that_sent_much_nonsense() {
    let flood = Flood::start().await;
    let alice = flood.good.actor("alice").await;
    let follow = alice.activity("Follow", "follow-ann", json!(flood.ann.uri()));
    assert_eq!(flood.hears_from("203.0.113.9", &alice, &follow).await, 202);
    for round in 0..50 {
        let forged = flood.forged(round).await;
        let follow = forged.activity("Follow", "follow-ann", json!(flood.ann.uri()));
        flood.hears_from("203.0.113.9", &forged, &follow).await;
    }
    // What servers forward is said by one and signed by another: it is refused and not held against them.
    let mut forwarded = alice.activity("Like", "like-1", json!(flood.ann.uri()));
    forwarded["actor"] = json!("http://elsewhere.test/users/zoe");
    for _ in 0..50 {
        assert_eq!(flood.hears_from("203.0.113.9", &alice, &forwarded).await, 401);
    }
    let undo = alice.activity("Undo", "undo-follow", follow);
    assert_eq!(flood.hears_from("203.0.113.9", &alice, &undo).await, 202);
    flood.us.leaves_work();
}

#[tokio::test]
async fn b15_whoever_signs_well_may_send_a_lot_from_one_address() {
    let flood = Flood::start().await;
    let alice = flood.good.actor("alice").await;
    for round in 0..100 {
        let view = alice.activity("View", &format!("view-{round}"), json!("http://good.test/film"));
        assert_eq!(flood.hears_from("198.51.100.7", &alice, &view).await, 202, "{round}");
    }
    flood.us.settle().await;
}

#[tokio::test]
async fn b02_c10_a_key_on_another_server_than_its_actor_is_refused_before_anybody_is_asked() {
    let scene = Scene::of_strangers().await;
    scene.net.name("sub.good.test", scene.evil.address());
    let (alice, mallory) = (&scene.alice, &scene.mallory);
    let cases = [
        (alice, mallory.key_id()),
        (mallory, alice.key_id()),
        (alice, scene.evil.url("/key")),
        (alice, "http://sub.good.test/users/alice#main-key".to_owned()),
        (alice, "http://good.test:8443/users/alice#main-key".to_owned()),
        (alice, "https://good.test/users/alice#main-key".to_owned()),
    ];
    for (actor, key_id) in cases {
        let body = actor.create(mention(actor, &scene.ann, "forged")).to_string();
        let url = url::Url::parse(&scene.us.url("/inbox")).unwrap();
        let signer = Signer::new(key_id.clone(), mallory.key.clone());
        let headers = signer.sign_headers("POST", &url, Some(body.as_bytes()), scene.net.clock.now()).unwrap();
        assert_eq!(actor.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401, "{key_id}");
        assert_eq!((scene.good.requests(), scene.evil.requests()), (0, 0), "{key_id}");
    }
    scene.net.settle().await;
    assert!(scene.ann.notifications().await.is_empty());
}
