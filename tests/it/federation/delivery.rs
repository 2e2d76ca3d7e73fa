//! Deliveries: what leaves, when it is tried again, and when it is given up.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, Peer};

const HOUR: Duration = Duration::from_secs(3600);

fn texts(peer: &Peer, kind: &str) -> Vec<String> {
    let text = |activity: &Value| activity["object"]["content"].as_str().unwrap_or_default().to_owned();
    peer.received_of(kind).iter().map(text).collect()
}

#[tokio::test]
async fn a_node_that_is_down_for_a_day_gets_everything_when_it_comes_back() {
    let Encounter { net, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    good.answer_deliveries(500, None);
    for text in ["one", "two", "three"] {
        ann.post(text).await;
        net.later(Duration::from_secs(60)).await;
    }
    for _ in 0..24 {
        net.later(HOUR).await;
    }
    assert!(texts(&good, "Create").is_empty());
    good.answer_deliveries(202, None);
    for _ in 0..48 {
        net.later(HOUR).await;
    }
    let mut arrived = texts(&good, "Create");
    arrived.sort();
    assert_eq!(arrived, ["<p>one</p>", "<p>three</p>", "<p>two</p>"]);
}

#[tokio::test]
async fn a_silent_server_is_left_alone_for_a_while() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    us.expects_trouble();
    us.leaves_work();
    good.answer_deliveries(503, None);
    for round in 0..10 {
        ann.post(&format!("post {round}")).await;
    }
    net.settle().await;
    let asked = good.requests();
    net.later(Duration::from_secs(30)).await;
    assert_eq!(good.requests(), asked, "nothing is tried again at once");
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let Encounter { net, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    good.answer_deliveries(429, Some("7200"));
    ann.post("patience").await;
    net.settle().await;
    let asked = good.requests();
    net.later(HOUR).await;
    assert_eq!(good.requests(), asked);
    good.answer_deliveries(202, None);
    net.later(2 * HOUR).await;
    assert_eq!(texts(&good, "Create"), ["<p>patience</p>"]);
}

#[tokio::test]
async fn a_final_no_is_not_asked_again() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    us.expects_trouble();
    good.answer_deliveries(403, None);
    ann.post("unwelcome").await;
    net.settle().await;
    let asked = good.requests();
    for _ in 0..72 {
        net.later(HOUR).await;
    }
    assert_eq!(good.requests(), asked);
}

#[tokio::test]
async fn every_try_is_signed_anew() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    us.expects_trouble();
    good.answer_deliveries(500, None);
    ann.post("again").await;
    net.settle().await;
    let first = good.headers_of("/inbox").unwrap()["date"].clone();
    net.later(HOUR).await;
    let second = good.headers_of("/inbox").unwrap()["date"].clone();
    assert_ne!(first, second);
}

#[tokio::test]
async fn what_is_deleted_before_it_was_sent_is_not_sent() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    let post = ann.post("never mind").await;
    // The delivery is queued and not yet sent when the post is deleted.
    us.federation()
        .publish(&outloud::domain::event::Event::StatusPosted {
            account: ann.id,
            status: post["id"].as_str().unwrap().parse().unwrap(),
        })
        .await
        .unwrap();
    ann.take_back(&post).await;
    net.settle().await;
    assert!(texts(&good, "Create").is_empty());
    assert_eq!(good.received_of("Delete").len(), 1);
}

#[tokio::test]
async fn one_shared_inbox_gets_one_copy_for_all_its_people() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    for name in ["gil", "hal", "ida"] {
        let actor = good.actor(name).await;
        actor.deliver(&us, &actor.activity("Follow", "follow-1", json!(ann.uri()))).await;
    }
    net.settle().await;
    ann.post("to all of you").await;
    net.settle().await;
    assert_eq!(texts(&good, "Create"), ["<p>to all of you</p>"]);
}

#[tokio::test]
async fn a_dead_server_delays_nobody_else() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    us.expects_trouble();
    let dead = net.peer("dead.test").await;
    for index in 0..5 {
        let actor = dead.actor(&format!("ghost{index}")).await;
        actor.deliver(&us, &actor.activity("Follow", "follow-1", json!(ann.uri()))).await;
    }
    net.settle().await;
    // Nobody listens there any more.
    net.name("dead.test", "127.0.0.1:9".parse().unwrap());
    for round in 0..5 {
        ann.post(&format!("post {round}")).await;
    }
    net.settle().await;
    assert_eq!(texts(&good, "Create").len(), 5);
}

#[tokio::test]
async fn what_leaves_is_what_the_strictest_reader_wants() {
    let Encounter { net, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    ann.post("hello #world and @alice@good.test").await;
    net.settle().await;
    let create = good.received_of("Create")[0].clone();
    let note = &create["object"];
    assert_eq!(create["actor"], note["attributedTo"]);
    assert_eq!(create["to"], json!(["https://www.w3.org/ns/activitystreams#Public"]));
    for list in ["to", "cc", "tag", "attachment"] {
        assert!(note[list].is_array(), "{list}");
    }
    for text in ["id", "type", "attributedTo", "content", "url", "published"] {
        assert!(note[text].is_string(), "{text}");
    }
    assert!(note["published"].as_str().unwrap().ends_with(":00Z"), "whole seconds in UTC");
    let kinds: Vec<&Value> = note["tag"].as_array().unwrap().iter().map(|tag| &tag["type"]).collect();
    assert_eq!(kinds, ["Mention", "Hashtag"]);
    assert!(depth(&create) <= 7, "Pixelfed reads no deeper");
    let headers = good.headers_of("/inbox").unwrap();
    let signature = headers["signature"].to_str().unwrap();
    assert!(signature.contains("headers=\"(request-target) host date digest\""), "{signature}");
    assert!(signature.contains(",algorithm=\"rsa-sha256\","), "{signature}");
    assert_eq!(headers["content-type"], "application/activity+json");
    assert!(headers["user-agent"].to_str().unwrap().contains("http://node.test/"));
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// D16: the work of a server that never answers takes the place of nobody else's.
#[tokio::test]
async fn a_server_that_never_answers_holds_up_nobody() {
    let Encounter { net, us, ann, good, .. } = Encounter::where_alice_follows_ann().await;
    us.leaves_work();
    let slow = net.peer("slow.test").await;
    let mut crowd = Vec::new();
    for place in 0..20 {
        let mallory = slow.actor(&format!("mallory{place}")).await;
        assert_eq!(mallory.deliver(&us, &mallory.activity("View", "hello", json!(ann.uri()))).await, 202);
        crowd.push(mallory);
    }
    net.settle().await;
    slow.keep_silent();
    for round in 0..10 {
        for mallory in &crowd {
            let mut renamed = mallory.document();
            renamed["preferredUsername"] = json!(format!("{}_{round}", mallory.name));
            let update = mallory.activity("Update", &format!("update-{round}"), renamed);
            assert_eq!(mallory.deliver(&us, &update).await, 202);
        }
    }
    let bob = good.actor("bob").await;
    assert_eq!(bob.deliver(&us, &bob.activity("Follow", "follow-ann", json!(ann.uri()))).await, 202);
    let stop = us.works_by_itself();
    ann.post("in time").await;
    good.wait_for(|activity| activity["object"]["content"] == "<p>in time</p>").await;
    good.wait_for(|activity| activity["type"] == "Accept" && activity["object"]["actor"] == bob.id.as_str()).await;
    stop.cancel();
}

#[tokio::test]
async fn an_author_sees_which_servers_have_a_post_and_nobody_else_does() {
    let scene = Encounter::where_alice_follows_ann().await;
    let other = scene.net.peer("other.test").await;
    let olga = other.actor_with_key("olga", 1).await;
    scene.hears(&olga, &olga.activity("Follow", "f", json!(scene.ann.uri()))).await;
    scene.net.settle().await;
    other.answer_deliveries(503, None);
    let post = scene.ann.post("where does it go?").await;
    scene.net.settle().await;
    let path = format!("/api/v1/statuses/{}/deliveries", post["id"].as_str().unwrap());
    let report = scene.ann.get(&path).await.ok();
    let told = |host: &str| report.as_array().unwrap().iter().find(|entry| entry["host"] == host).unwrap().clone();
    assert_eq!(told("good.test")["state"], "delivered");
    assert_eq!((&told("other.test")["state"], &told("other.test")["last_status"]), (&json!("waiting"), &json!(503)));
    assert!(told("other.test")["next_attempt_at"].is_string());
    scene.us.user("bob").await.get(&path).await.refused(404);
    other.answer_deliveries(202, None);
    scene.net.later(std::time::Duration::from_secs(120)).await;
    let report = scene.ann.get(&path).await.ok();
    assert!(report.as_array().unwrap().iter().all(|entry| entry["state"] == "delivered"), "{report}");
}
