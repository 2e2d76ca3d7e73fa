//! Pages and feeds for visitors.

use crate::support::browser::Browser;
use crate::support::{Neighbours, community};

#[tokio::test]
async fn a_visitor_reads_profiles_posts_threads_and_tags() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post("thinking about #bread").await;
    bob.reply(&post, "try rye").await;
    let mut visitor = Browser::new(&ann.node);
    let id = post["id"].as_str().unwrap();
    for (path, expected) in [
        ("/@ann".to_owned(), "thinking about"),
        (format!("/@ann/{id}"), "try rye"),
        ("/tags/bread".to_owned(), "thinking about"),
        ("/tags/BREAD".to_owned(), "thinking about"),
        ("/about".to_owned(), "outloud"),
        ("/".to_owned(), "thinking about"),
    ] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains(expected), "{path}: {}", page.text);
        assert!(page.text.matches("<h1").count() == 1, "{path} has one heading");
        assert!(!page.text.contains("<script"), "{path} needs no script");
    }
    for path in ["/@nobody", "/@ann/1", "/nothing/here", "/@ann/abc"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
    }
}

#[tokio::test]
async fn e11_every_page_comes_with_its_armour() {
    let [ann] = community(["ann"]).await;
    let mut visitor = Browser::new(&ann.node);
    for path in ["/", "/@ann", "/login", "/about", "/nothing"] {
        let page = visitor.get(path).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!page.text.contains(" style=\"") && !page.text.contains(" onclick"), "{path}");
    }
}

#[tokio::test]
async fn e01_what_people_type_is_shown_and_not_run() {
    let [ann] = community(["ann"]).await;
    let evil = "<script>alert(1)</script>";
    let change =
        serde_json::json!({"display_name": evil, "note": evil, "fields_attributes": [{"name": evil, "value": evil}]});
    ann.changes_profile(change).await;
    let body = serde_json::json!({"status": format!("{evil} ]]>"), "spoiler_text": evil});
    let post = ann.send("/api/v1/statuses", body).await.ok();
    ann.node.set("name", "<i>Makers</i>").await;
    let mut visitor = Browser::new(&ann.node);
    for path in [
        "/@ann".to_owned(),
        format!("/@ann/{}", post["id"].as_str().unwrap()),
        "/".to_owned(),
        "/@ann/feed.atom".to_owned(),
    ] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("<script>alert") && !page.text.contains("<i>Makers"), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn profiles_and_tags_have_atom_feeds() {
    let [ann] = community(["ann"]).await;
    let post = ann.post("first #step").await;
    let mut visitor = Browser::new(&ann.node);
    for path in ["/@ann/feed.atom", "/tags/step/feed.atom"] {
        let feed = visitor.get(path).await;
        assert!(feed.headers["content-type"].to_str().unwrap().starts_with("application/atom+xml"), "{path}");
        let parsed: atom_syndication::Feed = feed.text.parse().unwrap();
        assert_eq!(parsed.entries().len(), 1, "{path}");
        assert_eq!(parsed.entries()[0].id(), post["uri"].as_str().unwrap(), "{path}");
    }
    let page = visitor.get("/@ann").await;
    assert!(page.text.contains("type=\"application/atom+xml\""));
    assert!(page.text.contains("type=\"application/activity+json\""));
}

#[tokio::test]
async fn a_visitor_is_led_to_their_own_server_to_follow() {
    let Neighbours { ann, bob, .. } = Neighbours::who_are_strangers().await;
    let mut visitor = Browser::new(&ann.node);
    let profile = visitor.get("/@ann").await;
    let form = profile.form("interact");
    let field = form.fields.keys().find(|name| matches!(name.as_str(), "handle" | "acct")).cloned();
    let field = field.unwrap_or_else(|| "handle".to_owned());
    let led = visitor.send(&form.with(&field, &bob.handle())).await;
    let location = led.headers["location"].to_str().unwrap();
    assert!(location.starts_with("http://beta.test/authorize_interaction?uri="), "{location}");
}
