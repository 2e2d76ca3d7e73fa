//! Ann, what she has posted, and everybody who might look at it.

use serde_json::{Value, json};

use super::table::{AS_DOCUMENT, AS_FEED, AS_JSON, AS_PAGE};
use crate::support::browser::Browser;
use crate::support::{Encounter, PeerActor, User};

/// What somebody is to Ann.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Herself,
    Nobody,
    Stranger,
    Follower,
    Named,
    /// Followed her and is named in every post, and is blocked since.
    Blocked,
    /// Followed her when she posted, and does so no more.
    Former,
    /// Has asked to follow her and waits for an answer.
    Asking,
}

/// Who may read a post: the whole rule.
pub fn may_read(relation: Relation, is_member: bool, visibility: &str) -> bool {
    match (visibility, relation) {
        (_, Relation::Herself) => true,
        // Other servers read what everybody may read as everybody.
        ("public" | "unlisted", Relation::Blocked) => !is_member,
        (_, Relation::Blocked) => false,
        ("public" | "unlisted", _) => true,
        ("local", _) => is_member,
        ("private", relation) => matches!(relation, Relation::Follower | Relation::Named),
        ("direct", relation) => relation == Relation::Named,
        _ => panic!("nobody knows who reads what is {visibility}"),
    }
}

/// A post of Ann.
pub struct Post {
    pub visibility: &'static str,
    /// What only this post says.
    pub needle: String,
    pub id: String,
    pub uri: String,
    pub url: String,
    /// The id of a public answer of Ann to it.
    pub answer: String,
    /// Whether it is a poll.
    pub asks: bool,
}

/// Somebody who looks.
pub struct Reader {
    pub name: String,
    relation: Relation,
    pub user: Option<User>,
    browser: Option<Browser>,
    actor: Option<PeerActor>,
    /// The ids of what they were told while they still were.
    pub notices: Vec<String>,
}

impl Reader {
    pub fn may_read(&self, post: &Post) -> bool {
        may_read(self.relation, self.user.is_some(), post.visibility)
    }

    /// Whether they may find it where they ask like this.
    pub fn may_find(&self, post: &Post, accept: &str) -> bool {
        if accept == AS_FEED { may_read(Relation::Nobody, false, post.visibility) } else { self.may_read(post) }
    }

    /// Whether such as they ask for such things.
    pub fn can_ask(&self, accept: &str) -> bool {
        let is_remote = self.actor.is_some();
        match accept {
            AS_DOCUMENT => self.user.is_none(),
            _ => !is_remote,
        }
    }

    /// What they are answered.
    pub async fn ask(&mut self, world: &World, path: &str, accept: &str) -> (u16, String) {
        let us = &world.scene.us;
        if let Some(actor) = &self.actor {
            let (status, document) = actor.fetch(us, &us.url(path)).await;
            return (status, document.to_string());
        }
        if let Some(browser) = self.browser.as_mut().filter(|_| accept == AS_PAGE || accept == AS_FEED) {
            let page = browser.get(path).await;
            return (page.status, page.text);
        }
        let mut request = us.client().get(us.url(path)).header("accept", accept);
        if let Some(user) = self.user.as_ref().filter(|_| accept == AS_JSON) {
            request = request.bearer_auth(&user.token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// Everybody, and what there is to see.
pub struct World {
    pub scene: Encounter,
    pub ann: User,
    pub posts: Vec<Post>,
    pub readers: Vec<Reader>,
}

impl World {
    pub async fn begin() -> Self {
        let scene = Encounter::of_strangers().await;
        let ann = scene.ann.clone();
        let members = [
            ("eve", Relation::Stranger),
            ("fay", Relation::Follower),
            ("max", Relation::Named),
            ("bob", Relation::Blocked),
            ("xena", Relation::Former),
            ("pete", Relation::Asking),
        ];
        let mut readers = Vec::new();
        for (name, relation) in members {
            let user = scene.us.user(name).await;
            if matches!(relation, Relation::Follower | Relation::Blocked | Relation::Former) {
                user.follow("ann").await;
            }
            readers.push(Reader {
                name: name.to_owned(),
                relation,
                browser: Some(Browser::of(&scene.us, name).await),
                user: Some(user),
                actor: None,
                notices: Vec::new(),
            });
        }
        let elsewhere = [
            ("carol", Relation::Stranger),
            ("alice", Relation::Follower),
            ("nora", Relation::Named),
            ("rob", Relation::Blocked),
            ("rex", Relation::Former),
            ("ria", Relation::Asking),
        ];
        for (name, relation) in elsewhere {
            let actor = scene.good.actor(name).await;
            if matches!(relation, Relation::Follower | Relation::Blocked | Relation::Former) {
                scene.hears(&actor, &actor.activity("Follow", "follow-ann", json!(ann.uri()))).await;
            }
            let name = format!("{name} elsewhere");
            readers.push(Reader { name, relation, user: None, browser: None, actor: Some(actor), notices: Vec::new() });
        }
        ann.changes_profile(json!({"locked": true})).await;
        for reader in readers.iter().filter(|reader| reader.relation == Relation::Asking) {
            match (&reader.user, &reader.actor) {
                (Some(user), _) => assert_eq!(user.follow("ann").await["requested"], true),
                (None, Some(actor)) => {
                    scene.hears(actor, &actor.activity("Follow", "ask-ann", json!(ann.uri()))).await;
                }
                (None, None) => {}
            }
        }
        let posts = post_everything(&scene, &ann).await;
        for reader in &mut readers {
            if let Some(user) = &reader.user {
                let told = user.notifications().await;
                reader.notices = told.iter().map(|told| told["id"].as_str().unwrap().to_owned()).collect();
            }
        }
        scene.net.settle().await;
        part_with(&ann, &readers).await;
        scene.net.settle().await;
        let herself = Browser::of(&scene.us, "ann").await;
        readers.push(Reader {
            name: "ann".to_owned(),
            relation: Relation::Herself,
            user: Some(ann.clone()),
            browser: Some(herself),
            actor: None,
            notices: Vec::new(),
        });
        readers.push(Reader {
            name: "anybody".to_owned(),
            relation: Relation::Nobody,
            user: None,
            browser: None,
            actor: None,
            notices: Vec::new(),
        });
        Self { scene, ann, posts, readers }
    }
}

/// A text that was edited and a poll for every sort of reader, shown, boosted, liked and answered as far as it goes.
async fn post_everything(scene: &Encounter, ann: &User) -> Vec<Post> {
    let mut posts = Vec::new();
    for visibility in ["public", "unlisted", "local", "private", "direct"] {
        for asks in [false, true] {
            let needle = format!("needle-{visibility}-{}", if asks { "poll" } else { "text" });
            let names = "@max @bob @nora@good.test @rob@good.test";
            let mut draft = json!({"status": format!("{names} {needle} #hay")});
            draft["visibility"] = json!(if visibility == "local" { "public" } else { visibility });
            draft["local_only"] = json!(visibility == "local");
            if asks {
                draft["poll"] = json!({"options": [format!("{needle} yes"), "no"], "expires_in": 3600});
            }
            let status = ann.send("/api/v1/statuses", draft).await.ok();
            scene.net.clock.advance(std::time::Duration::from_secs(1));
            if !asks {
                ann.edit(&status, &format!("{names} {needle} #hay, said better")).await;
            }
            if visibility != "direct" {
                ann.act("reblog", &status).await;
            }
            // There is room for a few.
            if visibility != "direct" && !asks {
                ann.act("pin", &status).await;
            }
            ann.act("favourite", &status).await;
            let answer =
                json!({"status": "more about it #hay", "in_reply_to_id": status["id"], "visibility": "public"});
            let answer = ann.send("/api/v1/statuses", answer).await.ok();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            posts.push(Post {
                visibility,
                needle,
                id: text(&status["id"]),
                uri: text(&status["uri"]),
                url: text(&status["url"]),
                answer: text(&answer["id"]),
                asks,
            });
            scene.net.settle().await;
        }
    }
    posts
}

/// Ann blocks some and lets others go.
async fn part_with(ann: &User, readers: &[Reader]) {
    for reader in readers {
        let verb = match reader.relation {
            Relation::Blocked => "block",
            Relation::Former => "remove_from_followers",
            _ => continue,
        };
        let id = match (&reader.user, &reader.actor) {
            (Some(user), _) => user.id.to_string(),
            (None, Some(actor)) => ann.find(&actor.handle()).await["id"].as_str().unwrap().to_owned(),
            (None, None) => continue,
        };
        ann.send(&format!("/api/v1/accounts/{id}/{verb}"), json!({})).await.ok();
    }
}
