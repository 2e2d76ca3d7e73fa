//! Much at once: connections, activities, keys, hosts, rows. Cases B14, C13, D07, D15 to D18, D20 and D21 of the attack
//! catalogue.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use outloud::views::{instance, queues};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{ACTIVITY, Encounter, Network, Node, Peer, PeerActor, lonely_node};

/// How many connections one household may have; the node has its own number.
const MOST_CONNECTIONS: usize = 256;

/// Somebody on a subdomain of evil.test, all of which are one server.
async fn on_subdomain(net: &Network, evil: &Peer, number: usize) -> PeerActor {
    let host = format!("s{number}.evil.test");
    net.name(&host, evil.address());
    let mut actor = evil.actor_with_key(&format!("m{number}"), 1).await;
    actor.id = format!("http://{host}/users/m{number}");
    let document = actor.document().to_string().replace("http://evil.test/inbox", &format!("http://{host}/inbox"));
    evil.serve_as(&format!("/users/m{number}"), 200, ACTIVITY, &document);
    actor
}

#[tokio::test]
async fn c13_a_domain_with_endless_subdomains_is_one_server() {
    let scene = Encounter::of_strangers().await;
    let evil = scene.net.peer("evil.test").await;
    let (mut taken, mut refused) = (0, 0);
    for number in 0..360 {
        let mallory = on_subdomain(&scene.net, &evil, number).await;
        let mut note = mallory.note("1", "hello");
        note["cc"] = json!([scene.ann.uri()]);
        match scene.hears(&mallory, &mallory.create(note)).await {
            202 => taken += 1,
            429 => refused += 1,
            other => panic!("{other} for {number}"),
        }
    }
    assert!(taken >= 10 && refused >= 50, "{taken} taken, {refused} refused");
    // Others are heard meanwhile, and those who were refused an hour later.
    assert_eq!(scene.hears(&scene.alice, &scene.alice.create(scene.alice.note("1", "still heard"))).await, 202);
    scene.net.later(Duration::from_secs(3600)).await;
    let late = on_subdomain(&scene.net, &evil, 359).await;
    assert_eq!(scene.hears(&late, &late.create(late.note("2", "later"))).await, 202);
}

#[tokio::test]
async fn c13_one_thread_leads_to_few_hosts_of_one_domain() {
    let scene = Encounter::where_ann_follows_alice().await;
    let evil = scene.net.peer("evil.test").await;
    let mut replies = Vec::new();
    for number in 0..60 {
        let mallory = on_subdomain(&scene.net, &evil, number).await;
        let mut note = mallory.note("1", "one of many");
        note["inReplyTo"] = json!(format!("{}/notes/root", scene.alice.id));
        evil.serve(&format!("/users/m{number}/notes/1"), &note);
        replies.push(note["id"].clone());
    }
    let mut root = scene.alice.note("root", "root");
    root["replies"] = json!({"type": "Collection", "items": replies});
    scene.good.serve("/users/alice/notes/root", &root);
    scene.alice_sends(&scene.alice.create(root)).await;
    let seen = scene.ann.home().await[0].clone();
    scene.ann.context(&seen).await;
    scene.net.settle().await;
    let after = scene.ann.context(&seen).await["descendants"].as_array().unwrap().len();
    assert!((1..=10).contains(&after), "{after} replies of one domain");
}

#[tokio::test]
async fn d07_actors_that_lead_to_actors_are_not_followed() {
    let scene = Encounter::of_strangers().await;
    let chain = scene.net.peer("chain.test").await;
    let mut people = Vec::new();
    for number in 0..30 {
        people.push(chain.actor(&format!("m{number}")).await);
    }
    for (number, person) in people.iter().enumerate() {
        let next = &people[(number + 1) % people.len()];
        let mut note = person.note("pinned", "meet my friend");
        note["tag"] = json!([{"type": "Mention", "href": next.id, "name": next.handle()}]);
        note["cc"] = json!([next.id]);
        note["attributedTo"] = json!([person.id, next.id]);
        note["inReplyTo"] = json!(format!("{}/notes/pinned", next.id));
        note["replies"] = json!({"items": [format!("{}/notes/pinned", next.id)]});
        chain.serve(&format!("/users/m{number}/notes/pinned"), &note);
        for collection in ["collections/featured", "outbox"] {
            let items = json!({"type": "OrderedCollection", "orderedItems": [note, person.boost("1", &next.id)]});
            chain.serve(&format!("/users/m{number}/{collection}"), &items);
        }
        let mut document = person.document();
        document["alsoKnownAs"] = json!([next.id]);
        document["movedTo"] = json!(next.id);
        document["attributedTo"] = json!(next.id);
        document["moderators"] = json!(next.id);
        chain.serve(&format!("/users/m{number}"), &document);
    }
    scene.ann_follows(&people[0]).await;
    let paths = chain.paths();
    let asked = |person: &PeerActor| paths.iter().any(|path| path.starts_with(&format!("/users/{}", person.name)));
    assert!(asked(&people[0]));
    assert!(people[1..].iter().all(|person| !asked(person)), "{paths:?}");
}

#[tokio::test]
async fn b14_d17_keys_of_one_server_do_not_drive_out_those_of_others() {
    let scene = Encounter::where_ann_follows_alice().await;
    let evil = scene.net.peer("evil.test").await;
    for number in 0..40 {
        let mallory = evil.actor_with_key(&format!("m{number}"), 1).await;
        let mut document = mallory.document();
        // As many keys as it likes, some of them under names of others.
        let key = |id: String| json!({"id": id, "owner": mallory.id, "publicKeyPem": mallory.public_pem});
        let mut keys: Vec<Value> = (0..200).map(|n| key(format!("{}#key-{n}", mallory.id))).collect();
        keys.insert(0, key(mallory.key_id()));
        keys.insert(0, key(scene.alice.key_id()));
        keys.insert(0, key(evil.url("/users/m0#main-key")));
        document["publicKey"] = json!(keys);
        evil.serve(&format!("/users/m{number}"), &document);
        assert_eq!(scene.hears(&mallory, &mallory.create(mallory.note("1", "nothing"))).await, 202, "{number}");
    }
    let db = sea_orm_connection(&scene.us).await;
    let keys = outloud::store::entity::account_key::Entity::find().all(&db).await.unwrap();
    let of_evil = keys.iter().filter(|key| key.uri.starts_with("http://evil.test/")).count();
    assert!(of_evil <= 400, "{of_evil} keys of forty people");
    let owner = keys.iter().find(|key| key.uri == scene.alice.key_id()).unwrap();
    assert_eq!(owner.public, scene.alice.public_pem);
    // Alice is heard without anybody being asked for her key again.
    let asked = scene.good.requests();
    scene.alice_posts("1", "still me").await;
    assert_eq!((scene.good.requests(), scene.ann.reads().await), (asked, vec!["still me".to_owned()]));
}

#[tokio::test]
async fn d16_one_server_fills_only_its_own_share_of_the_queue() {
    let net = Network::start().await;
    let us = net.node_with("node.test", &[("OUTLOUD__FEDERATION__MOST_WAITING", "20")]).await;
    let (good, evil) = (net.peer("good.test").await, net.peer("evil.test").await);
    let (ann, alice) = (us.user("ann").await, good.actor("alice").await);
    let scene = Encounter { net, us, ann, good, alice };
    let mallory = evil.actor_with_key("mallory", 1).await;
    let other = evil.actor_with_key("other", 1).await;
    for actor in [&scene.alice, &mallory, &other] {
        scene.ann_follows(actor).await;
    }
    let mut answers = Vec::new();
    for number in 0..100 {
        let actor = if number % 2 == 0 { &mallory } else { &other };
        answers.push(actor.deliver(&scene.us, &actor.create(actor.note(&format!("{number}"), "flood"))).await);
    }
    let taken = answers.iter().filter(|status| **status == 202).count();
    assert!((20..=60).contains(&taken), "{taken} of a hundred");
    assert!(answers.iter().all(|status| [202, 429].contains(status)) && answers[99] == 429, "{answers:?}");
    let waiting = queues::jobs(&scene.us.app().db).await.unwrap();
    assert!(waiting.iter().map(|kind| kind.waiting).sum::<i64>() <= 60, "{waiting:?}");
    // Alice is heard at once, and the flood again when there is room.
    scene.alice_posts("1", "in between").await;
    assert!(scene.ann.reads().await.contains(&"in between".to_owned()));
    scene.net.later(Duration::from_secs(60)).await;
    assert_eq!(scene.hears(&mallory, &mallory.create(mallory.note("again", "later"))).await, 202);
    assert_eq!(scene.ann.reads().await[0], "later");
}

#[tokio::test]
async fn d18_what_nobody_wants_leaves_no_rows_and_no_file_is_fetched() {
    let scene = Encounter::where_ann_follows_alice().await;
    let files = scene.net.peer("files.test").await;
    let evil = scene.net.peer("evil.test").await;
    let mallory = evil.actor_with_key("mallory", 1).await;
    let picture = |number: usize| json!({"type": "Document", "mediaType": "image/png", "url": files.url(&format!("/{number}.png"))});
    scene.hears(&mallory, &mallory.create(mallory.note("first", "who reads this?"))).await;
    let before = rows(&scene.us).await;
    for number in 0..200 {
        let mut note = mallory.note(&format!("{number}"), "a flood");
        note["attachment"] = (0..16).map(picture).collect();
        note["tag"] = json!([{"type": "Hashtag", "name": format!("#flood{number}")}]);
        assert_eq!(mallory.deliver(&scene.us, &mallory.create(note)).await, 202);
        let boost = mallory.boost(&format!("boost-{number}"), &evil.url(&format!("/elsewhere/{number}")));
        assert_eq!(mallory.deliver(&scene.us, &boost).await, 202);
    }
    scene.net.settle().await;
    assert_eq!(rows(&scene.us).await, before);
    let mut note = scene.alice.note("1", "with pictures");
    note["attachment"] = (0..16).map(picture).collect();
    scene.alice_sends(&scene.alice.create(note)).await;
    assert_eq!(scene.ann.home().await[0]["media_attachments"].as_array().unwrap().len(), 16);
    assert_eq!(files.requests(), 0);
}

#[tokio::test]
async fn d20_a_long_reader_does_not_keep_writers_waiting() {
    let scene = Encounter::where_ann_follows_alice().await;
    let reader = sea_orm_connection(&scene.us).await;
    reader.execute_unprepared("BEGIN").await.unwrap();
    let before = outloud::store::entity::status::Entity::find().count(&reader).await.unwrap();
    let mut burst = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (us, alice) = (scene.us.clone(), scene.alice.clone());
        burst.spawn(async move { alice.deliver(&us, &alice.create(alice.note(&format!("{number}"), "burst"))).await });
        let ann = scene.ann.clone();
        burst.spawn(async move { ann.send("/api/v1/statuses", json!({"status": "mine"})).await.status.as_u16() });
    }
    while let Some(status) = burst.join_next().await {
        assert!([200, 202].contains(&status.unwrap()));
    }
    scene.net.settle().await;
    assert_eq!(instance::counts(&scene.us.app().db, scene.us.app().now()).await.unwrap().statuses, 100);
    let _ = before;
    reader.execute_unprepared("COMMIT").await.unwrap();
    let after = outloud::store::entity::status::Entity::find().count(&reader).await.unwrap();
    assert_eq!(after - before, 200);
}

#[tokio::test]
async fn d21_a_job_that_cannot_be_done_is_given_up_and_holds_up_nobody() {
    let scene = Encounter::where_ann_follows_alice().await;
    let db = sea_orm_connection(&scene.us).await;
    let now = scene.us.app().now();
    let lane = format!("receive:{}", scene.alice.id);
    for (number, payload) in
        ["{}", "no JSON", r#"{"job":"unheard_of"}"#, r#"{"job":"receive","signer":7}"#].iter().enumerate()
    {
        let sql = format!(
            "INSERT INTO job (id, lane, payload, attempts, run_at, created_at) VALUES ({}, '{lane}', '{payload}', 0, {}, {})",
            number + 1,
            now.0,
            now.0
        );
        db.execute_unprepared(&sql).await.unwrap();
    }
    scene.alice_posts("1", "behind the poison").await;
    assert_eq!(scene.ann.reads().await, ["behind the poison"]);
    for _ in 0..4 {
        scene.net.later(Duration::from_secs(24 * 3600)).await;
    }
    let failed: i64 = queues::jobs(&scene.us.app().db).await.unwrap().iter().map(|kind| kind.failed).sum();
    assert_eq!(failed, 4);
    scene.us.expects_trouble();
}

async fn connect_from(node: &Node, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0)).unwrap();
    socket.connect(node.address()).await.unwrap()
}

/// What is answered to a request that is written by hand.
async fn answer_to(stream: &mut TcpStream, request: &str) -> String {
    // A connection that was closed at once takes nothing any more.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const HEALTH: &str = "GET /livez HTTP/1.1\r\nhost: node.test\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn d15_one_household_does_not_take_every_connection() {
    let node = lonely_node().await;
    let (greedy, modest) = (Ipv4Addr::new(127, 0, 0, 66), Ipv4Addr::new(127, 0, 0, 67));
    let mut idle = Vec::new();
    for _ in 0..MOST_CONNECTIONS {
        idle.push(connect_from(&node, greedy).await);
    }
    // Served or not, everybody before was counted.
    let mut last = idle.pop().unwrap();
    assert!(answer_to(&mut last, HEALTH).await.starts_with("HTTP/1.1 200"));
    drop(last);
    idle.push(connect_from(&node, greedy).await);
    let mut one_more = connect_from(&node, greedy).await;
    assert_eq!(answer_to(&mut one_more, HEALTH).await, "");
    let mut other = connect_from(&node, modest).await;
    assert!(answer_to(&mut other, HEALTH).await.starts_with("HTTP/1.1 200"));
    // Reverse proxies stand for many.
    let mut proxied = Vec::new();
    for _ in 0..MOST_CONNECTIONS + 10 {
        proxied.push(connect_from(&node, Ipv4Addr::LOCALHOST).await);
    }
    let mut through_proxy = proxied.pop().unwrap();
    assert!(answer_to(&mut through_proxy, HEALTH).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn d15_endless_and_malformed_heads_are_not_read() {
    let node = lonely_node().await;
    let long = format!("GET /livez HTTP/1.1\r\nhost: node.test\r\nx: {}\r\n\r\n", "x".repeat(80 * 1024));
    let many = format!("GET /livez HTTP/1.1\r\nhost: node.test\r\n{}\r\n", "x: y\r\n".repeat(1_000));
    for request in [
        long.as_str(),
        many.as_str(),
        "GET /livez HTTP/1.1\r\nhost: node.test\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "POST /inbox HTTP/1.1\r\nhost: node.test\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n",
        "GET /livez HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\nnonsense\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(node.address()).await.unwrap();
        let answer = answer_to(&mut stream, request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{:.60}: {answer}", request);
    }
    let mut stream = TcpStream::connect(node.address()).await.unwrap();
    assert!(answer_to(&mut stream, HEALTH).await.starts_with("HTTP/1.1 200"));
}

/// A connection of our own to the tables of a node.
async fn sea_orm_connection(node: &Node) -> sea_orm::DatabaseConnection {
    let mut options = ConnectOptions::new(&node.app().config.database.url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

/// How many accounts, statuses, tags and jobs a node has.
async fn rows(node: &Node) -> [u64; 4] {
    use outloud::store::entity::{account, job, status, tag};

    let db = sea_orm_connection(node).await;
    [
        account::Entity::find().count(&db).await.unwrap(),
        status::Entity::find().count(&db).await.unwrap(),
        tag::Entity::find().count(&db).await.unwrap(),
        job::Entity::find().count(&db).await.unwrap(),
    ]
}
