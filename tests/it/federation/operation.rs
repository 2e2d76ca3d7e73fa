//! What whoever runs the server can find out: what waits, and why somebody cannot be reached.

use std::time::Duration;

use outloud::views::queues;
use serde_json::json;

use crate::support::Encounter;

impl Encounter {
    /// The steps of a walk to Alice that failed, and what is said of them.
    async fn failing_steps(&self, whom: &str) -> Vec<(&'static str, String)> {
        let steps = self.us.federation().probe(whom).await.unwrap();
        steps.into_iter().filter(|step| !step.ok).map(|step| (step.name, step.says)).collect()
    }
}

#[tokio::test]
async fn a_walk_to_somebody_who_can_be_reached_finds_nothing_wrong_and_changes_nothing() {
    let scene = Encounter::of_strangers().await;
    let steps = scene.us.federation().probe(&scene.alice.handle()).await.unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["WebFinger", "Fetch", "Key", "Actor", "Inbox", "Deliveries"]);
    assert!(steps.iter().all(|step| step.ok), "{steps:?}");
    scene.ann.get(&format!("/api/v1/accounts/lookup?acct={}", scene.alice.handle())).await.refused(404);
    assert_eq!(scene.failing_steps(&scene.alice.id).await, []);
}

#[tokio::test]
async fn a_walk_says_what_fails_and_at_whom() {
    let scene = Encounter::of_strangers().await;
    let nobody = scene.failing_steps("@nobody@good.test").await;
    assert_eq!(nobody[0].0, "WebFinger");
    assert!(nobody[0].1.contains("good.test answers that it is not there (status 404)"), "{nobody:?}");
    let nowhere = scene.failing_steps("@ann@nowhere.test").await;
    assert!(nowhere[0].1.contains("cannot be reached"), "{nowhere:?}");
    let mut weak = scene.alice.document();
    weak["publicKey"]["publicKeyPem"] = json!("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");
    scene.good.serve("/users/alice", &weak);
    let failing = scene.failing_steps(&scene.alice.handle()).await;
    assert_eq!(failing[0].0, "Key");
    assert!(failing[0].1.contains("is not an RSA key"), "{failing:?}");
    scene.good.serve_as("/users/alice", 401, "text/plain", "");
    let failing = scene.failing_steps(&scene.alice.id).await;
    assert_eq!(failing[0].0, "Fetch");
    assert!(failing[0].1.contains("refuses our signature"), "{failing:?}");
    assert!(scene.us.federation().probe(&scene.ann.handle()).await.is_err());
    assert!(scene.us.federation().probe("no handle at all").await.is_err());
}

#[tokio::test]
async fn what_waits_for_a_silent_server_can_be_seen() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(503, None);
    for text in ["one", "two"] {
        scene.ann.post(text).await;
    }
    scene.net.settle().await;
    scene.net.later(Duration::from_secs(60)).await;
    let db = &scene.us.app().db;
    let lines = queues::deliveries(db).await.unwrap();
    assert_eq!((lines[0].host.as_str(), lines[0].waiting), ("good.test", 2));
    let troubled = queues::troubled(db).await.unwrap();
    assert_eq!(troubled[0].name, "good.test");
    assert!(troubled[0].failures >= 2);
    let waiting = queues::deliveries_to(db, &"good.test".parse().unwrap()).await.unwrap();
    assert_eq!(waiting[0].last_status, Some(503));
    assert!(scene.failing_steps(&scene.alice.handle()).await.iter().any(|(name, _)| *name == "Deliveries"));
}
