//! Whole threads, and the last posts of whoever is followed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, path_of, text_of};

impl Encounter {
    /// Puts a post of Alice on her server, answering `parent`, with the ids of its replies.
    fn alice_has(&self, name: &str, text: &str, parent: Option<&str>, replies: &[&str]) -> Value {
        let mut note = self.alice.note(name, text);
        if let Some(parent) = parent {
            note["inReplyTo"] = json!(self.id(parent));
        }
        let replies: Vec<String> = replies.iter().map(|reply| self.id(reply)).collect();
        note["replies"] = json!({
            "type": "Collection",
            "id": format!("{}/replies", self.id(name)),
            "first": {"type": "CollectionPage", "partOf": format!("{}/replies", self.id(name)), "items": replies},
        });
        self.good.serve(&format!("/users/alice/notes/{name}"), &note);
        note
    }

    fn id(&self, name: &str) -> String {
        if name.starts_with("http") { name.to_owned() } else { format!("{}/notes/{name}", self.alice.id) }
    }

    /// What Ann sees of a thread: what comes before, what comes after, how much is missing.
    async fn ann_reads_thread(&self, status: &Value) -> (Vec<String>, Vec<String>, i64) {
        let thread = self.ann.context(status).await;
        let texts = |part: &str| thread[part].as_array().unwrap().iter().map(text_of).collect();
        (texts("ancestors"), texts("descendants"), thread["unreachable_count"].as_i64().unwrap())
    }
}

#[tokio::test]
async fn opening_a_thread_brings_what_is_missing_of_it() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_has("root", "root", None, &["reply"]);
    scene.alice_has("middle", "middle", Some("root"), &["reply"]);
    scene.alice_has("answer", "answer", Some("reply"), &[]);
    scene.alice_has("other", "other", Some("reply"), &[]);
    let reply = scene.alice_has("reply", "reply", Some("middle"), &["answer", "other", "lost"]);
    scene.alice_sends(&scene.alice.create(reply)).await;
    let seen = scene.ann.home().await[0].clone();
    assert_eq!(scene.ann_reads_thread(&seen).await, (vec![], vec![], 0));
    scene.net.settle().await;
    let (before, after, missing) = scene.ann_reads_thread(&seen).await;
    assert_eq!(before, ["root", "middle"]);
    assert_eq!((after, missing), (vec!["answer".to_owned(), "other".to_owned()], 1));
    // Not again at once; later again.
    let asked = scene.good.requests();
    scene.ann_reads_thread(&seen).await;
    scene.net.settle().await;
    assert_eq!(scene.good.requests(), asked);
    scene.net.later(Duration::from_secs(16 * 60)).await;
    scene.ann_reads_thread(&seen).await;
    scene.net.settle().await;
    assert!(scene.good.requests() > asked);
}

#[tokio::test]
async fn a_visitor_makes_nobody_ask_anything() {
    let scene = Encounter::where_ann_follows_alice().await;
    let reply = scene.alice_has("reply", "reply", Some("parent"), &["answer"]);
    scene.alice_sends(&scene.alice.create(reply)).await;
    let seen = scene.ann.home().await[0].clone();
    let asked = scene.good.requests();
    let path = format!("{}/context", path_of(&seen));
    scene.us.client().get(scene.us.url(&path)).send().await.unwrap();
    scene.net.settle().await;
    assert_eq!(scene.good.requests(), asked);
}

#[tokio::test]
async fn d05_d06_threads_and_collections_that_go_in_circles_come_to_an_end() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_has("one", "one", Some("two"), &["two", "one"]);
    let mut two = scene.alice_has("two", "two", Some("one"), &["one", "two"]);
    let page = format!("{}/page", scene.id("two"));
    two["replies"] = json!(page);
    scene.good.serve("/users/alice/notes/two", &two);
    scene.good.serve(
        "/users/alice/notes/two/page",
        &json!({"id": page, "type": "CollectionPage", "items": [scene.id("one")], "next": page}),
    );
    scene.alice_sends(&scene.alice.create(two)).await;
    let seen = scene.ann.home().await[0].clone();
    let asked = scene.good.requests();
    scene.ann_reads_thread(&seen).await;
    scene.net.settle().await;
    assert!(scene.good.requests() - asked < 20, "{}", scene.good.requests() - asked);
}

#[tokio::test]
async fn d06_endless_pages_are_read_as_far_as_the_allowance_goes() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice_has("root", "root", None, &[]);
    note["replies"] = json!(format!("{}/replies/0", scene.id("root")));
    scene.good.serve("/users/alice/notes/root", &note);
    for number in 0..200 {
        let id = |number: usize| format!("{}/replies/{number}", scene.id("root"));
        let page = json!({"id": id(number), "type": "CollectionPage", "items": [], "next": id(number + 1)});
        scene.good.serve(&format!("/users/alice/notes/root/replies/{number}"), &page);
    }
    scene.alice_sends(&scene.alice.create(note)).await;
    let seen = scene.ann.home().await[0].clone();
    let asked = scene.good.requests();
    scene.ann_reads_thread(&seen).await;
    scene.net.settle().await;
    assert!(scene.good.requests() - asked <= 15, "{}", scene.good.requests() - asked);
}

#[tokio::test]
async fn d06_a_collection_does_not_lead_to_another_server() {
    let scene = Encounter::where_ann_follows_alice().await;
    let evil = scene.net.peer("evil.test").await;
    let mut note = scene.alice_has("root", "root", None, &[]);
    note["replies"] = json!(evil.url("/replies"));
    scene.good.serve("/users/alice/notes/root", &note);
    scene.alice_sends(&scene.alice.create(note)).await;
    let seen = scene.ann.home().await[0].clone();
    scene.ann_reads_thread(&seen).await;
    scene.net.settle().await;
    assert_eq!(evil.requests(), 0);
}

#[tokio::test]
async fn whoever_is_followed_brings_their_last_posts_and_their_pins_and_rings_no_bell() {
    let scene = Encounter::of_strangers().await;
    let mut old = scene.alice_has("old", "an old favourite", None, &[]);
    old["published"] = json!("2026-08-01T10:00:00Z");
    old["tag"] = json!([{"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"}]);
    scene.good.serve("/users/alice/notes/old", &old);
    let mut new = scene.alice_has("new", "the latest", None, &[]);
    new["published"] = json!("2026-10-30T10:00:00Z");
    scene.good.serve("/users/alice/notes/new", &new);
    let (outbox, featured) = (format!("{}/outbox", scene.alice.id), format!("{}/collections/featured", scene.alice.id));
    scene.good.serve(
        "/users/alice/outbox",
        &json!({"id": outbox, "type": "OrderedCollection", "totalItems": 2, "first": format!("{outbox}?page=true")}),
    );
    let boost = scene.alice.boost("boost-1", "http://elsewhere.test/notes/1");
    let items = json!([scene.alice.create(new), boost]);
    scene.good.serve(
        "/users/alice/outbox?page=true",
        &json!({"id": format!("{outbox}?page=true"), "type": "OrderedCollectionPage", "orderedItems": items}),
    );
    scene.good.serve(
        "/users/alice/collections/featured",
        &json!({"id": featured, "type": "OrderedCollection", "orderedItems": [old]}),
    );
    scene.ann_follows(&scene.alice).await;
    assert_eq!(scene.ann.reads().await, ["the latest", "an old favourite"]);
    let id = scene.ann.find(&scene.alice.handle()).await["id"].as_str().unwrap().to_owned();
    let pinned = scene.ann.get(&format!("/api/v1/accounts/{id}/statuses?pinned=true")).await.ok();
    assert_eq!(text_of(&pinned[0]), "an old favourite");
    assert!(scene.ann.notifications().await.is_empty());
}
