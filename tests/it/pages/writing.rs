//! What members do on pages.

use crate::support::browser::{Browser, Page};
use crate::support::{Neighbours, community};

fn has_text(page: &Page, text: &str) -> bool {
    page.text.contains(text)
}

#[tokio::test]
async fn a_member_posts_answers_likes_boosts_and_deletes() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post("a question").await;
    let path = format!("/@ann/{}", post["id"].as_str().unwrap());
    let mut browser = Browser::of(&bob.node, "bob").await;
    for deed in ["favourite", "reblog"] {
        let page = browser.get(&path).await;
        let alternatives = [deed, if deed == "reblog" { "boost" } else { "like" }];
        let form = page.forms().into_iter().find(|form| alternatives.iter().any(|deed| form.action.contains(deed)));
        let after = browser.send(&form.unwrap_or_else(|| panic!("no way to {deed}"))).await;
        assert_eq!(after.status, 200, "{deed}");
    }
    let counted = ann.again(&post).await;
    assert_eq!((counted["favourites_count"].as_i64(), counted["reblogs_count"].as_i64()), (Some(1), Some(1)));

    let answering = browser.get(&format!("/compose?reply_to={}", post["id"].as_str().unwrap())).await;
    let form = answering.form("compose");
    let field = if form.fields.contains_key("text") { "text" } else { "status" };
    let answered = browser.send(&form.with(field, "an answer")).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    let thread = browser.get(&path).await;
    assert!(has_text(&thread, "an answer"), "{}", thread.text);

    let home = browser.get("/home").await;
    let form = home.form("compose");
    let posted = browser.send(&form.with(field, "my own thought")).await;
    assert_eq!(posted.status, 200);
    assert!(has_text(&browser.get("/home").await, "my own thought"));
    let own = format!("/@bob/{}", bob.home().await[0]["id"].as_str().unwrap());
    let page = browser.get(&own).await;
    assert!(has_text(&page, "my own thought"));
    browser.send(&page.form("/delete")).await;
    assert!(browser.get(&own).await.status >= 400);
}

#[tokio::test]
async fn a_member_follows_somebody_elsewhere_by_typing_a_handle() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let mut browser = Browser::of(&ann.node, "ann").await;
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
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let path = format!("/authorize_interaction?uri={}", bob.uri());
    let visitor = Browser::new(&ann.node).get(&path).await;
    assert!(visitor.forms().iter().any(|form| form.fields.contains_key("password")), "{}", visitor.text);
    let mut browser = Browser::of(&ann.node, "ann").await;
    let page = browser.get(&path).await;
    assert!(has_text(&page, "bob"));
    net.settle().await;
    assert_eq!(ann.relationship(&bob.handle()).await["requested"], false);
    let form = page.forms().into_iter().find(|form| form.action.ends_with("/follow")).expect("a button to follow");
    browser.send(&form).await;
    net.settle().await;
    assert_eq!(ann.relationship(&bob.handle()).await["following"], true);
    for evil in ["http://127.0.0.1:22/", "file:///etc/passwd", "javascript:alert(1)", "http://alpha.test.evil/", ""] {
        let page = browser.get(&format!("/authorize_interaction?uri={evil}")).await;
        assert!(page.status >= 400 && page.status < 500, "{evil}: {}", page.status);
    }
}

#[tokio::test]
async fn notifications_and_follow_requests_are_handled_on_a_page() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.changes_profile(serde_json::json!({"locked": true})).await;
    bob.follow("ann").await;
    let mut browser = Browser::of(&ann.node, "ann").await;
    let page = browser.get("/notifications").await;
    let form = page.forms().into_iter().find(|form| form.action.contains("accept")).expect("a button to accept");
    browser.send(&form).await;
    assert_eq!(bob.relationship("ann").await["following"], true);
}
