//! Somebody leaves for good: what they wrote goes, everybody who might know them hears of it, and their name stays gone.

use outloud::domain::event::Event;
use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, Neighbours, Node, User};

async fn leaves(member: &User) {
    outloud::actions::accounts::delete(member.node.app(), member.id).await.unwrap();
}

async fn asks(node: &Node, address: &str) -> (u16, Value) {
    let answer = node.client().get(address).header("accept", ACTIVITY).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn a_member_who_leaves_is_gone_here_and_elsewhere() {
    let town = Neighbours::where_bob_follows_ann().await;
    let alpha = &town.ann.node;
    let carol = alpha.user("carol").await;
    carol.follow("ann").await;
    let post = town.ann.post("remember me").await;
    let answer = carol.reply(&post, "@ann always").await;
    carol.act("favourite", &post).await;
    let carols = carol.post("a post of Carol").await;
    town.ann.act("favourite", &carols).await;
    town.ann.act("reblog", &carols).await;
    town.net.settle().await;
    assert_eq!(town.bob.reads().await.len(), 2);
    leaves(&town.ann).await;
    // At once, before any work is done.
    town.ann.get("/api/v1/timelines/home").await.refused(401);
    assert!(carol.reads().await.iter().all(|text| text != "remember me"));
    town.net.settle().await;
    assert!(town.bob.reads().await.is_empty());
    assert!(carol.notifications().await.iter().all(|news| news["account"]["acct"] != "ann"));
    let carols = carol.again(&carols).await;
    assert_eq!((&carols["favourites_count"], &carols["reblogs_count"]), (&json!(0), &json!(0)));
    assert_eq!(carol.again(&answer).await["in_reply_to_id"], Value::Null);
    assert_eq!(carol.account().await["following_count"], 0);
    let found = town.bob.get("/api/v2/search?q=@ann@alpha.test").await.ok();
    assert_eq!(found["accounts"], json!([]));
}

#[tokio::test]
async fn what_is_left_of_a_member_is_a_tombstone_and_a_name_nobody_gets() {
    let scene = Encounter::where_alice_follows_ann().await;
    let post = scene.ann.post("remember me").await;
    scene.net.settle().await;
    scene.good.answer_deliveries(503, None);
    leaves(&scene.ann).await;
    scene.net.settle().await;
    // As long as the last word is on its way, the key to check it with can be had.
    let (status, actor) = asks(&scene.us, &scene.ann.uri()).await;
    assert_eq!((status, actor["publicKey"].is_object()), (200, true));
    assert_eq!((&actor["name"], &actor["summary"]), (&json!(""), &json!("")));
    scene.good.answer_deliveries(202, None);
    scene.net.later(std::time::Duration::from_secs(600)).await;
    let delete = scene.good.received_of("Delete").pop().unwrap();
    assert_eq!((&delete["actor"], &delete["object"]), (&json!(scene.ann.uri()), &json!(scene.ann.uri())));
    let (status, tombstone) = asks(&scene.us, &scene.ann.uri()).await;
    assert_eq!((status, &tombstone["type"], &tombstone["formerType"]), (410, &json!("Tombstone"), &json!("Person")));
    for address in [format!("{}/outbox", scene.ann.uri()), format!("{}/followers", scene.ann.uri())] {
        assert_eq!(asks(&scene.us, &address).await.0, 410, "{address}");
    }
    assert_eq!(asks(&scene.us, post["uri"].as_str().unwrap()).await.0, 410);
    let finger = scene.us.url("/.well-known/webfinger?resource=acct:ann@node.test");
    assert_eq!(asks(&scene.us, &finger).await.0, 410);
    let inbox = format!("/users/{}/inbox", scene.ann.id);
    let late = scene.alice.activity("Follow", "late", json!(scene.ann.uri()));
    assert_eq!(scene.alice.deliver_to(&scene.us, &inbox, &late).await, 410);
    let newcomer = outloud::actions::accounts::Newcomer {
        username: "Ann".to_owned(),
        email: "another@mail.example".to_owned(),
        password: "long enough".to_owned(),
        reason: None,
        invite: None,
        locale: None,
    };
    let terms = outloud::actions::accounts::Terms {
        role: outloud::domain::account::Role::User,
        confirmed: true,
        approved: true,
        any_name: true,
    };
    let refused = outloud::actions::accounts::join(scene.us.app(), newcomer, terms).await.unwrap_err();
    assert!(refused.to_string().contains("taken"), "{refused}");
}

#[tokio::test]
async fn the_last_word_goes_to_every_known_server_and_overtakes_what_was_said_before() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.us.expects_trouble();
    let stranger = scene.net.peer("stranger.test").await.actor("sue").await;
    scene.ann.find(&stranger.handle()).await;
    scene.good.answer_deliveries(503, None);
    scene.ann.post("too late").await;
    scene.net.settle().await;
    leaves(&scene.ann).await;
    scene.good.answer_deliveries(202, None);
    scene.us.settle().await;
    scene.net.later(std::time::Duration::from_secs(3600)).await;
    assert_eq!(stranger.peer.received_of("Delete").len(), 1);
    assert_eq!(scene.good.received_of("Delete").len(), 1);
    assert!(scene.good.received_of("Create").is_empty());
}

#[tokio::test]
async fn the_last_word_is_said_although_the_work_is_done_twice() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.good.answer_deliveries(503, None);
    let post = scene.ann.post("soon gone").await;
    scene.net.settle().await;
    scene.ann.take_back(&post).await;
    leaves(&scene.ann).await;
    scene.us.settle().await;
    // As after a crash between the work and the note that it is done.
    let again = Event::AccountDeleted { account: scene.ann.id };
    scene.us.federation().publish(&again).await.unwrap();
    scene.us.expects_trouble();
    scene.good.answer_deliveries(202, None);
    scene.net.later(std::time::Duration::from_secs(3600)).await;
    assert_eq!(scene.good.received_of("Delete").iter().filter(|delete| delete["object"].is_string()).count(), 1);
    // Whoever asks too late hears nothing, and the actor stays gone.
    scene.good.answer_deliveries(503, None);
    scene.alice_does("Follow", "late", json!(scene.ann.uri())).await;
    assert_eq!(asks(&scene.us, &scene.ann.uri()).await.0, 410);
}
