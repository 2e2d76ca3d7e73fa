//! The places in which somebody can put an address for us to ask.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use url::Url;

use crate::support::browser::Browser;
use crate::support::{ACTIVITY, Encounter, Network, PeerActor};

/// Every place in which somebody can put an address, and whether an ordinary address there is asked.
pub const PLACES: [(&str, bool); 37] = [
    ("search for an address", true),
    ("search for a handle", true),
    ("search page", true),
    ("authorize_interaction", true),
    ("interact", true),
    ("handle in a post", true),
    ("walk to an address", true),
    ("walk to a handle", true),
    ("WebFinger redirect", true),
    ("WebFinger self link", true),
    ("WebFinger subject", true),
    ("host-meta template", true),
    ("redirect of a document", true),
    ("id of a document", true),
    ("author of a fetched post", true),
    ("key id", true),
    ("owner of a key", false),
    ("announced id", true),
    ("created id", false),
    ("hint", false),
    ("parent of a post", true),
    ("replies", false),
    ("next page", false),
    ("post in a group", true),
    ("moderators of a group", false),
    ("pinned id", false),
    ("outbox", false),
    ("featured", false),
    ("member of an outbox", false),
    ("inbox", false),
    ("shared inbox", false),
    ("pictures, links, emoji", false),
    ("mention", false),
    ("quote and context", true),
    ("move", true),
    ("request to quote", false),
    ("app for the client API", false),
];

/// Ours may ask 127.0.0.2 and nothing else on this machine; Alice lives there, with Carol of other.test.
pub struct Walled {
    pub scene: Encounter,
    pub carol: PeerActor,
}

impl Walled {
    pub async fn begin() -> Self {
        let net = Network::start().await;
        let us = net.node_with("node.test", &[("OUTLOUD__FEDERATION__ALLOW_ADDRESSES", "127.0.0.2/32")]).await;
        let allowed = Ipv4Addr::new(127, 0, 0, 2);
        let (good, other) = (net.peer_at("good.test", allowed).await, net.peer_at("other.test", allowed).await);
        let (ann, alice) = (us.user("ann").await, good.actor("alice").await);
        let carol = other.actor_with_key("carol", 1).await;
        let scene = Encounter { net, us, ann, good, alice };
        scene.ann_follows(&scene.alice).await;
        scene.ann_follows(&carol).await;
        Self { scene, carol }
    }

    /// Serves what the WebFinger of somebody at good.test answers.
    fn finger(&self, name: &str, answer: Option<&Value>) {
        let path = format!("/.well-known/webfinger?resource=acct%3A{name}%40good.test");
        match answer {
            Some(answer) => self.scene.good.serve_as(&path, 200, "application/jrd+json", &answer.to_string()),
            None => self.scene.good.serve_as(&path, 404, "text/plain", ""),
        }
    }

    /// Somebody of good.test whom nobody knows yet, with some properties of their own; not followed.
    async fn newcomer(&self, name: &str, change: impl Fn(&mut Value)) -> PeerActor {
        let actor = self.scene.good.actor(name).await;
        let mut document = actor.document();
        change(&mut document);
        self.scene.good.serve(&format!("/users/{name}"), &document);
        actor
    }

    pub async fn ann_searches(&self, text: &str) {
        let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        self.scene.ann.get(&format!("/api/v2/search?resolve=true&q={query}")).await.ok();
    }

    /// Puts `url` into a place and does whatever makes our node look there.
    pub async fn plant(&self, place: &str, url: &str, number: usize) {
        let Self { scene, carol } = self;
        let (good, alice, ann) = (&scene.good, &scene.alice, &scene.ann);
        let name = format!("n{number}");
        let path = format!("/users/alice/notes/{name}");
        let parsed = Url::parse(url).unwrap();
        let handle = format!("@m@{}", &parsed[url::Position::BeforeHost..url::Position::AfterPort]);
        match place {
            "search for an address" => self.ann_searches(url).await,
            "search for a handle" => self.ann_searches(&handle).await,
            "search page" | "authorize_interaction" => {
                let query: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
                let mut browser = Browser::of(&scene.us, "ann").await;
                let page = if place == "search page" { "search?q" } else { "authorize_interaction?uri" };
                browser.get(&format!("/{page}={query}")).await;
            }
            "interact" => {
                let mut browser = Browser::new(&scene.us);
                let page = browser.get(&format!("/interact?uri={}", scene.us.url("/@ann"))).await;
                browser.submit(&page, "form[action*=interact]", &[("handle", &handle)]).await;
            }
            "handle in a post" => {
                ann.post(&format!("hello {handle} {number}")).await;
            }
            "walk to an address" | "walk to a handle" => {
                let whom = if place == "walk to a handle" { &handle } else { url };
                // That it is no good is an answer as well.
                let _ = scene.us.federation().probe(whom).await;
            }
            "WebFinger redirect" => {
                good.redirect(&format!("/.well-known/webfinger?resource=acct%3A{name}%40good.test"), url);
                self.ann_searches(&format!("@{name}@good.test")).await;
            }
            "WebFinger self link" => {
                let links = json!([{"rel": "self", "type": ACTIVITY, "href": url}]);
                self.finger(&name, Some(&json!({"subject": format!("acct:{name}@good.test"), "links": links})));
                self.ann_searches(&format!("@{name}@good.test")).await;
            }
            "WebFinger subject" => {
                let actor = self.newcomer(&name, |_| {}).await;
                let links = json!([{"rel": "self", "type": ACTIVITY, "href": actor.id}]);
                let subject = handle.replacen("@m@", &format!("acct:{name}@"), 1);
                self.finger(&name, Some(&json!({"subject": subject, "links": links})));
                self.ann_searches(&actor.id).await;
            }
            "host-meta template" => {
                self.finger(&name, None);
                let template = format!("{url}?resource={{uri}}");
                let xrd = format!(r#"<XRD><Link rel="lrdd" template="{template}"/></XRD>"#);
                good.serve_as("/.well-known/host-meta", 200, "application/xrd+xml", &xrd);
                self.ann_searches(&format!("@{name}@good.test")).await;
                good.serve_as("/.well-known/host-meta", 404, "text/plain", "");
            }
            "redirect of a document" => {
                good.redirect(&path, url);
                self.ann_searches(&good.url(&path)).await;
            }
            "id of a document" | "author of a fetched post" => {
                let mut note = alice.note(&name, "somewhere else");
                note[if place == "id of a document" { "id" } else { "attributedTo" }] = json!(url);
                good.serve(&path, &note);
                self.ann_searches(&good.url(&path)).await;
            }
            "key id" => {
                let mut activity = alice.create(alice.note(&name, "who signed this?"));
                activity["actor"] = json!(url);
                let body = activity.to_string();
                let inbox = Url::parse(&scene.us.url("/inbox")).unwrap();
                let signer = outloud::federation::signature::Signer::new(format!("{url}#main-key"), alice.key.clone());
                let headers =
                    signer.sign_headers("POST", &inbox, Some(body.as_bytes()), scene.net.clock.now()).unwrap();
                assert_eq!(alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401, "{url}");
            }
            "owner of a key" => {
                let key = good.url(&format!("/keys/{name}"));
                good.serve(&format!("/keys/{name}"), &json!({"id": key, "owner": url, "publicKeyPem": "x"}));
                let body = alice.create(alice.note(&name, "whose key?")).to_string();
                let inbox = Url::parse(&scene.us.url("/inbox")).unwrap();
                let signer = outloud::federation::signature::Signer::new(key, alice.key.clone());
                let headers =
                    signer.sign_headers("POST", &inbox, Some(body.as_bytes()), scene.net.clock.now()).unwrap();
                assert_eq!(alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401, "{url}");
            }
            "announced id" => scene.alice_sends(&alice.boost(&name, url)).await,
            "created id" => scene.alice_does("Create", &name, json!(url)).await,
            "hint" => {
                let post = ann.post("say something").await;
                let mut note = alice.note(&name, "look there");
                (note["id"], note["inReplyTo"]) = (json!(url), post["uri"].clone());
                scene.hears(carol, &alice.activity("Create", &name, note)).await;
            }
            "parent of a post" | "replies" | "next page" => {
                let mut note = alice.note(&name, "in a thread");
                match place {
                    "parent of a post" => note["inReplyTo"] = json!(url),
                    "replies" => note["replies"] = json!(url),
                    _ => note["replies"] = json!({"type": "Collection", "first": {"items": [], "next": url}}),
                }
                good.serve(&path, &note);
                scene.alice_sends(&alice.create(note)).await;
                let seen = ann.home().await[0].clone();
                ann.context(&seen).await;
            }
            "post in a group" | "moderators of a group" => {
                let group = self
                    .newcomer(&name, |actor| {
                        (actor["type"], actor["attributedTo"]) = (json!("Group"), json!(url));
                    })
                    .await;
                scene.ann_follows(&group).await;
                let inner = match place {
                    "post in a group" => alice.activity("Create", &name, json!(url)),
                    _ => {
                        let note = alice.note(&format!("in-{name}"), "in the group");
                        good.serve(&format!("/users/alice/notes/in-{name}"), &note);
                        scene.alice_sends(&alice.create(note.clone())).await;
                        carol.activity("Delete", &name, note["id"].clone())
                    }
                };
                scene.hears(&group, &group.activity("Announce", &name, inner)).await;
            }
            "pinned id" => {
                let mut add = alice.activity("Add", &name, json!(url));
                add["target"] = alice.document()["featured"].clone();
                scene.alice_sends(&add).await;
            }
            "outbox" | "featured" | "member of an outbox" => {
                let newcomer = self
                    .newcomer(&name, |actor| {
                        if place != "member of an outbox" {
                            actor[place] = json!(url);
                        }
                    })
                    .await;
                let outbox = json!({"type": "OrderedCollection", "orderedItems": [url, {"type": "Note", "id": url}]});
                good.serve(&format!("/users/{name}/outbox"), &outbox);
                scene.ann_follows(&newcomer).await;
            }
            "inbox" | "shared inbox" => {
                let newcomer = self
                    .newcomer(&name, |actor| match place {
                        "inbox" => actor["inbox"] = json!(url),
                        _ => actor["endpoints"]["sharedInbox"] = json!(url),
                    })
                    .await;
                self.ann_searches(&newcomer.id).await;
                ann.post(&format!("hello {}", newcomer.handle())).await;
            }
            "pictures, links, emoji" => {
                let picture = json!({"type": "Image", "mediaType": "image/png", "url": url});
                let emoji = json!({"type": "Emoji", "name": ":x:", "icon": picture});
                let newcomer = self
                    .newcomer(&name, |actor| {
                        (actor["icon"], actor["image"], actor["url"]) = (picture.clone(), picture.clone(), json!(url));
                        actor["tag"] = json!([emoji]);
                        actor["attachment"] =
                            json!([{"type": "PropertyValue", "name": "me", "value": format!("<a rel=me href={url}>")}]);
                    })
                    .await;
                self.ann_searches(&newcomer.id).await;
                let mut note = alice.note(&name, &format!("<a href='{url}'>a link</a>"));
                note["attachment"] = json!([picture, {"type": "Link", "href": url}]);
                (note["tag"], note["image"], note["url"]) = (json!([emoji]), picture.clone(), json!(url));
                scene.alice_sends(&alice.create(note)).await;
                ann.post(&format!("look at {url}")).await;
            }
            "mention" => {
                let mut note = alice.note(&name, "you there");
                note["tag"] = json!([{"type": "Mention", "href": url, "name": "@m"}]);
                note["cc"] = json!([url, ann.uri()]);
                scene.alice_sends(&alice.create(note)).await;
            }
            "quote and context" => {
                let mut note = alice.note(&name, "as they say");
                for member in ["quote", "quoteUrl", "quoteUri", "_misskey_quote", "context", "conversation", "target"] {
                    note[member] = json!(url);
                }
                note["interactionPolicy"] = json!({"canQuote": {"automaticApproval": url}});
                scene.alice_sends(&alice.create(note)).await;
            }
            "move" => {
                let mut activity = alice.activity("Move", &name, json!(alice.id));
                activity["target"] = json!(url);
                scene.alice_sends(&activity).await;
            }
            "request to quote" => {
                let post = ann.post(&format!("quote me, {name}")).await;
                let mut wish = alice.activity("QuoteRequest", &name, post["uri"].clone());
                wish["instrument"] = json!(url);
                scene.alice_sends(&wish).await;
            }
            "app for the client API" => {
                let app = json!({"client_name": name, "redirect_uris": url, "website": url});
                scene.us.ask(reqwest::Method::POST, "/api/v1/apps", "", Some(app)).await;
            }
            unknown => panic!("nobody knows how to put an address into {unknown}"),
        }
        scene.net.settle().await;
    }
}
