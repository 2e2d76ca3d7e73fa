//! What members are told.

use serde_json::{Value, json};

use crate::support::{attention, community};

#[tokio::test]
async fn everything_that_concerns_somebody_is_told_once() {
    let (ann, bob, post) = attention().await;
    let kinds: Vec<Value> = ann.notifications().await.iter().map(|told| told["type"].clone()).collect();
    assert_eq!(kinds, ["mention", "reblog", "favourite", "follow"]);
    bob.act("unfavourite", &post).await;
    bob.act("favourite", &post).await;
    assert_eq!(ann.notifications().await.len(), 4);
    assert!(bob.notifications().await.is_empty());
    let told = ann.notifications().await;
    assert!(told.iter().all(|told| told["group_key"].is_string() && told["created_at"].is_string()));
    let mentions = ann.get("/api/v1/notifications?types[]=mention").await.ok();
    assert_eq!(mentions.as_array().unwrap().len(), 1);
    let rest = ann
        .get("/api/v1/notifications?exclude_types[]=mention&exclude_types[]=follow&exclude_types[]=unknown")
        .await
        .ok();
    assert_eq!(rest.as_array().unwrap().len(), 2);
    assert_eq!(ann.get("/api/v1/notifications/unread_count").await.ok()["count"], 4);
    let one = &told[0]["id"];
    ann.send("/api/v1/markers", json!({"notifications": {"last_read_id": one}})).await.ok();
    assert_eq!(ann.get("/api/v1/notifications/unread_count").await.ok()["count"], 0);
}

#[tokio::test]
async fn notifications_are_dismissed_one_by_one_or_all_together() {
    let [ann, bob] = community(["ann", "bob"]).await;
    for round in 0..3 {
        bob.post(&format!("@ann {round}")).await;
    }
    let told = ann.notifications().await;
    let id = told[0]["id"].as_str().unwrap();
    bob.send(&format!("/api/v1/notifications/{id}/dismiss"), json!({})).await;
    assert_eq!(ann.notifications().await.len(), 3, "nobody dismisses what others were told");
    assert_eq!(ann.get(&format!("/api/v1/notifications/{id}")).await.ok()["id"], told[0]["id"]);
    bob.get(&format!("/api/v1/notifications/{id}")).await.refused(404);
    assert_eq!(ann.send(&format!("/api/v1/notifications/{id}/dismiss"), json!({})).await.ok(), json!({}));
    assert_eq!(ann.notifications().await.len(), 2);
    ann.send("/api/v1/notifications/clear", json!({})).await.ok();
    assert!(ann.notifications().await.is_empty());
}

#[tokio::test]
async fn the_bell_tells_of_every_post() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.send(&format!("/api/v1/accounts/{}/follow", bob.id), json!({"notify": true})).await.ok();
    let post = bob.post("ding").await;
    bob.reply(&post, "a reply does not ring").await;
    let told = ann.notifications().await;
    assert_eq!((told.len(), &told[0]["type"]), (1, &json!("status")));
}

#[tokio::test]
async fn whoever_is_muted_or_blocked_is_not_heard() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.does("mute", &bob).await;
    bob.post("@ann can you hear me?").await;
    assert!(ann.notifications().await.is_empty());
    ann.does("unmute", &bob).await;
    bob.post("@ann and now?").await;
    assert_eq!(ann.notifications().await.len(), 1);
    ann.does("block", &bob).await;
    assert!(ann.notifications().await.is_empty());
    bob.post("@ann hello?").await;
    assert!(ann.notifications().await.is_empty());
}

#[tokio::test]
async fn a_mention_in_an_edit_is_told_once() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = bob.post("nobody named").await;
    for text in ["@ann now named", "@ann named again"] {
        bob.edit(&post, text).await;
    }
    assert_eq!(ann.notifications().await.len(), 1);
}
