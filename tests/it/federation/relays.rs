//! Relays: what they bring, what they are told, and what they cannot do.

use std::time::Duration;

use outloud::actions::domains::Terms;
use serde_json::{Value, json};

use crate::support::{Encounter, Peer, PeerActor, text_of};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A relay, and Bob of third.test, of whom nobody here has heard.
struct Relayed {
    scene: Encounter,
    relay: PeerActor,
    third: Peer,
    bob: PeerActor,
}

impl Relayed {
    /// Nobody has asked the relay.
    async fn unasked() -> Self {
        let scene = Encounter::of_strangers().await;
        let (relay, third) = (scene.net.peer("relay.test").await, scene.net.peer("third.test").await);
        let (relay, bob) = (relay.actor_with_key("relay", 1).await, third.actor_with_key("bob", 2).await);
        let mut document = relay.document();
        document["type"] = json!("Application");
        document["endpoints"] = json!({});
        document["inbox"] = json!(relay.peer.url("/inbox"));
        relay.peer.serve("/users/relay", &document);
        Self { scene, relay, third, bob }
    }

    /// Our server takes part in the relay, which passes activities on.
    async fn that_forwards() -> Self {
        let relayed = Self::unasked().await;
        relayed.joins(&relayed.relay.peer.url("/inbox")).await;
        relayed
    }

    /// Our server takes part in the relay, which announces posts.
    async fn that_announces() -> Self {
        let relayed = Self::unasked().await;
        relayed.joins(&relayed.relay.id).await;
        relayed
    }

    async fn joins(&self, address: &str) {
        let follow = self.asks(address).await;
        self.brings(&self.relay.activity("Accept", "accept", follow["id"].clone())).await;
        assert_eq!(self.states().await, ["accepted"]);
    }

    /// Our server asks a relay; what it sends.
    async fn asks(&self, address: &str) -> Value {
        self.scene.us.federation().join_relay(address).await.unwrap();
        self.scene.net.settle().await;
        self.relay.peer.received_of("Follow").pop().expect("a Follow is delivered")
    }

    async fn states(&self) -> Vec<String> {
        let relays = outloud::views::admin::relays(&self.scene.us.app().db).await.unwrap();
        relays.iter().map(|relay| relay.state.to_string()).collect()
    }

    /// The relay brings something; the status of the answer.
    async fn brings(&self, activity: &Value) -> u16 {
        self.scene.hears(&self.relay, activity).await
    }

    /// Bob has posted something, which his server shows.
    fn bob_posts(&self, name: &str, text: &str) -> Value {
        let note = self.bob.note(name, text);
        self.third.serve(&format!("/users/bob/notes/{name}"), &note);
        note
    }

    /// The announcement of a post by the relay.
    fn announces(&self, name: &str, id: &Value) -> Value {
        self.relay.activity("Announce", name, id.clone())
    }

    /// The texts of the public timeline, newest first.
    async fn everybody_reads(&self) -> Vec<String> {
        let statuses = self.scene.ann.get("/api/v1/timelines/public").await.ok();
        statuses.as_array().unwrap().iter().map(text_of).collect()
    }

    /// What the relay was told: types of activities.
    fn told(&self) -> Vec<String> {
        let received = self.relay.peer.received();
        received.iter().map(|activity| activity["type"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_relay_that_forwards_is_asked_for_everything_public() {
    let relayed = Relayed::unasked().await;
    let follow = relayed.asks(&relayed.relay.peer.url("/inbox")).await;
    let server = relayed.scene.us.federation().instance_actor;
    assert_eq!(follow["object"], PUBLIC);
    assert_eq!(follow["actor"], relayed.scene.us.app().urls.actor(server));
    assert_eq!(relayed.states().await, ["asked"]);
    // Somebody of another server cannot answer for it, nor can it answer another Follow.
    let stolen = relayed.scene.alice.activity("Accept", "accept", follow["id"].clone());
    relayed.scene.alice_sends(&stolen).await;
    relayed.brings(&relayed.relay.activity("Accept", "accept-0", json!(format!("{}0", follow["id"])))).await;
    assert_eq!(relayed.states().await, ["asked"]);
    relayed.brings(&relayed.relay.activity("Accept", "accept-1", follow.clone())).await;
    assert_eq!(relayed.states().await, ["accepted"]);
    relayed.brings(&relayed.relay.activity("Reject", "reject-1", follow)).await;
    assert_eq!(relayed.states().await, ["refused"]);
    // Once is enough.
    assert!(relayed.scene.us.federation().join_relay(&relayed.relay.peer.url("/inbox")).await.is_err());
}

#[tokio::test]
async fn what_a_relay_brings_stands_in_the_public_timeline_and_in_no_home() {
    let relayed = Relayed::that_forwards().await;
    let looked_up = relayed.bob.create(relayed.bob_posts("1", "looked up"));
    assert_eq!(relayed.brings(&looked_up).await, 202);
    let proven = relayed.bob.proves(&relayed.bob.create(relayed.bob.note("2", "proven")));
    assert_eq!(relayed.brings(&proven).await, 202);
    assert_eq!(relayed.everybody_reads().await, ["proven", "looked up"]);
    assert!(relayed.scene.ann.reads().await.is_empty());
    // What becomes of a post is heard through the relay as well.
    let mut edited = relayed.bob.note("2", "proven and edited");
    relayed.scene.net.later(Duration::from_secs(60)).await;
    edited["updated"] = json!(relayed.scene.net.clock.now().seconds());
    let edited = relayed.bob.proves(&relayed.bob.activity("Update", "update-2", edited));
    assert_eq!(relayed.brings(&edited).await, 202);
    let gone = relayed.bob.activity("Delete", "delete-1", json!(format!("{}/notes/1", relayed.bob.id)));
    assert_eq!(relayed.brings(&relayed.bob.proves(&gone)).await, 202);
    assert_eq!(relayed.everybody_reads().await, ["proven and edited"]);
}

#[tokio::test]
async fn a_relay_that_announces_is_followed_and_follows_back() {
    let relayed = Relayed::that_announces().await;
    let server = relayed.scene.us.app().urls.actor(relayed.scene.us.federation().instance_actor);
    assert_eq!(relayed.relay.peer.received_of("Follow")[0]["object"], relayed.relay.id.as_str());
    relayed.brings(&relayed.relay.activity("Follow", "back", json!(server))).await;
    assert_eq!(relayed.relay.peer.received_of("Accept").len(), 1);
    let note = relayed.bob_posts("1", "announced");
    assert_eq!(relayed.brings(&relayed.announces("1", &note["id"])).await, 202);
    // As an activity, too, of which nothing is believed but the id.
    let mut create = relayed.bob.create(relayed.bob_posts("2", "announced whole"));
    create["object"]["content"] = json!("made up");
    assert_eq!(relayed.brings(&relayed.announces("2", &create)).await, 202);
    assert_eq!(relayed.everybody_reads().await, ["announced whole", "announced"]);
    assert!(relayed.scene.ann.reads().await.is_empty());
    let found = relayed.scene.ann.get("/api/v1/timelines/public").await.ok();
    assert_eq!(found[0]["reblogs_count"], 0);
}

#[tokio::test]
async fn a_relay_boosts_nothing() {
    let relayed = Relayed::that_announces().await;
    let post = relayed.scene.ann.post("a post of Ann").await;
    relayed.scene.net.settle().await;
    assert_eq!(relayed.brings(&relayed.announces("1", &post["uri"])).await, 202);
    assert_eq!(relayed.scene.ann.again(&post).await["reblogs_count"], 0);
    assert!(relayed.scene.ann.notifications().await.is_empty());
}

#[tokio::test]
async fn only_relays_that_were_asked_may_follow_the_server_itself() {
    let relayed = Relayed::unasked().await;
    let server = relayed.scene.us.app().urls.actor(relayed.scene.us.federation().instance_actor);
    relayed.brings(&relayed.relay.activity("Follow", "uninvited", json!(server))).await;
    assert_eq!(relayed.told(), ["Reject"]);
}

#[tokio::test]
async fn public_posts_go_to_relays_and_nothing_else_does() {
    let relayed = Relayed::that_forwards().await;
    let ann = &relayed.scene.ann;
    for visibility in ["unlisted", "private", "direct"] {
        let quiet = ann.post_to(visibility, "quiet").await;
        ann.edit(&quiet, "quiet still").await;
        ann.take_back(&quiet).await;
    }
    ann.send("/api/v1/statuses", json!({"status": "stays here", "local_only": true})).await.ok();
    let other = ann.post("for all").await;
    relayed.scene.net.settle().await;
    ann.act("reblog", &other).await;
    ann.act("unreblog", &other).await;
    ann.act("pin", &other).await;
    ann.edit(&other, "for everybody").await;
    relayed.scene.net.settle().await;
    ann.take_back(&other).await;
    relayed.scene.net.settle().await;
    assert_eq!(relayed.told(), ["Follow", "Create", "Update", "Delete"]);
    // Whoever gets it from the relay can check who said it.
    assert!(relayed.relay.peer.received_of("Create")[0]["proof"]["proofValue"].is_string());
}

#[tokio::test]
async fn a_relay_that_announces_is_told_by_an_announcement_of_the_server() {
    let relayed = Relayed::that_announces().await;
    let (ann, server) = (&relayed.scene.ann, relayed.scene.us.federation().instance_actor);
    let post = ann.post("for all").await;
    ann.post_to("unlisted", "quiet").await;
    relayed.scene.net.settle().await;
    let announced = relayed.relay.peer.received_of("Announce");
    assert_eq!(announced.len(), 1);
    assert_eq!(announced[0]["object"], post["uri"]);
    assert_eq!(announced[0]["actor"], relayed.scene.us.app().urls.actor(server));
    assert_eq!(announced[0]["to"], json!([PUBLIC]));
    ann.take_back(&post).await;
    relayed.scene.net.settle().await;
    assert_eq!(relayed.told(), ["Follow", "Announce", "Delete"]);
}

#[tokio::test]
async fn an_unasked_relay_brings_nothing() {
    let relayed = Relayed::unasked().await;
    // Its key is known, and that is all.
    relayed
        .brings(&relayed.relay.activity("Like", "hello", relayed.scene.ann.post("hello").await["uri"].clone()))
        .await;
    let note = relayed.bob_posts("1", "unasked for");
    let asked = relayed.third.requests();
    assert_eq!(relayed.brings(&relayed.bob.create(note.clone())).await, 202);
    assert_eq!(relayed.brings(&relayed.announces("1", &note["id"])).await, 202);
    assert_eq!(relayed.third.requests(), asked);
    assert_eq!(relayed.brings(&relayed.bob.proves(&relayed.bob.create(note))).await, 202);
    // A relay that was asked and has not answered, or has refused, brings as little.
    let follow = relayed.asks(&relayed.relay.peer.url("/inbox")).await;
    let second = relayed.bob_posts("2", "too early");
    relayed.brings(&relayed.bob.create(second)).await;
    relayed.brings(&relayed.relay.activity("Reject", "reject", follow["id"].clone())).await;
    let third = relayed.bob_posts("3", "too late");
    relayed.brings(&relayed.bob.create(third.clone())).await;
    relayed.brings(&relayed.announces("3", &third["id"])).await;
    assert_eq!(relayed.everybody_reads().await, ["hello"]);
}

#[tokio::test]
async fn a_relay_cannot_forge() {
    let relayed = Relayed::that_forwards().await;
    let mut changed = relayed.bob_posts("1", "genuine");
    changed["content"] = json!("<p>forged</p>");
    assert_eq!(relayed.brings(&relayed.bob.create(changed)).await, 202);
    // What its author's server does not have, somebody else has not said.
    assert_eq!(relayed.brings(&relayed.bob.create(relayed.bob.note("2", "made up"))).await, 202);
    // A proof of the relay's own is worth nothing.
    let proven = relayed.relay.proves(&relayed.bob.create(relayed.bob.note("3", "made up")));
    assert_eq!(relayed.brings(&proven).await, 202);
    // Nor is a post of Bob's that another server shows.
    let mut strayed = relayed.bob.note("4", "made up");
    strayed["id"] = json!(relayed.relay.peer.url("/strayed"));
    relayed.relay.peer.serve("/strayed", &strayed);
    assert_eq!(relayed.brings(&relayed.bob.create(strayed.clone())).await, 202);
    assert_eq!(relayed.brings(&relayed.announces("4", &strayed["id"])).await, 202);
    // It takes nothing away and follows nobody in another's name.
    relayed.brings(&relayed.bob.activity("Delete", "delete-1", json!(format!("{}/notes/1", relayed.bob.id)))).await;
    let follow = relayed.bob.activity("Follow", "follow", json!(relayed.scene.ann.uri()));
    assert_eq!(relayed.brings(&follow).await, 401);
    assert_eq!(relayed.everybody_reads().await, ["genuine"]);
    assert_eq!(relayed.scene.ann.account().await["followers_count"], 0);
}

#[tokio::test]
async fn a_relay_brings_only_what_is_public() {
    let relayed = Relayed::that_forwards().await;
    for (name, to, cc) in [
        ("1", json!([format!("{}/followers", relayed.bob.id)]), json!([PUBLIC])),
        ("2", json!([format!("{}/followers", relayed.bob.id)]), json!([])),
        ("3", json!([]), json!([])),
    ] {
        let mut note = relayed.bob.note(name, "not for relays");
        (note["to"], note["cc"]) = (to, cc);
        relayed.third.serve(&format!("/users/bob/notes/{name}"), &note);
        relayed.brings(&relayed.bob.create(note.clone())).await;
        relayed.brings(&relayed.bob.proves(&relayed.bob.create(note.clone()))).await;
        relayed.brings(&relayed.announces(name, &note["id"])).await;
        let db = &relayed.scene.us.app().db;
        let known = outloud::store::statuses::by_uri(db.reader(), note["id"].as_str().unwrap()).await.unwrap();
        assert!(known.is_none(), "{note}");
    }
}

#[tokio::test]
async fn a_relay_that_was_left_brings_nothing_and_is_told_nothing() {
    for announces in [false, true] {
        let relayed = if announces { Relayed::that_announces().await } else { Relayed::that_forwards().await };
        let address = if announces { relayed.relay.id.clone() } else { relayed.relay.peer.url("/inbox") };
        relayed.scene.us.federation().leave_relay(&address).await.unwrap();
        relayed.scene.net.settle().await;
        let undone = &relayed.relay.peer.received_of("Undo")[0];
        assert_eq!(undone["object"]["id"], relayed.relay.peer.received_of("Follow")[0]["id"]);
        assert_eq!(undone["object"]["object"], relayed.relay.peer.received_of("Follow")[0]["object"]);
        let note = relayed.bob_posts("1", "too late");
        relayed.brings(&relayed.bob.create(note.clone())).await;
        relayed.brings(&relayed.announces("1", &note["id"])).await;
        relayed.brings(&relayed.bob.proves(&relayed.bob.create(note))).await;
        // An answer that was on its way changes nothing.
        let late = relayed.relay.activity("Accept", "accept-late", relayed.relay.peer.received_of("Follow")[0].clone());
        relayed.brings(&late).await;
        relayed.scene.ann.post("for those who are left").await;
        relayed.scene.net.settle().await;
        assert_eq!(relayed.everybody_reads().await, ["for those who are left"]);
        assert_eq!(relayed.told(), ["Follow", "Undo"]);
    }
}

#[tokio::test]
async fn h12_blocked_servers_stay_out_whoever_brings_them_and_blocked_relays_bring_nobody() {
    let relayed = Relayed::that_forwards().await;
    let (app, block) = (relayed.scene.us.app(), outloud::actions::domains::block);
    block(app, &"third.test".parse().unwrap(), Terms::default()).await.unwrap();
    let asked = relayed.third.requests();
    let note = relayed.bob_posts("1", "unwanted");
    assert_eq!(relayed.brings(&relayed.bob.create(note.clone())).await, 403);
    assert_eq!(relayed.brings(&relayed.bob.proves(&relayed.bob.create(note.clone()))).await, 403);
    relayed.brings(&relayed.announces("1", &note["id"])).await;
    assert_eq!(relayed.third.requests(), asked);
    outloud::actions::domains::unblock(app, &"third.test".parse().unwrap()).await.unwrap();
    block(app, &"relay.test".parse().unwrap(), Terms::default()).await.unwrap();
    assert_eq!(relayed.brings(&relayed.bob.create(note.clone())).await, 403);
    assert_eq!(relayed.brings(&relayed.announces("2", &note["id"])).await, 403);
    relayed.scene.ann.post("not for relays").await;
    relayed.scene.net.settle().await;
    assert_eq!(relayed.told(), ["Follow"]);
    assert_eq!(relayed.everybody_reads().await, ["not for relays"]);
}

#[tokio::test]
async fn d18_a_relay_brings_only_so_much_in_a_minute() {
    let relayed = Relayed::that_announces().await;
    let note = relayed.bob_posts("1", "one too many");
    for number in 0..120 {
        let nothing = json!(relayed.third.url(&format!("/nothing/{number}")));
        relayed.relay.deliver(&relayed.scene.us, &relayed.announces(&format!("n{number}"), &nothing)).await;
    }
    relayed.scene.net.settle().await;
    relayed.brings(&relayed.announces("1", &note["id"])).await;
    assert!(relayed.everybody_reads().await.is_empty());
    relayed.scene.net.later(Duration::from_secs(61)).await;
    relayed.brings(&relayed.announces("2", &note["id"])).await;
    assert_eq!(relayed.everybody_reads().await, ["one too many"]);
}
