//! Whose word counts for what. Cases A of the attack catalogue.

use std::ops::Deref;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, Peer, PeerActor};

/// Ann follows Alice and Bob of a good server, and Mallory of an evil one.
struct Scene {
    here: Encounter,
    bob: PeerActor,
    evil: Peer,
    mallory: PeerActor,
}

async fn scene() -> Scene {
    let here = Encounter::where_ann_follows_alice().await;
    let (bob, evil) = (here.good.actor("bob").await, here.net.peer("evil.test").await);
    let mallory = evil.actor_with_key("mallory", 1).await;
    for actor in [&bob, &mallory] {
        here.ann_follows(actor).await;
    }
    Scene { here, bob, evil, mallory }
}

impl Deref for Scene {
    type Target = Encounter;

    fn deref(&self) -> &Encounter {
        &self.here
    }
}

#[tokio::test]
async fn a01_a02_an_actor_found_elsewhere_does_not_replace_the_real_one() {
    let scene = scene().await;
    let mut forged = scene.alice.document();
    forged["publicKey"]["publicKeyPem"] = json!(scene.mallory.public_pem);
    forged["inbox"] = json!(scene.evil.url("/inbox"));
    forged["name"] = json!("Not Alice");
    scene.evil.serve("/x", &forged);
    scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", scene.evil.url("/x"))).await.ok();
    let alice = scene.ann.find(&scene.alice.handle()).await;
    assert_eq!(alice["display_name"], "alice");
    let posted = scene.alice.create(scene.alice.note("after", "still me"));
    assert_eq!(scene.hears(&scene.alice, &posted).await, 202);
    assert_eq!(scene.ann.reads().await, ["still me"]);
}

#[tokio::test]
async fn a03_only_activitypub_media_types_are_believed() {
    let scene = scene().await;
    let profileless = "application/ld+json";
    for (index, media_type) in
        ["application/json", "text/plain", "application/octet-stream", "text/html", profileless].iter().enumerate()
    {
        let mut note = scene.bob.note("upload", "uploaded");
        let path = format!("/media/{index}.json");
        note["id"] = json!(scene.good.url(&path));
        scene.good.serve_as(&path, 200, media_type, &note.to_string());
        let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", scene.good.url(&path))).await;
        assert!(found.status != 200 || found.body["statuses"] == json!([]), "{media_type}: {}", found.body);
    }
}

#[tokio::test]
async fn a05_our_own_ids_are_refused_from_others_in_every_spelling() {
    let scene = scene().await;
    let spellings =
        ["http://node.test", "http://node.test.", "http://NODE.TEST", "http://node.test:80", "https://node.test"];
    for (index, base) in spellings.iter().enumerate() {
        let mut note = scene.mallory.note(&format!("n{index}"), "forged");
        note["id"] = json!(format!("{base}/users/{}/statuses/1", scene.ann.id));
        let create = scene.mallory.activity("Create", &format!("c{index}"), note);
        scene.hears(&scene.mallory, &create).await;
        let mut note = scene.mallory.note(&format!("m{index}"), "forged");
        note["attributedTo"] = json!(format!("{base}/users/{}", scene.ann.id));
        let create = scene.mallory.activity("Create", &format!("d{index}"), note);
        scene.hears(&scene.mallory, &create).await;
    }
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a06_a_neighbour_does_not_post_as_somebody_else() {
    let scene = scene().await;
    let note = scene.alice.note("forged", "said by Bob as Alice");
    let create = scene.bob.activity("Create", "create-forged", note);
    scene.hears(&scene.bob, &create).await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a07_only_the_author_edits_and_deletes() {
    let scene = scene().await;
    let note = scene.alice_posts("1", "the original").await;
    scene.net.clock.advance(Duration::from_secs(60));
    for other in [&scene.bob, &scene.mallory] {
        let mut changed = note.clone();
        changed["content"] = json!("<p>defaced</p>");
        changed["updated"] = json!(scene.net.clock.now().seconds());
        scene.hears(other, &other.activity("Update", "update-1", changed)).await;
        scene.hears(other, &other.activity("Delete", "delete-1", note["id"].clone())).await;
        scene.hears(other, &other.activity("Delete", "delete-2", json!(scene.alice.id))).await;
    }
    assert_eq!(scene.ann.reads().await, ["the original"]);

    let mut changed = note.clone();
    changed["content"] = json!("<p>improved</p>");
    changed["updated"] = json!(scene.net.clock.now().seconds());
    scene.hears(&scene.alice, &scene.alice.activity("Update", "update-2", changed)).await;
    assert_eq!(scene.ann.reads().await, ["improved"]);
    scene.hears(&scene.alice, &scene.alice.activity("Delete", "delete-3", note["id"].clone())).await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a08_nobody_takes_back_what_others_did() {
    let scene = scene().await;
    let follow = scene.alice.activity("Follow", "follow-ann", json!(scene.ann.uri()));
    scene.hears(&scene.alice, &follow).await;
    let count = || async { scene.ann.account().await["followers_count"].clone() };
    assert_eq!(count().await, 1);
    scene.hears(&scene.mallory, &scene.mallory.activity("Undo", "undo-1", follow.clone())).await;
    scene.hears(&scene.mallory, &scene.mallory.activity("Undo", "undo-2", follow["id"].clone())).await;
    assert_eq!(count().await, 1);
    scene.hears(&scene.alice, &scene.alice.activity("Undo", "undo-3", follow)).await;
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn a09_only_whoever_was_asked_accepts_a_follow() {
    let scene = scene().await;
    let carol = scene.good.actor("carol").await;
    let follow = scene.ann_asks_to_follow(&carol).await;
    for (name, object) in [("accept-1", follow.clone()), ("accept-2", follow["id"].clone())] {
        scene.hears(&scene.mallory, &scene.mallory.activity("Accept", name, object.clone())).await;
        scene.hears(&scene.bob, &scene.bob.activity("Accept", name, object)).await;
    }
    assert_eq!(scene.ann.relationship(&carol.handle()).await["following"], false);
    // By its id alone, as some servers answer.
    scene.hears(&carol, &carol.activity("Accept", "accept-3", follow["id"].clone())).await;
    assert_eq!(scene.ann.relationship(&carol.handle()).await["following"], true);
}

#[tokio::test]
async fn a10_an_embedded_post_of_somebody_else_is_fetched_and_not_believed() {
    let scene = scene().await;
    let real = scene.alice.note("real", "what I really said");
    scene.good.serve("/users/alice/notes/real", &real);
    let mut forged = real.clone();
    forged["content"] = json!("<p>what Mallory says I said</p>");
    scene.hears(&scene.mallory, &scene.mallory.activity("Announce", "announce-1", forged)).await;
    assert_eq!(scene.ann.reads().await, ["what I really said"]);
}

#[tokio::test]
async fn a11_a12_odd_authors_and_actors_resolve_to_nobody() {
    let scene = scene().await;
    let odd = [
        json!(1),
        json!({}),
        json!([scene.mallory.id, scene.alice.id]),
        json!([scene.alice.id, scene.mallory.id]),
        json!([{"type": "Person", "id": scene.alice.id}]),
        Value::Null,
    ];
    for (index, author) in odd.iter().enumerate() {
        let mut note = scene.mallory.note(&format!("odd{index}"), "odd");
        note["attributedTo"] = author.clone();
        scene.hears(&scene.mallory, &scene.mallory.activity("Create", &format!("odd{index}"), note)).await;
    }
    assert!(scene.ann.reads().await.is_empty());
    let mut create = scene.alice.create(scene.alice.note("two", "two"));
    create["actor"] = json!([scene.mallory.id, scene.alice.id]);
    assert_eq!(scene.mallory.deliver(&scene.us, &create).await, 400);
}

#[tokio::test]
async fn a19_a_handle_belongs_to_whoever_its_server_says() {
    let scene = scene().await;
    let mut actor = scene.mallory.document();
    actor["id"] = json!(scene.evil.url("/users/fake"));
    actor["preferredUsername"] = json!("alice");
    actor["webfinger"] = json!("alice@good.test");
    actor["inbox"] = json!(scene.evil.url("/users/fake/inbox"));
    actor["publicKey"]["id"] = json!(scene.evil.url("/users/fake#main-key"));
    actor["publicKey"]["owner"] = json!(scene.evil.url("/users/fake"));
    scene.evil.serve("/users/fake", &actor);
    let finger = json!({
        "subject": "acct:alice@good.test",
        "links": [{"rel": "self", "type": "application/activity+json", "href": scene.evil.url("/users/fake")}],
    });
    let path = "/.well-known/webfinger?resource=acct%3Aalice%40evil.test";
    scene.evil.serve_as(path, 200, "application/jrd+json", &finger.to_string());
    let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", scene.evil.url("/users/fake"))).await.ok();
    assert_eq!(found["accounts"][0]["acct"], "alice@evil.test");
    let alice = scene.ann.find("@alice@good.test").await;
    assert_eq!(alice["uri"], scene.alice.id.as_str());
}

#[tokio::test]
async fn a23_a_page_address_is_no_identity() {
    let scene = scene().await;
    let mut note = scene.mallory.note("spoof", "look where I live");
    note["url"] = json!(scene.good.url("/@alice/1"));
    scene.hears(&scene.mallory, &scene.mallory.create(note)).await;
    let home = scene.ann.home().await;
    assert_eq!(home[0]["account"]["acct"], "mallory@evil.test");
    assert_eq!(home[0]["uri"], format!("{}/notes/spoof", scene.mallory.id));
}

#[tokio::test]
async fn a26_an_inbox_on_somebody_elses_server_is_not_used() {
    let scene = scene().await;
    let victim = scene.net.peer("victim.test").await;
    let trudy = scene.evil.actor_with_key("trudy", 1).await;
    let mut actor = trudy.document();
    actor["endpoints"]["sharedInbox"] = json!(victim.url("/login"));
    scene.evil.serve("/users/trudy", &actor);
    scene.hears(&trudy, &trudy.activity("Follow", "follow-1", json!(scene.ann.uri()))).await;
    scene.ann.post("for everybody").await;
    scene.net.settle().await;
    assert_eq!(victim.requests(), 0);
    assert!(!scene.evil.received_of("Create").is_empty());
    // An actor whose own inbox is elsewhere cannot be used at all.
    let mut actor = trudy.document();
    actor["id"] = json!(scene.evil.url("/users/other"));
    actor["inbox"] = json!(victim.url("/inbox"));
    scene.evil.serve("/users/other", &actor);
    let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", scene.evil.url("/users/other"))).await;
    assert!(found.status != 200 || found.body["accounts"] == json!([]));
}

#[tokio::test]
async fn a30_nobody_follows_in_the_name_of_somebody_else() {
    let scene = scene().await;
    let mut follow = scene.mallory.activity("Follow", "follow-1", json!(scene.ann.uri()));
    follow["actor"] = json!(scene.alice.id);
    assert_eq!(scene.mallory.deliver(&scene.us, &follow).await, 401);
    scene.net.settle().await;
    assert_eq!(scene.ann.account().await["followers_count"], 0);
}

#[tokio::test]
async fn a34_what_is_deleted_before_it_arrives_never_appears() {
    let scene = scene().await;
    let note = scene.alice.note("late", "deleted before it came");
    scene.hears(&scene.alice, &scene.alice.activity("Delete", "delete-late", note["id"].clone())).await;
    scene.hears(&scene.alice, &scene.alice.create(note)).await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn nobody_reaches_followers_of_somebody_else_with_a_private_post() {
    let scene = scene().await;
    let mut note = scene.mallory.note("spoof", "for the followers of Alice");
    note["to"] = json!([format!("{}/followers", scene.alice.id)]);
    note["cc"] = json!([]);
    scene.hears(&scene.mallory, &scene.mallory.create(note)).await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a_post_from_the_future_does_not_stay_on_top() {
    let scene = scene().await;
    let mut note = scene.alice.note("future", "from 2099");
    note["published"] = json!("2099-01-01T00:00:00Z");
    scene.hears(&scene.alice, &scene.alice.create(note)).await;
    scene.net.clock.advance(Duration::from_secs(60));
    scene.alice_posts("now", "from now").await;
    assert_eq!(scene.ann.reads().await, ["from now", "from 2099"]);
}
