//! The clock of the machine is wrong and is put right, forward and backward by hours.

use std::time::Duration;

use outloud::domain::moment::Moment;
use serde_json::{Value, json};

use crate::support::Encounter;

const HOURS: Duration = Duration::from_secs(5 * 3600);

fn says(text: &str) -> impl Fn(&Value) -> bool + use<> {
    let content = format!("<p>{text}</p>");
    move |activity: &Value| activity["object"]["content"] == content.as_str()
}

#[tokio::test]
async fn what_was_queued_while_the_clock_was_ahead_does_not_wait_until_then() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.net.clock.advance(HOURS);
    scene.good.answer_deliveries(503, None);
    scene.ann.post("tried once").await;
    scene.net.settle().await;
    scene.ann.post("not tried yet").await;
    scene.net.clock.turn_back(HOURS);
    scene.good.answer_deliveries(202, None);
    scene
        .us
        .works_while(async {
            scene.good.wait_for(says("not tried yet")).await;
            scene.good.wait_for(says("tried once")).await;
        })
        .await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_under_a_running_server_holds_nothing_up() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.net.clock.advance(HOURS);
    let story = async {
        scene.ann.post("before").await;
        scene.good.wait_for(says("before")).await;
        scene.good.answer_deliveries(503, None);
        let asked = scene.good.requests();
        scene.ann.post("in between").await;
        scene.good.wait_until(|| scene.good.requests() > asked).await;
        scene.good.answer_deliveries(202, None);
        scene.net.clock.turn_back(HOURS);
        scene.ann.post("after").await;
        scene.good.wait_for(says("after")).await;
        scene.good.wait_for(says("in between")).await;
    };
    Box::pin(scene.us.works_while(story)).await;
}

#[tokio::test]
async fn ids_grow_and_timelines_keep_their_order_when_the_clock_is_turned() {
    let scene = Encounter::where_alice_follows_ann().await;
    let mut ids = Vec::new();
    for (round, back) in [false, true, true, false, true].into_iter().enumerate() {
        if back {
            scene.net.clock.turn_back(HOURS)
        } else {
            scene.net.clock.advance(HOURS)
        }
        let post = scene.ann.post(&format!("round {round}")).await;
        ids.push(post["id"].as_str().unwrap().parse::<i64>().unwrap());
        outloud::jobs::clockwork::set_right(scene.us.app()).await.unwrap();
        scene.net.settle().await;
    }
    assert!(ids.is_sorted_by(|earlier, later| earlier < later), "{ids:?}");
    let texts: Vec<String> = (0..5).rev().map(|round| format!("round {round}")).collect();
    assert_eq!(scene.ann.reads().await, texts);
    let created: Vec<Value> =
        scene.good.received_of("Create").iter().map(|create| create["object"]["content"].clone()).collect();
    assert_eq!(created.len(), 5);
}

#[tokio::test]
async fn a_poll_that_was_asked_while_the_clock_was_ahead_still_ends_when_it_said() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.net.clock.advance(HOURS);
    let asked = json!({"status": "which?", "poll": {"options": ["a", "b"], "expires_in": 7200}});
    let poll = scene.ann.send("/api/v1/statuses", asked).await.ok();
    scene.net.settle().await;
    scene.net.clock.turn_back(HOURS);
    outloud::jobs::clockwork::set_right(scene.us.app()).await.unwrap();
    scene.net.settle().await;
    let ends = Moment::parse(poll["poll"]["expires_at"].as_str().unwrap()).unwrap();
    assert_eq!(scene.ann.again(&poll).await["poll"]["expired"], false);
    scene.net.later(ends.since(scene.net.clock.now()) + Duration::from_secs(60)).await;
    assert_eq!(scene.ann.again(&poll).await["poll"]["expired"], true);
}
