//! One server among many keeps silent.

use outloud::store::entity::{account, follow};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::Encounter;

/// How many servers there are besides the silent one.
const OTHERS: usize = 499;

/// As many servers as one listener can pretend to be: each with somebody who follows Ann, as Alice does.
async fn crowd_follows_ann(scene: &Encounter) {
    let mut change = scene.us.app().begin().await.unwrap();
    let (alice, follows) = {
        let db = change.tx();
        let accounts = account::Entity::find().all(db).await.unwrap();
        let alice = accounts.into_iter().find(|account| account.uri == scene.alice.id).unwrap();
        (alice, follow::Entity::find().all(db).await.unwrap())
    };
    let of_alice = follows.into_iter().find(|follow| follow.account_id == alice.id).unwrap();
    for number in 1..OTHERS {
        let host = format!("h{number}.test");
        scene.net.name(&host, scene.good.address());
        let there = |address: &str| address.replace("good.test", &host);
        let somebody = account::Model {
            id: scene.us.app().id(),
            host: Some(host.parse().unwrap()),
            id_host: Some(host.parse().unwrap()),
            uri: there(&alice.uri),
            url: there(&alice.url),
            inbox_url: there(&alice.inbox_url),
            shared_inbox_url: alice.shared_inbox_url.as_deref().map(there),
            ..alice.clone()
        };
        let follows = follow::Model {
            id: scene.us.app().id(),
            account_id: somebody.id,
            uri: there(&of_alice.uri),
            ..of_alice.clone()
        };
        account::Entity::insert(somebody.into_active_model().reset_all())
            .exec_without_returning(change.tx())
            .await
            .unwrap();
        follow::Entity::insert(follows.into_active_model().reset_all())
            .exec_without_returning(change.tx())
            .await
            .unwrap();
    }
    change.has_deliveries();
    change.commit().await.unwrap();
}

#[tokio::test]
async fn one_silent_server_among_five_hundred_delays_no_other() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.us.leaves_work();
    let dead = scene.net.peer("dead.test").await;
    // More people there than deliveries may be on their way to one server.
    for number in 0..6 {
        let ghost = dead.actor(&format!("ghost{number}")).await;
        let mut alone = ghost.document();
        alone["endpoints"] = Value::Null;
        dead.serve(&format!("/users/ghost{number}"), &alone);
        assert_eq!(scene.hears(&ghost, &ghost.activity("Follow", "follow-1", json!(scene.ann.uri()))).await, 202);
    }
    crowd_follows_ann(&scene).await;
    dead.keep_silent();
    let stop = scene.us.works_by_itself();
    scene.ann.post("to all of you").await;
    scene
        .good
        .wait_for_all(|received| received.iter().filter(|activity| activity["type"] == "Create").count() == OTHERS)
        .await;
    assert!(dead.received_of("Create").is_empty(), "the silent one still hangs");
    stop.cancel();
}
