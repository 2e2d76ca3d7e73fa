//! Posting, reading, answering, changing, deleting.

use serde_json::{Value, json};

use crate::support::{User, community, path_of, text_of};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A request to post with this body, whatever it is.
fn posting(user: &User, content_type: &str, body: &str) -> reqwest::RequestBuilder {
    let request = user.node.client().post(user.node.url("/api/v1/statuses")).bearer_auth(&user.token);
    request.header("content-type", content_type).body(body.to_owned())
}

#[tokio::test]
async fn a_post_says_what_was_typed_with_links_mentions_and_tags() {
    let [ann, _bob] = community(["ann", "bob"]).await;
    let post = ann.post("Hi @bob, see https://example.org/a/very/long/address/indeed #WorkingOutLoud <b>").await;
    let content = post["content"].as_str().unwrap();
    assert!(content.contains("<span class=\"h-card\" translate=\"no\"><a href=\"http://node.test/@bob\" class=\"u-url mention\">@<span>bob</span></a></span>"), "{content}");
    assert!(content.contains("class=\"mention hashtag\" rel=\"tag\">#<span>WorkingOutLoud</span></a>"), "{content}");
    assert!(content.contains("<span class=\"ellipsis\">") && content.contains("&lt;b&gt;"), "{content}");
    assert_eq!(post["mentions"][0]["acct"], "bob");
    assert_eq!(post["mentions"][0]["url"], "http://node.test/@bob");
    assert_eq!(post["tags"][0], json!({"name": "workingoutloud", "url": "http://node.test/tags/workingoutloud"}));
    assert_eq!(post["url"], format!("http://node.test/@ann/{}", post["id"].as_str().unwrap()));
    assert_eq!(post["visibility"], "public");
    assert_eq!(post["application"]["name"], "Tests");
}

#[tokio::test]
async fn the_same_key_posts_once() {
    let [ann] = community(["ann"]).await;
    let send = || async {
        let request = posting(&ann, FORM, "status=once").header("idempotency-key", "key-1");
        ann.node.answer(request).await.ok()["id"].clone()
    };
    assert_eq!(send().await, send().await);
    assert_eq!(ann.home().await.len(), 1);
}

#[tokio::test]
async fn parameters_may_come_in_the_query_in_a_form_or_in_json() {
    let [ann] = community(["ann"]).await;
    let query =
        ann.node.client().post(ann.node.url("/api/v1/statuses?status=by+query&sensitive=True")).bearer_auth(&ann.token);
    assert_eq!(ann.node.answer(query).await.ok()["sensitive"], true);
    let form = posting(&ann, FORM, "status=by%20form&sensitive=0");
    assert_eq!(ann.node.answer(form).await.ok()["sensitive"], false);
    let boundary = "--x\r\ncontent-disposition: form-data; name=\"status\"\r\n\r\nby parts\r\n--x--\r\n";
    let parts = posting(&ann, "multipart/form-data; boundary=x", boundary);
    assert_eq!(text_of(&ann.node.answer(parts).await.ok()), "by parts");
    let json = posting(&ann, JSON, r#"{"status":"by json","sensitive":"1"}"#);
    assert_eq!(ann.node.answer(json).await.ok()["sensitive"], true);
}

#[tokio::test]
async fn what_cannot_be_posted_is_refused_with_a_reason_and_nothing_is_posted() {
    let [ann] = community(["ann"]).await;
    let long = "x".repeat(5001);
    let bad = [
        (json!({}), 422),
        (json!({"status": "   "}), 422),
        (json!({"status": long}), 422),
        (json!({"status": "x", "visibility": "secret"}), 422),
        (json!({"status": "x", "in_reply_to_id": "1"}), 404),
        (json!({"status": {"a": 1}}), 422),
        (json!({"status": "x", "language": "<script>"}), 422),
    ];
    for (body, status) in bad {
        let answer = ann.send("/api/v1/statuses", body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert!(answer.body["error"].is_string(), "{}", answer.body);
    }
    let huge = json!({"status": "x".repeat(2 * 1024 * 1024)}).to_string();
    for (body, status) in [("{\"status\":", 400), (huge.as_str(), 413)] {
        assert_eq!(ann.node.answer(posting(&ann, JSON, body)).await.status, status);
    }
    assert!(ann.home().await.is_empty());
}

#[tokio::test]
async fn a_warning_without_a_text_becomes_the_text() {
    let [ann] = community(["ann"]).await;
    let post = ann.send("/api/v1/statuses", json!({"status": "", "spoiler_text": "only this"})).await.ok();
    assert_eq!((text_of(&post).as_str(), &post["spoiler_text"]), ("only this", &json!("")));
    let warned = ann.send("/api/v1/statuses", json!({"status": "text", "spoiler_text": "careful"})).await.ok();
    assert_eq!((&warned["sensitive"], &warned["spoiler_text"]), (&json!(true), &json!("careful")));
}

#[tokio::test]
async fn only_the_author_deletes_and_edits() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post("mine").await;
    bob.delete(&path_of(&post)).await.refused(404);
    bob.put(&path_of(&post), json!({"status": "taken over"})).await.refused(404);
    assert_eq!(text_of(&ann.again(&post).await), "mine");
    assert_eq!(ann.take_back(&post).await["text"], "mine");
    ann.get(&path_of(&post)).await.refused(404);
    let me = ann.get("/api/v1/accounts/verify_credentials").await.ok();
    assert_eq!(me["statuses_count"], 0);
}

#[tokio::test]
async fn favourites_and_boosts_count_once_and_answer_with_the_mark() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = ann.post("like and share").await;
    for _ in 0..2 {
        let liked = bob.act("favourite", &post).await;
        assert_eq!((&liked["favourited"], &liked["favourites_count"]), (&json!(true), &json!(1)));
    }
    let boost = bob.act("reblog", &post).await;
    assert_eq!(boost["reblog"]["id"], post["id"]);
    assert_ne!(boost["id"], post["id"]);
    assert_eq!(bob.act("reblog", &post).await["id"], boost["id"]);
    assert_eq!(ann.again(&post).await["reblogs_count"], 1);
    let who = ann.get(&format!("{}/favourited_by", path_of(&post))).await.ok();
    assert_eq!(who[0]["acct"], "bob");
    let who = ann.get(&format!("{}/reblogged_by", path_of(&post))).await.ok();
    assert_eq!(who[0]["acct"], "bob");
    assert_eq!(bob.act("unfavourite", &post).await["favourited"], false);
    let back = bob.act("unreblog", &post).await;
    assert_eq!((&back["id"], &back["reblogged"], &back["reblogs_count"]), (&post["id"], &json!(false), &json!(0)));
}

#[tokio::test]
async fn a_private_post_is_boosted_by_its_author_alone() {
    let [ann, bob] = community(["ann", "bob"]).await;
    bob.follow("ann").await;
    let post = ann.post_to("private", "for followers").await;
    assert_eq!(bob.reads().await, ["for followers"]);
    bob.send(&format!("{}/reblog", path_of(&post)), json!({})).await.refused(404);
    let own = ann.act("reblog", &post).await;
    assert_eq!(own["visibility"], "private");
    let direct = ann.post_to("direct", "@bob psst").await;
    ann.send(&format!("{}/reblog", path_of(&direct)), json!({})).await.refused(404);
}

#[tokio::test]
async fn a_thread_shows_what_came_before_and_after() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let first = ann.post("first").await;
    let answer = bob.reply(&first, "answer").await;
    let own = ann.reply(&first, "own addition").await;
    let deeper = ann.reply(&answer, "deeper").await;
    let context = ann.context(&deeper).await;
    let ids = |list: &Value| list.as_array().unwrap().iter().map(|status| status["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&context["ancestors"]), [first["id"].clone(), answer["id"].clone()]);
    let context = ann.context(&first).await;
    assert_eq!(ids(&context["descendants"]), [own["id"].clone(), answer["id"].clone(), deeper["id"].clone()]);
}

#[tokio::test]
async fn a_boosts_cached_original_is_fresh_after_every_change() {
    let [ann, bob] = community(["ann", "bob"]).await;
    bob.follow("ann").await;
    let post = ann.post("version one").await;
    assert_eq!(bob.reads().await, ["version one"]);
    ann.edit(&post, "version two").await;
    assert_eq!(bob.reads().await, ["version two"]);
    bob.act("favourite", &post).await;
    assert_eq!(ann.home().await[0]["favourites_count"], 1);
    ann.changes_profile(json!({"display_name": "Ann the Second"})).await;
    assert_eq!(bob.home().await[0]["account"]["display_name"], "Ann the Second");
}
