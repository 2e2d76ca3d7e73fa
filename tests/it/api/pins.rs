//! What people show first on their profile.

use serde_json::{Value, json};

use crate::support::{Encounter, Neighbours, User, community, list, text_of};

async fn pinned(reader: &User, author: &str) -> Vec<String> {
    let id = reader.find(author).await["id"].as_str().unwrap().to_owned();
    let pins = list(reader.get(&format!("/api/v1/accounts/{id}/statuses?pinned=true")).await.ok());
    pins.iter().map(text_of).collect()
}

#[tokio::test]
async fn the_newest_pin_is_shown_first_and_a_pin_can_be_taken_back() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let (one, two) = (ann.post("one").await, ann.post("two").await);
    assert_eq!(ann.act("pin", &one).await["pinned"], true);
    ann.act("pin", &one).await;
    ann.node.app().clock.advance(std::time::Duration::from_secs(1));
    ann.act("pin", &two).await;
    assert_eq!(pinned(&bob, &ann.handle()).await, ["two", "one"]);
    assert_eq!(bob.again(&two).await.get("pinned"), None, "what others pin is not said to a reader");
    assert_eq!(ann.act("unpin", &two).await["pinned"], false);
    ann.take_back(&one).await;
    assert!(pinned(&bob, &ann.handle()).await.is_empty());
}

#[tokio::test]
async fn only_few_posts_of_ones_own_that_others_may_find_can_be_pinned() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let (theirs, letter) = (bob.post("mine").await, ann.post_to("direct", "@bob psst").await);
    let boost = ann.act("reblog", &theirs).await;
    for refused in [&theirs, &letter, &boost] {
        ann.send(&format!("/api/v1/statuses/{}/pin", refused["id"].as_str().unwrap()), json!({})).await.refused(422);
    }
    for round in 0..5 {
        let post = ann.post(&format!("post {round}")).await;
        ann.act("pin", &post).await;
    }
    let sixth = ann.post("one too many").await;
    ann.send(&format!("/api/v1/statuses/{}/pin", sixth["id"].as_str().unwrap()), json!({})).await.refused(422);
    assert_eq!(pinned(&bob, &ann.handle()).await.len(), 5);
}

#[tokio::test]
async fn a_private_pin_is_shown_to_followers_alone() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post_to("private", "for friends").await;
    ann.act("pin", &post).await;
    assert!(pinned(&bob, &ann.handle()).await.is_empty());
    let featured = ann.node.document(&format!("{}/collections/featured", ann.uri())).await.ok();
    assert_eq!(featured["orderedItems"], json!([]));
    bob.follow(&ann.handle()).await;
    assert_eq!(pinned(&bob, &ann.handle()).await, ["for friends"]);
}

#[tokio::test]
async fn a_pin_is_seen_on_the_server_of_a_follower_until_it_is_taken_back() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.post("look here").await;
    ann.act("pin", &post).await;
    net.settle().await;
    let featured = ann.node.document(&format!("{}/collections/featured", ann.uri())).await.ok();
    assert_eq!(featured["orderedItems"][0]["id"], post["uri"]);
    assert_eq!(pinned(&bob, &ann.handle()).await, ["look here"]);
    ann.act("unpin", &post).await;
    net.settle().await;
    assert!(pinned(&bob, &ann.handle()).await.is_empty());
}

/// A17: nobody decides what stands on the profile of somebody else.
#[tokio::test]
async fn a17_nobody_pins_for_somebody_else() {
    let scene = Encounter::where_ann_follows_alice().await;
    let note = scene.alice_posts("note", "from Alice").await;
    let bob = scene.good.actor("bob").await;
    let add = |actor: &crate::support::PeerActor, name: &str, object: &Value, whose: &str| {
        let mut add = actor.activity("Add", name, object["id"].clone());
        add["target"] = json!(format!("{whose}/collections/featured"));
        add
    };
    let foreign = add(&bob, "add-1", &note, &scene.alice.id);
    assert_eq!(scene.hears(&bob, &foreign).await, 202);
    let own_collection = add(&bob, "add-2", &note, &bob.id);
    assert_eq!(scene.hears(&bob, &own_collection).await, 202);
    for actor in [&scene.alice, &bob] {
        assert!(pinned(&scene.ann, &actor.handle()).await.is_empty());
    }
    scene.alice_sends(&add(&scene.alice, "add-3", &note, &scene.alice.id)).await;
    assert_eq!(pinned(&scene.ann, &scene.alice.handle()).await, ["from Alice"]);
}
