//! What other servers do to people here, verb by verb, in the shapes they really send.

use serde_json::{Value, json};

use crate::support::{Network, Node, Peer, PeerActor, User, text_of};

struct Scene {
    net: Network,
    us: Node,
    ann: User,
    good: Peer,
    alice: PeerActor,
}

async fn scene() -> Scene {
    let net = Network::start().await;
    let (us, good) = (net.node("node.test").await, net.peer("good.test").await);
    let (ann, alice) = (us.user("ann").await, good.actor("alice").await);
    Scene { net, us, ann, good, alice }
}

impl Scene {
    async fn sends(&self, activity: Value) {
        assert_eq!(self.alice.deliver(&self.us, &activity).await, 202);
        self.net.settle().await;
    }

    async fn follows_alice(&self) {
        self.ann.follow(&self.alice.handle()).await;
        self.net.settle().await;
        let follow = self.good.received_of("Follow")[0].clone();
        self.sends(self.alice.activity("Accept", "accept-follow", follow)).await;
    }
}

#[tokio::test]
async fn a_stranger_who_mentions_nobody_here_is_not_kept() {
    let scene = scene().await;
    scene.sends(scene.alice.create(scene.alice.note("1", "into the void"))).await;
    let uri = format!("{}/notes/1", scene.alice.id);
    let found = scene.ann.get(&format!("/api/v2/search?q={uri}")).await.ok();
    assert_eq!(found["statuses"], json!([]));
}

#[tokio::test]
async fn a_stranger_who_mentions_a_member_is_heard() {
    let scene = scene().await;
    let mut note = scene.alice.note("1", "hello Ann");
    note["cc"] = json!([scene.ann.uri()]);
    // One tag alone instead of a list, as GoToSocial writes it.
    note["tag"] = json!({"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"});
    scene.sends(scene.alice.create(note)).await;
    let told = scene.ann.notifications().await;
    assert_eq!((&told[0]["type"], text_of(&told[0]["status"]).as_str()), (&json!("mention"), "hello Ann"));
}

#[tokio::test]
async fn scalars_and_lists_mean_the_same() {
    let scene = scene().await;
    scene.follows_alice().await;
    let mut note = scene.alice.note("scalar", "in one piece");
    note["to"] = json!("as:Public");
    note["cc"] = Value::Null;
    note["attributedTo"] = json!([scene.alice.id]);
    note["type"] = json!(["Note"]);
    let mut create = scene.alice.create(note);
    create["to"] = json!("as:Public");
    scene.sends(create).await;
    assert_eq!(scene.ann.home().await[0]["visibility"], "public");
}

#[tokio::test]
async fn an_article_shows_its_title_and_is_no_content_warning() {
    let scene = scene().await;
    scene.follows_alice().await;
    let mut article = scene.alice.note("article", "the long text");
    article["type"] = json!("Article");
    article["name"] = json!("On working out loud");
    article["summary"] = json!("What it is about");
    scene.sends(scene.alice.create(article)).await;
    let seen = scene.ann.home().await[0].clone();
    assert_eq!(seen["spoiler_text"], "");
    assert!(text_of(&seen).contains("the long text"));
    assert!(text_of(&seen).contains("On working out loud"), "{}", text_of(&seen));
}

#[tokio::test]
async fn markup_of_others_is_made_safe() {
    let scene = scene().await;
    scene.follows_alice().await;
    let mut note = scene.alice.note("xss", "");
    note["content"] = json!(
        "<p onclick=\"x()\">hi<script>alert(1)</script><img src=x onerror=alert(1)></p><a href=\"javascript:alert(1)\">x</a>"
    );
    note["summary"] = json!("<b>careful</b>");
    scene.sends(scene.alice.create(note)).await;
    let seen = scene.ann.home().await[0].clone();
    let content = seen["content"].as_str().unwrap();
    for evil in ["script", "onclick", "onerror", "javascript:", "<img"] {
        assert!(!content.contains(evil), "{content}");
    }
    assert_eq!(seen["spoiler_text"], "careful");
}

#[tokio::test]
async fn likes_come_as_like_and_as_reaction_and_go_by_id_alone() {
    let scene = scene().await;
    let post = scene.ann.post("like me").await;
    let path = format!("/api/v1/statuses/{}", post["id"].as_str().unwrap());
    let mut like = scene.alice.activity("EmojiReact", "like-1", post["uri"].clone());
    like["content"] = json!("🔥");
    scene.sends(like.clone()).await;
    scene.sends(scene.alice.activity("Like", "like-2", post["uri"].clone())).await;
    assert_eq!(scene.ann.get(&path).await.ok()["favourites_count"], 1);
    scene.sends(scene.alice.activity("Undo", "undo-1", like["id"].clone())).await;
    assert_eq!(scene.ann.get(&path).await.ok()["favourites_count"], 0);
}

#[tokio::test]
async fn a_removed_follower_may_come_as_reject_or_as_undone_accept() {
    let scene = scene().await;
    scene.follows_alice().await;
    let follow = scene.good.received_of("Follow")[0].clone();
    scene.sends(scene.alice.activity("Reject", "reject-1", follow)).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], false);
    scene.ann.follow(&scene.alice.handle()).await;
    scene.net.settle().await;
    let follow = scene.good.received_of("Follow")[1].clone();
    let accept = scene.alice.activity("Accept", "accept-2", follow);
    scene.sends(accept.clone()).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], true);
    scene.sends(scene.alice.activity("Undo", "undo-accept", accept)).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], false);
}

#[tokio::test]
async fn a_follow_asked_for_again_is_answered_again() {
    let scene = scene().await;
    scene.sends(scene.alice.activity("Follow", "follow-1", json!(scene.ann.uri()))).await;
    scene.sends(scene.alice.activity("Follow", "follow-2", json!({"id": scene.ann.uri(), "type": "Person"}))).await;
    let accepts = scene.good.received_of("Accept");
    assert_eq!(accepts.len(), 2);
    assert!(accepts[1]["object"]["id"].as_str().unwrap().ends_with("follow-2"));
    let ann = scene.ann.get(&format!("/api/v1/accounts/{}", scene.ann.id)).await.ok();
    assert_eq!(ann["followers_count"], 1);
}

#[tokio::test]
async fn an_account_that_is_gone_takes_its_posts_along() {
    let scene = scene().await;
    scene.follows_alice().await;
    scene.sends(scene.alice.create(scene.alice.note("1", "soon gone"))).await;
    assert_eq!(scene.ann.reads().await, ["soon gone"]);
    scene.sends(scene.alice.activity("Delete", "delete-me", json!(scene.alice.id))).await;
    assert!(scene.ann.reads().await.is_empty());
    let ann = scene.ann.get(&format!("/api/v1/accounts/{}", scene.ann.id)).await.ok();
    assert_eq!(ann["following_count"], 0);
}

#[tokio::test]
async fn a_reply_that_comes_before_its_parent_finds_it_later() {
    let scene = scene().await;
    scene.follows_alice().await;
    let parent = scene.alice.note("parent", "the question");
    let mut reply = scene.alice.note("reply", "and the answer");
    reply["inReplyTo"] = parent["id"].clone();
    scene.sends(scene.alice.create(reply)).await;
    scene.sends(scene.alice.create(parent)).await;
    let home = scene.ann.home().await;
    let parent = home.iter().find(|status| text_of(status) == "the question").unwrap();
    assert_eq!(parent["replies_count"], 1);
    let context = scene.ann.get(&format!("/api/v1/statuses/{}/context", parent["id"].as_str().unwrap())).await.ok();
    assert_eq!(text_of(&context["descendants"][0]), "and the answer");
}

#[tokio::test]
async fn an_activity_without_an_id_counts_once() {
    let scene = scene().await;
    scene.follows_alice().await;
    scene.sends(scene.alice.create(scene.alice.note("1", "to be deleted"))).await;
    let delete = json!({"type": "Delete", "actor": scene.alice.id, "object": format!("{}/notes/1", scene.alice.id)});
    scene.sends(delete.clone()).await;
    scene.sends(delete).await;
    assert!(scene.ann.reads().await.is_empty());
}
