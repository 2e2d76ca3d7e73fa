//! Posting to groups of other servers (FEP-1b12).

use serde_json::{Value, json};

use crate::support::{Encounter, PeerActor, text_of};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Ann, and a group of boat builders on good.test.
struct Club {
    scene: Encounter,
    boats: PeerActor,
}

impl Club {
    async fn begin() -> Self {
        let scene = Encounter::of_strangers().await;
        let boats = scene.good.actor_with_key("boats", 1).await;
        let mut document = boats.document();
        document["type"] = json!("Group");
        scene.good.serve("/users/boats", &document);
        Self { scene, boats }
    }

    /// The last activity of a kind that the group's server was sent.
    async fn hears(&self, kind: &str) -> Value {
        self.scene.net.settle().await;
        self.scene.good.received_of(kind).pop().unwrap_or_default()
    }

    /// The group passes on a post of Alice, which Ann comes to see; the post as Ann sees it.
    async fn where_alice_posts(&self) -> Value {
        let mut note = self.scene.alice.note("1", "a post in the group");
        note["audience"] = json!(self.boats.id);
        self.scene.good.serve("/users/alice/notes/1", &note);
        let id = note["id"].as_str().unwrap();
        self.scene.ann.get(&format!("/api/v2/search?resolve=true&type=statuses&q={id}")).await.ok()["statuses"][0]
            .clone()
    }
}

#[tokio::test]
async fn a_public_post_that_names_a_group_goes_to_it() {
    let club = Club::begin().await;
    let post = club.scene.ann.post("@boats@good.test How do I caulk a hull?").await;
    let create = club.hears("Create").await;
    let note = &create["object"];
    assert_eq!(note["audience"], club.boats.id);
    assert_eq!(note["to"], json!([PUBLIC, club.boats.id]));
    assert_eq!(note["cc"], json!([format!("{}/followers", club.scene.ann.uri())]));
    assert_eq!((&create["to"], &create["cc"]), (&note["to"], &note["cc"]));
    assert_eq!(note["tag"][0]["href"], club.boats.id);
    assert_eq!((&note["type"], &note["name"]), (&json!("Note"), &Value::Null));
    // What changes and what ends is told as well.
    club.scene.net.clock.advance(std::time::Duration::from_secs(60));
    club.scene.ann.edit(&post, "How do I caulk a hull of wood?").await;
    assert_eq!(club.hears("Update").await["object"]["audience"], club.boats.id);
    club.scene.ann.take_back(&post).await;
    assert_eq!(club.hears("Delete").await["object"]["id"], post["uri"]);
}

#[tokio::test]
async fn an_answer_in_a_group_stays_in_the_group() {
    let club = Club::begin().await;
    // The group is known because somebody looked at it.
    club.scene.ann.find(&club.boats.handle()).await;
    let seen = club.where_alice_posts().await;
    let reply = club.scene.ann.reply(&seen, "@alice@good.test I agree").await;
    let note = club.hears("Create").await["object"].clone();
    assert_eq!(note["audience"], club.boats.id);
    assert_eq!(note["to"], json!([PUBLIC, club.boats.id]));
    // Nobody is named who was not named.
    assert_eq!(note["tag"].as_array().unwrap().len(), 1);
    assert_eq!(text_of(&club.scene.ann.again(&reply).await), "@alice I agree");
    club.scene.ann.reply(&reply, "and so on").await;
    assert_eq!(club.hears("Create").await["object"]["audience"], club.boats.id);
    // An answer for a few stays with them.
    let quiet = json!({"status": "@alice@good.test between us", "in_reply_to_id": seen["id"], "visibility": "direct"});
    club.scene.ann.send("/api/v1/statuses", quiet).await.ok();
    let note = club.hears("Create").await["object"].clone();
    assert_eq!((&note["audience"], &note["to"]), (&Value::Null, &json!([club.scene.alice.id])));
}

#[tokio::test]
async fn only_groups_are_an_audience() {
    let club = Club::begin().await;
    let mut note = club.scene.alice.note("1", "listen to me");
    let dave = club.scene.good.actor_with_key("dave", 2).await;
    club.scene.ann.find(&dave.handle()).await;
    note["audience"] = json!(dave.id);
    club.scene.good.serve("/users/alice/notes/1", &note);
    let id = note["id"].as_str().unwrap();
    let found = club.scene.ann.get(&format!("/api/v2/search?resolve=true&type=statuses&q={id}")).await.ok();
    club.scene.ann.reply(&found["statuses"][0], "@alice@good.test no").await;
    let note = club.hears("Create").await["object"].clone();
    assert_eq!((&note["audience"], &note["to"]), (&Value::Null, &json!([PUBLIC])));
}

#[tokio::test]
async fn h15_what_is_not_for_everybody_does_not_go_to_a_group() {
    let club = Club::begin().await;
    let text = "@boats@good.test only between us";
    for visibility in ["private", "direct"] {
        let refused = club.scene.ann.send("/api/v1/statuses", json!({"status": text, "visibility": visibility})).await;
        assert_eq!(
            refused.refused(422),
            "Validation failed: @boats@good.test is a group, which shows everybody what it gets: \
             only a public post can go there"
        );
        // Nor by way of an edit.
        let post = club.scene.ann.post_to(visibility, "to nobody in particular").await;
        let edited = club.scene.ann.put(&crate::support::path_of(&post), json!({"status": text})).await;
        edited.refused(422);
    }
    assert_eq!(club.hears("Create").await, Value::Null);
    // What is not for every timeline is not given to the group to show.
    club.scene.ann.post_to("unlisted", "@boats@good.test quietly").await;
    let note = club.hears("Create").await["object"].clone();
    assert_eq!(note["audience"], Value::Null);
    assert_eq!(note["to"], json!([format!("{}/followers", club.scene.ann.uri())]));
}
