//! Servers that are kept away without being shut out, and what members hear when one is shut out.

use outloud::actions::domains::{self, Terms};
use outloud::domain::severity::Severity;
use outloud::store::entity::account;
use outloud::views;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Encounter, Node, text_of};

async fn decide(node: &Node, host: &str, terms: Terms) {
    domains::block(node.app(), &host.parse().unwrap(), terms).await.unwrap();
}

async fn forget(node: &Node, host: &str) {
    domains::unblock(node.app(), &host.parse().unwrap()).await.unwrap();
}

fn silence() -> Terms {
    Terms { severity: Severity::Silence, ..Terms::default() }
}

/// What somebody, or nobody, finds in the public timeline.
async fn public(node: &Node, token: &str) -> Vec<String> {
    let answer = node.ask(reqwest::Method::GET, "/api/v1/timelines/public", token, None).await.ok();
    answer.as_array().unwrap().iter().map(text_of).collect()
}

#[tokio::test]
async fn people_of_a_silenced_server_are_met_by_their_followers_alone() {
    let scene = Encounter::where_ann_follows_alice().await;
    let carol = scene.us.user("carol").await;
    let post = carol.post("a thread").await;
    scene.net.settle().await;
    decide(&scene.us, "good.test", silence()).await;
    scene.alice_posts("1", "hello followers").await;
    let mut reply = scene.alice.note("2", "hello Carol");
    reply["inReplyTo"] = post["uri"].clone();
    reply["tag"] = json!([{"type": "Mention", "href": carol.uri()}]);
    reply["cc"] = json!([carol.uri()]);
    scene.alice_sends(&scene.alice.create(reply)).await;
    scene.alice_does("Like", "like", post["uri"].clone()).await;
    // Ann follows Alice.
    assert!(scene.ann.reads().await.contains(&"hello followers".to_owned()));
    assert!(public(&scene.us, &scene.ann.token).await.contains(&"hello followers".to_owned()));
    let seen = scene.ann.context(&post).await;
    assert_eq!(seen["descendants"].as_array().unwrap().len(), 1);
    // Carol does not, and is not bothered.
    assert_eq!(public(&scene.us, &carol.token).await, ["a thread"]);
    assert_eq!(public(&scene.us, "").await, ["a thread"]);
    assert!(carol.notifications().await.is_empty());
    assert_eq!(carol.context(&post).await["descendants"], json!([]));
    assert_eq!(scene.ann.find(&scene.alice.handle()).await["limited"], true);
    // Whoever asks to follow waits, though Carol lets everybody else in.
    scene.alice_does("Follow", "follow-carol", json!(carol.uri())).await;
    let asking = carol.get("/api/v1/follow_requests").await.ok();
    assert_eq!(asking[0]["acct"], "alice@good.test");
    // And back.
    forget(&scene.us, "good.test").await;
    assert!(public(&scene.us, "").await.contains(&"hello followers".to_owned()));
    assert_eq!(carol.context(&post).await["descendants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_decided_holds_for_people_met_later_and_below_the_name() {
    let scene = Encounter::of_strangers().await;
    let sub = scene.net.peer("sub.good.test").await;
    let sue = sub.actor("sue").await;
    decide(&scene.us, "good.test", silence()).await;
    assert_eq!(scene.ann.find(&sue.handle()).await["limited"], true);
    decide(&scene.us, "good.test", Terms::default()).await;
    assert_eq!(sue.deliver(&scene.us, &sue.activity("Follow", "f", json!(scene.ann.uri()))).await, 403);
    decide(&scene.us, "good.test", Terms { severity: Severity::Noop, ..Terms::default() }).await;
    let found = scene.ann.find(&sue.handle()).await;
    assert_eq!((&found["limited"], &found["suspended"]), (&Value::Null, &Value::Null));
    assert_eq!(sue.deliver(&scene.us, &sue.activity("Follow", "g", json!(scene.ann.uri()))).await, 202);
    scene.net.settle().await;
}

#[tokio::test]
async fn of_a_server_without_media_no_pictures_are_shown() {
    let scene = Encounter::where_ann_follows_alice().await;
    let picture = |name: &str| {
        let mut note = scene.alice.note(name, name);
        note["attachment"] = json!([{"type": "Document", "mediaType": "image/png", "url": scene.good.url("/1.png")}]);
        note["tag"] =
            json!([{"type": "Emoji", "name": ":x:", "icon": {"type": "Image", "url": scene.good.url("/x.png")}}]);
        note
    };
    scene.alice_sends(&scene.alice.create(picture("before"))).await;
    let terms = Terms { severity: Severity::Noop, reject_media: true, ..Terms::default() };
    decide(&scene.us, "good.test", terms).await;
    scene.alice_sends(&scene.alice.create(picture("after"))).await;
    let mut document = scene.alice.document();
    document["icon"] = json!({"type": "Image", "url": scene.good.url("/face.png")});
    document["updated"] = json!(scene.net.clock.now().seconds());
    scene.alice_does("Update", "face", document).await;
    let home = scene.ann.home().await;
    assert_eq!(home.len(), 2);
    for status in &home {
        assert_eq!((&status["media_attachments"], &status["account"]["emojis"]), (&json!([]), &json!([])));
        assert!(status["account"]["avatar"].as_str().unwrap().contains("missing"), "{}", status["account"]["avatar"]);
    }
    assert_eq!(home[0]["emojis"], json!([]));
    forget(&scene.us, "good.test").await;
    scene.alice_sends(&scene.alice.create(picture("again"))).await;
    assert_eq!(scene.ann.home().await[0]["media_attachments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn reports_of_a_server_can_be_left_unread() {
    let scene = Encounter::of_strangers().await;
    let terms = Terms { severity: Severity::Noop, reject_reports: true, ..Terms::default() };
    decide(&scene.us, "good.test", terms).await;
    scene.alice_does("Flag", "flag", json!([scene.ann.uri()])).await;
    assert!(views::reports::list(&scene.us.app().db, true).await.unwrap().is_empty());
}

#[tokio::test]
async fn members_hear_what_they_lose_when_a_server_is_shut_out() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_does("Follow", "follow-ann", json!(scene.ann.uri())).await;
    let bob = scene.good.actor("bob").await;
    scene.hears(&bob, &bob.activity("Follow", "follow-ann", json!(scene.ann.uri()))).await;
    scene.net.settle().await;
    let carol = scene.us.user("carol").await;
    decide(&scene.us, "good.test", Terms::default()).await;
    let told = scene.ann.notifications().await;
    let event = &told[0]["event"];
    assert_eq!(told[0]["type"], "severed_relationships");
    assert_eq!(
        (&event["target_name"], &event["followers_count"], &event["following_count"]),
        (&json!("good.test"), &json!(2), &json!(1))
    );
    assert!(carol.notifications().await.is_empty());
    // Once is enough.
    decide(&scene.us, "good.test", Terms::default()).await;
    let severed = scene.ann.notifications().await.into_iter().filter(|told| told["type"] == "severed_relationships");
    assert_eq!(severed.count(), 1);
    scene.net.settle().await;
}

#[tokio::test]
async fn h13_whoever_is_shut_out_does_not_come_back_by_changing_or_moving() {
    let scene = Encounter::where_ann_follows_alice().await;
    let new = scene.net.peer("new.test").await.actor_with_key("alice", 1).await;
    let mut elsewhere = new.document();
    elsewhere["alsoKnownAs"] = json!([scene.alice.id]);
    new.peer.serve("/users/alice", &elsewhere);
    let alice = scene.ann.find(&scene.alice.handle()).await;
    // One person alone is shut out, their server is not.
    let change = scene.us.app().begin().await.unwrap();
    account::Entity::update_many()
        .col_expr(account::Column::SuspendedAt, Expr::val(scene.net.clock.now()))
        .filter(account::Column::Uri.eq(scene.alice.id.as_str()))
        .exec(change.tx())
        .await
        .unwrap();
    change.commit().await.unwrap();
    scene.us.app().db.cache().clear();
    let mut document = scene.alice.document();
    (document["name"], document["suspended"]) = (json!("Alice again"), json!(false));
    scene.alice_does("Update", "again", document.clone()).await;
    let mut note = scene.alice.note("1", "still here");
    note["attributedTo"] = json!([document]);
    scene.alice_sends(&scene.alice.create(note)).await;
    scene.alice_posts("2", "and here").await;
    scene.alice_does("Follow", "follow", json!(scene.ann.uri())).await;
    let mut away = scene.alice.activity("Move", "move", json!(scene.alice.id));
    away["target"] = json!(new.id);
    scene.alice_sends(&away).await;
    assert!(scene.ann.reads().await.is_empty());
    assert!(new.peer.received_of("Follow").is_empty());
    assert_eq!(scene.ann.account().await["followers_count"], 0);
    let seen = scene.ann.get(&format!("/api/v1/accounts/{}", alice["id"].as_str().unwrap())).await.ok();
    assert_eq!((&seen["suspended"], &seen["display_name"]), (&json!(true), &json!("")));
}
