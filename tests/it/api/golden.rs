//! What apps read, word for word.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{Encounter, Node, attention, community, golden, lonely_node, path_of};

async fn ask(node: &Node, path: &str) -> serde_json::Value {
    node.ask(Method::GET, path, "", None).await.ok()
}

#[tokio::test]
async fn accounts_are_described() {
    let scene = Encounter::where_ann_follows_alice().await;
    let ann = &scene.ann;
    ann.changes_profile(json!({
        "display_name": "Ann", "note": "I make #things", "discoverable": true,
        "fields_attributes": [{"name": "Home", "value": "https://ann.example"}],
    }))
    .await;
    scene.net.settle().await;
    golden("account_local", &ask(&scene.us, &format!("/api/v1/accounts/{}", ann.id)).await);
    golden("account_own", &ann.get("/api/v1/accounts/verify_credentials").await.ok());
    let alice = ann.find(&scene.alice.handle()).await;
    golden("account_remote", &alice);
    golden("relationship", &ann.relationship(&scene.alice.handle()).await);
    golden("preferences", &ann.get("/api/v1/preferences").await.ok());
}

#[tokio::test]
async fn statuses_are_described() {
    let scene = Encounter::where_ann_follows_alice().await;
    let ann = &scene.ann;
    let post = json!({
        "status": "Hi @alice@good.test, see https://example.org #WorkingOutLoud",
        "spoiler_text": "long & <boring>", "language": "en",
    });
    let post = ann.send("/api/v1/statuses", post).await.ok();
    golden("status_own", &post);
    scene.net.settle().await;
    golden("status_local", &ask(&scene.us, &path_of(&post)).await);

    scene.net.clock.advance(Duration::from_secs(60));
    let mut note = scene.alice.note("1", "have a look @ann");
    note["cc"] = json!([format!("{}/followers", scene.alice.id), scene.ann.uri()]);
    note["url"] = json!(scene.good.url("/@alice/1"));
    note["contentMap"] = json!({"en": "<p>have a look @ann</p>"});
    note["tag"] = json!([
        {"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"},
        {"type": "Hashtag", "href": scene.good.url("/tags/look"), "name": "#Look"},
        {"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": scene.good.url("/blob.png")}},
    ]);
    note["attachment"] = json!([{
        "type": "Document", "mediaType": "image/png", "url": scene.good.url("/picture.png"), "name": "a picture",
        "width": 640, "height": 480, "focalPoint": [0.5, -0.5],
    }]);
    scene.alice_sends(&scene.alice.create(note)).await;
    let seen = ann.home().await[0].clone();
    golden("status_remote", &seen);
    golden("boost", &ann.act("reblog", &seen).await);
    scene.net.settle().await;

    let answer = ann.reply(&seen, "@alice@good.test nice").await;
    ann.reply(&answer, "@alice@good.test really").await;
    scene.net.settle().await;
    golden("context", &ann.context(&answer).await);
    golden("source", &ann.get(&format!("{}/source", path_of(&post))).await.ok());
    scene.net.clock.advance(Duration::from_secs(60));
    ann.edit(&post, "Shorter").await;
    scene.net.settle().await;
    golden("history", &ann.get(&format!("{}/history", path_of(&post))).await.ok());
    golden("deleted", &ann.take_back(&post).await);
    scene.net.settle().await;
}

#[tokio::test]
async fn notifications_are_described() {
    let (ann, bob, post) = attention().await;
    ann.send(&format!("/api/v1/accounts/{}/follow", bob.id), json!({"notify": true})).await.ok();
    bob.post("ding").await;
    let cleo = ann.node.user("cleo").await;
    ann.changes_profile(json!({"locked": true})).await;
    cleo.follow("ann").await;
    ann.node.app().clock.advance(Duration::from_secs(60));
    ann.edit(&post, "notify you").await;
    golden("notification_update", &bob.notifications().await[0]);
    let told = ann.notifications().await;
    let names = [
        "notification_follow_request",
        "notification_status",
        "notification_mention",
        "notification_reblog",
        "notification_favourite",
        "notification_follow",
    ];
    assert_eq!(told.len(), names.len());
    for (name, told) in names.iter().zip(&told) {
        golden(name, told);
    }
    golden("follow_requests", &ann.get("/api/v1/follow_requests").await.ok());
}

#[tokio::test]
async fn the_server_is_described() {
    let node = lonely_node().await;
    node.set("name", "Makers").await;
    node.set("purpose", "We make things").await;
    golden("instance_v1", &ask(&node, "/api/v1/instance").await);
    golden("instance_v2", &ask(&node, "/api/v2/instance").await);
    golden("authorization_server", &ask(&node, "/.well-known/oauth-authorization-server").await);
}

#[tokio::test]
async fn what_was_searched_and_set_is_described() {
    let [ann] = community(["ann"]).await;
    ann.post("about #things").await;
    golden("search", &ann.get("/api/v2/search?q=an").await.ok());
    golden("search_tags", &ann.get("/api/v2/search?q=%23thing").await.ok());
    let filter = json!({
        "title": "Noise", "context": ["home"], "filter_action": "warn",
        "keywords_attributes": [{"keyword": "things", "whole_word": true}],
    });
    golden("filter", &ann.send("/api/v2/filters", filter).await.ok());
    golden("filtered", &ann.home().await[0]["filtered"]);
    golden("markers", &ann.send("/api/v1/markers", json!({"home": {"last_read_id": "42"}})).await.ok());
}
