//! Names that change hands: handles, keys, whole servers. Cases A20, A21 and B17 of the attack catalogue.

use std::time::Duration;

use outloud::views::queues;
use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, PeerActor};

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Encounter {
    /// What good.test answers when it is asked for a handle.
    fn good_says(&self, name: &str, actor: Option<&str>) {
        let path = format!("/.well-known/webfinger?resource=acct%3A{name}%40good.test");
        match actor {
            Some(actor) => {
                let links = json!([{"rel": "self", "type": ACTIVITY, "href": actor}]);
                let answer = json!({"subject": format!("acct:{name}@good.test"), "links": links});
                self.good.serve_as(&path, 200, "application/jrd+json", &answer.to_string());
            }
            None => self.good.serve_as(&path, 404, "text/plain", ""),
        }
    }

    /// An actor under another name than that of its address.
    fn called(&self, actor: &PeerActor, name: &str) -> Value {
        let mut document = actor.document();
        document["preferredUsername"] = json!(name);
        self.good.serve(&format!("/users/{}", actor.name), &document);
        document
    }

    async fn ann_looks_at(&self, actor: &PeerActor) -> Value {
        let path = format!("/api/v2/search?resolve=true&type=accounts&q={}", actor.id);
        self.ann.get(&path).await.ok()["accounts"][0].clone()
    }
}

#[tokio::test]
async fn a21_whoever_takes_over_a_name_takes_over_nothing_else() {
    let scene = Encounter::where_ann_follows_alice().await;
    let note = scene.alice_posts("1", "said by the first Alice").await;
    // Alice is Alicia now, and Mallory gets the name that is free.
    scene.good_says("alicia", Some(&scene.alice.id));
    let renamed = scene.called(&scene.alice, "alicia");
    let mallory = scene.good.actor_with_key("mallory", 1).await;
    scene.called(&mallory, "alice");
    scene.good_says("alice", Some(&mallory.id));
    assert_eq!(scene.ann_looks_at(&mallory).await["acct"], "alice@good.test");
    // The old row is still whose it was, whatever it is called.
    let first = scene.ann.home().await[0]["account"].clone();
    assert_eq!(first["uri"], scene.alice.id.as_str());
    assert_ne!(first["acct"], "alice@good.test");
    assert_eq!(scene.ann.relationship("@alice@good.test").await["following"], false);
    scene.hears(&mallory, &mallory.create(mallory.note("1", "said by Mallory"))).await;
    scene.hears(&mallory, &mallory.activity("Delete", "delete-1", note["id"].clone())).await;
    scene.hears(&mallory, &mallory.activity("Update", "update-1", scene.alice.document())).await;
    assert_eq!(scene.ann.reads().await, ["said by the first Alice"]);
    scene.alice_does("Update", "update-2", renamed).await;
    assert_eq!(scene.ann.relationship("@alicia@good.test").await["following"], true);
    scene.alice_posts("2", "said by Alicia").await;
    assert_eq!(scene.ann.reads().await, ["said by Alicia", "said by the first Alice"]);
}

#[tokio::test]
async fn a21_nobody_takes_a_name_that_their_server_gives_to_somebody_else() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mallory = scene.good.actor_with_key("mallory", 1).await;
    scene.called(&mallory, "alice");
    // WebFinger says that Alice is Alice; then it says nothing at all.
    for answer in [Some(scene.alice.id.as_str()), None] {
        scene.good_says("alice", answer);
        assert_ne!(scene.ann_looks_at(&mallory).await["acct"], "alice@good.test");
        assert_eq!(scene.ann.find("@alice@good.test").await["uri"], scene.alice.id.as_str());
        scene.net.later(2 * DAY).await;
    }
    // Not by an edit of a profile either, in other capitals, or again and again.
    let eve = scene.good.actor_with_key("eve", 2).await;
    assert_eq!(scene.ann_looks_at(&eve).await["acct"], "eve@good.test");
    scene.hears(&eve, &eve.activity("Follow", "follow-1", json!(scene.ann.uri()))).await;
    for (number, name) in ["alice", "ALICE", "Alice", "alice"].iter().enumerate() {
        let document = scene.called(&eve, name);
        scene.hears(&eve, &eve.activity("Update", &format!("update-{number}"), document)).await;
        scene.net.later(2 * DAY).await;
        assert_eq!(scene.ann_looks_at(&eve).await["acct"], "eve@good.test");
    }
    let alice = scene.ann.find("@alice@good.test").await;
    scene.net.settle().await;
    assert_eq!((&alice["uri"], &alice["username"]), (&json!(scene.alice.id), &json!("alice")));
    assert_eq!(scene.ann.relationship("@alice@good.test").await["following"], true);
    scene.net.settle().await;
}

#[tokio::test]
async fn a20_a_server_where_everybody_has_new_keys_is_told_of() {
    let scene = Encounter::where_ann_follows_alice().await;
    let db = &scene.us.app().db;
    let host = "good.test".parse().unwrap();
    let new_keys = async || queues::new_keys(db, &host, scene.us.app().now()).await.unwrap();
    let mut people = vec![scene.alice.clone()];
    for name in ["bob", "carol"] {
        let actor = scene.good.actor(name).await;
        scene.ann_looks_at(&actor).await;
        people.push(actor);
    }
    scene.net.later(3 * DAY).await;
    // Two have new keys, the third has an old one: that happens.
    for actor in &people[..2] {
        let renewed = scene.good.actor_with_key(&actor.name, 2).await;
        assert_eq!(scene.hears(&renewed, &renewed.activity("Update", "update-1", renewed.document())).await, 202);
    }
    assert_eq!(new_keys().await, None);
    scene.hears(&people[2], &people[2].activity("Update", "update-1", people[2].document())).await;
    assert_eq!(new_keys().await, None);
    // The third too: nothing is refused, nobody is forgotten, and whoever runs the server is told.
    let renewed = scene.good.actor_with_key("carol", 2).await;
    assert_eq!(scene.hears(&renewed, &renewed.activity("Update", "update-2", renewed.document())).await, 202);
    assert_eq!(new_keys().await, Some(3));
    let steps = scene.us.federation().probe(&scene.alice.handle()).await.unwrap();
    assert!(steps.iter().any(|step| !step.ok && step.name == "Owner" && step.says.contains("All 3")), "{steps:?}");
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], true);
    // Newcomers have new keys and say nothing about it; after a day it is old news.
    scene.net.later(2 * DAY).await;
    assert_eq!(new_keys().await, None);
}

#[tokio::test]
async fn a20_a_new_key_counts_only_when_it_is_at_the_address_of_its_owner() {
    let scene = Encounter::where_ann_follows_alice().await;
    let thief = scene.good.actor_with_key("thief", 1).await;
    scene.net.clock.advance(Duration::from_secs(3600));
    // The key of the thief under the name of that of Alice, while Alice's server says otherwise.
    let body = scene.alice.create(scene.alice.note("1", "stolen")).to_string();
    let url = url::Url::parse(&scene.us.url("/inbox")).unwrap();
    let signer = outloud::federation::signature::Signer::new(scene.alice.key_id(), thief.key.clone());
    let headers = signer.sign_headers("POST", &url, Some(body.as_bytes()), scene.net.clock.now()).unwrap();
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    let mut document = scene.alice.document();
    document["publicKey"]["publicKeyPem"] = json!(thief.public_pem);
    scene.hears(&thief, &thief.activity("Update", "update-1", document)).await;
    scene.alice_posts("2", "still me").await;
    assert_eq!(scene.ann.reads().await, ["still me"]);
}

#[tokio::test]
async fn b17_whoever_is_gone_is_not_heard_and_may_still_say_that_they_are_gone() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_posts("1", "once said").await;
    scene.net.clock.advance(Duration::from_secs(25 * 3600));
    // Their key is gone, and here it is forgotten: what they sign cannot be checked.
    let other = scene.good.actor_with_key("alice", 1).await;
    for status in [404, 410] {
        scene.good.serve_as("/users/alice", status, "text/plain", "");
        for (kind, object) in [
            ("Create", other.note("2", "from beyond")),
            ("Follow", json!(scene.ann.uri())),
            ("Update", other.document()),
            ("Undo", json!(format!("{}/activities/x", other.id))),
        ] {
            let activity = other.activity(kind, &format!("{kind}-{status}"), object);
            assert_eq!(scene.hears(&other, &activity).await, 401, "{kind} {status}");
        }
        scene.net.clock.advance(Duration::from_secs(3600));
    }
    // The end of one post is looked at where it was, the end of everything is what 410 says.
    assert_eq!(scene.ann.reads().await, ["once said"]);
    let delete = other.activity("Delete", "delete-me", json!(other.id));
    assert_eq!(scene.hears(&other, &delete).await, 202);
    assert!(scene.ann.reads().await.is_empty());
    // Said again, or by somebody we never heard of: taken, and nobody is asked.
    let asked = scene.good.requests();
    for name in ["delete-me", "delete-me-again"] {
        assert_eq!(scene.hears(&other, &other.activity("Delete", name, json!(other.id))).await, 202);
    }
    assert_eq!(scene.good.requests(), asked);
    // The key that is gone opens nothing afterwards.
    assert_eq!(scene.hears(&scene.alice, &scene.alice.create(scene.alice.note("3", "back again"))).await, 401);
    assert!(scene.ann.reads().await.is_empty());
}
