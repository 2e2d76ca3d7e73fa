//! The program is killed at bad moments. What was answered with a success is not lost and does not happen twice, and
//! what is about one post keeps its order.
//!
//! `OUTLOUD_TEST_KILLS` says how often, `OUTLOUD_TEST_SEED` at which moments.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use outloud::domain::moment::{Clock, Moment};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::process::Child;

use crate::support::{Dice, Peer, PeerActor, Program};

/// How often the program is killed when nothing else is said.
const ROUNDS: usize = 8;
/// The latest moment after its start at which it is killed, in milliseconds.
const LATEST: usize = 1000;

#[expect(clippy::disallowed_methods, reason = "says how long the run is to be")]
fn rounds() -> usize {
    std::env::var("OUTLOUD_TEST_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

/// Ann's server, a process of its own, and Fay on a server of other software.
struct Scene {
    program: Program,
    client: Client,
    token: String,
    ann: String,
    peer: Peer,
    fay: PeerActor,
    began: Moment,
}

impl Scene {
    /// They have not heard of each other; Ann's server runs.
    async fn start() -> (Self, Child) {
        let program = Program::new().await;
        let password = ["--password", "long enough", "--confirmed"];
        program.outloud(&[&["account", "create", "ann", "--email", "ann@mail.example"][..], &password].concat()).await;
        let token = program.outloud(&["token", "create", "ann", "--scopes", "read write follow"]).await;
        let peer = Peer::start("localhost", Clock::System).await;
        let fay = peer.actor("fay").await;
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        let child = program.serve().await;
        let began = Clock::System.now() - Duration::from_secs(24 * 3600);
        let finger = format!("/.well-known/webfinger?resource=acct:ann@localhost:{}", program.port);
        let mut scene = Self { program, client, token, ann: String::new(), peer, fay, began };
        let finger = scene.asks(Method::GET, &finger, None).await.unwrap();
        let own = finger["links"].as_array().unwrap().iter().find(|link| link["rel"] == "self").unwrap();
        scene.ann = own["href"].as_str().unwrap().to_owned();
        (scene, child)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.program.url(path)).bearer_auth(&self.token)
    }

    /// What the server answers to Ann; nothing when that is no success or it is not there.
    async fn asks(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Value> {
        let request = match body {
            Some(body) => self.request(method, path).header("content-type", "application/json").body(body.to_string()),
            None => self.request(method, path),
        };
        answer(request).await
    }

    /// Whether the server took an activity of Fay.
    async fn hears(&self, activity: &Value) -> bool {
        let (url, body) = (self.program.url("/inbox"), activity.to_string());
        let mut request = self.client.post(&url).header("content-type", "application/activity+json");
        for (name, value) in self.fay.signed(&url, &body) {
            request = request.header(name, value);
        }
        request.body(body).send().await.is_ok_and(|answer| answer.status() == 202)
    }

    /// Kills the server at some moment, while `work` goes on until it notices; then starts it again.
    async fn kill_amid(&self, child: &mut Child, dice: &mut Dice, work: impl Future<Output = ()>) {
        let moment = Duration::from_millis(dice.below(LATEST) as u64);
        let kill = async {
            tokio::time::sleep(moment).await;
            child.start_kill().unwrap();
        };
        tokio::join!(work, kill);
        child.wait().await.unwrap();
        self.program.let_leases_run_out().await;
        *child = self.program.serve().await;
    }
}

async fn answer(request: RequestBuilder) -> Option<Value> {
    let answer = request.send().await.ok().filter(|answer| answer.status().is_success())?;
    serde_json::from_str(&answer.text().await.ok()?).ok()
}

/// What somebody wants to become of their posts, one wish after the other, with those that came true.
#[derive(Default)]
struct Author {
    /// The id of each post on its server, its address, and its last text; none when it was deleted.
    posts: Vec<(String, String, Option<String>)>,
    wishes: usize,
    granted: usize,
}

/// What is wanted: a post, then an edit of it, then, for every third, its end.
enum Wish {
    Post(String),
    Edit(usize, String),
    Delete(usize),
}

impl Author {
    fn wish(&self) -> Wish {
        let (post, step) = (self.granted / 3, self.granted % 3);
        match step {
            0 => Wish::Post(format!("post {post}")),
            2 if post % 3 == 0 => Wish::Delete(post),
            step => Wish::Edit(post, format!("post {post}, version {step}")),
        }
    }

    /// Notes that the wish came true.
    fn grant(&mut self, wish: Wish, known_as: Option<(String, String)>) {
        match wish {
            Wish::Post(text) => {
                let (id, uri) = known_as.unwrap();
                self.posts.push((id, uri, Some(text)));
            }
            Wish::Edit(post, text) => self.posts[post].2 = Some(text),
            Wish::Delete(post) => self.posts[post].2 = None,
        }
        self.granted += 1;
    }

    /// Goes on until the server is gone. What was not granted is wished again next time, as an app does.
    async fn writes(&mut self, scene: &Scene) {
        while self.writes_once(scene).await {}
    }

    async fn writes_once(&mut self, scene: &Scene) -> bool {
        self.wishes += 1;
        let wish = self.wish();
        let (gone, answered) = match &wish {
            Wish::Post(text) => {
                let request = scene.request(Method::POST, "/api/v1/statuses").header("idempotency-key", text);
                let body = json!({"status": text}).to_string();
                (false, answer(request.header("content-type", "application/json").body(body)).await)
            }
            Wish::Edit(post, text) => {
                let path = format!("/api/v1/statuses/{}", self.posts[*post].0);
                (false, scene.asks(Method::PUT, &path, Some(&json!({"status": text}))).await)
            }
            Wish::Delete(post) => {
                let request = scene.request(Method::DELETE, &format!("/api/v1/statuses/{}", self.posts[*post].0));
                // Deleted by the last try, whose answer was lost.
                match request.send().await {
                    Ok(answer) if answer.status() == 404 => (true, None),
                    Ok(answer) if answer.status().is_success() => (true, None),
                    _ => return false,
                }
            }
        };
        if !gone && answered.is_none() {
            return false;
        }
        let text = |name: &str| answered.as_ref().map(|status| status[name].as_str().unwrap().to_owned());
        self.grant(wish, text("id").zip(text("uri")));
        true
    }

    /// Goes on in Fay's name until the server is gone.
    async fn tells(&mut self, scene: &Scene) {
        while self.tells_once(scene).await {}
    }

    async fn tells_once(&mut self, scene: &Scene) -> bool {
        self.wishes += 1;
        let wish = self.wish();
        // Later versions are said to be later, to the second.
        let at = |seconds: usize| (scene.began + Duration::from_secs(seconds as u64)).seconds();
        let note = |post: usize, text: &str| {
            let mut note = scene.fay.note(&post.to_string(), text);
            note["published"] = json!(at(0));
            note
        };
        let (activity, uri) = match &wish {
            Wish::Post(text) => {
                let note = note(self.posts.len(), text);
                (scene.fay.create(note.clone()), note["id"].clone())
            }
            Wish::Edit(post, text) => {
                let mut note = note(*post, text);
                note["updated"] = json!(at(self.granted));
                (scene.fay.activity("Update", &format!("update-{}", self.granted), note), Value::Null)
            }
            Wish::Delete(post) => {
                let gone = json!({"id": self.posts[*post].1, "type": "Tombstone"});
                (scene.fay.activity("Delete", &format!("delete-{post}"), gone), Value::Null)
            }
        };
        if !scene.hears(&activity).await {
            return false;
        }
        let uri = uri.as_str().map(str::to_owned);
        self.grant(wish, uri.clone().zip(uri));
        true
    }

    /// The posts as they are to be seen everywhere.
    fn should_be(&self) -> BTreeMap<String, String> {
        let seen =
            self.posts.iter().filter_map(|(_, uri, text)| Some((uri.clone(), format!("<p>{}</p>", text.as_ref()?))));
        seen.collect()
    }
}

/// What a server makes of activities in the order in which they came; each counts once.
fn as_a_server_reads(received: &[Value]) -> BTreeMap<String, String> {
    let mut seen = HashSet::new();
    let (mut posts, mut gone) = (BTreeMap::new(), HashSet::new());
    for activity in received {
        if !seen.insert(activity["id"].to_string()) {
            continue;
        }
        let object = &activity["object"];
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        let content = object["content"].as_str().unwrap_or_default().to_owned();
        match activity["type"].as_str().unwrap() {
            "Create" => {
                assert!(!gone.contains(&id), "{id} was deleted before it was created");
                assert!(posts.insert(id.clone(), content).is_none(), "{id} was created twice");
            }
            "Update" => {
                assert!(posts.insert(id.clone(), content).is_some(), "{id} was changed before it was there");
            }
            "Delete" => {
                posts.remove(&id);
                gone.insert(id);
            }
            _ => {}
        }
    }
    posts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_member_did_reaches_others_once_and_in_order_however_often_the_server_is_killed() {
    let (scene, mut child) = Scene::start().await;
    assert!(scene.hears(&scene.fay.activity("Follow", "follow-1", json!(scene.ann))).await);
    scene.peer.wait_for(|activity| activity["type"] == "Accept").await;
    let (mut author, mut dice) = (Author::default(), Dice::of_this_run());
    for _ in 0..rounds() {
        scene.kill_amid(&mut child, &mut dice, author.writes(&scene)).await;
    }
    // What the last kill left in doubt is certain after this.
    assert!(author.writes_once(&scene).await);
    scene.program.has_done_everything().await;
    println!("{} wishes, {} granted", author.wishes, author.granted);
    assert!(author.granted >= rounds() / 2, "the server was killed before it could do anything");
    assert_eq!(as_a_server_reads(&scene.peer.received()), author.should_be());
    assert!(scene.program.file("secret.key").exists());
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_sent_is_seen_once_and_as_it_was_last_however_often_the_server_is_killed() {
    let (scene, mut child) = Scene::start().await;
    let search = format!("/api/v2/search?type=accounts&resolve=true&q={}", scene.fay.handle());
    let found = scene.asks(Method::GET, &search, None).await.unwrap();
    let fay = found["accounts"][0]["id"].as_str().unwrap().to_owned();
    scene.asks(Method::POST, &format!("/api/v1/accounts/{fay}/follow"), Some(&json!({}))).await.unwrap();
    scene.peer.wait_for(|activity| activity["type"] == "Follow").await;
    let follow = scene.peer.received_of("Follow")[0].clone();
    assert!(scene.hears(&scene.fay.activity("Accept", "accept-1", follow)).await);
    scene.program.has_done_everything().await;
    let (mut author, mut dice) = (Author::default(), Dice::of_this_run());
    for _ in 0..rounds() {
        scene.kill_amid(&mut child, &mut dice, author.tells(&scene)).await;
    }
    assert!(author.tells_once(&scene).await);
    scene.program.has_done_everything().await;
    println!("{} wishes, {} granted", author.wishes, author.granted);
    assert!(author.granted >= rounds() / 2, "the server was killed before it could do anything");
    let mut seen = BTreeMap::new();
    let mut path = "/api/v1/timelines/home?limit=40".to_owned();
    loop {
        let page = scene.asks(Method::GET, &path, None).await.unwrap();
        let Some(last) = page.as_array().unwrap().last() else { break };
        path = format!("/api/v1/timelines/home?limit=40&max_id={}", last["id"].as_str().unwrap());
        for status in page.as_array().unwrap() {
            let (uri, content) = (status["uri"].as_str().unwrap(), status["content"].as_str().unwrap());
            assert!(seen.insert(uri.to_owned(), content.to_owned()).is_none(), "{uri} is there twice");
        }
    }
    // A home timeline is as long as it is; nothing of this is older than that.
    assert_eq!(seen, author.should_be());
    child.kill().await.unwrap();
}
