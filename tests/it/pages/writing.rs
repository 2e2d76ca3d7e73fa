//! What members do on pages.

use crate::support::Network;
use crate::support::browser::{Browser, Page};

fn has_text(page: &Page, text: &str) -> bool {
    page.text.contains(text)
}

#[tokio::test]
async fn a_member_posts_answers_likes_boosts_and_deletes() {
    let net = Network::start().await;
    let node = net.node("node.test").await;
    let (ann, _bob) = (node.user("ann").await, node.user("bob").await);
    let post = ann.post("a question").await;
    let path = format!("/@ann/{}", post["id"].as_str().unwrap());
    let mut bob = Browser::of(&node, "bob").await;
    for deed in ["favourite", "reblog"] {
        let page = bob.get(&path).await;
        let alternatives = [deed, if deed == "reblog" { "boost" } else { "like" }];
        let form = page.forms().into_iter().find(|form| alternatives.iter().any(|deed| form.action.contains(deed)));
        let after = bob.send(&form.unwrap_or_else(|| panic!("no way to {deed}"))).await;
        assert_eq!(after.status, 200, "{deed}");
    }
    let counted = ann.get(&format!("/api/v1/statuses/{}", post["id"].as_str().unwrap())).await.ok();
    assert_eq!((counted["favourites_count"].as_i64(), counted["reblogs_count"].as_i64()), (Some(1), Some(1)));

    let answering = bob.get(&format!("/compose?reply_to={}", post["id"].as_str().unwrap())).await;
    let form = answering.form("compose");
    let field = if form.fields.contains_key("text") { "text" } else { "status" };
    let answered = bob.send(&form.with(field, "an answer")).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    let thread = bob.get(&path).await;
    assert!(has_text(&thread, "an answer"), "{}", thread.text);

    let home = bob.get("/home").await;
    let form = home.form("compose");
    let posted = bob.send(&form.with(field, "my own thought")).await;
    assert_eq!(posted.status, 200);
    assert!(has_text(&bob.get("/home").await, "my own thought"));
    let own = bob.get("/@bob").await;
    let delete = own.forms().into_iter().find(|form| form.action.contains("delete"));
    if let Some(form) = delete {
        bob.send(&form).await;
    }
}

#[tokio::test]
async fn a_member_follows_somebody_elsewhere_by_typing_a_handle() {
    let net = Network::start().await;
    let (node, beta) = (net.node("node.test").await, net.node("beta.test").await);
    let (ann, bob) = (node.user("ann").await, beta.user("bob").await);
    let mut browser = Browser::of(&node, "ann").await;
    let found = browser.get("/search?q=%40bob%40beta.test").await;
    assert!(has_text(&found, "bob"), "{}", found.text);
    let profile = browser.get("/@bob@beta.test").await;
    let form = profile.forms().into_iter().find(|form| form.action.ends_with("/follow")).expect("a button to follow");
    browser.send(&form).await;
    net.settle().await;
    bob.post("hello from beta").await;
    net.settle().await;
    assert_eq!(ann.reads().await, ["hello from beta"]);
    assert!(has_text(&browser.get("/home").await, "hello from beta"));
}

#[tokio::test]
async fn authorize_interaction_asks_first_and_acts_on_a_click() {
    let net = Network::start().await;
    let (node, beta) = (net.node("node.test").await, net.node("beta.test").await);
    let (ann, bob) = (node.user("ann").await, beta.user("bob").await);
    let path = format!("/authorize_interaction?uri={}", bob.uri());
    let visitor = Browser::new(&node).get(&path).await;
    assert!(visitor.forms().iter().any(|form| form.fields.contains_key("password")), "{}", visitor.text);
    let mut browser = Browser::of(&node, "ann").await;
    let page = browser.get(&path).await;
    assert!(has_text(&page, "bob"));
    net.settle().await;
    assert_eq!(ann.relationship(&bob.handle()).await["requested"], false);
    let form = page.forms().into_iter().find(|form| form.action.ends_with("/follow")).expect("a button to follow");
    browser.send(&form).await;
    net.settle().await;
    assert_eq!(ann.relationship(&bob.handle()).await["following"], true);
    for evil in ["http://127.0.0.1:22/", "file:///etc/passwd", "javascript:alert(1)", "http://node.test.evil/", ""] {
        let page = browser.get(&format!("/authorize_interaction?uri={evil}")).await;
        assert!(page.status >= 400 && page.status < 500, "{evil}: {}", page.status);
    }
}

#[tokio::test]
async fn notifications_and_follow_requests_are_handled_on_a_page() {
    let net = Network::start().await;
    let node = net.node("node.test").await;
    let (ann, bob) = (node.user("ann").await, node.user("bob").await);
    let locked = Some(serde_json::json!({"locked": true}));
    node.ask(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials", &ann.token, locked).await.ok();
    bob.follow("ann").await;
    let mut browser = Browser::of(&node, "ann").await;
    let page = browser.get("/notifications").await;
    let form = page.forms().into_iter().find(|form| form.action.contains("accept")).expect("a button to accept");
    browser.send(&form).await;
    assert_eq!(bob.relationship("ann").await["following"], true);
}
