//! A page of forty costs as many statements as a page of one.

use crate::support::database::postgres_server;
use crate::support::{Encounter, Neighbours, community};

#[tokio::test]
async fn a_long_home_page_costs_as_many_statements_as_a_short_one() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    for round in 0..30 {
        ann.post(&format!("post {round} about #topic with @bob@beta.test")).await;
    }
    net.settle().await;
    for path in
        ["/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/topic", "/api/v1/notifications"]
    {
        let one = format!("{path}?limit=1");
        let many = format!("{path}?limit=30");
        // Asked twice: what is cached the first time is not counted the second.
        for path in [&one, &many] {
            assert!(!bob.get(path).await.ok().as_array().unwrap().is_empty(), "{path}");
        }
        let (_, short) = bob.node.statements(bob.get(&one)).await;
        let (page, long) = bob.node.statements(bob.get(&many)).await;
        assert_eq!(page.ok().as_array().unwrap().len(), 30, "{path}");
        assert_eq!(short, long, "{path}");
    }
}

#[tokio::test]
async fn a_home_page_costs_few_statements() {
    let [ann] = community(["ann"]).await;
    for round in 0..20 {
        ann.post(&format!("post {round}")).await;
    }
    ann.get("/api/v1/timelines/home?limit=20").await.ok();
    let (_, statements) = ann.node.statements(ann.get("/api/v1/timelines/home?limit=20")).await;
    // Page, marks, filters; PostgreSQL keeps no cache and reads bodies and people as well, the caller included.
    let most = if postgres_server().is_some() { 11 } else { 3 };
    assert!(statements <= most, "{statements} statements");
}

#[tokio::test]
async fn a_received_note_costs_a_bounded_number_of_statements() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_posts("warm", "warm").await;
    let (_, statements) = scene.us.statements(scene.alice_posts("counted", "counted")).await;
    assert_eq!(scene.ann.reads().await.len(), 2);
    assert!(statements <= 30, "{statements} statements");
}
