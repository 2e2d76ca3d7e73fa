//! Hashtags on profiles.

use serde_json::{Value, json};

use crate::support::{Encounter, Neighbours, User, community};

async fn features(ann: &User, name: &str) -> Value {
    ann.send("/api/v1/featured_tags", json!({"name": name})).await.ok()
}

fn names(tags: &Value) -> Vec<&str> {
    tags.as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_member_shows_hashtags_with_what_they_wrote_about_them() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.post("#Gardening in spring").await;
    ann.post("more #gardening and #cats").await;
    ann.post_to("private", "secret #gardening").await;
    let cats = features(&ann, "cats").await;
    let gardening = features(&ann, "#Gardening").await;
    assert_eq!((&gardening["name"], &gardening["statuses_count"]), (&json!("Gardening"), &json!("2")));
    assert_eq!(gardening["last_status_at"], "2026-11-01");
    assert_eq!(gardening["url"], format!("{}/@ann?tagged=gardening", ann.node.url("")));
    assert_eq!(features(&ann, "nothing").await["last_status_at"], Value::Null);
    // Everybody sees them, the most used first, and nobody else's.
    let seen = bob.get(&format!("/api/v1/accounts/{}/featured_tags", ann.id)).await.ok();
    assert_eq!(names(&seen), ["Gardening", "cats", "nothing"]);
    assert_eq!(bob.get("/api/v1/featured_tags").await.ok(), json!([]));
    bob.delete(&format!("/api/v1/featured_tags/{}", cats["id"].as_str().unwrap())).await.refused(404);
    ann.delete(&format!("/api/v1/featured_tags/{}", cats["id"].as_str().unwrap())).await.ok();
    assert_eq!(names(&ann.get("/api/v1/featured_tags").await.ok()), ["Gardening", "nothing"]);
    bob.get("/api/v1/accounts/1/featured_tags").await.refused(404);
}

#[tokio::test]
async fn what_is_no_hashtag_or_there_already_or_too_much_is_not_shown() {
    let [ann] = community(["ann"]).await;
    for (name, complaint) in [
        ("", "Validation failed: Name can't be blank"),
        (" # ", "Validation failed: Name can't be blank"),
        ("two words", "Validation failed: Name is not a valid hashtag"),
        ("2026", "Validation failed: Name is not a valid hashtag"),
    ] {
        let refused = ann.send("/api/v1/featured_tags", json!({"name": name})).await.refused(422);
        assert_eq!(refused, complaint);
    }
    features(&ann, "one").await;
    ann.send("/api/v1/featured_tags", json!({"name": "ONE"})).await.refused(422);
    for number in 2..=10 {
        features(&ann, &format!("tag{number}")).await;
    }
    ann.send("/api/v1/featured_tags", json!({"name": "eleven"})).await.refused(422);
}

#[tokio::test]
async fn hashtags_that_are_used_and_not_shown_are_suggested() {
    let [ann, bob] = community(["ann", "bob"]).await;
    assert_eq!(ann.get("/api/v1/featured_tags/suggestions").await.ok(), json!([]));
    ann.post("#cats #dogs").await;
    ann.post("#cats #shown").await;
    bob.post("#birds").await;
    features(&ann, "shown").await;
    assert_eq!(names(&ann.get("/api/v1/featured_tags/suggestions").await.ok()), ["cats", "dogs"]);
}

#[tokio::test]
async fn a_profile_page_shows_them_and_leads_to_the_posts() {
    let [ann] = community(["ann"]).await;
    ann.post("about #cats").await;
    ann.post("about nothing").await;
    features(&ann, "cats").await;
    let page = |path: &str| ann.node.client().get(ann.node.url(path));
    let profile = ann.node.answer(page("/@ann")).await.body.as_str().unwrap().to_owned();
    assert!(profile.contains("/@ann?tagged=cats") && profile.contains("about nothing"));
    let tagged = ann.node.answer(page("/@ann?tagged=cats")).await.body.as_str().unwrap().to_owned();
    assert!(!tagged.contains("about nothing") && tagged.contains("about"));
}

#[tokio::test]
async fn other_servers_read_them_and_hear_that_they_changed() {
    let scene = Encounter::where_alice_follows_ann().await;
    let tag = features(&scene.ann, "Cats").await;
    scene.net.settle().await;
    let update = &scene.good.received_of("Update")[0];
    assert_eq!(update["object"]["featuredTags"], format!("{}/collections/tags", scene.ann.uri()));
    let collection = scene.us.document(update["object"]["featuredTags"].as_str().unwrap()).await.ok();
    assert_eq!(collection["orderedItems"], json!([{"type": "Hashtag", "href": tag["url"], "name": "#Cats"}]));
    scene.ann.delete(&format!("/api/v1/featured_tags/{}", tag["id"].as_str().unwrap())).await.ok();
    scene.net.later(std::time::Duration::from_secs(1)).await;
    let collection = scene.us.document(update["object"]["featuredTags"].as_str().unwrap()).await.ok();
    assert_eq!(collection["totalItems"], 0);
}

#[tokio::test]
async fn what_somebody_likes_is_not_told() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    ann.post("like me").await;
    net.settle().await;
    bob.act("favourite", &bob.home().await[0]).await;
    net.settle().await;
    let actor = bob.node.document(&bob.uri()).await.ok();
    let liked = bob.node.document(actor["liked"].as_str().unwrap()).await.ok();
    assert_eq!((&liked["type"], &liked["totalItems"]), (&json!("OrderedCollection"), &json!(0)));
    assert_eq!(liked["orderedItems"], json!([]));
}
