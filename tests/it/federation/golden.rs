//! What other servers read here and what is delivered to them, word for word.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, Node, Peer, community, golden, golden_text};

async fn document(node: &Node, path: &str) -> Value {
    node.document(path).await.ok()
}

/// Compares an ActivityPub document; its context is the same as that of every other one.
fn told(name: &str, document: &Value) {
    let mut document = document.clone();
    golden("json_ld_context", &document["@context"].take());
    document["@context"] = json!("{json_ld_context}");
    if let Some(proof) = document.get_mut("proof") {
        golden("json_ld_context", &proof["@context"].take());
        proof["@context"] = json!("{json_ld_context}");
        assert!(proof["proofValue"].take().as_str().unwrap().starts_with('z'));
    }
    golden(name, &document);
}

/// An actor without its keys, which are others every time.
fn without_key(mut actor: Value) -> Value {
    let key = actor["publicKey"]["publicKeyPem"].take();
    assert!(key.as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    let key = actor["assertionMethod"][0]["publicKeyMultibase"].take();
    assert!(key.as_str().unwrap().starts_with("z6Mk"));
    actor
}

/// The last activity of a type that was delivered.
fn delivered(peer: &Peer, kind: &str) -> Value {
    peer.received_of(kind).pop().unwrap_or_else(|| panic!("no {kind} was delivered"))
}

#[tokio::test]
async fn actors_are_described() {
    let [ann, bob] = community(["ann", "bob"]).await;
    told("actor_person_fresh", &without_key(document(&bob.node, &bob.uri()).await));
    ann.changes_profile(json!({
        "display_name": "Ann <3", "note": "I make #things with @bob", "locked": true,
        "discoverable": true, "indexable": true,
        "fields_attributes": [{"name": "Home", "value": "https://ann.example"}],
    }))
    .await;
    told("actor_person", &without_key(document(&ann.node, &ann.uri()).await));
    let server = document(&ann.node, "/.well-known/webfinger?resource=http://node.test/").await;
    let server = server["links"][0]["href"].as_str().unwrap();
    told("actor_of_the_server", &without_key(document(&ann.node, server).await));
}

#[tokio::test]
async fn a_server_is_described() {
    let [ann] = community(["ann"]).await;
    let node = &ann.node;
    node.set("name", "Makers").await;
    node.set("purpose", "We make things").await;
    ann.post("counted").await;
    let finger = "/.well-known/webfinger?resource=acct:ann@node.test";
    golden("webfinger_person", &document(node, finger).await);
    golden("webfinger_of_the_server", &document(node, "/.well-known/webfinger?resource=http://node.test/").await);
    golden_text("host_meta", document(node, "/.well-known/host-meta").await.as_str().unwrap());
    golden("host_meta_json", &document(node, "/.well-known/host-meta.json").await);
    golden("nodeinfo_links", &document(node, "/.well-known/nodeinfo").await);
    golden("nodeinfo_2_0", &document(node, "/nodeinfo/2.0").await);
    golden("nodeinfo_2_1", &document(node, "/nodeinfo/2.1").await);
}

#[tokio::test]
async fn posts_are_described() {
    let scene = Encounter::where_alice_follows_ann().await;
    let mut question = scene.alice.note("question", "what do you think?");
    question["cc"] = json!([scene.ann.uri()]);
    question["tag"] = json!([{"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"}]);
    scene.alice_sends(&scene.alice.create(question)).await;
    let question = scene.ann.notifications().await[0]["status"].clone();

    let warned = json!({
        "status": "Hi @alice@good.test, I found it:\nhttps://example.org/a?b=1&c=2\n\n#Übung & more",
        "spoiler_text": "long & <boring>", "language": "de",
    });
    let posts = [
        ("note_public", scene.ann.send("/api/v1/statuses", warned).await.ok()),
        ("note_unlisted", scene.ann.post_to("unlisted", "quietly").await),
        ("note_private", scene.ann.post_to("private", "for those who follow").await),
        ("note_direct", scene.ann.post_to("direct", "@alice@good.test a word with you").await),
        ("note_reply", scene.ann.reply(&question, "@alice@good.test I like it").await),
    ];
    scene.net.settle().await;
    for (name, post) in &posts {
        let (status, note) = scene.alice.fetch(&scene.us, post["uri"].as_str().unwrap()).await;
        assert_eq!(status, 200, "{name}");
        told(name, &note);
    }
}

#[tokio::test]
async fn what_becomes_of_a_post_is_told() {
    let scene = Encounter::where_alice_follows_ann().await;
    let Encounter { net, ann, good, .. } = &scene;
    let post = ann.post("first #thought").await;
    net.settle().await;
    told("create", &delivered(good, "Create"));
    ann.post_to("private", "for those who follow").await;
    net.settle().await;
    told("create_private", &delivered(good, "Create"));

    net.clock.advance(Duration::from_secs(60));
    ann.edit(&post, "second #thought").await;
    net.settle().await;
    told("update_note", &delivered(good, "Update"));

    ann.act("reblog", &post).await;
    net.settle().await;
    told("announce_own", &delivered(good, "Announce"));
    ann.take_back(&post).await;
    net.settle().await;
    told("delete", &delivered(good, "Delete"));

    let private = ann.post_to("private", "between us").await;
    ann.act("reblog", &private).await;
    net.settle().await;
    told("announce_private", &delivered(good, "Announce"));
    ann.act("unreblog", &private).await;
    net.settle().await;
    told("undo_announce_private", &delivered(good, "Undo"));
    ann.take_back(&private).await;
    net.settle().await;
    told("delete_private", &delivered(good, "Delete"));
}

#[tokio::test]
async fn what_somebody_does_with_a_post_of_others_is_told() {
    let scene = Encounter::where_ann_follows_alice().await;
    let Encounter { net, ann, good, .. } = &scene;
    told("follow", &delivered(good, "Follow"));
    scene.alice_posts("1", "spread this").await;
    let seen = ann.home().await[0].clone();
    for (deed, verb, name) in [
        ("favourite", "Like", "like"),
        ("unfavourite", "Undo", "undo_like"),
        ("reblog", "Announce", "announce"),
        ("unreblog", "Undo", "undo_announce"),
    ] {
        ann.act(deed, &seen).await;
        net.settle().await;
        told(name, &delivered(good, verb));
    }
    ann.unfollow(&scene.alice.handle()).await;
    net.settle().await;
    told("undo_follow", &delivered(good, "Undo"));
}

#[tokio::test]
async fn a_follow_is_answered() {
    let scene = Encounter::where_alice_follows_ann().await;
    told("accept", &delivered(&scene.good, "Accept"));
    scene.ann.changes_profile(json!({"locked": true, "display_name": "Ann"})).await;
    scene.net.settle().await;
    let mut update = delivered(&scene.good, "Update");
    update["object"] = without_key(update["object"].take());
    told("update_person", &update);

    let bob = scene.good.actor("bob").await;
    scene.hears(&bob, &bob.activity("Follow", "follow-ann", json!(scene.ann.uri()))).await;
    let asking = scene.ann.get("/api/v1/follow_requests").await.ok();
    let path = format!("/api/v1/follow_requests/{}/reject", asking[0]["id"].as_str().unwrap());
    scene.ann.send(&path, json!({})).await.ok();
    scene.net.settle().await;
    told("reject", &delivered(&scene.good, "Reject"));
}

#[tokio::test]
async fn lists_are_described() {
    let [ann, bob] = community(["ann", "bob"]).await;
    bob.follow("ann").await;
    let post = ann.post("first").await;
    ann.post_to("private", "not for all").await;
    bob.reply(&post, "an answer").await;
    ann.act("reblog", &post).await;
    for (name, path) in [
        ("outbox", "outbox"),
        ("outbox_first_page", "outbox?page=true"),
        ("followers", "followers"),
        ("following", "following"),
        ("featured", "collections/featured"),
    ] {
        told(name, &document(&ann.node, &format!("{}/{path}", ann.uri())).await);
    }
    told("replies", &document(&ann.node, &format!("{}/replies", post["uri"].as_str().unwrap())).await);
}

#[tokio::test]
async fn a_deleted_post_leaves_a_stone() {
    let [ann] = community(["ann"]).await;
    let post = ann.post("a mistake").await;
    ann.take_back(&post).await;
    let gone = ann.node.document(post["uri"].as_str().unwrap()).await;
    assert_eq!(gone.status, 410);
    told("tombstone", &gone.body);
}

/// Whatever an object of ours names as a list of its own can be asked for.
#[tokio::test]
async fn every_list_that_a_post_names_answers_under_its_own_id() {
    let [ann] = community(["ann"]).await;
    let post = ann.post("liked and shared").await;
    let note = document(&ann.node, post["uri"].as_str().unwrap()).await;
    for list in ["replies", "likes", "shares"] {
        let named = if note[list].is_string() { &note[list] } else { &note[list]["id"] };
        let found = document(&ann.node, named.as_str().unwrap()).await;
        assert_eq!((&found["id"], found["totalItems"].is_i64()), (named, true), "{list}");
    }
}
