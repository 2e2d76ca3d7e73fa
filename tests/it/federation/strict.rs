//! Servers that let nobody read without a name, and pages that lead to what ActivityPub reads.

use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, Network, Node, PeerActor};

const STRICT: &[(&str, &str)] = &[("OUTLOUD__FEDERATION__AUTHORIZED_FETCH", "true")];

async fn asks_signed(node: &Node, actor: &PeerActor, address: &str) -> (u16, String) {
    let url = url::Url::parse(address).unwrap();
    let mut request = node.client().get(address).header("accept", ACTIVITY);
    for (name, value) in actor.signer().sign_headers("GET", &url, None, node.app().now()).unwrap() {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    let kept = answer.headers().get("cache-control").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), kept.unwrap_or_default())
}

#[tokio::test]
async fn where_signatures_are_asked_for_nobody_reads_without_a_name() {
    let net = Network::start().await;
    let us = net.node_with("node.test", STRICT).await;
    let (ann, good) = (us.user("ann").await, net.peer("good.test").await);
    let (alice, post) = (good.actor("alice").await, ann.post("public").await);
    net.settle().await;
    let below = |what: &str| format!("{}/{what}", ann.uri());
    let addresses = [
        ann.uri(),
        post["uri"].as_str().unwrap().to_owned(),
        below("outbox"),
        below("followers"),
        below("collections/featured"),
    ];
    for address in &addresses {
        assert_eq!(us.document(address).await.status, 401, "{address}");
        let (status, kept) = asks_signed(&us, &alice, address).await;
        assert_eq!((status, kept.as_str()), (200, "private, no-store"), "{address}");
    }
    // The key of the server itself is open, or two such servers could never begin.
    let finger = us.client().get(us.url("/.well-known/webfinger?resource=http://node.test/")).send().await.unwrap();
    let finger: Value = serde_json::from_str(&finger.text().await.unwrap()).unwrap();
    let server = finger["links"].as_array().unwrap().iter().find(|link| link["rel"] == "self").unwrap()["href"].clone();
    let actor = us.document(server.as_str().unwrap()).await.ok();
    assert_eq!(actor["type"], "Application");
    // People still read pages.
    let page = us.client().get(us.url("/@ann")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn two_servers_that_ask_for_signatures_understand_each_other() {
    let net = Network::start().await;
    let (alpha, beta) = (net.node_with("alpha.test", STRICT).await, net.node_with("beta.test", STRICT).await);
    let (ann, bob) = (alpha.user("ann").await, beta.user("bob").await);
    bob.follow("@ann@alpha.test").await;
    net.settle().await;
    let post = ann.post("hello").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["hello"]);
    bob.reply(&bob.home().await[0], "@ann@alpha.test hello yourself").await;
    net.settle().await;
    assert_eq!(ann.context(&post).await["descendants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_pasted_page_leads_to_the_post_it_shows_and_nowhere_else() {
    let scene = Encounter::of_strangers().await;
    let note = scene.alice.note("1", "behind a page");
    scene.good.serve("/users/alice/notes/1", &note);
    let evil = scene.net.peer("evil.test").await;
    evil.serve("/users/alice/notes/1", &note);
    let page = |href: &str| {
        format!(
            r#"<!doctype html><html><head><link rel="alternate" type="application/activity+json" href="{href}"></head></html>"#
        )
    };
    let looked_up = async |path: &str| {
        let query: String = url::form_urlencoded::byte_serialize(scene.good.url(path).as_bytes()).collect();
        scene.ann.get(&format!("/api/v2/search?resolve=true&q={query}")).await.ok()["statuses"].clone()
    };
    for (path, href) in [
        ("/nothing", "".to_owned()),
        ("/away", evil.url("/users/alice/notes/1")),
        ("/inside", "http://127.0.0.1:1/".to_owned()),
        ("/itself", "/itself".to_owned()),
        ("/other-page", "/inside".to_owned()),
    ] {
        scene.good.serve_as(path, 200, "text/html; charset=utf-8", &page(&href));
        assert_eq!(looked_up(path).await, json!([]), "{path}");
    }
    scene.good.serve_as("/@alice/1", 200, "text/html; charset=utf-8", &page("/users/alice/notes/1"));
    assert_eq!(looked_up("/@alice/1").await[0]["uri"], note["id"]);
    // Our own pages say so in their headers, too.
    let post = scene.ann.post("mine").await;
    scene.net.settle().await;
    let page = scene.us.client().get(post["url"].as_str().unwrap()).header("accept", "text/html").send().await.unwrap();
    let link = page.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("<{}>; rel=\"alternate\"", post["uri"].as_str().unwrap())), "{link}");
}
