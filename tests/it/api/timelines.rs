//! What appears where, and for whom.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Neighbours, Node, community, path_of, text_of};

async fn texts(node: &Node, path: &str, token: &str) -> Vec<String> {
    let page = node.ask(Method::GET, path, token, None).await.ok();
    page.as_array().unwrap().iter().map(text_of).collect()
}

#[tokio::test]
async fn home_shows_whom_one_follows_and_oneself() {
    let [ann, bob, cleo] = community(["ann", "bob", "cleo"]).await;
    ann.follow("bob").await;
    bob.post("from bob").await;
    cleo.post("from cleo").await;
    ann.post("from ann").await;
    assert_eq!(ann.reads().await, ["from ann", "from bob"]);
    // A reply to somebody whom one does not follow stays out.
    let talk = cleo.post("question").await;
    bob.reply(&talk, "reply to cleo").await;
    assert_eq!(ann.reads().await, ["from ann", "from bob"]);
    ann.unfollow("bob").await;
    assert_eq!(ann.reads().await, ["from ann"]);
}

#[tokio::test]
async fn boosts_of_somebody_can_be_left_out() {
    let [ann, bob, cleo] = community(["ann", "bob", "cleo"]).await;
    ann.send(&format!("/api/v1/accounts/{}/follow", bob.id), json!({"reblogs": false})).await.ok();
    let post = cleo.post("from cleo").await;
    bob.act("reblog", &post).await;
    assert!(ann.reads().await.is_empty());
}

#[tokio::test]
async fn the_public_timelines_show_public_originals() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = bob.post("public here").await;
    for (visibility, text) in [("unlisted", "unlisted"), ("private", "private"), ("direct", "direct")] {
        bob.post_to(visibility, text).await;
    }
    bob.reply(&post, "reply to myself").await;
    bob.act("reblog", &post).await;
    net.clock.advance(std::time::Duration::from_secs(1));
    ann.post("public there").await;
    net.settle().await;
    let node = &bob.node;
    let all = texts(node, "/api/v1/timelines/public", "").await;
    assert_eq!(all, ["public there", "reply to myself", "public here"]);
    assert_eq!(texts(node, "/api/v1/timelines/public?local=true", "").await, ["reply to myself", "public here"]);
    assert_eq!(texts(node, "/api/v1/timelines/public?remote=true", "").await, ["public there"]);
}

#[tokio::test]
async fn a_hashtag_is_found_in_every_spelling() {
    let [ann] = community(["ann"]).await;
    ann.post("about #Übung").await;
    ann.post_to("private", "not for all #Übung").await;
    for name in ["%C3%BCbung", "%C3%9CBUNG", "U%CC%88bung"] {
        assert_eq!(texts(&ann.node, &format!("/api/v1/timelines/tag/{name}"), "").await, ["about #Übung"], "{name}");
    }
    assert!(texts(&ann.node, "/api/v1/timelines/tag/unknown", "").await.is_empty());
}

#[tokio::test]
async fn whoever_is_muted_or_blocked_is_not_read() {
    let [ann, bob, cleo] = community(["ann", "bob", "cleo"]).await;
    ann.follow("bob").await;
    ann.follow("cleo").await;
    let post = bob.post("from bob").await;
    cleo.act("reblog", &post).await;
    ann.does("mute", &bob).await;
    assert!(ann.reads().await.is_empty());
    assert!(texts(&ann.node, "/api/v1/timelines/public", &ann.token).await.is_empty());
    ann.again(&post).await;
    ann.does("unmute", &bob).await;
    // The boost of what is at home already is not shown a second time.
    assert_eq!(ann.reads().await, ["from bob"]);

    bob.does("block", &ann).await;
    ann.get(&path_of(&post)).await.refused(404);
    assert!(ann.reads().await.is_empty());
}

/// Every place that can show a post, for everybody who must not see it.
#[tokio::test]
async fn h05_a_post_that_is_not_for_somebody_is_nowhere_for_them() {
    let [ann, friend, eve, foe] = community(["ann", "friend", "eve", "foe"]).await;
    friend.follow("ann").await;
    let private = ann.post_to("private", "secret #tag for friends").await;
    let direct = ann.post_to("direct", "@friend secret #tag").await;
    let public = ann.post("open #tag").await;
    ann.reply(&private, "more secret").await;
    ann.act("reblog", &private).await;
    ann.does("block", &foe).await;
    let id = |status: &Value| status["id"].as_str().unwrap().to_owned();
    let places = |status: &Value| {
        vec![
            path_of(status),
            format!("{}/context", path_of(status)),
            format!("{}/favourited_by", path_of(status)),
            format!("{}/reblogged_by", path_of(status)),
            format!("{}/history", path_of(status)),
            format!("{}/source", path_of(status)),
            format!("/@ann/{}", id(status)),
            status["uri"].as_str().unwrap().trim_start_matches("http://node.test").to_owned(),
        ]
    };
    let lists = [
        format!("/api/v1/accounts/{}/statuses", ann.id),
        "/api/v1/timelines/public".to_owned(),
        "/api/v1/timelines/tag/tag".to_owned(),
        format!("/api/v1/statuses?id[]={}&id[]={}", id(&private), id(&direct)),
        format!("{}/context", path_of(&public)),
        "/@ann".to_owned(),
        "/@ann/feed.atom".to_owned(),
        "/tags/tag".to_owned(),
        "/tags/tag/feed.atom".to_owned(),
        format!("/users/{}/outbox?page=true", ann.id),
    ];
    for token in ["", eve.token.as_str(), foe.token.as_str()] {
        for status in [&private, &direct] {
            for place in places(status) {
                for accept in ["application/json", "text/html", "application/activity+json"] {
                    let mut request = ann.node.client().get(ann.node.url(&place)).header("accept", accept);
                    if !token.is_empty() {
                        request = request.bearer_auth(token);
                    }
                    let response = request.send().await.unwrap();
                    let (status, text) = (response.status(), response.text().await.unwrap());
                    assert!(!status.is_success() && !text.contains("secret"), "{place} as {accept}: {status} {text}");
                }
            }
        }
        for place in &lists {
            for accept in ["application/json", "text/html", "application/activity+json"] {
                let mut request = ann.node.client().get(ann.node.url(place)).header("accept", accept);
                if !token.is_empty() {
                    request = request.bearer_auth(token);
                }
                let text = request.send().await.unwrap().text().await.unwrap();
                assert!(!text.contains("secret"), "{place} as {accept}: {text}");
            }
        }
        if !token.is_empty() {
            for place in ["/api/v1/timelines/home", "/api/v1/notifications", "/api/v2/search?q=secret"] {
                let text = ann.node.ask(Method::GET, place, token, None).await.body.to_string();
                assert!(!text.contains("secret #"), "{place}: {text}");
            }
            for verb in ["favourite", "reblog"] {
                let path = format!("{}/{verb}", path_of(&private));
                ann.node.ask(Method::POST, &path, token, Some(json!({}))).await.refused(404);
            }
            let reply = json!({"status": "x", "in_reply_to_id": id(&private)});
            ann.node.ask(Method::POST, "/api/v1/statuses", token, Some(reply)).await.refused(404);
        }
    }
    assert!(friend.reads().await.iter().any(|text| text.contains("secret")));
}
