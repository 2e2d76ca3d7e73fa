//! Two and three nodes: people follow, read, answer, boost, like and part across servers.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Neighbours, path_of, text_of};

#[tokio::test]
async fn a_follow_across_servers_lets_posts_arrive_at_home() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let asked = bob.follow(&ann.handle()).await;
    assert_eq!((&asked["following"], &asked["requested"]), (&json!(false), &json!(true)));
    net.settle().await;
    assert_eq!(bob.relationship(&ann.handle()).await["following"], true);
    ann.post("hello out there").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["hello out there"]);
    let told = ann.notifications().await;
    assert_eq!((&told[0]["type"], &told[0]["account"]["acct"]), (&json!("follow"), &json!("bob@beta.test")));
}

#[tokio::test]
async fn a_reply_finds_its_place_in_the_thread_on_both_servers() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.post("what do you think?").await;
    net.settle().await;
    let seen = bob.home().await[0].clone();
    bob.reply(&seen, "@ann@alpha.test I like it").await;
    net.settle().await;

    let context = ann.context(&post).await;
    assert_eq!(text_of(&context["descendants"][0]), "@ann I like it");
    assert_eq!(context["descendants"][0]["in_reply_to_id"], post["id"]);
    let mention = ann.notifications().await;
    assert_eq!(mention[0]["type"], "mention");
    assert_eq!(ann.again(&post).await["replies_count"], 1);
}

#[tokio::test]
async fn a_boost_and_a_favourite_are_heard_at_home_and_can_be_taken_back() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.post("spread this").await;
    net.settle().await;
    let seen = bob.home().await[0].clone();
    bob.act("reblog", &seen).await;
    bob.act("favourite", &seen).await;
    net.settle().await;
    let kinds: Vec<Value> = ann.notifications().await.iter().map(|told| told["type"].clone()).collect();
    assert!(kinds.contains(&json!("reblog")) && kinds.contains(&json!("favourite")), "{kinds:?}");
    let counted = ann.again(&post).await;
    assert_eq!((&counted["reblogs_count"], &counted["favourites_count"]), (&json!(1), &json!(1)));

    bob.act("unreblog", &seen).await;
    bob.act("unfavourite", &seen).await;
    net.settle().await;
    let counted = ann.again(&post).await;
    assert_eq!((&counted["reblogs_count"], &counted["favourites_count"]), (&json!(0), &json!(0)));
    let kinds: Vec<Value> = ann.notifications().await.iter().map(|told| told["type"].clone()).collect();
    assert_eq!(kinds, [json!("follow")]);
}

#[tokio::test]
async fn a_boost_reaches_followers_on_a_third_server() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let cleo = net.node("gamma.test").await.user("cleo").await;
    cleo.follow(&bob.handle()).await;
    net.settle().await;
    ann.post("worth a wider circle").await;
    net.settle().await;
    assert!(cleo.reads().await.is_empty());
    let seen = bob.home().await[0].clone();
    bob.act("reblog", &seen).await;
    net.settle().await;
    let home = cleo.home().await;
    assert_eq!(home[0]["account"]["acct"], "bob@beta.test");
    assert_eq!(home[0]["reblog"]["account"]["acct"], "ann@alpha.test");
    assert_eq!(text_of(&home[0]), "worth a wider circle");
}

#[tokio::test]
async fn a_deleted_post_disappears_everywhere() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.post("a mistake").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["a mistake"]);
    let deleted = ann.take_back(&post).await;
    assert_eq!(deleted["text"], "a mistake");
    net.settle().await;
    assert!(bob.reads().await.is_empty());
    assert_eq!(ann.node.document(post["uri"].as_str().unwrap()).await.status, 410);
}

#[tokio::test]
async fn an_edited_post_says_the_new_thing_everywhere_and_keeps_the_old() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.post("first thought").await;
    net.later(Duration::from_secs(60)).await;
    ann.edit(&post, "second thought").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["second thought"]);
    let seen = bob.home().await[0].clone();
    assert!(seen["edited_at"].is_string());
    let history = bob.get(&format!("{}/history", path_of(&seen))).await.ok();
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(text_of(&history[0]), "first thought");
}

#[tokio::test]
async fn whoever_unfollows_hears_no_more() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    bob.unfollow(&ann.handle()).await;
    net.settle().await;
    ann.post("are you still there?").await;
    net.settle().await;
    assert!(bob.reads().await.is_empty());
    assert_eq!(ann.account().await["followers_count"], 0);
}

#[tokio::test]
async fn a_locked_account_is_followed_only_after_it_agrees() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_asks_to_follow_ann().await;
    ann.post_to("private", "for those I know").await;
    net.settle().await;
    assert_eq!(bob.relationship(&ann.handle()).await["requested"], true);
    assert!(bob.reads().await.is_empty());

    let asking = ann.get("/api/v1/follow_requests").await.ok();
    assert_eq!(asking[0]["acct"], "bob@beta.test");
    let id = asking[0]["id"].as_str().unwrap();
    ann.send(&format!("/api/v1/follow_requests/{id}/authorize"), json!({})).await.ok();
    net.settle().await;
    assert_eq!(bob.relationship(&ann.handle()).await["following"], true);
    ann.post_to("private", "welcome").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["welcome"]);
}

#[tokio::test]
async fn a_refused_follower_is_told_so() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_asks_to_follow_ann().await;
    let asking = ann.get("/api/v1/follow_requests").await.ok();
    let id = asking[0]["id"].as_str().unwrap();
    ann.send(&format!("/api/v1/follow_requests/{id}/reject"), json!({})).await.ok();
    net.settle().await;
    let relation = bob.relationship(&ann.handle()).await;
    assert_eq!((&relation["following"], &relation["requested"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn a_private_post_reaches_followers_and_nobody_else() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let eve = bob.node.user("eve").await;
    let post = ann.post_to("private", "between us").await;
    net.settle().await;
    assert_eq!(bob.reads().await, ["between us"]);
    let seen = bob.home().await[0].clone();
    let path = path_of(&seen);
    eve.get(&path).await.refused(404);
    bob.node.ask(reqwest::Method::GET, &path, "", None).await.refused(404);
    let found = eve.get(&format!("/api/v2/search?resolve=true&q={}", post["uri"].as_str().unwrap())).await.ok();
    assert_eq!(found["statuses"], json!([]));
    let profile = eve.find(&ann.handle()).await;
    let listed = eve.get(&format!("/api/v1/accounts/{}/statuses", profile["id"].as_str().unwrap())).await.ok();
    assert_eq!(listed, json!([]));
}

#[tokio::test]
async fn a_direct_post_reaches_the_person_named() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let eve = bob.node.user("eve").await;
    ann.post_to("direct", "@bob@beta.test a word with you").await;
    net.settle().await;
    let told = bob.notifications().await;
    assert_eq!((&told[0]["type"], &told[0]["status"]["visibility"]), (&json!("mention"), &json!("direct")));
    let path = path_of(&told[0]["status"]);
    bob.get(&path).await.ok();
    eve.get(&path).await.refused(404);
}

#[tokio::test]
async fn a_changed_profile_is_seen_elsewhere() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    net.clock.advance(Duration::from_secs(5));
    ann.changes_profile(json!({"display_name": "Ann of Alpha", "note": "I make things"})).await;
    net.settle().await;
    let seen = bob.find(&ann.handle()).await;
    assert_eq!(seen["display_name"], "Ann of Alpha");
    assert_eq!(seen["note"], "<p>I make things</p>");
}

#[tokio::test]
async fn a_post_that_stays_here_is_not_told_to_others() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let post = ann.send("/api/v1/statuses", json!({"status": "only here", "local_only": true})).await.ok();
    net.settle().await;
    assert!(bob.reads().await.is_empty());
    assert_eq!(ann.node.document(post["uri"].as_str().unwrap()).await.status, 404);
}

#[tokio::test]
async fn whoever_is_blocked_stops_following_and_reading() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let seen = ann.find(&bob.handle()).await;
    ann.send(&format!("/api/v1/accounts/{}/block", seen["id"].as_str().unwrap()), json!({})).await.ok();
    net.settle().await;
    assert_eq!(bob.relationship(&ann.handle()).await["following"], false);
    ann.post_to("private", "without you").await;
    net.settle().await;
    assert!(bob.reads().await.is_empty());
}
