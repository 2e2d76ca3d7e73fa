//! What apps ask first.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{community, lonely_node};

#[tokio::test]
async fn both_instance_documents_can_be_read_by_anybody_from_anywhere() {
    let node = lonely_node().await;
    node.set("name", "Makers").await;
    node.set("purpose", "We make things").await;
    let v1 = node.ask(Method::GET, "/api/v1/instance/", "", None).await;
    assert_eq!(v1.headers["access-control-allow-origin"], "*");
    let v1 = v1.ok();
    assert_eq!((&v1["uri"], &v1["title"]), (&json!("node.test"), &json!("Makers")));
    assert!(v1["registrations"].is_boolean() && v1["urls"].is_object() && v1["stats"].is_object());
    let v2 = node.ask(Method::GET, "/api/v2/instance", "", None).await.ok();
    assert_eq!((&v2["domain"], &v2["description"]), (&json!("node.test"), &json!("We make things")));
    assert_eq!(v2["configuration"]["statuses"]["characters_reserved_per_url"], 23);
    assert!(v2["api_versions"]["mastodon"].is_i64());
    let version = v2["version"].as_str().unwrap();
    assert!(version.split('.').take(3).all(|part| part.chars().next().unwrap().is_ascii_digit()), "{version}");
}

#[tokio::test]
async fn unknown_addresses_of_the_api_answer_in_json() {
    let node = lonely_node().await;
    for path in ["/api/v1/nothing", "/api/v9/x", "/oauth/nothing", "/api/v1/accounts/abc", "/api/v1/statuses/1"] {
        let answer = node.ask(Method::GET, path, "", None).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/json"), "{path}");
        assert!(answer.body["error"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn a_browser_app_may_ask_from_its_own_address() {
    let node = lonely_node().await;
    let asked = node
        .client()
        .request(Method::OPTIONS, node.url("/api/v1/statuses"))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,idempotency-key");
    let response = asked.send().await.unwrap();
    assert!(response.status().is_success());
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let plain = node.client().get(node.url("/api/v1/timelines/public")).header("origin", "https://app.example");
    let response = plain.send().await.unwrap();
    let exposed = response.headers()["access-control-expose-headers"].to_str().unwrap().to_lowercase();
    assert!(exposed.contains("link"), "{exposed}");
}

#[tokio::test]
async fn preferences_emoji_and_markers_have_what_apps_need_to_start() {
    let [ann] = community(["ann"]).await;
    let preferences = ann.get("/api/v1/preferences").await.ok();
    assert_eq!(preferences["posting:default:visibility"], "public");
    assert_eq!(ann.get("/api/v1/custom_emojis").await.ok(), json!([]));
    assert_eq!(ann.get("/api/v1/markers?timeline[]=home").await.ok(), json!({}));
    let set = ann.send("/api/v1/markers", json!({"home": {"last_read_id": "42"}})).await.ok();
    assert_eq!((&set["home"]["last_read_id"], set["home"]["version"].is_i64()), (&json!("42"), true));
    let again: Value = ann.get("/api/v1/markers?timeline[]=home&timeline[]=notifications").await.ok();
    assert_eq!(again["home"]["last_read_id"], "42");
    assert!(again["notifications"].is_null());
}
