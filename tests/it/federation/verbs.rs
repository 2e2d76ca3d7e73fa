//! What other servers do to people here, verb by verb, in the shapes they really send.

use serde_json::{Value, json};

use crate::support::{Encounter, text_of};

#[tokio::test]
async fn a_stranger_who_mentions_nobody_here_is_not_kept() {
    let scene = Encounter::of_strangers().await;
    scene.alice_posts("1", "into the void").await;
    let uri = format!("{}/notes/1", scene.alice.id);
    let found = scene.ann.get(&format!("/api/v2/search?q={uri}")).await.ok();
    assert_eq!(found["statuses"], json!([]));
}

#[tokio::test]
async fn a_stranger_who_mentions_a_member_is_heard() {
    let scene = Encounter::of_strangers().await;
    let mut note = scene.alice.note("1", "hello Ann");
    note["cc"] = json!([scene.ann.uri()]);
    // One tag alone instead of a list, as GoToSocial writes it.
    note["tag"] = json!({"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"});
    scene.alice_sends(&scene.alice.create(note)).await;
    let told = scene.ann.notifications().await;
    assert_eq!((&told[0]["type"], text_of(&told[0]["status"]).as_str()), (&json!("mention"), "hello Ann"));
}

#[tokio::test]
async fn scalars_and_lists_mean_the_same() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("scalar", "in one piece");
    note["to"] = json!("as:Public");
    note["cc"] = Value::Null;
    note["attributedTo"] = json!([scene.alice.id]);
    note["type"] = json!(["Note"]);
    let mut create = scene.alice.create(note);
    create["to"] = json!("as:Public");
    scene.alice_sends(&create).await;
    assert_eq!(scene.ann.home().await[0]["visibility"], "public");
}

#[tokio::test]
async fn an_article_shows_its_title_and_is_no_content_warning() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut article = scene.alice.note("article", "the long text");
    article["type"] = json!("Article");
    article["name"] = json!("On working out loud");
    article["summary"] = json!("What it is about");
    scene.alice_sends(&scene.alice.create(article)).await;
    let seen = scene.ann.home().await[0].clone();
    assert_eq!(seen["spoiler_text"], "");
    assert!(text_of(&seen).contains("the long text"));
    assert!(text_of(&seen).contains("On working out loud"), "{}", text_of(&seen));
}

#[tokio::test]
async fn markup_of_others_is_made_safe() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("xss", "");
    note["content"] = json!(
        "<p onclick=\"x()\">hi<script>alert(1)</script><img src=x onerror=alert(1)></p><a href=\"javascript:alert(1)\">x</a>"
    );
    note["summary"] = json!("<b>careful</b>");
    scene.alice_sends(&scene.alice.create(note)).await;
    let seen = scene.ann.home().await[0].clone();
    let content = seen["content"].as_str().unwrap();
    for evil in ["script", "onclick", "onerror", "javascript:", "<img"] {
        assert!(!content.contains(evil), "{content}");
    }
    assert_eq!(seen["spoiler_text"], "careful");
}

#[tokio::test]
async fn likes_come_as_like_and_as_reaction_and_go_by_id_alone() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("like me").await;
    let mut like = scene.alice.activity("EmojiReact", "like-1", post["uri"].clone());
    like["content"] = json!("🔥");
    scene.alice_sends(&like).await;
    scene.alice_does("Like", "like-2", post["uri"].clone()).await;
    assert_eq!(scene.ann.again(&post).await["favourites_count"], 1);
    scene.alice_does("Undo", "undo-1", like["id"].clone()).await;
    assert_eq!(scene.ann.again(&post).await["favourites_count"], 1);
    scene.alice_does("Undo", "undo-2", json!(format!("{}/activities/like-2", scene.alice.id))).await;
    assert_eq!(scene.ann.again(&post).await["favourites_count"], 0);
}

#[tokio::test]
async fn a_removed_follower_may_come_as_reject_or_as_undone_accept() {
    let scene = Encounter::where_ann_follows_alice().await;
    let follow = scene.good.received_of("Follow")[0].clone();
    scene.alice_does("Reject", "reject-1", follow).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], false);
    let follow = scene.ann_asks_to_follow(&scene.alice).await;
    let accept = scene.alice.activity("Accept", "accept-2", follow);
    scene.alice_sends(&accept).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], true);
    scene.alice_does("Undo", "undo-accept", accept).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], false);
}

#[tokio::test]
async fn a_follow_asked_for_again_is_answered_again() {
    let scene = Encounter::of_strangers().await;
    scene.alice_does("Follow", "follow-1", json!(scene.ann.uri())).await;
    scene.alice_does("Follow", "follow-2", json!({"id": scene.ann.uri(), "type": "Person"})).await;
    let accepts = scene.good.received_of("Accept");
    assert_eq!(accepts.len(), 2);
    assert!(accepts[1]["object"]["id"].as_str().unwrap().ends_with("follow-2"));
    assert_eq!(scene.ann.account().await["followers_count"], 1);
}

#[tokio::test]
async fn an_account_that_is_gone_takes_its_posts_along() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_posts("1", "soon gone").await;
    assert_eq!(scene.ann.reads().await, ["soon gone"]);
    scene.alice_does("Delete", "delete-me", json!(scene.alice.id)).await;
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(scene.ann.account().await["following_count"], 0);
}

#[tokio::test]
async fn a_reply_that_comes_before_its_parent_finds_it_later() {
    let scene = Encounter::where_ann_follows_alice().await;
    let parent = scene.alice.note("parent", "the question");
    let mut reply = scene.alice.note("reply", "and the answer");
    reply["inReplyTo"] = parent["id"].clone();
    scene.alice_sends(&scene.alice.create(reply)).await;
    scene.alice_sends(&scene.alice.create(parent)).await;
    let home = scene.ann.home().await;
    let parent = home.iter().find(|status| text_of(status) == "the question").unwrap();
    assert_eq!(parent["replies_count"], 1);
    let context = scene.ann.context(parent).await;
    assert_eq!(text_of(&context["descendants"][0]), "and the answer");
    scene.net.settle().await;
}

#[tokio::test]
async fn an_activity_without_an_id_counts_once() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_posts("1", "to be deleted").await;
    let delete = json!({"type": "Delete", "actor": scene.alice.id, "object": format!("{}/notes/1", scene.alice.id)});
    scene.alice_sends(&delete).await;
    scene.alice_sends(&delete).await;
    assert!(scene.ann.reads().await.is_empty());
}
