//! Reactions of other software: whatever somebody says to a post, and however often, they like it once.

use serde_json::{Value, json};

use crate::support::Encounter;

impl Encounter {
    /// Alice reacts to a post; the activity.
    async fn alice_reacts(&self, kind: &str, name: &str, content: &str, post: &Value) -> Value {
        let mut reaction = self.alice.activity(kind, name, post["uri"].clone());
        reaction["content"] = json!(content);
        self.alice_sends(&reaction).await;
        reaction
    }

    async fn likes(&self, post: &Value) -> i64 {
        self.ann.again(post).await["favourites_count"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn several_reactions_of_one_person_count_once_and_each_can_be_taken_back() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("react to me").await;
    let like = scene.alice_reacts("Like", "like", "❤", &post).await;
    let fire = scene.alice_reacts("EmojiReact", "fire", "🔥", &post).await;
    let cat = scene.alice_reacts("EmojiReact", "cat", ":blob_cat:", &post).await;
    assert_eq!(scene.likes(&post).await, 1);
    assert_eq!(scene.ann.notifications().await.len(), 1);
    // The first goes, by its id alone; the others stay.
    scene.alice_does("Undo", "undo-like", like["id"].clone()).await;
    assert_eq!(scene.likes(&post).await, 1);
    scene.alice_does("Undo", "undo-fire", fire.clone()).await;
    // What was taken back already takes nothing else along.
    scene.alice_does("Undo", "undo-fire-again", fire).await;
    scene.alice_does("Undo", "undo-like-again", like).await;
    assert_eq!(scene.likes(&post).await, 1);
    scene.alice_does("Undo", "undo-cat", cat["id"].clone()).await;
    assert_eq!(scene.likes(&post).await, 0);
    assert!(scene.ann.notifications().await.is_empty());
}

#[tokio::test]
async fn a_reaction_that_was_taken_back_before_it_came_is_none() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("react to me").await;
    let early = scene.alice.activity("EmojiReact", "early", post["uri"].clone());
    scene.alice_does("Undo", "undo-early", early.clone()).await;
    scene.alice_reacts("EmojiReact", "late", "🔥", &post).await;
    scene.alice_sends(&early).await;
    assert_eq!(scene.likes(&post).await, 1);
    scene.alice_does("Undo", "undo-late", scene.alice.activity("EmojiReact", "late", post["uri"].clone())).await;
    assert_eq!(scene.likes(&post).await, 0);
}

#[tokio::test]
async fn one_like_is_taken_back_whatever_it_is_called_and_all_are_when_none_is_named() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("react to me").await;
    scene.alice_reacts("Like", "like", "", &post).await;
    scene.alice_does("Undo", "undo-1", scene.alice.activity("Like", "another-name", post["uri"].clone())).await;
    assert_eq!(scene.likes(&post).await, 0);
    scene.alice_reacts("EmojiReact", "fire", "🔥", &post).await;
    scene.alice_reacts("EmojiReact", "ice", "🧊", &post).await;
    let nameless = json!({"type": "Like", "actor": scene.alice.id, "object": post["uri"]});
    scene.alice_does("Undo", "undo-2", nameless).await;
    assert_eq!(scene.likes(&post).await, 0);
}

#[tokio::test]
async fn nobody_takes_back_what_somebody_else_said() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("react to me").await;
    let mallory = scene.net.peer("evil.test").await.actor_with_key("mallory", 1).await;
    let dave = scene.good.actor_with_key("dave", 2).await;
    scene.alice_reacts("Like", "like", "❤", &post).await;
    let fire = scene.alice_reacts("EmojiReact", "fire", "🔥", &post).await;
    for thief in [&mallory, &dave] {
        scene.hears(thief, &thief.activity("Like", "own", post["uri"].clone())).await;
        scene.hears(thief, &thief.activity("Like", "own-2", post["uri"].clone())).await;
        let mut stolen = thief.activity("EmojiReact", "stolen", post["uri"].clone());
        stolen["id"] = fire["id"].clone();
        for (name, object) in [("undo-1", fire["id"].clone()), ("undo-2", stolen), ("undo-3", fire.clone())] {
            scene.hears(thief, &thief.activity("Undo", name, object)).await;
        }
    }
    let before = scene.likes(&post).await;
    scene.alice_does("Undo", "undo-like", json!(format!("{}/activities/like", scene.alice.id))).await;
    assert_eq!(scene.likes(&post).await, before);
    scene.alice_does("Undo", "undo-fire", fire).await;
    assert_eq!(scene.likes(&post).await, before - 1);
}
