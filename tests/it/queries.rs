//! A page of forty costs as many statements as a page of one.

use crate::support::Network;

#[tokio::test]
async fn a_long_home_page_costs_as_many_statements_as_a_short_one() {
    let net = Network::start().await;
    let (node, beta) = (net.node("node.test").await, net.node("beta.test").await);
    let (ann, bob) = (node.user("ann").await, beta.user("bob").await);
    ann.follow(&bob.handle()).await;
    net.settle().await;
    for round in 0..30 {
        bob.post(&format!("post {round} about #topic with @ann@node.test")).await;
    }
    net.settle().await;
    for path in
        ["/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/topic", "/api/v1/notifications"]
    {
        let one = format!("{path}?limit=1");
        let many = format!("{path}?limit=30");
        // Asked twice: what is cached the first time is not counted the second.
        for path in [&one, &many] {
            assert!(!ann.get(path).await.ok().as_array().unwrap().is_empty(), "{path}");
        }
        let (_, short) = node.statements(ann.get(&one)).await;
        let (page, long) = node.statements(ann.get(&many)).await;
        assert_eq!(page.ok().as_array().unwrap().len(), 30, "{path}");
        assert_eq!(short, long, "{path}");
    }
}

#[tokio::test]
async fn a_home_page_costs_few_statements() {
    let net = Network::start().await;
    let node = net.node("node.test").await;
    let ann = node.user("ann").await;
    for round in 0..20 {
        ann.post(&format!("post {round}")).await;
    }
    ann.get("/api/v1/timelines/home?limit=20").await.ok();
    let (_, statements) = node.statements(ann.get("/api/v1/timelines/home?limit=20")).await;
    // Token, page, marks, filters; PostgreSQL keeps no cache and reads bodies and people as well.
    let most = if crate::support::database::postgres_server().is_some() { 10 } else { 4 };
    assert!(statements <= most, "{statements} statements");
}

#[tokio::test]
async fn a_received_note_costs_a_bounded_number_of_statements() {
    let net = Network::start().await;
    let (node, good) = (net.node("node.test").await, net.peer("good.test").await);
    let (ann, alice) = (node.user("ann").await, good.actor("alice").await);
    ann.follow(&alice.handle()).await;
    net.settle().await;
    let follow = good.received_of("Follow")[0].clone();
    alice.deliver(&node, &alice.activity("Accept", "accept", follow)).await;
    net.settle().await;
    alice.deliver(&node, &alice.create(alice.note("warm", "warm"))).await;
    net.settle().await;
    let note = alice.create(alice.note("counted", "counted"));
    let (_, statements) = node
        .statements(async {
            alice.deliver(&node, &note).await;
            net.settle().await;
        })
        .await;
    assert_eq!(ann.reads().await.len(), 2);
    assert!(statements <= 30, "{statements} statements");
}
