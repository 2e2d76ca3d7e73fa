//! Somebody goes on under another account, and their followers come along. Case A18 of the attack catalogue.

use std::time::Duration;

use outloud::actions::moves;
use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, Neighbours, PeerActor, User};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Alice of good.test as she is at new.test, where she says that both are her.
async fn alice_at_new_test(scene: &Encounter) -> PeerActor {
    let actor = scene.net.peer("new.test").await.actor_with_key("alice", 1).await;
    let mut document = actor.document();
    document["alsoKnownAs"] = json!([scene.alice.id]);
    actor.peer.serve("/users/alice", &document);
    actor
}

async fn says_that_she_moves(scene: &Encounter, name: &str, target: &str) {
    let mut activity = scene.alice.activity("Move", name, json!(scene.alice.id));
    activity["target"] = json!(target);
    scene.alice_sends(&activity).await;
}

async fn adds_alias(member: &User, handle: &str) {
    member.node.federation().add_alias(member.id, &handle.parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn followers_of_somebody_who_moves_elsewhere_come_along() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene
        .ann
        .send(
            &format!("/api/v1/accounts/{}/follow", scene.ann.find(&scene.alice.handle()).await["id"].as_str().unwrap()),
            json!({"reblogs": false}),
        )
        .await
        .ok();
    let new = alice_at_new_test(&scene).await;
    says_that_she_moves(&scene, "move", &new.id).await;
    let follow = new.peer.received_of("Follow").pop().expect("the new account is asked");
    assert_eq!(follow["object"], json!(new.id));
    assert_eq!(scene.good.received_of("Undo").len(), 1);
    assert_eq!(scene.hears(&new, &new.activity("Accept", "accept", follow)).await, 202);
    scene.net.settle().await;
    let relation = scene.ann.relationship(&new.handle()).await;
    assert_eq!((&relation["following"], &relation["showing_reblogs"]), (&json!(true), &json!(false)));
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], false);
    let old = scene.ann.find(&scene.alice.handle()).await;
    let old = scene.ann.get(&format!("/api/v1/accounts/{}", old["id"].as_str().unwrap())).await.ok();
    assert_eq!(old["moved"]["acct"], "alice@new.test");
    let page = scene.us.client().get(scene.us.url("/@alice@good.test")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("has moved and goes on as"), "{page}");
    // Whoever comes too late is led on instead of following nobody.
    scene.ann.send(&format!("/api/v1/accounts/{}/follow", old["id"].as_str().unwrap()), json!({})).await.refused(403);
}

#[tokio::test]
async fn a18_nobody_moves_without_both_ends_saying_so() {
    let scene = Encounter::where_ann_follows_alice().await;
    let evil = scene.net.peer("evil.test").await;
    let mallory = evil.actor_with_key("mallory", 2).await;
    let new = alice_at_new_test(&scene).await;
    // Somebody else says so.
    let mut activity = mallory.activity("Move", "hijack", json!(scene.alice.id));
    activity["target"] = json!(mallory.id);
    scene.hears(&mallory, &activity).await;
    // The other end does not agree, does not exist, is the same, is an account here that says nothing.
    says_that_she_moves(&scene, "to-mallory", &mallory.id).await;
    says_that_she_moves(&scene, "to-nobody", &evil.url("/users/nobody")).await;
    says_that_she_moves(&scene, "to-herself", &scene.alice.id).await;
    says_that_she_moves(&scene, "to-ann", &scene.ann.uri()).await;
    // The other end is served as something it is not.
    let mut forged = new.document();
    forged["alsoKnownAs"] = json!([scene.alice.id]);
    evil.serve("/forged", &forged);
    new.peer.serve_as("/users/alice", 404, ACTIVITY, "{}");
    says_that_she_moves(&scene, "to-forged", &evil.url("/forged")).await;
    assert_eq!(scene.ann.relationship(&scene.alice.handle()).await["following"], true);
    assert!(evil.received_of("Follow").is_empty() && new.peer.received_of("Follow").is_empty());
    assert!(scene.good.received_of("Undo").is_empty());
}

#[tokio::test]
async fn a18_nobody_leads_followers_on_from_place_to_place() {
    let scene = Encounter::where_ann_follows_alice().await;
    let new = alice_at_new_test(&scene).await;
    says_that_she_moves(&scene, "move", &new.id).await;
    let follow = new.peer.received_of("Follow").pop().unwrap();
    scene.hears(&new, &new.activity("Accept", "accept", follow)).await;
    // Alice comes to life again at her old place, wins Ann back, and moves on the next day.
    scene.alice_sends(&scene.alice.activity("Update", "back", scene.alice.document())).await;
    scene.ann_follows(&scene.alice).await;
    let third = scene.net.peer("third.test").await.actor("alice").await;
    let mut document = third.document();
    document["alsoKnownAs"] = json!([scene.alice.id]);
    third.peer.serve("/users/alice", &document);
    scene.net.later(Duration::from_secs(24 * 3600)).await;
    says_that_she_moves(&scene, "again", &third.id).await;
    assert!(third.peer.received_of("Follow").is_empty());
    scene.net.later(WEEK).await;
    says_that_she_moves(&scene, "later", &third.id).await;
    assert_eq!(third.peer.received_of("Follow").len(), 1);
}

#[tokio::test]
async fn nobody_escapes_a_block_by_moving() {
    let scene = Encounter::where_ann_follows_alice().await;
    let carol = scene.us.user("carol").await;
    let alice = carol.find(&scene.alice.handle()).await;
    carol.send(&format!("/api/v1/accounts/{}/block", alice["id"].as_str().unwrap()), json!({})).await.ok();
    let dora = scene.us.user("dora").await;
    dora.send(&format!("/api/v1/accounts/{}/mute", alice["id"].as_str().unwrap()), json!({"duration": 3600}))
        .await
        .ok();
    let new = alice_at_new_test(&scene).await;
    says_that_she_moves(&scene, "move", &new.id).await;
    assert_eq!(carol.relationship(&new.handle()).await["blocking"], true);
    assert_eq!(dora.relationship(&new.handle()).await["muting"], true);
    scene.net.later(Duration::from_secs(3601)).await;
    assert_eq!(dora.relationship(&new.handle()).await["muting"], false);
}

#[tokio::test]
async fn a_member_moves_to_another_server_and_followers_everywhere_come_along() {
    let town = Neighbours::where_bob_follows_ann().await;
    let alpha = &town.ann.node;
    let carol = alpha.user("carol").await;
    carol.follow("ann").await;
    let anna = town.bob.node.user("anna").await;
    let target = "anna@beta.test".parse().unwrap();
    let refused = alpha.federation().move_member(town.ann.id, &target).await.unwrap_err();
    assert!(refused.to_string().contains("does not name this one"), "{refused}");
    adds_alias(&anna, "@ann@alpha.test").await;
    town.net.settle().await;
    alpha.federation().move_member(town.ann.id, &target).await.unwrap();
    town.net.settle().await;
    assert_eq!(town.bob.relationship("@anna").await["following"], true);
    assert_eq!(town.bob.relationship("@ann@alpha.test").await["following"], false);
    assert_eq!(carol.relationship("@anna@beta.test").await["following"], true);
    let actor = alpha.client().get(town.ann.uri()).header("accept", ACTIVITY).send().await.unwrap();
    let actor: Value = serde_json::from_str(&actor.text().await.unwrap()).unwrap();
    assert_eq!(actor["movedTo"], json!(anna.uri()));
    assert_eq!(town.bob.find("@ann@alpha.test").await["followers_count"], 0);
    // Back again: the actor says so no more, and who looks again sees it.
    moves::move_back(alpha.app(), town.ann.id).await.unwrap();
    town.net.later(Duration::from_secs(25 * 3600)).await;
    town.bob.find("@ann@alpha.test").await;
    town.net.settle().await;
    let ann = town.bob.find("@ann@alpha.test").await;
    let ann = town.bob.get(&format!("/api/v1/accounts/{}", ann["id"].as_str().unwrap())).await.ok();
    assert_eq!(ann["moved"], Value::Null);
    let refused = alpha.federation().move_member(town.ann.id, &target).await.unwrap_err();
    assert!(refused.to_string().contains("within a week"), "{refused}");
    town.net.settle().await;
}

#[tokio::test]
async fn somebody_moves_here_from_another_server() {
    let scene = Encounter::where_ann_follows_alice().await;
    let alicia = scene.us.user("alicia").await;
    says_that_she_moves(&scene, "too-early", &alicia.uri()).await;
    assert_eq!(scene.ann.relationship("alicia").await["following"], false);
    adds_alias(&alicia, &scene.alice.handle()).await;
    says_that_she_moves(&scene, "move", &alicia.uri()).await;
    assert_eq!(scene.ann.relationship("alicia").await["following"], true);
}
