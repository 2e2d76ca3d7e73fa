//! Two servers of one mind about who follows whom (FEP-8fcf).

use std::time::Duration;

use outloud::app::crypto;
use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, Neighbours, PeerActor, User, text_of};

/// The digest over ids: each hashed, all added without carry.
fn digest(ids: &[String]) -> String {
    let mut sum = [0_u8; 32];
    for id in ids {
        sum.iter_mut().zip(crypto::sha256(id.as_bytes())).for_each(|(sum, byte)| *sum ^= byte);
    }
    crypto::hex(&sum)
}

/// Ann and Ben of our node both follow Alice.
struct Circle {
    scene: Encounter,
    ben: User,
}

impl Circle {
    async fn begin() -> Self {
        let scene = Encounter::where_ann_follows_alice().await;
        let ben = scene.us.user("ben").await;
        ben.follow(&scene.alice.handle()).await;
        scene.net.settle().await;
        let follow = scene.good.received_of("Follow").pop().unwrap();
        scene.alice_sends(&scene.alice.activity("Accept", "accept-ben", follow)).await;
        Self { scene, ben }
    }

    /// The server of Alice lists these as those who follow her from here.
    fn lists(&self, ids: &[String]) -> String {
        let url = format!("{}/followers_synchronization", self.scene.alice.id);
        let path = "/users/alice/followers_synchronization";
        self.scene.good.serve(path, &json!({"id": url, "type": "OrderedCollection", "orderedItems": ids}));
        url
    }

    /// Alice delivers something with this header; how often her server was asked because of it.
    async fn hears(&self, header: &str) -> usize {
        let before = self.scene.good.requests();
        let name = format!("n{before}-{}", header.len());
        deliver(&self.scene, &self.scene.alice, &name, header).await;
        self.scene.good.requests() - before
    }

    fn header(&self, url: &str, digest: &str) -> String {
        format!("collectionId=\"{}/followers\", url=\"{url}\", digest=\"{digest}\"", self.scene.alice.id)
    }

    /// Who of the two follows Alice.
    async fn followers(&self) -> (bool, bool) {
        let alice = self.scene.alice.handle();
        let follows = |relationship: Value| relationship["following"].as_bool().unwrap();
        (follows(self.scene.ann.relationship(&alice).await), follows(self.ben.relationship(&alice).await))
    }
}

async fn deliver(scene: &Encounter, actor: &PeerActor, name: &str, header: &str) {
    let mut note = actor.note(name, "for followers");
    (note["to"], note["cc"]) = (json!([format!("{}/followers", actor.id)]), json!([]));
    let body = actor.create(note).to_string();
    let mut headers = actor.signed(&scene.us.url("/inbox"), &body);
    headers.push(("collection-synchronization".parse().unwrap(), header.parse().unwrap()));
    assert_eq!(actor.deliver_raw(&scene.us, "/inbox", headers, &body).await, 202);
    scene.net.settle().await;
}

#[tokio::test]
async fn who_is_not_listed_at_the_actors_own_server_follows_no_more() {
    let circle = Circle::begin().await;
    let listed = [circle.scene.ann.uri()];
    let url = circle.lists(&listed);
    assert_eq!(circle.hears(&circle.header(&url, &digest(&listed))).await, 2);
    assert_eq!(circle.followers().await, (true, false));
    let undone = circle.scene.good.received_of("Undo");
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0]["object"]["actor"], circle.ben.uri());
    // What was asked was signed.
    let asked = circle.scene.good.headers_of("/users/alice/followers_synchronization").unwrap();
    assert!(asked.contains_key("signature"));
}

#[tokio::test]
async fn nobody_is_asked_when_the_digests_agree_nor_more_often_than_every_few_hours() {
    let circle = Circle::begin().await;
    let both = [circle.scene.ann.uri(), circle.ben.uri()];
    let url = circle.lists(&both);
    assert_eq!(circle.hears(&circle.header(&url, &digest(&both))).await, 0);
    // Soon after, nothing is compared at all.
    let one = [circle.ben.uri()];
    circle.lists(&one);
    assert_eq!(circle.hears(&circle.header(&url, &digest(&one))).await, 0);
    assert_eq!(circle.followers().await, (true, true));
    circle.scene.net.later(Duration::from_secs(7 * 3600)).await;
    circle.hears(&circle.header(&url, &digest(&one))).await;
    assert_eq!(circle.followers().await, (false, true));
}

#[tokio::test]
async fn a_follow_that_only_the_other_server_knows_is_taken_back_there() {
    let circle = Circle::begin().await;
    let cat = circle.scene.us.user("cat").await;
    let three = [circle.scene.ann.uri(), circle.ben.uri(), cat.uri()];
    let url = circle.lists(&three);
    circle.hears(&circle.header(&url, &digest(&three))).await;
    assert_eq!(circle.followers().await, (true, true));
    let undone = circle.scene.good.received_of("Undo");
    assert_eq!(undone.len(), 1);
    assert_eq!(undone[0]["object"]["actor"], cat.uri());
    assert_eq!(undone[0]["object"]["object"], circle.scene.alice.id);
}

#[tokio::test]
async fn a_follow_whose_answer_was_lost_is_found_to_be_accepted() {
    let circle = Circle::begin().await;
    let cat = circle.scene.us.user("cat").await;
    cat.follow(&circle.scene.alice.handle()).await;
    circle.scene.net.settle().await;
    let three = [circle.scene.ann.uri(), circle.ben.uri(), cat.uri()];
    let url = circle.lists(&three);
    circle.hears(&circle.header(&url, &digest(&three))).await;
    assert_eq!(cat.relationship(&circle.scene.alice.handle()).await["following"], true);
    assert!(circle.scene.good.received_of("Undo").is_empty());
}

#[tokio::test]
async fn a32_followers_are_compared_only_as_the_actors_own_server_has_them() {
    let circle = Circle::begin().await;
    let (scene, none) = (&circle.scene, digest(&[]));
    let evil = scene.net.peer("evil.test").await;
    let mallory = evil.actor_with_key("mallory", 1).await;
    let url = circle.lists(&[]);
    let elsewhere = evil.url("/followers_synchronization");
    evil.serve(
        "/followers_synchronization",
        &json!({"id": elsewhere, "type": "OrderedCollection", "orderedItems": []}),
    );
    let before = scene.good.requests();
    // Listed by another server, also behind a redirect.
    circle.hears(&circle.header(&elsewhere, &none)).await;
    scene.net.later(Duration::from_secs(7 * 3600)).await;
    scene.good.redirect("/users/alice/moved", &elsewhere);
    circle.hears(&circle.header(&format!("{}/moved", scene.alice.id), &none)).await;
    scene.net.later(Duration::from_secs(7 * 3600)).await;
    // The followers of somebody else.
    let other =
        format!("collectionId=\"{}/users/dave/followers\", url=\"{url}\", digest=\"{none}\"", scene.good.url(""));
    circle.hears(&other).await;
    scene.net.later(Duration::from_secs(7 * 3600)).await;
    // Another digest than that of what is listed: nobody or too few.
    circle.hears(&circle.header(&url, &digest(&[scene.ann.uri()]))).await;
    scene.net.later(Duration::from_secs(7 * 3600)).await;
    // Somebody who speaks of the followers of Alice.
    scene.ann_follows(&mallory).await;
    deliver(scene, &mallory, "1", &circle.header(&url, &none)).await;
    scene.net.later(Duration::from_secs(7 * 3600)).await;
    for nonsense in ["", "digest=\"\"", "url=\"\", collectionId=\"\", digest=\"\"", "\"\"\"\"="] {
        circle.hears(nonsense).await;
    }
    assert_eq!(circle.followers().await, (true, true));
    assert!(scene.good.received_of("Undo").is_empty());
    assert!(scene.good.requests() - before < 20);
    // All of it was worth one look: what is true is believed.
    circle.hears(&circle.header(&url, &none)).await;
    assert_eq!(circle.followers().await, (false, false));
}

#[tokio::test]
async fn posts_for_followers_say_who_follows_their_author_there() {
    let scene = Encounter::where_alice_follows_ann().await;
    let other = scene.net.peer("other.test").await;
    let bob = other.actor_with_key("bob", 1).await;
    scene.hears(&bob, &bob.activity("Follow", "follow", json!(scene.ann.uri()))).await;
    scene.ann.post_to("private", "for followers").await;
    scene.net.settle().await;
    for (peer, follower) in [(&scene.good, &scene.alice.id), (&other, &bob.id)] {
        let headers = peer.headers_of("/inbox").unwrap();
        let header = headers["collection-synchronization"].to_str().unwrap();
        let followers = format!("{}/followers", scene.ann.uri());
        let digest = digest(std::slice::from_ref(follower));
        assert_eq!(
            header,
            format!("collectionId=\"{followers}\", url=\"{followers}_synchronization\", digest=\"{digest}\"")
        );
    }
    // What everybody may see says nothing about followers.
    scene.ann.post("for all").await;
    scene.net.settle().await;
    assert!(!scene.good.headers_of("/inbox").unwrap().contains_key("collection-synchronization"));
}

#[tokio::test]
async fn a_server_is_told_of_its_own_people_and_of_nobody_else() {
    let scene = Encounter::where_alice_follows_ann().await;
    let bob = scene.net.peer("other.test").await.actor_with_key("bob", 1).await;
    scene.hears(&bob, &bob.activity("Follow", "follow", json!(scene.ann.uri()))).await;
    let eve = scene.net.peer("evil.test").await.actor_with_key("eve", 2).await;
    let url = format!("{}/followers_synchronization", scene.ann.uri());
    for (reader, listed) in [(&scene.alice, json!([scene.alice.id])), (&bob, json!([bob.id])), (&eve, json!([]))] {
        let (status, answer) = reader.fetch(&scene.us, &url).await;
        assert_eq!((status, &answer["orderedItems"]), (200, &listed));
    }
    let unsigned = scene.us.answer(scene.us.client().get(&url).header("accept", ACTIVITY)).await;
    assert_eq!(unsigned.status.as_u16(), 401);
}

#[tokio::test]
async fn h08_two_nodes_find_out_that_a_follow_is_not_known_on_both() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let dora = bob.node.user("dora").await;
    dora.follow(&ann.handle()).await;
    net.settle().await;
    // Ann's server has lost Bob.
    let lost = ann.node.app();
    let bobs = outloud::store::accounts::by_uri(lost.db.reader(), &bob.uri()).await.unwrap().unwrap();
    outloud::actions::follows::receive_undo(lost, bobs.id, ann.id).await.unwrap();
    ann.post_to("private", "for followers").await;
    net.settle().await;
    assert_eq!(bob.relationship(&ann.handle()).await["following"], false);
    assert_eq!(dora.relationship(&ann.handle()).await["following"], true);
    assert_eq!(dora.home().await.iter().map(text_of).collect::<Vec<_>>(), ["for followers"]);
}
