//! Filters annotate what matches and take nothing away.

use serde_json::{Value, json};

use crate::support::community;

#[tokio::test]
async fn a_filter_marks_what_it_matches_whatever_its_place() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.follow("bob").await;
    let filter = ann
        .send(
            "/api/v2/filters",
            json!({
                "title": "Noise", "context": ["home"], "filter_action": "warn",
                "keywords_attributes": [{"keyword": "cat", "whole_word": true}],
            }),
        )
        .await
        .ok();
    bob.post("my cat sleeps").await;
    bob.post("concatenate").await;
    let home = ann.home().await;
    assert_eq!(home.len(), 2);
    assert_eq!(home[0]["filtered"], json!([]));
    assert_eq!(home[1]["filtered"][0]["filter"]["title"], "Noise");
    assert_eq!(home[1]["filtered"][0]["keyword_matches"], json!(["cat"]));
    let id = filter["id"].as_str().unwrap();
    bob.get(&format!("/api/v2/filters/{id}")).await.refused(404);
    bob.delete(&format!("/api/v2/filters/{id}")).await.refused(404);
    let change = json!({"title": "Cats", "context": ["home", "public"]});
    let changed = ann.put(&format!("/api/v2/filters/{id}"), change).await.ok();
    assert_eq!(changed["title"], "Cats");
    let old: Value = ann.get("/api/v1/filters").await.ok();
    assert_eq!(old[0]["phrase"], "cat");
    ann.delete(&format!("/api/v2/filters/{id}")).await.ok();
    assert_eq!(ann.get("/api/v2/filters").await.ok(), json!([]));
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_refused() {
    let [ann] = community(["ann"]).await;
    for bad in [
        json!({}),
        json!({"title": "", "context": ["home"]}),
        json!({"title": "x", "context": []}),
        json!({"title": "x", "context": ["nowhere"]}),
        json!({"title": "x", "context": ["home"], "filter_action": "explode"}),
    ] {
        ann.send("/api/v2/filters", bad.clone()).await.refused(422);
    }
    assert_eq!(ann.get("/api/v2/filters").await.ok(), json!([]));
}
