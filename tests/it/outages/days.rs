//! Servers that are away for a day, for a week, for good.

use std::time::Duration;

use outloud::jobs::clockwork;
use serde_json::{Value, json};

use crate::support::{Encounter, Peer};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Nobody listens there.
const NOWHERE: &str = "127.0.0.1:9";

fn texts(peer: &Peer, kind: &str) -> Vec<String> {
    let text = |activity: &Value| activity["object"]["content"].as_str().unwrap_or_default().to_owned();
    peer.received_of(kind).iter().map(text).collect()
}

/// Alice follows Ann, and Alice's server keeps no connection, so that it can be away at once.
async fn alice_follows_ann() -> Encounter {
    let scene = Encounter::of_strangers().await;
    scene.good.hang_up();
    scene.alice_does("Follow", "follow-ann", json!(scene.ann.uri())).await;
    scene
}

impl Encounter {
    fn alices_server_goes_away(&self) {
        self.net.name("good.test", NOWHERE.parse().unwrap());
    }

    fn alices_server_comes_back(&self) {
        self.net.name("good.test", self.good.address());
    }

    /// So many days pass, hour by hour, with everything that becomes due.
    async fn days_pass(&self, days: u32) {
        for _ in 0..days * 24 {
            self.net.later(HOUR).await;
            clockwork::tidy(self.us.app()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_that_was_away_for_a_day_gets_everything_once_and_in_order() {
    let scene = alice_follows_ann().await;
    scene.alices_server_goes_away();
    let mut all = Vec::new();
    for hour in 0..24 {
        let post = scene.ann.post(&format!("hour {hour}")).await;
        scene.net.settle().await;
        if hour % 2 == 0 {
            scene.ann.edit(&post, &format!("hour {hour}, corrected")).await;
        }
        all.push(post["uri"].clone());
        scene.net.later(HOUR).await;
    }
    assert!(scene.good.received_of("Create").is_empty());
    scene.alices_server_comes_back();
    // The longest pause of the breaker, at most.
    for _ in 0..12 {
        scene.net.later(HOUR).await;
    }
    let about = |kind: &str| -> Vec<Value> {
        scene.good.received_of(kind).iter().map(|activity| activity["object"]["id"].clone()).collect()
    };
    let mut created = about("Create");
    created.sort_by_key(|id| all.iter().position(|known| known == id));
    assert_eq!(created, all, "each once");
    assert_eq!(about("Update").len(), 12);
    for activity in scene.good.received_of("Update") {
        let place = |kind: &str| {
            let is_it = |other: &Value| other["type"] == kind && other["object"]["id"] == activity["object"]["id"];
            scene.good.received().iter().position(is_it)
        };
        assert!(place("Create") < place("Update"), "changed before it was there");
    }
}

#[tokio::test]
async fn the_first_word_of_a_server_that_was_left_alone_brings_it_everything_at_once() {
    let scene = alice_follows_ann().await;
    scene.alices_server_goes_away();
    for hour in 0..20 {
        scene.ann.post(&format!("hour {hour}")).await;
        scene.net.later(HOUR).await;
    }
    scene.alices_server_comes_back();
    scene.net.settle().await;
    let before = texts(&scene.good, "Create").len();
    assert!(before < 20, "the breaker is open");
    scene.alice_posts("back", "I am back").await;
    let mut arrived = texts(&scene.good, "Create");
    arrived.sort();
    arrived.dedup();
    assert_eq!(arrived.len(), 20);
}

#[tokio::test]
async fn whoever_claims_to_be_a_server_that_is_away_does_not_bring_it_back() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.us.leaves_work();
    let evil = scene.net.peer("evil.test").await;
    let mallory = evil.actor_with_key("mallory", 1).await;
    scene.alices_server_goes_away();
    for round in 0..8 {
        scene.ann.post(&format!("post {round}")).await;
        scene.net.later(HOUR).await;
    }
    scene.alices_server_comes_back();
    let asked = scene.good.requests();
    // In the name of Alice, with the key of somebody else.
    let note = scene.alice.create(scene.alice.note("forged", "let me in"));
    let (url, body) = (scene.us.url("/inbox"), note.to_string());
    let mut headers = mallory.signed(&url, &body);
    for (_, value) in headers.iter_mut().filter(|(name, _)| name == "signature") {
        *value = value.to_str().unwrap().replace(&mallory.key_id(), &scene.alice.key_id()).parse().unwrap();
    }
    assert_eq!(mallory.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    scene.net.settle().await;
    assert!(texts(&scene.good, "Create").is_empty());
    // The key was looked for again, and that is all.
    assert!(scene.good.requests() <= asked + 3);
}

#[tokio::test]
async fn a_server_that_is_away_for_eight_days_is_asked_now_and_then_and_nothing_piles_up() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.alices_server_goes_away();
    scene.ann.post("the first day").await;
    scene.days_pass(7).await;
    let server = || async {
        let host = "good.test".parse().unwrap();
        outloud::views::queues::server(&scene.us.app().db, &host).await.unwrap().unwrap()
    };
    let waiting = || async { outloud::views::queues::deliveries(&scene.us.app().db).await.unwrap() };
    assert!(waiting().await.is_empty(), "what is older than five days is given up");
    for post in 0..10 {
        scene.ann.post(&format!("the seventh day, {post}")).await;
        scene.net.later(HOUR).await;
    }
    let failures = server().await.failures;
    assert!(waiting().await.iter().map(|line| line.waiting).sum::<i64>() <= 4, "new ones are not queued");
    scene.days_pass(1).await;
    assert!(server().await.failures > failures, "it is asked now and then");
    scene.ann.post("lost").await;
    scene.net.settle().await;
    scene.alices_server_comes_back();
    scene.alice_posts("back", "I am back").await;
    let arrived = texts(&scene.good, "Create");
    assert!((1..=4).contains(&arrived.len()), "what it was asked with, and no more: {arrived:?}");
    assert!(!arrived.contains(&"<p>lost</p>".to_owned()), "{arrived:?}");
    scene.ann.post("as ever").await;
    scene.net.settle().await;
    assert_eq!(texts(&scene.good, "Create").last().unwrap(), "<p>as ever</p>");
}

#[tokio::test]
async fn a_server_that_comes_and_goes_loses_nothing() {
    let scene = alice_follows_ann().await;
    let mut posted = Vec::new();
    for round in 0..30 {
        let text = format!("round {round}");
        scene.good.answer_deliveries(if round % 3 == 2 { 202 } else { 503 }, None);
        scene.ann.post(&text).await;
        scene.net.later(Duration::from_secs(20 * 60)).await;
        posted.push(format!("<p>{text}</p>"));
    }
    scene.good.answer_deliveries(202, None);
    for _ in 0..12 {
        scene.net.later(HOUR).await;
    }
    let mut arrived = texts(&scene.good, "Create");
    arrived.sort_by_key(|text| posted.iter().position(|known| known == text));
    assert_eq!(arrived, posted);
}

#[tokio::test]
async fn whoever_is_gone_for_a_day_is_no_follower_any_more() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(410, None);
    scene.good.serve_as("/users/alice", 410, "text/plain", "gone");
    scene.ann.post("one").await;
    scene.net.settle().await;
    assert_eq!(scene.ann.account().await["followers_count"], 1, "once is nothing");
    // Hours later it is the same absence.
    scene.net.later(20 * HOUR).await;
    scene.ann.post("two").await;
    scene.net.settle().await;
    assert_eq!(scene.ann.account().await["followers_count"], 1);
    scene.net.later(5 * HOUR).await;
    scene.ann.post("three").await;
    scene.net.settle().await;
    assert_eq!(scene.ann.account().await["followers_count"], 0);
    let asked = scene.good.requests();
    scene.ann.post("four").await;
    scene.net.settle().await;
    assert_eq!(scene.good.requests(), asked);
}

#[tokio::test]
async fn whoever_is_missed_once_and_found_again_stays_a_follower() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(410, None);
    scene.good.serve_as("/users/alice", 404, "text/plain", "not found");
    scene.ann.post("one").await;
    scene.net.settle().await;
    scene.good.serve("/users/alice", &scene.alice.document());
    scene.net.later(DAY + HOUR).await;
    scene.ann.post("two").await;
    scene.net.settle().await;
    // Gone once more: that is the first time again.
    scene.good.serve_as("/users/alice", 410, "text/plain", "gone");
    scene.net.later(DAY + HOUR).await;
    scene.ann.post("three").await;
    scene.net.settle().await;
    assert_eq!(scene.ann.account().await["followers_count"], 1);
}

#[tokio::test]
async fn an_inbox_that_is_not_found_costs_nobody_their_follow() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(404, None);
    for _ in 0..3 {
        scene.ann.post("hello?").await;
        scene.days_pass(2).await;
    }
    assert_eq!(scene.ann.account().await["followers_count"], 1, "Alice herself is there");
}

#[tokio::test]
async fn an_inbox_that_has_moved_is_found_by_asking_its_owner() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(410, None);
    let mut moved = scene.alice.document();
    // There is no inbox for everybody any more.
    moved["endpoints"] = Value::Null;
    scene.good.serve("/users/alice", &moved);
    scene.ann.post("one").await;
    scene.net.settle().await;
    scene.good.answer_deliveries(202, None);
    scene.ann.post("two").await;
    scene.net.settle().await;
    assert!(scene.good.headers_of("/users/alice/inbox").is_some(), "her own inbox is used now");
    assert_eq!(texts(&scene.good, "Create"), ["<p>two</p>"]);
}

#[tokio::test]
async fn of_several_changes_that_were_not_sent_the_last_one_is() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    let post = scene.ann.post("first").await;
    scene.net.settle().await;
    scene.alices_server_goes_away();
    for version in 1..=5 {
        scene.ann.edit(&post, &format!("version {version}")).await;
        scene.net.later(Duration::from_secs(60)).await;
    }
    for name in ["Ann", "Ann B.", "Ann C."] {
        scene.ann.changes_profile(json!({"display_name": name})).await;
        scene.net.later(Duration::from_secs(60)).await;
    }
    scene.alices_server_comes_back();
    scene.net.later(HOUR).await;
    let updates = scene.good.received_of("Update");
    let said = |field: &str| -> Vec<Value> {
        updates.iter().map(|update| update["object"][field].clone()).filter(|said| !said.is_null()).collect()
    };
    assert_eq!(said("content"), ["<p>version 5</p>"]);
    assert_eq!(said("name"), ["Ann C."]);
}

#[tokio::test]
async fn a_change_does_not_stand_in_for_the_post_itself_nor_for_another_post() {
    let scene = alice_follows_ann().await;
    scene.alices_server_goes_away();
    let (one, other) = (scene.ann.post("one").await, scene.ann.post("other").await);
    scene.net.settle().await;
    scene.ann.edit(&one, "one, corrected").await;
    scene.net.settle().await;
    scene.ann.edit(&other, "other, corrected").await;
    scene.net.settle().await;
    scene.alices_server_comes_back();
    scene.net.later(HOUR).await;
    let mut created = texts(&scene.good, "Create");
    created.sort();
    assert_eq!(created, ["<p>one</p>", "<p>other</p>"]);
    assert_eq!(scene.good.received_of("Update").len(), 2);
}

#[tokio::test]
async fn what_is_deleted_while_a_server_is_away_is_only_deleted_there() {
    let scene = alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.alices_server_goes_away();
    let post = scene.ann.post("first").await;
    scene.net.settle().await;
    scene.ann.edit(&post, "second").await;
    scene.net.settle().await;
    scene.ann.take_back(&post).await;
    scene.net.settle().await;
    scene.alices_server_comes_back();
    scene.net.later(HOUR).await;
    assert!(scene.good.received_of("Create").is_empty());
    assert!(scene.good.received_of("Update").is_empty());
    assert_eq!(scene.good.received_of("Delete").len(), 1);
}
