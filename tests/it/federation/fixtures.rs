//! What other software really sends, and what we make of it: `tests/fixtures`, whose README explains the files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use outloud::app::crypto::SigningKey;
use outloud::federation::signature::Signer;
use serde_json::{Value, json};
use url::Url;

use crate::support::{ACTIVITY, Network, Node, Peer, PeerActor, User, database};

macro_rules! software {
    ($($name:ident: $folder:literal),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                agree($folder).await;
            }
        )*

        #[test]
        fn every_folder_is_read() {
            let mut read = vec![$($folder),*];
            read.sort_unstable();
            assert_eq!(names(&root()), read);
        }
    };
}

software! {
    akkoma: "akkoma", bookwyrm: "bookwyrm", bridgy_fed: "bridgy-fed", castopod: "castopod", discourse: "discourse",
    fedify: "fedify", friendica: "friendica", funkwhale: "funkwhale", ghost: "ghost", gotosocial: "gotosocial",
    hubzilla: "hubzilla", lemmy: "lemmy", mastodon: "mastodon", mbin: "mbin", misskey: "misskey", mitra: "mitra",
    mobilizon: "mobilizon", nodebb: "nodebb", owncast: "owncast", peertube: "peertube", piefed: "piefed",
    pixelfed: "pixelfed", pleroma: "pleroma", relay: "relay", sharkey: "sharkey", threads: "threads", wafrn: "wafrn",
    wordpress: "wordpress",
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The names of what lies in a folder, without their endings.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries
        .filter(|path| path.file_name().is_none_or(|name| name != "README.md"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Plays every case of one software.
async fn agree(software: &str) {
    let mut report = Vec::new();
    // What a document means does not depend on the database: where a fresh one takes a second, some are enough.
    let step = if database::postgres_server().is_some() { 4 } else { 1 };
    for name in names(&root().join(software)).into_iter().step_by(step) {
        let case = format!("{software}/{name}");
        let text = std::fs::read_to_string(root().join(format!("{case}.json"))).unwrap();
        let differences = Story::begin(&text).await.play().await;
        if !differences.is_empty() {
            report.push(format!("{case}:\n    {}", differences.join("\n    ")));
        }
    }
    assert!(report.is_empty(), "{}", report.join("\n"));
}

/// One case, with the servers in it.
struct Story {
    net: Network,
    us: Node,
    ann: User,
    post: Value,
    poll: Value,
    case: Value,
    peers: Vec<Peer>,
    key: Arc<SigningKey>,
    differences: Vec<String>,
}

impl Story {
    async fn begin(text: &str) -> Self {
        let net = Network::start().await;
        let us = net.node("node.test").await;
        let ann = us.user("ann").await;
        let post = ann.post("A post of Ann").await;
        let raw: Value = serde_json::from_str(text).unwrap();
        let mut hosts: Vec<String> = texts(&raw["host"]).chain(texts(&raw["also_hosts"])).collect();
        hosts.dedup();
        let mut peers = Vec::new();
        for host in &hosts {
            peers.push(net.peer(host).await);
        }
        let signs: PeerActor = peers[0].actor("nobody-in-particular").await;
        let mut text = text.to_owned();
        let poll =
            if text.contains("{{ann_poll}}") || text.contains("\"ann_poll\"") { asks(&ann).await } else { Value::Null };
        for host in &hosts {
            text = text.replace(&format!("https://{host}"), &format!("http://{host}"));
        }
        let now = net.clock.now();
        let day = Duration::from_secs(24 * 3600);
        let placeholders = [
            ("ann", ann.uri()),
            ("ann_handle", "@ann@node.test".to_owned()),
            ("ann_poll", poll["uri"].as_str().unwrap_or_default().to_owned()),
            ("ann_post", post["uri"].as_str().unwrap().to_owned()),
            ("key", signs.public_pem.clone()),
            ("multikey", signs.multikey.clone()),
            ("now", now.seconds()),
            ("later", (now + Duration::from_secs(60)).seconds()),
            ("tomorrow", (now + day).seconds()),
            ("yesterday", (now - day).seconds()),
        ];
        for (name, value) in placeholders {
            let escaped = json!(value).to_string();
            text = text.replace(&format!("{{{{{name}}}}}"), escaped.trim_matches('"'));
        }
        let case: Value = serde_json::from_str(&text).unwrap();
        Self { net, us, ann, post, poll, case, peers, key: signs.key, differences: Vec::new() }
    }

    async fn play(mut self) -> Vec<String> {
        self.serve();
        self.take_part_in_relays().await;
        let follows: Vec<String> = texts(&self.case["we_follow"]).collect();
        for id in follows {
            let Some(follow) = self.asks_to_follow(&id).await else { continue };
            let accept = json!({"id": format!("{id}#accept"), "type": "Accept", "actor": id, "object": follow});
            self.hear(&id, "/inbox", &accept, 202).await;
        }
        let asks: Vec<String> = texts(&self.case["we_ask"]).collect();
        for id in asks {
            let Some(follow) = self.asks_to_follow(&id).await else { continue };
            let text = self.case.to_string().replace("{{ann_follow}}", follow["id"].as_str().unwrap());
            self.case = serde_json::from_str(&text).unwrap();
        }
        let said: Vec<Value> = self.case["inbox"].as_array().cloned().unwrap_or_default();
        for said in said {
            let path =
                if said["to"] == "personal" { format!("/users/{}/inbox", self.ann.id) } else { "/inbox".to_owned() };
            let answer = said["answer"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(202);
            self.hear(said["signed_by"].as_str().unwrap(), &path, &said["activity"], answer).await;
            // Nobody does two things in one moment.
            self.net.later(Duration::from_secs(61)).await;
        }
        let expected: Vec<Value> = self.case["expect"].as_array().cloned().unwrap_or_default();
        for expected in &expected {
            self.check(expected).await;
        }
        self.us.app().db.close().await.unwrap();
        self.differences
    }

    /// Our server takes part in the relays of the case, which agree.
    async fn take_part_in_relays(&mut self) {
        for (address, actor) in self.case["relays"].as_object().cloned().into_iter().flatten() {
            self.us.federation().join_relay(&address).await.unwrap();
            self.net.settle().await;
            let follow = self.peers.iter().flat_map(|peer| peer.received_of("Follow")).next_back().unwrap();
            let actor = actor.as_str().unwrap();
            let accept = json!({"id": format!("{actor}#accept"), "type": "Accept", "actor": actor, "object": follow});
            self.hear(actor, "/inbox", &accept, 202).await;
        }
    }

    /// Puts the documents of the case where they are asked for.
    fn serve(&self) {
        for document in self.case["documents"].as_array().into_iter().flatten() {
            let Some(id) = document["id"].as_str() else { continue };
            let (peer, path) = self.place(id);
            peer.serve(&path, document);
        }
        // A key with an address of its own is found there, as its owner.
        for id in texts(&self.case["actors"]) {
            let actor = self.document(&id);
            let Some(key) = actor["publicKey"]["id"].as_str() else { continue };
            let key = key.split('#').next().unwrap();
            if key != id && self.document(key).is_null() {
                let (peer, path) = self.place(key);
                peer.serve(&path, &actor);
            }
        }
        for (handle, id) in self.case["webfinger"].as_object().into_iter().flatten() {
            let host = handle.rsplit('@').next().unwrap();
            let Some(peer) = self.peers.iter().find(|peer| peer.url("") == format!("http://{host}")) else { continue };
            let resource: String = url::form_urlencoded::byte_serialize(format!("acct:{handle}").as_bytes()).collect();
            let finger = json!({
                "subject": format!("acct:{handle}"),
                "links": [{"rel": "self", "type": ACTIVITY, "href": id}],
            });
            let path = format!("/.well-known/webfinger?resource={resource}");
            peer.serve_as(&path, 200, "application/jrd+json", &finger.to_string());
        }
    }

    /// The server of an address, and the path there.
    fn place(&self, id: &str) -> (&Peer, String) {
        let url = Url::parse(id).unwrap();
        let origin = format!("http://{}", url.host_str().unwrap());
        let peer = self.peers.iter().find(|peer| peer.url("") == origin);
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        (peer.unwrap_or_else(|| panic!("{origin} is in no list of hosts")), path)
    }

    fn document(&self, id: &str) -> Value {
        let documents = self.case["documents"].as_array().into_iter().flatten();
        documents.into_iter().find(|document| document["id"] == id).cloned().unwrap_or_default()
    }

    /// Ann asks to follow somebody; what is sent.
    async fn asks_to_follow(&mut self, id: &str) -> Option<Value> {
        let found = self.ann.get(&format!("/api/v2/search?resolve=true&type=accounts&q={}", encoded(id))).await.ok();
        let Some(account) = found["accounts"][0]["id"].as_str() else {
            self.differences.push(format!("{id} cannot be found, to follow it"));
            return None;
        };
        self.ann.send(&format!("/api/v1/accounts/{account}/follow"), json!({})).await.ok();
        self.net.settle().await;
        let mut sent = self.peers.iter().flat_map(|peer| peer.received_of("Follow"));
        sent.rfind(|follow| follow["object"] == id)
    }

    /// Our node hears something that `by` signs.
    async fn hear(&mut self, by: &str, path: &str, activity: &Value, answer: u16) {
        let actor = self.document(by);
        let keys =
            if actor["publicKey"].is_array() { actor["publicKey"][0].clone() } else { actor["publicKey"].clone() };
        let key_id = keys["id"].as_str().unwrap_or(by).to_owned();
        let (url, body) = (Url::parse(&self.us.url(path)).unwrap(), activity.to_string());
        let signer = Signer::new(key_id, self.key.clone());
        let signed = signer.sign_headers("POST", &url, Some(body.as_bytes()), self.net.clock.now()).unwrap();
        let mut request = self.us.client().post(url).header("content-type", ACTIVITY).body(body);
        for (name, value) in signed {
            request = request.header(name, value);
        }
        let status = request.send().await.unwrap().status().as_u16();
        if status != answer {
            self.differences.push(format!("{} of {by}: answered {status}, not {answer}", activity["type"]));
        }
        self.net.settle().await;
    }

    async fn check(&mut self, expected: &Value) {
        let is = &expected["is"];
        let object = expected.as_object().unwrap();
        let verb = object.keys().find(|key| !matches!(key.as_str(), "is" | "from")).unwrap().as_str();
        let value = expected[verb].as_str().unwrap_or_default();
        match verb {
            "status" => match self.status(value).await {
                Some(status) => self.compare(value, is, &status),
                None => self.differences.push(format!("{value} is not known")),
            },
            "no_status" => {
                if self.status(value).await.is_some() {
                    self.differences.push(format!("{value} is known"));
                }
            }
            "account" => {
                let found = self.ann.get(&format!("/api/v1/accounts/lookup?acct={}", encoded(value))).await;
                if found.status.is_success() {
                    self.compare(value, is, &found.body);
                } else {
                    self.differences.push(format!("{value} is not known"));
                }
            }
            "notification" | "no_notification" => {
                let told = self.ann.notifications().await;
                let from = expected["from"].as_str();
                let fits =
                    |told: &&Value| told["type"] == value && from.is_none_or(|from| told["account"]["acct"] == from);
                if told.iter().any(|told| fits(&told)) != (verb == "notification") {
                    self.differences.push(format!("{verb} {value}: notified of {:?}", kinds(&told)));
                }
            }
            "relationship" => {
                let actual = self.ann.relationship(&format!("@{value}")).await;
                self.compare(value, is, &actual);
            }
            "home" => {
                let home: Vec<Value> = self.home().await.into_iter().map(Value::from).collect();
                if expected["home"] != Value::from(home.clone()) {
                    self.differences.push(format!("home shows {home:?}, not {}", expected["home"]));
                }
            }
            "ann_post" => {
                let actual = self.ann.again(&self.post).await;
                self.compare("the post of Ann", &expected["ann_post"], &actual);
            }
            "ann_poll" => {
                let actual = self.ann.again(&self.poll).await;
                self.compare("the poll of Ann", &expected["ann_poll"], &actual);
            }
            "replied_with" => {
                let sent: Vec<Value> = self.peers.iter().flat_map(|peer| peer.received_of(value)).collect();
                let fits = sent.iter().any(|sent| differences(value, is, sent).is_empty());
                if !fits {
                    self.differences.push(format!("replied with {value}s {sent:?}"));
                }
            }
            "report" => {
                let found = outloud::views::reports::list(&self.us.app().db, true).await.unwrap();
                let actual = found
                    .iter()
                    .map(|report| json!({"comment": report.row.comment, "statuses": report.row.status_ids.0.len()}));
                let actual: Vec<Value> = actual.collect();
                let fits = actual.len() == 1 && differences(verb, &expected["report"], &actual[0]).is_empty();
                if !fits {
                    self.differences.push(format!("reported was {actual:?}"));
                }
            }
            "nothing" => {
                let home = self.home().await;
                let told = self.ann.notifications().await;
                if !home.is_empty() || !told.is_empty() {
                    self.differences.push(format!("something happened: {home:?} {:?}", kinds(&told)));
                }
            }
            other => self.differences.push(format!("nothing is known of {other}")),
        }
    }

    async fn status(&self, id: &str) -> Option<Value> {
        let found = self.ann.get(&format!("/api/v2/search?type=statuses&q={}", encoded(id))).await.ok();
        let mut status = found["statuses"].get(0)?.clone();
        status["text"] = Value::from(plain(status["content"].as_str().unwrap()));
        Some(status)
    }

    /// The ids of what Ann's home shows of others.
    async fn home(&self) -> Vec<String> {
        let shown = self.ann.home().await.into_iter().filter(|status| status["account"]["acct"] != "ann");
        let shown = shown.map(|status| if status["reblog"].is_null() { status } else { status["reblog"].clone() });
        shown.map(|status| status["uri"].as_str().unwrap().to_owned()).collect()
    }

    fn compare(&mut self, what: &str, expected: &Value, actual: &Value) {
        self.differences.extend(differences(what, expected, actual));
    }
}

/// Ann's poll.
async fn asks(ann: &User) -> Value {
    let poll = json!({"options": ["Tea", "Coffee"], "expires_in": 7 * 24 * 3600});
    ann.send("/api/v1/statuses", json!({"status": "Tea or coffee?", "poll": poll})).await.ok()
}

/// Where a value is not what is expected of it; members nothing is said of are free.
fn differences(what: &str, expected: &Value, actual: &Value) -> Vec<String> {
    match (expected, actual) {
        (Value::Object(members), Value::Object(_)) => members
            .iter()
            .flat_map(|(name, expected)| differences(&format!("{what}.{name}"), expected, &actual[name]))
            .collect(),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).flat_map(|(one, other)| differences(&format!("{what}[]"), one, other)).collect()
        }
        (one, other) if one == other => Vec::new(),
        (one, other) => vec![format!("{what} is {other}, not {one}")],
    }
}

fn kinds(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().filter_map(|told| told["type"].as_str()).collect()
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    let several = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    several.into_iter().filter_map(|text| text.as_str().map(str::to_owned))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// HTML as a reader sees it: blocks and line breaks are spaces, runs of space are one.
fn plain(html: &str) -> String {
    let spaced = ["</p>", "<br>", "<br />", "</li>", "</pre>", "</blockquote>", "</ul>", "</ol>"]
        .iter()
        .fold(html.to_owned(), |html, end| html.replace(end, &format!(" {end}")));
    outloud::domain::html::to_text(&spaced).split_whitespace().collect::<Vec<_>>().join(" ")
}
