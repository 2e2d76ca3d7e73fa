//! Polls of members and of others, as apps see them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, Neighbours, Network, User, community};

/// A member asks for a day.
async fn asks(user: &User, more: Value) -> Value {
    let mut poll = json!({"options": ["Tea", "Coffee", "Water"], "expires_in": 24 * 3600});
    poll.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user.send("/api/v1/statuses", json!({"status": "What to drink?", "poll": poll})).await.ok()
}

async fn votes(user: &User, post: &Value, choices: &[i32]) -> crate::support::Answer {
    let id = post["poll"]["id"].as_str().unwrap();
    user.send(&format!("/api/v1/polls/{id}/votes"), json!({"choices": choices})).await
}

fn counts(poll: &Value) -> Vec<i64> {
    poll["options"].as_array().unwrap().iter().map(|option| option["votes_count"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_poll_is_asked_and_answered_once() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = asks(&ann, json!({})).await;
    assert_eq!(post["poll"]["options"][1], json!({"title": "Coffee", "votes_count": 0}));
    assert_eq!((&post["poll"]["expired"], &post["poll"]["multiple"]), (&json!(false), &json!(false)));
    assert_eq!((&post["poll"]["voted"], &post["poll"]["own_votes"]), (&json!(true), &json!([])));
    let poll = votes(&bob, &post, &[1]).await.ok();
    assert_eq!(counts(&poll), [0, 1, 0]);
    assert_eq!((&poll["voted"], &poll["own_votes"]), (&json!(true), &json!([1])));
    assert_eq!((&poll["votes_count"], &poll["voters_count"]), (&json!(1), &json!(1)));
    assert!(votes(&bob, &post, &[0]).await.refused(422).contains("You have already voted on this poll"));
    assert!(votes(&ann, &post, &[0]).await.refused(422).contains("You cannot vote in your own polls"));
    assert_eq!(counts(&ann.again(&post).await["poll"]), [0, 1, 0]);
}

#[tokio::test]
async fn several_answers_are_taken_where_several_are_asked_for() {
    let [ann, bob, cleo] = community(["ann", "bob", "cleo"]).await;
    let one = asks(&ann, json!({})).await;
    assert!(votes(&bob, &one, &[0, 1]).await.refused(422).contains("Only one option"));
    assert!(votes(&bob, &one, &[3]).await.refused(422).contains("does not exist"));
    assert!(votes(&bob, &one, &[]).await.refused(422).contains("does not exist"));
    let many = asks(&ann, json!({"multiple": true})).await;
    votes(&bob, &many, &[2, 0]).await.ok();
    let poll = votes(&cleo, &many, &[0]).await.ok();
    assert_eq!(counts(&poll), [2, 0, 1]);
    assert_eq!((&poll["votes_count"], &poll["voters_count"]), (&json!(3), &json!(2)));
}

#[tokio::test]
async fn a_poll_that_makes_no_sense_is_not_posted() {
    let [ann] = community(["ann"]).await;
    for (poll, why) in [
        (json!({"options": ["Tea"], "expires_in": 3600}), "must have more than one item"),
        (json!({"options": ["1", "2", "3", "4", "5"], "expires_in": 3600}), "can't contain more than 4 items"),
        (json!({"options": ["Tea", "x".repeat(51)], "expires_in": 3600}), "cannot be longer than 50 characters"),
        (json!({"options": ["Tea", "Tea"], "expires_in": 3600}), "contain duplicate items"),
        (json!({"options": ["Tea", "Coffee"]}), "is too soon"),
        (json!({"options": ["Tea", "Coffee"], "expires_in": 99_999_999}), "is too far into the future"),
    ] {
        let refused = ann.send("/api/v1/statuses", json!({"status": "?", "poll": poll})).await.refused(422);
        assert!(refused.contains(why), "{refused}");
    }
    assert_eq!(ann.account().await["statuses_count"], 0);
}

#[tokio::test]
async fn when_a_poll_has_ended_whoever_took_part_hears_of_it_and_nobody_votes_any_more() {
    let net = Network::start().await;
    let node = net.node("node.test").await;
    let (ann, bob, cleo) = (node.user("ann").await, node.user("bob").await, node.user("cleo").await);
    let post = asks(&ann, json!({"hide_totals": true})).await;
    let poll = votes(&bob, &post, &[1]).await.ok();
    assert_eq!(poll["options"][1]["votes_count"], Value::Null);
    net.later(Duration::from_secs(25 * 3600)).await;
    for reader in [&ann, &bob] {
        let told = reader.notifications().await;
        assert_eq!((&told[0]["type"], &told[0]["status"]["id"]), (&json!("poll"), &post["id"]));
    }
    assert!(cleo.notifications().await.is_empty());
    assert!(votes(&cleo, &post, &[0]).await.refused(422).contains("The poll has already ended"));
    let poll = &bob.again(&post).await["poll"];
    assert_eq!((&poll["expired"], counts(poll)), (&json!(true), vec![0, 1, 0]));
}

#[tokio::test]
async fn a_private_poll_is_for_those_who_may_see_it() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let poll = json!({"options": ["Tea", "Coffee"], "expires_in": 3600});
    let post = json!({"status": "secret?", "visibility": "direct", "poll": poll});
    let post = ann.send("/api/v1/statuses", post).await.ok();
    votes(&bob, &post, &[0]).await.refused(404);
    bob.get(&format!("/api/v1/polls/{}", post["poll"]["id"].as_str().unwrap())).await.refused(404);
}

#[tokio::test]
async fn other_answers_make_earlier_votes_void_and_are_remembered() {
    let [ann, bob] = community(["ann", "bob"]).await;
    let post = asks(&ann, json!({})).await;
    votes(&bob, &post, &[1]).await.ok();
    let path = format!("/api/v1/statuses/{}", post["id"].as_str().unwrap());
    let again = json!({"options": ["Milk", "Juice"], "expires_in": 3600});
    let edited = ann.put(&path, json!({"status": "What to drink?", "poll": again})).await.ok();
    assert_eq!(counts(&edited["poll"]), [0, 0]);
    assert_eq!(bob.again(&post).await["poll"]["voted"], false);
    let history = ann.get(&format!("{path}/history")).await.ok();
    assert_eq!(history[0]["poll"]["options"][0], json!({"title": "Tea"}));
    assert_eq!(history[1]["poll"]["options"][0], json!({"title": "Milk"}));
}

#[tokio::test]
async fn two_servers_vote_in_one_poll() {
    let friends = Neighbours::where_bob_follows_ann().await;
    let (ann, bob) = (&friends.ann, &friends.bob);
    let post = asks(ann, json!({"multiple": true})).await;
    friends.net.settle().await;
    let seen = bob.home().await[0].clone();
    assert_eq!(counts(&seen["poll"]), [0, 0, 0]);
    votes(bob, &seen, &[0, 2]).await.ok();
    friends.net.settle().await;
    let poll = &ann.again(&post).await["poll"];
    assert_eq!((counts(poll), &poll["voters_count"]), (vec![1, 0, 1], &json!(1)));
    // A vote is no post and no message.
    assert!(ann.notifications().await.iter().all(|told| told["type"] != "mention"));
    assert_eq!(bob.account().await["statuses_count"], 0);
    // Later the others hear of the counts, and in the end of the result.
    let dave = ann.node.user("dave").await;
    votes(&dave, &post, &[0]).await.ok();
    friends.net.later(Duration::from_secs(200)).await;
    assert_eq!(counts(&bob.again(&seen).await["poll"]), [2, 0, 1]);
    friends.net.later(Duration::from_secs(25 * 3600)).await;
    assert_eq!(bob.again(&seen).await["poll"]["expired"], true);
    assert_eq!(bob.notifications().await[0]["type"], "poll");
    assert_eq!(ann.notifications().await[0]["type"], "poll");
}

#[tokio::test]
async fn a29_votes_from_elsewhere_count_once_each_and_only_while_the_poll_is_open() {
    let scene = Encounter::where_alice_follows_ann().await;
    let post = asks(&scene.ann, json!({})).await;
    let vote = |name: &str, choice: &str| {
        scene.alice.create(json!({
            "id": format!("{}/votes/{name}", scene.alice.id), "type": "Note", "name": choice,
            "attributedTo": scene.alice.id, "to": [scene.ann.uri()], "inReplyTo": post["uri"],
        }))
    };
    for (name, choice) in [("1", "Gin"), ("2", "Tea"), ("3", "Tea"), ("4", "Coffee")] {
        scene.alice_sends(&vote(name, choice)).await;
    }
    assert_eq!(counts(&scene.ann.again(&post).await["poll"]), [1, 0, 0]);
    let eve = scene.net.peer("evil.test").await.actor_with_key("eve", 1).await;
    scene.net.later(Duration::from_secs(25 * 3600)).await;
    let late = eve.create(json!({
        "id": format!("{}/votes/1", eve.id), "type": "Note", "name": "Tea",
        "attributedTo": eve.id, "to": [scene.ann.uri()], "inReplyTo": post["uri"],
    }));
    scene.hears(&eve, &late).await;
    assert_eq!(counts(&scene.ann.again(&post).await["poll"]), [1, 0, 0]);
    assert_eq!(scene.ann.again(&post).await["replies_count"], 0);
}

#[tokio::test]
async fn a29_d03_absurd_polls_of_others_are_no_polls_and_absurd_counts_no_counts() {
    let scene = Encounter::where_ann_follows_alice().await;
    let question = |name: &str, options: usize, votes: Value| {
        let mut note = scene.alice.note(name, "how many?");
        note["type"] = json!("Question");
        let option = |number: usize| json!({"type": "Note", "name": format!("{number}"), "replies": {"type": "Collection", "totalItems": votes}});
        note["oneOf"] = (0..options).map(option).collect();
        note["votersCount"] = votes.clone();
        scene.alice.create(note)
    };
    scene.alice_sends(&question("1", 51, json!(1))).await;
    assert_eq!(scene.ann.home().await[0]["poll"], Value::Null);
    scene.alice_sends(&question("2", 2, json!(-5))).await;
    assert_eq!(counts(&scene.ann.home().await[0]["poll"]), [0, 0]);
    scene.alice_sends(&question("3", 2, json!(i64::MAX))).await;
    assert_eq!(scene.ann.home().await[0]["poll"]["votes_count"], i64::MAX);
    scene.alice_sends(&question("4", 2, json!("many"))).await;
    assert_eq!(counts(&scene.ann.home().await[0]["poll"]), [0, 0]);
}
