//! What a group may say about the posts of others, and what it may not. Cases A16 and H15 of the attack catalogue.

use serde_json::{Value, json};

use crate::support::{Encounter, Peer, PeerActor, text_of};

/// Ann follows Alice, a group of Alice's server, and a group of an evil one.
struct Groups {
    scene: Encounter,
    boats: PeerActor,
    evil: Peer,
    crooks: PeerActor,
}

async fn group(scene: &Encounter, peer: &Peer, name: &str, key: usize) -> PeerActor {
    let group = peer.actor_with_key(name, key).await;
    let mut document = group.document();
    document["type"] = json!("Group");
    // Whoever is named here moderates: a moderator of its own server, and one of another.
    document["attributedTo"] = json!([peer.url("/users/otto"), "http://evil.test/users/mallory"]);
    peer.serve(&format!("/users/{name}"), &document);
    scene.ann_follows(&group).await;
    group
}

impl Groups {
    async fn begin() -> Self {
        let scene = Encounter::where_ann_follows_alice().await;
        let evil = scene.net.peer("evil.test").await;
        let boats = group(&scene, &scene.good, "boats", 0).await;
        let crooks = group(&scene, &evil, "crooks", 1).await;
        Self { scene, boats, evil, crooks }
    }

    /// A note of Alice as her server has it and as it was delivered here; `to` is whom it is also for.
    async fn alice_posts(&self, name: &str, to: Option<&PeerActor>) -> Value {
        let slug = name.replace(' ', "-");
        let mut note = self.scene.alice.note(&slug, name);
        if let Some(group) = to {
            note["cc"] = json!([format!("{}/followers", self.scene.alice.id), group.id]);
        }
        self.scene.good.serve(&format!("/users/alice/notes/{slug}"), &note);
        self.scene.alice_sends(&self.scene.alice.create(note.clone())).await;
        note
    }

    /// A group announces what somebody did.
    async fn announces(&self, group: &PeerActor, name: &str, actor: &str, kind: &str, object: Value) {
        let inner = json!({"id": format!("{actor}/{name}"), "type": kind, "actor": actor, "object": object});
        let announce = group.activity("Announce", &format!("{name}-{}", group.name), inner);
        assert_eq!(self.scene.hears(group, &announce).await, 202);
    }

    async fn everybody_tries_to_remove(&self, group: &PeerActor, note: &Value) {
        let moderators = [group.peer.url("/users/otto"), self.evil.url("/users/mallory"), self.scene.alice.id.clone()];
        for (number, actor) in moderators.iter().enumerate() {
            for (kind, object) in [
                ("Delete", note["id"].clone()),
                ("Delete", json!({"type": "Tombstone", "id": note["id"]})),
                ("Remove", note["id"].clone()),
                ("Undo", json!({"type": "Create", "actor": self.scene.alice.id, "object": note["id"]})),
            ] {
                let name = format!("{kind}-{number}-{}", object.is_string());
                self.announces(group, &name, actor, kind, object).await;
            }
        }
    }

    async fn reads(&self) -> Vec<String> {
        self.scene.ann.reads().await
    }
}

#[tokio::test]
async fn a16_moderators_of_a_group_take_away_what_is_in_it() {
    let groups = Groups::begin().await;
    let note = groups.alice_posts("to the boats", Some(&groups.boats)).await;
    let otto = groups.scene.good.url("/users/otto");
    groups.announces(&groups.boats, "delete-1", &otto, "Delete", note["id"].clone()).await;
    assert!(groups.reads().await.is_empty());
}

#[tokio::test]
async fn a16_a_group_of_another_server_deletes_nothing() {
    let groups = Groups::begin().await;
    // Not even what was said to it, and what it shows: that is of Alice's server.
    for to in [None, Some(&groups.crooks)] {
        let note = groups.alice_posts(if to.is_some() { "said to crooks" } else { "for all" }, to).await;
        let shown = groups.crooks.boost(&format!("boost-{}", to.is_some()), note["id"].as_str().unwrap());
        groups.scene.hears(&groups.crooks, &shown).await;
        groups.everybody_tries_to_remove(&groups.crooks, &note).await;
    }
    assert_eq!(groups.reads().await, ["said to crooks", "for all"]);
}

#[tokio::test]
async fn a16_a_group_of_the_same_server_deletes_only_what_was_said_to_it() {
    let groups = Groups::begin().await;
    let note = groups.alice_posts("not in the group", None).await;
    // That a group shows a post, or a thread, makes neither its own.
    groups.scene.hears(&groups.boats, &groups.boats.boost("boost-1", note["id"].as_str().unwrap())).await;
    let mut reply = groups.scene.alice.note("reply", "an answer elsewhere");
    reply["inReplyTo"] = note["id"].clone();
    groups.scene.good.serve("/users/alice/notes/reply", &reply);
    groups.scene.alice_sends(&groups.scene.alice.create(reply.clone())).await;
    for said in [&note, &reply] {
        groups.everybody_tries_to_remove(&groups.boats, said).await;
    }
    assert_eq!(groups.reads().await, ["an answer elsewhere", "not in the group"]);
}

#[tokio::test]
async fn a16_whoever_is_no_group_announces_nothing_that_others_did() {
    let groups = Groups::begin().await;
    let bob = groups.scene.good.actor("bob").await;
    groups.scene.ann_follows(&bob).await;
    let note = groups.alice_posts("said to Bob", Some(&bob)).await;
    groups.everybody_tries_to_remove(&bob, &note).await;
    groups.announces(&bob, "like-1", &groups.scene.alice.id, "Like", note["id"].clone()).await;
    assert_eq!(groups.reads().await, ["said to Bob"]);
    let seen = groups.scene.ann.home().await[0].clone();
    assert_eq!(seen["favourites_count"], 0);
}

#[tokio::test]
async fn a16_a_group_does_not_touch_what_members_here_say() {
    let groups = Groups::begin().await;
    let ann = &groups.scene.ann;
    let post = ann.post(&format!("hello {}", groups.boats.handle())).await;
    groups.scene.net.settle().await;
    let note = json!({"id": post["uri"], "attributedTo": ann.uri(), "type": "Note"});
    groups.everybody_tries_to_remove(&groups.boats, &note).await;
    let mut changed = note.clone();
    changed["content"] = json!("<p>defaced</p>");
    changed["updated"] = json!("2026-11-02T12:00:00Z");
    groups.announces(&groups.boats, "update-1", &ann.uri(), "Update", changed).await;
    assert_eq!(text_of(&ann.again(&post).await), text_of(&post));
}

#[tokio::test]
async fn a16_an_edit_or_a_like_in_a_group_is_not_believed_of_other_servers() {
    let groups = Groups::begin().await;
    let note = groups.alice_posts("as it was", Some(&groups.crooks)).await;
    groups.scene.net.later(std::time::Duration::from_secs(3600)).await;
    let mut changed = note.clone();
    changed["content"] = json!("<p>defaced</p>");
    changed["updated"] = json!(groups.scene.net.clock.now().seconds());
    groups.announces(&groups.crooks, "update-1", &groups.scene.alice.id, "Update", changed.clone()).await;
    groups.announces(&groups.crooks, "create-1", &groups.scene.alice.id, "Create", changed).await;
    groups.announces(&groups.crooks, "like-1", &groups.scene.alice.id, "Like", note["id"].clone()).await;
    let seen = groups.scene.ann.home().await.into_iter().find(|seen| seen["uri"] == note["id"]).unwrap();
    assert_eq!((text_of(&seen), &seen["favourites_count"]), ("as it was".to_owned(), &json!(0)));
}

#[tokio::test]
async fn h15_a_letter_to_a_group_is_not_spread_by_it() {
    let groups = Groups::begin().await;
    let (scene, ann) = (&groups.scene, &groups.scene.ann);
    let eve = scene.us.user("eve").await;
    eve.follow(&groups.boats.handle()).await;
    scene.net.settle().await;
    let follow = scene.good.received_of("Follow").into_iter().next_back().unwrap();
    scene.hears(&groups.boats, &groups.boats.activity("Accept", "accept-eve", follow)).await;
    for visibility in ["direct", "private"] {
        let letter = json!({"status": format!("a letter to {}", groups.boats.handle()), "visibility": visibility});
        ann.send("/api/v1/statuses", letter).await.refused(422);
        // One to Alice, which the group has got hold of.
        let post = ann.post_to(visibility, &format!("a letter, {visibility}, to {}", scene.alice.handle())).await;
        scene.net.settle().await;
        let uri = post["uri"].as_str().unwrap();
        scene.hears(&groups.boats, &groups.boats.boost(&format!("boost-{visibility}"), uri)).await;
        let create = json!({"type": "Note", "id": uri, "attributedTo": ann.uri(), "content": "<p>a letter</p>"});
        groups.announces(&groups.boats, &format!("create-{visibility}"), &ann.uri(), "Create", create).await;
        assert_eq!(ann.again(&post).await["reblogs_count"], 0, "{visibility}");
    }
    // The same of Alice: what is not for everybody is not shown by the group, whatever it announces.
    let mut letter = scene.alice.note("letter", "a letter of Alice");
    (letter["to"], letter["cc"]) = (json!([groups.boats.id, ann.uri()]), json!([]));
    scene.good.serve("/users/alice/notes/letter", &letter);
    scene.alice_sends(&scene.alice.create(letter.clone())).await;
    scene.hears(&groups.boats, &groups.boats.boost("boost-letter", letter["id"].as_str().unwrap())).await;
    groups.announces(&groups.boats, "create-letter", &scene.alice.id, "Create", letter).await;
    assert!(eve.reads().await.is_empty());
    assert!(eve.notifications().await.is_empty());
}
