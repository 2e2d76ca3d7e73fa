//! Threads as collections of their posts (FEP-7888).

use serde_json::{Value, json};

use crate::support::{Encounter, Neighbours, Node, text_of};

/// The ids in a collection of our own, page after page, newest first.
async fn listed(node: &Node, address: &str) -> Vec<String> {
    let collection = node.document(address).await.ok();
    assert_eq!((&collection["type"], &collection["id"]), (&json!("OrderedCollection"), &json!(address)));
    let mut ids = Vec::new();
    let mut next = collection["first"].as_str().map(str::to_owned);
    while let Some(page) = next {
        let page = node.document(&page).await.ok();
        assert_eq!(page["partOf"], address);
        ids.extend(page["orderedItems"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(collection["totalItems"], ids.len());
    ids
}

async fn context_of(node: &Node, status: &Value) -> String {
    let note = node.document(status["uri"].as_str().unwrap()).await.ok();
    note["context"].as_str().unwrap_or_default().to_owned()
}

impl Encounter {
    /// Alice answers a post of Ann; her note.
    async fn alice_answers(&self, name: &str, post: &Value, to: Value) -> Value {
        let mut note = self.alice.note(name, name);
        (note["inReplyTo"], note["to"], note["cc"]) = (post["uri"].clone(), to, json!([self.ann.uri()]));
        note["tag"] = json!([{"type": "Mention", "href": self.ann.uri(), "name": "@ann@node.test"}]);
        self.alice_sends(&self.alice.create(note.clone())).await;
        note
    }
}

#[tokio::test]
async fn a_thread_that_began_here_lists_what_everybody_may_see_of_it() {
    let scene = Encounter::where_alice_follows_ann().await;
    let (ann, us) = (&scene.ann, &scene.us);
    let root = ann.post("root").await;
    let reply = ann.reply(&root, "more").await;
    let everybody = json!(["https://www.w3.org/ns/activitystreams#Public"]);
    let answer = scene.alice_answers("answer", &reply, everybody).await;
    scene.alice_answers("whisper", &reply, json!([])).await;
    let secret = json!({"status": "secret", "in_reply_to_id": root["id"], "visibility": "private"});
    let secret = ann.send("/api/v1/statuses", secret).await.ok();
    let local = json!({"status": "stays here", "in_reply_to_id": root["id"], "local_only": true});
    ann.send("/api/v1/statuses", local).await.ok();
    ann.act("reblog", &root).await;
    let context = context_of(us, &root).await;
    let collection = us.document(&context).await.ok();
    assert_eq!(collection["attributedTo"], ann.uri());
    let ids = [&answer["id"], &reply["uri"], &root["uri"]].map(|id| id.as_str().unwrap().to_owned());
    assert_eq!(listed(us, &context).await, ids);
    // All of it belongs to one thread, what answers an answer too; also what not everybody may see.
    assert_eq!(context_of(us, &reply).await, context);
    let heard = ann.notifications().await.into_iter().find(|told| text_of(&told["status"]) == "answer").unwrap();
    let further = ann.reply(&heard["status"], "@alice@good.test yes").await;
    assert_eq!(context_of(us, &further).await, context);
    let (_, secret) = scene.alice.fetch(us, secret["uri"].as_str().unwrap()).await;
    assert_eq!(secret["context"], context);
    // An answer is not the beginning of anything.
    let of_reply = format!("{}/contexts/{}", us.url(""), reply["id"].as_str().unwrap());
    assert_eq!(us.document(&of_reply).await.status, 404);
    ann.take_back(&root).await;
    assert_eq!(us.document(&context).await.status, 404);
    scene.net.settle().await;
}

#[tokio::test]
async fn a_long_thread_has_pages() {
    let scene = Encounter::where_alice_follows_ann().await;
    let root = scene.ann.post("root").await;
    for number in 0..45 {
        scene.ann.reply(&root, &format!("reply {number}")).await;
    }
    let context = context_of(&scene.us, &root).await;
    assert_eq!(listed(&scene.us, &context).await.len(), 46);
    scene.net.settle().await;
}

#[tokio::test]
async fn what_not_everybody_may_see_begins_no_public_thread() {
    let scene = Encounter::where_alice_follows_ann().await;
    let secret = scene.ann.post_to("private", "secret").await;
    let (_, note) = scene.alice.fetch(&scene.us, secret["uri"].as_str().unwrap()).await;
    assert_eq!(note["context"], Value::Null);
    let context = format!("{}/contexts/{}", scene.us.url(""), secret["id"].as_str().unwrap());
    let (status, _) = scene.alice.fetch(&scene.us, &context).await;
    assert_eq!(status, 404);
    scene.net.settle().await;
}

#[tokio::test]
async fn an_answer_belongs_to_the_thread_as_its_server_calls_it() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("1", "root");
    note["context"] = json!(scene.good.url("/threads/1"));
    scene.alice_sends(&scene.alice.create(note)).await;
    let reply = scene.ann.reply(&scene.ann.home().await[0], "@alice@good.test hello").await;
    assert_eq!(context_of(&scene.us, &reply).await, scene.good.url("/threads/1"));
    scene.net.settle().await;
}

#[tokio::test]
async fn a_thread_elsewhere_is_filled_in_from_its_collection() {
    let scene = Encounter::where_ann_follows_alice().await;
    let other = scene.net.peer("other.test").await;
    let carol = other.actor_with_key("carol", 1).await;
    let context = scene.good.url("/threads/1");
    // The root has no list of replies, and what is far below nobody could find from it.
    let mut root = scene.alice.note("root", "root");
    root["context"] = json!(context);
    let mut near = carol.note("near", "near");
    near["inReplyTo"] = root["id"].clone();
    let mut far = scene.alice.note("far", "far");
    far["inReplyTo"] = near["id"].clone();
    scene.good.serve("/users/alice/notes/root", &root);
    scene.good.serve("/users/alice/notes/far", &far);
    other.serve("/users/carol/notes/near", &near);
    // What somebody else wrote is not believed because it is listed whole.
    let mut forged = near.clone();
    forged["content"] = json!("<p>forged</p>");
    scene.good.serve("/threads/1", &json!({
        "id": context, "type": "OrderedCollection", "attributedTo": scene.alice.id,
        "first": {"type": "OrderedCollectionPage", "partOf": context, "orderedItems": [far["id"], forged, root["id"]]},
    }));
    scene.alice_sends(&scene.alice.create(root)).await;
    let seen = scene.ann.home().await[0].clone();
    scene.ann.context(&seen).await;
    scene.net.settle().await;
    let thread = scene.ann.context(&seen).await;
    let texts: Vec<String> = thread["descendants"].as_array().unwrap().iter().map(text_of).collect();
    assert_eq!(texts, ["near", "far"]);
}

#[tokio::test]
async fn a_thread_that_is_listed_by_another_server_than_its_owners_is_not_read() {
    let scene = Encounter::where_ann_follows_alice().await;
    let other = scene.net.peer("other.test").await;
    let stray = scene.alice.note("stray", "stray");
    scene.good.serve("/users/alice/notes/stray", &stray);
    let list = |id: &str, owner: &str| json!({"id": id, "type": "OrderedCollection", "attributedTo": owner, "orderedItems": [stray["id"]]});
    let (moved, foreign) = (scene.good.url("/threads/moved"), other.url("/threads/1"));
    other.serve("/threads/1", &list(&foreign, &scene.alice.id));
    scene.good.redirect("/threads/moved", &foreign);
    scene.good.serve(
        "/threads/no-list",
        &json!({"id": scene.good.url("/threads/no-list"), "type": "Note", "orderedItems": [stray["id"]]}),
    );
    for (name, context) in [("a", foreign), ("b", moved), ("c", scene.good.url("/threads/no-list"))] {
        let mut root = scene.alice.note(name, name);
        root["context"] = json!(context);
        scene.good.serve(&format!("/users/alice/notes/{name}"), &root);
        scene.alice_sends(&scene.alice.create(root)).await;
        let seen = scene.ann.home().await[0].clone();
        scene.ann.context(&seen).await;
        scene.net.settle().await;
        let found =
            scene.ann.get(&format!("/api/v2/search?type=statuses&q={}", stray["id"].as_str().unwrap())).await.ok();
        assert_eq!(found["statuses"], json!([]), "{name}");
    }
}

#[tokio::test]
async fn a_node_reads_the_thread_of_another() {
    let Neighbours { net, ann, bob } = Neighbours::who_are_strangers().await;
    let root = ann.post("root").await;
    let mut last = root.clone();
    for number in 1..=8 {
        last = ann.reply(&last, &format!("reply {number}")).await;
    }
    net.settle().await;
    // Deeper than replies of replies are followed.
    let found = bob.get(&format!("/api/v2/search?resolve=true&q={}", root["uri"].as_str().unwrap())).await.ok();
    let seen = found["statuses"][0].clone();
    bob.context(&seen).await;
    net.settle().await;
    assert_eq!(bob.context(&seen).await["descendants"].as_array().unwrap().len(), 8);
}
