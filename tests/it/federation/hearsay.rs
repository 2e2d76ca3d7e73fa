//! What is brought by somebody else than who said it: believed with a proof, looked up where it comes from otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, Peer, PeerActor};

/// Carol of other.test, who is known to our node and brings what others said.
struct Carried {
    scene: Encounter,
    carol: PeerActor,
    other: Peer,
}

impl Carried {
    /// Ann follows Alice and Carol.
    async fn begin() -> Self {
        let scene = Encounter::where_ann_follows_alice().await;
        let other = scene.net.peer("other.test").await;
        let carol = other.actor_with_key("carol", 1).await;
        scene.ann_follows(&carol).await;
        Self { scene, carol, other }
    }

    /// Carol brings something; the status of the answer.
    async fn carol_brings(&self, activity: &Value) -> u16 {
        self.scene.hears(&self.carol, activity).await
    }

    /// A reply of Alice to a post of Ann.
    async fn reply(&self, name: &str, text: &str) -> Value {
        let post = self.scene.ann.post("say something").await;
        let mut note = self.scene.alice.note(name, text);
        note["inReplyTo"] = post["uri"].clone();
        note
    }
}

#[tokio::test]
async fn a_proven_post_is_believed_whoever_brings_it() {
    let carried = Carried::begin().await;
    let create = carried.scene.alice.create(carried.scene.alice.note("1", "proven"));
    assert_eq!(carried.carol_brings(&carried.scene.alice.proves(&create)).await, 202);
    assert_eq!(carried.scene.ann.reads().await, ["proven"]);
    // B13: not twice.
    assert_eq!(carried.carol_brings(&carried.scene.alice.proves(&create)).await, 202);
    assert_eq!(carried.scene.ann.reads().await, ["proven"]);
}

#[tokio::test]
async fn b23_a_proof_of_somebody_else_or_over_something_else_counts_for_nothing() {
    let carried = Carried::begin().await;
    let (scene, carol) = (&carried.scene, &carried.carol);
    let create = scene.alice.create(scene.alice.note("1", "forged"));
    // Carol proves it with her own key.
    assert_eq!(carried.carol_brings(&carol.proves(&create)).await, 202);
    // Alice proved something else.
    let mut changed = scene.alice.proves(&scene.alice.create(scene.alice.note("2", "genuine")));
    changed["object"]["content"] = json!("forged");
    assert_eq!(carried.carol_brings(&changed).await, 202);
    for (member, value) in [
        ("proofPurpose", json!("authentication")),
        ("cryptosuite", json!("made-up-2026")),
        ("verificationMethod", json!(carol.proof_key_id())),
    ] {
        let mut odd = scene.alice.proves(&create);
        odd["proof"][member] = value;
        assert_eq!(carried.carol_brings(&odd).await, 202);
    }
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(scene.ann.notifications().await, Vec::<Value>::new());
}

#[tokio::test]
async fn b13_an_old_proof_is_not_played_again() {
    let carried = Carried::begin().await;
    let proven = carried.scene.alice.proves(&carried.scene.alice.create(carried.scene.alice.note("1", "old news")));
    carried.scene.net.later(Duration::from_secs(8 * 24 * 3600)).await;
    assert_eq!(carried.carol_brings(&proven).await, 202);
    assert!(carried.scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn only_posts_are_taken_from_others_not_what_people_do() {
    let carried = Carried::begin().await;
    let scene = &carried.scene;
    let post = scene.ann.post("like me").await;
    let follow = scene.alice.proves(&scene.alice.activity("Follow", "follow-1", json!(scene.ann.uri())));
    let like = scene.alice.proves(&scene.alice.activity("Like", "like-1", post["uri"].clone()));
    let update = scene.alice.proves(&scene.alice.activity("Update", "update-1", scene.alice.document()));
    for (proven, answer) in [(follow, 401), (like, 401), (update, 202)] {
        assert_eq!(carried.carol_brings(&proven).await, answer);
    }
    assert_eq!(scene.ann.account().await["followers_count"], 0);
    assert_eq!(scene.ann.again(&post).await["favourites_count"], 0);
}

#[tokio::test]
async fn a_reply_without_a_proof_is_looked_up_where_it_comes_from() {
    let carried = Carried::begin().await;
    let note = carried.reply("1", "genuine").await;
    carried.scene.good.serve("/users/alice/notes/1", &note);
    let mut told = note.clone();
    told["content"] = json!("<p>made up by Carol</p>");
    assert_eq!(carried.carol_brings(&carried.scene.alice.create(told)).await, 202);
    assert_eq!(carried.scene.ann.reads().await[0], "genuine");
}

#[tokio::test]
async fn what_concerns_nobody_is_not_looked_up() {
    let carried = Carried::begin().await;
    let scene = &carried.scene;
    let dave = scene.net.peer("third.test").await.actor("dave").await;
    let before = dave.peer.requests();
    for (kind, answer) in [("Create", 202), ("Update", 202), ("Delete", 202), ("Announce", 202), ("Like", 401)] {
        let said = dave.activity(kind, kind, dave.note("1", "unheard of"));
        assert_eq!(carried.carol_brings(&said).await, answer);
    }
    assert_eq!(dave.peer.requests(), before);
}

#[tokio::test]
async fn a_stranger_brings_nothing_and_nobody_is_asked_who_it_is() {
    let carried = Carried::begin().await;
    let mallory = carried.scene.net.peer("evil.test").await.actor_with_key("mallory", 2).await;
    let note = carried.reply("1", "genuine").await;
    let before = (mallory.peer.requests(), carried.scene.good.requests());
    assert_eq!(carried.scene.hears(&mallory, &carried.scene.alice.create(note)).await, 401);
    assert_eq!((mallory.peer.requests(), carried.scene.good.requests()), before);
}

#[tokio::test]
async fn a35_a_delete_brought_by_others_counts_when_it_is_gone_there() {
    let carried = Carried::begin().await;
    let scene = &carried.scene;
    let note = scene.alice_posts("1", "still here").await;
    scene.good.serve("/users/alice/notes/1", &note);
    let delete = scene.alice.activity("Delete", "delete-1", note["id"].clone());
    assert_eq!(carried.carol_brings(&delete).await, 202);
    assert_eq!(scene.ann.reads().await, ["still here"]);
    scene.good.serve_as("/users/alice/notes/1", 410, "text/plain", "");
    scene.net.later(Duration::from_secs(3600)).await;
    assert_eq!(carried.carol_brings(&delete).await, 202);
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a35_what_only_followers_may_see_is_not_gone_because_we_are_told_it_is_not_there() {
    let carried = Carried::begin().await;
    let scene = &carried.scene;
    let mut note = scene.alice.note("1", "for followers");
    note["to"] = json!([format!("{}/followers", scene.alice.id)]);
    note["cc"] = json!([]);
    scene.alice_sends(&scene.alice.create(note.clone())).await;
    scene.net.later(Duration::from_secs(3600)).await;
    let delete = scene.alice.activity("Delete", "delete-1", note["id"].clone());
    assert_eq!(carried.carol_brings(&delete).await, 202);
    assert_eq!(scene.ann.reads().await, ["for followers"]);
}

#[tokio::test]
async fn an_edit_brought_by_others_is_read_where_it_was_made() {
    let carried = Carried::begin().await;
    let scene = &carried.scene;
    let note = scene.alice_posts("1", "first").await;
    scene.net.later(Duration::from_secs(3600)).await;
    let mut edited = note.clone();
    edited["content"] = json!("<p>second</p>");
    edited["updated"] = json!(scene.net.clock.now().seconds());
    scene.good.serve("/users/alice/notes/1", &edited);
    let mut told = edited.clone();
    told["content"] = json!("<p>made up</p>");
    assert_eq!(carried.carol_brings(&scene.alice.activity("Update", "update-1", told)).await, 202);
    assert_eq!(scene.ann.reads().await, ["second"]);
}

#[tokio::test]
async fn replies_to_a_member_are_passed_on_to_her_followers_byte_for_byte_and_once() {
    let carried = Carried::begin().await;
    let (scene, carol) = (&carried.scene, &carried.carol);
    scene.hears(carol, &carol.activity("Follow", "follow-ann", json!(scene.ann.uri()))).await;
    let note = carried.reply("1", "an answer").await;
    let create = scene.alice.proves(&scene.alice.create(note.clone()));
    scene.alice_sends(&create).await;
    assert_eq!(carried.other.received_of("Create").last(), Some(&create));
    // Not back to where it came from.
    assert!(scene.good.received_of("Create").iter().all(|sent| sent["id"] != create["id"]));
    let count = carried.other.received_of("Create").len();
    scene.hears(&scene.alice, &create).await;
    assert_eq!(carried.other.received_of("Create").len(), count);
    let delete = scene.alice.proves(&scene.alice.activity("Delete", "delete-1", note["id"].clone()));
    scene.alice_sends(&delete).await;
    assert_eq!(carried.other.received_of("Delete"), [delete]);
}

#[tokio::test]
async fn what_nobody_could_check_or_not_everybody_may_see_is_not_passed_on() {
    let carried = Carried::begin().await;
    let (scene, carol) = (&carried.scene, &carried.carol);
    scene.hears(carol, &carol.activity("Follow", "follow-ann", json!(scene.ann.uri()))).await;
    let unproven = scene.alice.create(carried.reply("1", "no proof").await);
    let mut private = carried.reply("2", "between us").await;
    private["to"] = json!([scene.ann.uri()]);
    private["cc"] = json!([]);
    let private = scene.alice.proves(&scene.alice.create(private));
    let mut secret = carried.reply("3", "secret copy").await;
    secret["bcc"] = json!([scene.ann.uri()]);
    let mut secret = scene.alice.create(secret);
    secret["bcc"] = json!([scene.ann.uri()]);
    let secret = scene.alice.proves(&secret);
    let own = carried.other.received_of("Create").len();
    for said in [&unproven, &private, &secret] {
        scene.alice_sends(said).await;
    }
    let passed_on = carried.other.received_of("Create");
    // What Ann herself posted meanwhile is there, and nothing of Alice.
    assert!(passed_on.len() >= own);
    assert!(passed_on.iter().all(|sent| sent["actor"] == scene.ann.uri().as_str()), "{passed_on:?}");
}

#[tokio::test]
async fn whoever_is_gone_with_their_key_is_gone_when_their_server_says_so() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_posts("1", "soon gone").await;
    let delete = scene.alice.activity("Delete", "delete-me", json!(scene.alice.id)).to_string();
    let url = url::Url::parse(&scene.us.url("/inbox")).unwrap();
    let lost = outloud::federation::signature::Signer::new(
        format!("{}#key-nobody-knows", scene.alice.id),
        scene.alice.key.clone(),
    );
    let send = async || {
        let now = scene.net.clock.now();
        let headers = lost.sign_headers("POST", &url, Some(delete.as_bytes()), now).unwrap();
        let status = scene.alice.deliver_raw(&scene.us, "/inbox", headers, &delete).await;
        scene.net.settle().await;
        status
    };
    assert_eq!(send().await, 401);
    assert_eq!(scene.ann.reads().await, ["soon gone"]);
    scene.good.serve_as("/users/alice", 410, "text/plain", "");
    scene.net.later(Duration::from_secs(600)).await;
    assert_eq!(send().await, 202);
    assert!(scene.ann.reads().await.is_empty());
    assert_eq!(scene.ann.account().await["following_count"], 0);
}

#[tokio::test]
async fn what_nobody_here_wants_is_taken_and_leaves_nothing() {
    let scene = Encounter::where_alice_follows_ann().await;
    let note = scene.alice.create(scene.alice.note("1", "to the world"));
    let boost = scene.alice.boost("boost-1", "http://elsewhere.test/notes/1");
    let like = scene.alice.activity("Like", "like-1", json!("http://elsewhere.test/notes/1"));
    let edit = scene.alice.activity("Update", "update-1", scene.alice.note("1", "to the world again"));
    for activity in [note, boost, like, edit] {
        let (status, statements) = scene.us.statements(scene.alice.deliver(&scene.us, &activity)).await;
        assert_eq!(status, 202);
        assert!(statements <= 5, "{statements} statements for {}", activity["type"]);
    }
    assert_eq!(outloud::views::queues::jobs(&scene.us.app().db).await.unwrap(), []);
}

#[tokio::test]
async fn whoever_follows_a_member_is_heard_when_they_change_their_name() {
    let scene = Encounter::where_alice_follows_ann().await;
    let mut renamed = scene.alice.document();
    renamed["name"] = json!("Alice the Second");
    scene.alice_does("Update", "update-1", renamed).await;
    assert_eq!(scene.ann.find(&scene.alice.handle()).await["display_name"], "Alice the Second");
}
