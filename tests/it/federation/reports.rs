//! What members and other servers ask those who keep the peace to look at. Case A31 of the attack catalogue.

use outloud::views;
use outloud::views::reports::ReportView;
use serde_json::{Value, json};

use crate::support::{Encounter, Neighbours, Node};

async fn reports(node: &Node) -> Vec<ReportView> {
    views::reports::list(&node.app().db, true).await.unwrap()
}

#[tokio::test]
async fn a_member_reports_somebody_elsewhere_and_their_server_does_not_learn_who() {
    let town = Neighbours::where_bob_follows_ann().await;
    let post = town.ann.post("buy my pills").await;
    town.net.settle().await;
    let seen = town.bob.home().await.remove(0);
    let complaint = json!({
        "account_id": seen["account"]["id"], "status_ids": [seen["id"]], "comment": "Spam", "category": "spam",
        "forward": true,
    });
    let made = town.bob.send("/api/v1/reports", complaint).await.ok();
    assert_eq!(
        (&made["category"], &made["forwarded"], &made["action_taken"]),
        (&json!("spam"), &json!(true), &json!(false))
    );
    assert_eq!(made["status_ids"], json!([seen["id"]]));
    assert_eq!(made["target_account"]["acct"], "ann@alpha.test");
    town.net.settle().await;
    let here = reports(&town.bob.node).await;
    assert_eq!(here[0].by.as_ref().unwrap().username.as_str(), "bob");
    let there = reports(&town.ann.node).await;
    assert_eq!((there.len(), there[0].row.comment.as_str()), (1, "Spam"));
    assert_eq!(there[0].row.status_ids.0[0].to_string(), post["id"].as_str().unwrap());
    assert_eq!(there[0].by.as_ref().unwrap().username.as_str(), "beta.test");
}

#[tokio::test]
async fn without_being_asked_to_nobody_tells_the_other_server() {
    let scene = Encounter::where_ann_follows_alice().await;
    let alice = scene.ann.find(&scene.alice.handle()).await;
    scene.ann.send("/api/v1/reports", json!({"account_id": alice["id"], "comment": "rude"})).await.ok();
    scene.net.settle().await;
    assert!(scene.good.received_of("Flag").is_empty());
    assert_eq!(reports(&scene.us).await.len(), 1);
}

#[tokio::test]
async fn a_flag_names_the_person_first_and_comes_from_the_server_itself() {
    let scene = Encounter::where_ann_follows_alice().await;
    let note = scene.alice_posts("1", "rude").await;
    let seen = scene.ann.home().await.remove(0);
    let complaint =
        json!({"account_id": seen["account"]["id"], "status_ids": [seen["id"]], "comment": "<b>rude", "forward": true});
    scene.ann.send("/api/v1/reports", complaint).await.ok();
    scene.net.settle().await;
    let flag = scene.good.received_of("Flag").pop().unwrap();
    assert_eq!((&flag["object"], &flag["content"]), (&json!([scene.alice.id, note["id"]]), &json!("<b>rude")));
    let actor = flag["actor"].as_str().unwrap();
    assert_ne!(actor, scene.ann.uri());
    let answer = scene.us.client().get(actor).header("accept", crate::support::ACTIVITY).send().await.unwrap();
    let actor: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(actor["type"], "Application");
}

#[tokio::test]
async fn nobody_reports_posts_of_others_themselves_or_at_length() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mine = scene.ann.post("mine").await;
    scene.net.settle().await;
    let alice = scene.ann.find(&scene.alice.handle()).await;
    for (complaint, status) in [
        (json!({"account_id": alice["id"], "status_ids": [mine["id"]]}), 404),
        (json!({"account_id": mine["account"]["id"]}), 404),
        (json!({"account_id": "1"}), 404),
        (json!({}), 404),
        (json!({"account_id": alice["id"], "comment": "x".repeat(1001)}), 422),
        (json!({"account_id": alice["id"], "category": "revenge"}), 422),
    ] {
        scene.ann.send("/api/v1/reports", complaint).await.refused(status);
    }
    assert!(reports(&scene.us).await.is_empty());
}

#[tokio::test]
async fn a31_what_others_report_is_bounded_and_plain() {
    let scene = Encounter::of_strangers().await;
    let (post, bob) = (scene.ann.post("mine").await, scene.us.user("bob").await);
    let bobs = bob.post("Bob's").await;
    let mut flag =
        scene.alice.activity("Flag", "flag", json!([scene.ann.uri(), post["uri"], bobs["uri"], scene.alice.id]));
    flag["content"] = json!(format!("<script>alert(1)</script><b>bad</b> {}", "x".repeat(5000)));
    scene.alice_sends(&flag).await;
    // The same report again, under its own and under no name.
    scene.alice_sends(&flag).await;
    let found = reports(&scene.us).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].row.status_ids.0.len(), 1, "only what the person wrote");
    assert!(found[0].row.comment.starts_with("bad xxx"), "{}", found[0].row.comment);
    assert!(found[0].row.comment.len() <= 1000);
    // Nobody here, nothing at all, ten thousand things.
    let nobody = scene.us.url("/users/1");
    let many: Vec<String> = (0..9_000).map(|n| format!("{}{n}", scene.ann.uri())).collect();
    for (name, object) in [
        ("foreign", json!([scene.alice.id])),
        ("nobody", json!([nobody])),
        ("nothing", json!([])),
        ("many", json!(many)),
        ("odd", json!({"type": "Note"})),
    ] {
        scene.alice_sends(&scene.alice.activity("Flag", name, object)).await;
    }
    assert_eq!(reports(&scene.us).await.len(), 1);
    // A flood of them ends at a number that can be read.
    for n in 0..40 {
        scene.alice_sends(&scene.alice.activity("Flag", &format!("flood-{n}"), json!([scene.ann.uri()]))).await;
    }
    assert!(reports(&scene.us).await.len() <= 30);
    // Whoever is reported learns nothing.
    assert!(scene.ann.notifications().await.is_empty());
}

#[tokio::test]
async fn h17_nobody_reports_what_they_cannot_read() {
    let scene = Encounter::where_alice_follows_ann().await;
    let bob = scene.us.user("bob").await;
    let letter = scene.ann.post_to("direct", &format!("{} a secret", scene.alice.handle())).await;
    let private = scene.ann.post_to("private", "for followers").await;
    scene.net.settle().await;
    for post in [&letter, &private] {
        let complaint = json!({"account_id": post["account"]["id"], "status_ids": [post["id"]]});
        bob.send("/api/v1/reports", complaint).await.refused(404);
    }
    assert!(reports(&scene.us).await.is_empty());
}
