//! Setting up, joining, signing in and out.

use outloud::actions::setup;

use crate::support::browser::{Browser, Page};
use crate::support::node::PASSWORD;
use crate::support::{Neighbours, Node, community, lonely_node};

async fn join(node: &Node, path: &str, name: &str, reason: Option<&str>) -> Page {
    let mut browser = Browser::new(node);
    let page = browser.get(path).await;
    let mut form = page.forms().into_iter().find(|form| form.fields.contains_key("password")).expect("a form to join");
    form = form.with("username", name).with("email", &format!("{name}@mail.example")).with("password", PASSWORD);
    for field in ["agreement", "password_confirmation"] {
        if form.fields.contains_key(field) || page.text.contains(&format!("name=\"{field}\"")) {
            form = form.with(field, if field == "agreement" { "true" } else { PASSWORD });
        }
    }
    if let Some(reason) = reason {
        form = form.with("reason", reason);
    }
    browser.send(&form).await
}

#[tokio::test]
async fn the_first_visit_leads_to_the_setup_which_works_once() {
    let node = lonely_node().await;
    let token = setup::begin(node.app()).await.unwrap().expect("a token while nobody is a member");
    let mut browser = Browser::new(&node);
    let first = browser.get("/").await;
    assert!(first.url.contains("/setup"), "{}", first.url);
    let page = browser.get(&format!("/setup?token={token}")).await;
    let form = page.form("setup");
    let filled = form
        .with("token", &token)
        .with("name", "Makers")
        .with("purpose", "We make things")
        .with("username", "ann")
        .with("email", "ann@mail.example")
        .with("password", PASSWORD);
    let wrong = filled.clone().with("token", "guess");
    assert!(browser.send(&wrong).await.status >= 400);
    let done = browser.send(&filled).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let instance = node.ask(reqwest::Method::GET, "/api/v2/instance", "", None).await.ok();
    assert_eq!(instance["title"], "Makers");
    assert!(setup::begin(node.app()).await.unwrap().is_none());
    let again = Browser::new(&node).get(&format!("/setup?token={token}")).await;
    assert!(!again.forms().iter().any(|form| form.fields.contains_key("token")), "{}", again.text);
}

#[tokio::test]
async fn people_join_as_the_mode_says() {
    let [owner] = community(["owner"]).await;
    owner.node.set("registration", "open").await;
    let joined = join(&owner.node, "/join", "zoe", None).await;
    assert_eq!(joined.status, 200, "{}", joined.text);
    let mut browser = Browser::of(&owner.node, "zoe").await;
    assert!(browser.get("/home").await.forms().iter().any(|form| form.action.contains("compose")));

    owner.node.set("registration", "approval").await;
    let asked = join(&owner.node, "/join", "yves", Some("I bake bread")).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let mut browser = Browser::new(&owner.node);
    let page = browser.get("/login").await;
    let refused = browser.sign_in_on(&page, "yves").await;
    assert!(refused.status >= 400 || refused.text.contains("approv"), "{}", refused.text);

    owner.node.set("registration", "closed").await;
    let closed = Browser::new(&owner.node).get("/join").await;
    assert!(!closed.forms().iter().any(|form| form.fields.contains_key("password")));
}

#[tokio::test]
async fn whoever_waits_to_be_let_in_is_seen_by_nobody() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let node = &ann.node;
    node.set("registration", "approval").await;
    join(node, "/join", "yves", Some("I bake bread")).await;
    let yves = outloud::store::accounts::by_name(node.app().db.reader(), &"yves".parse().unwrap(), None).await.unwrap();
    let id = yves.expect("is kept").id;
    let places = [
        "/@yves".to_owned(),
        "/@yves/feed.atom".to_owned(),
        format!("/users/{id}"),
        "/.well-known/webfinger?resource=acct:yves@alpha.test".to_owned(),
        format!("/api/v1/accounts/{id}"),
        "/api/v1/accounts/lookup?acct=yves".to_owned(),
    ];
    let seen = async |place: &str| node.client().get(node.url(place)).send().await.unwrap().status().as_u16();
    for place in &places {
        assert_eq!(seen(place).await, 404, "{place}");
    }
    assert!(ann.find("yves").await.is_null());
    assert!(bob.find("@yves@alpha.test").await.is_null());
    ann.send(&format!("/api/v1/accounts/{id}/follow"), serde_json::json!({})).await.refused(404);
    let named = ann.post("hello @yves").await;
    net.settle().await;
    assert_eq!(named["mentions"], serde_json::json!([]));

    outloud::actions::accounts::approve(node.app(), id).await.unwrap();
    for place in &places {
        assert_ne!(seen(place).await, 404, "{place}");
    }
    assert_eq!(bob.find("@yves@alpha.test").await["acct"], "yves@alpha.test");
}

#[tokio::test]
async fn a_browser_that_uses_a_page_the_wrong_way_gets_a_page() {
    let node = lonely_node().await;
    let refused = node.client().delete(node.url("/about")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(refused.status(), 405);
    assert!(refused.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(refused.headers().contains_key("allow"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let [ann] = community(["ann"]).await;
    let mut texts = Vec::new();
    for name in ["ann", "nobody"] {
        let mut browser = Browser::new(&ann.node);
        let page = browser.get("/login").await;
        let mut form = page.forms().into_iter().find(|form| form.fields.contains_key("password")).unwrap();
        let login = form.fields.keys().find(|name| matches!(name.as_str(), "login" | "username")).cloned().unwrap();
        form = form.with(&login, name).with("password", "wrong password");
        let answer = browser.send(&form).await;
        assert!(answer.status >= 400, "{}", answer.status);
        texts.push(answer.text.replace(name, "NAME"));
    }
    let strip = |text: &str| {
        text.split("name=\"csrf\"").map(|part| part.split('>').skip(1).collect::<String>()).collect::<String>()
    };
    assert_eq!(strip(&texts[0]), strip(&texts[1]));
}

#[tokio::test]
async fn g13_a_form_from_another_site_does_nothing() {
    let [ann] = community(["ann"]).await;
    let mut browser = Browser::of(&ann.node, "ann").await;
    let home = browser.get("/home").await;
    let form = home.form("compose").with("status", "forged").with("text", "forged");
    let mut forged = form.clone();
    forged.fields.remove("csrf");
    assert!(browser.send(&forged).await.status >= 400);
    assert!(browser.send(&form.clone().with("csrf", "guess")).await.status >= 400);
    let foreign = [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
    assert!(browser.send_with(&form, &foreign).await.status >= 400);
    assert!(ann.reads().await.is_empty());
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let [ann] = community(["ann"]).await;
    let mut browser = Browser::of(&ann.node, "ann").await;
    let home = browser.get("/home").await;
    browser.submit(&home, "form[action*=out]", &[]).await;
    let after = browser.get("/home").await;
    assert!(!after.forms().iter().any(|form| form.action.contains("compose")), "{}", after.url);
}
