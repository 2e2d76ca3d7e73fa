//! What feed readers read, word for word.

use crate::support::browser::Browser;
use crate::support::{community, golden_text};

#[tokio::test]
async fn feeds_are_described() {
    let [ann] = community(["ann"]).await;
    ann.changes_profile(serde_json::json!({"display_name": "Ann & <Co>"})).await;
    let warned = serde_json::json!({"status": "about #bread & <butter>", "spoiler_text": "food", "language": "en"});
    ann.send("/api/v1/statuses", warned).await.ok();
    let mut reader = Browser::new(&ann.node);
    golden_text("feed_of_a_person", &reader.get("/@ann/feed.atom").await.text);
    golden_text("feed_of_a_tag", &reader.get("/tags/bread/feed.atom").await.text);
    golden_text("feed_of_nothing", &reader.get("/tags/empty/feed.atom").await.text);
}
