//! What is for some and not for others, between servers. Cases H04, H07, H14, H16, H18 and H20 of the attack catalogue.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Encounter, User, community, path_of, text_of};

impl Encounter {
    /// Alice says something for her followers; how our API knows it, as Ann sees it.
    async fn alice_tells_followers(&self, name: &str) -> Value {
        let mut note = self.alice.note(&name.replace(' ', "-"), name);
        (note["to"], note["cc"]) = (json!([format!("{}/followers", self.alice.id)]), json!([]));
        self.alice_sends(&self.alice.create(note.clone())).await;
        self.ann.home().await.into_iter().find(|seen| seen["uri"] == note["id"]).expect("Ann follows Alice")
    }

    /// Every place in which somebody of ours could come upon a post of Alice.
    async fn sees(&self, reader: &User, status: &Value) -> bool {
        let alice = status["account"]["id"].as_str().unwrap();
        let uri: String = url::form_urlencoded::byte_serialize(status["uri"].as_str().unwrap().as_bytes()).collect();
        let needle = text_of(status);
        let mut seen = false;
        for path in [
            path_of(status),
            format!("{}/history", path_of(status)),
            format!("{}/context", path_of(status)),
            format!("/api/v1/statuses?id[]={}", status["id"].as_str().unwrap()),
            format!("/api/v1/accounts/{alice}/statuses"),
            format!("/api/v1/accounts/{alice}/statuses?pinned=true"),
            format!("/api/v2/search?q={uri}&resolve=true"),
            "/api/v1/timelines/home".to_owned(),
            "/api/v1/timelines/public".to_owned(),
            "/api/v1/notifications".to_owned(),
        ] {
            let answer = reader.get(&path).await;
            seen |= answer.body.to_string().contains(&format!(">{needle}<"));
        }
        let liked = reader.send(&format!("{}/favourite", path_of(status)), json!({})).await.status;
        self.net.settle().await;
        assert_eq!(liked.is_success(), seen, "{} likes what is not to be seen, or not what is", reader.name);
        seen
    }
}

#[tokio::test]
async fn h04_what_is_for_followers_elsewhere_waits_for_their_yes() {
    let scene = Encounter::of_strangers().await;
    let mut locked = scene.alice.document();
    locked["manuallyApprovesFollowers"] = json!(true);
    scene.good.serve("/users/alice", &locked);
    scene.ann_follows(&scene.alice).await;
    let (bob, eve) = (scene.us.user("bob").await, scene.us.user("eve").await);
    bob.follow(&scene.alice.handle()).await;
    scene.net.settle().await;
    let asked = scene.good.received_of("Follow").into_iter().next_back().unwrap();
    let status = scene.alice_tells_followers("between us").await;
    assert!(scene.sees(&scene.ann, &status).await);
    for other in [&bob, &eve] {
        assert!(!scene.sees(other, &status).await, "{}", other.name);
    }
    // Left in the inbox of somebody it is not for, or answering them, it is still not for them.
    let mut note = scene.alice.note("left", "left with Bob");
    (note["to"], note["cc"]) = (json!([format!("{}/followers", scene.alice.id)]), json!([]));
    let inbox = bob.uri().replace("http://node.test", "") + "/inbox";
    assert_eq!(scene.alice.deliver_to(&scene.us, &inbox, &scene.alice.create(note.clone())).await, 202);
    scene.net.settle().await;
    let left = scene.ann.home().await.into_iter().find(|seen| seen["uri"] == note["id"]).unwrap();
    assert!(!scene.sees(&bob, &left).await);
    // Somebody else says yes in Alice's place.
    let mallory = scene.good.actor_with_key("mallory", 1).await;
    scene.hears(&mallory, &mallory.activity("Accept", "accept-1", asked.clone())).await;
    assert!(!scene.sees(&bob, &status).await);
    scene.alice_does("Accept", "accept-2", asked.clone()).await;
    assert!(scene.sees(&bob, &status).await);
    assert!(!scene.sees(&eve, &status).await);
    // And no afterwards: from now on, and for what was said before.
    scene.alice_does("Reject", "reject-1", asked).await;
    let later = scene.alice_tells_followers("without Bob").await;
    for status in [&status, &left, &later] {
        assert!(!scene.sees(&bob, status).await);
        assert!(scene.sees(&scene.ann, status).await);
    }
}

#[tokio::test]
async fn h04_a_follow_that_ends_takes_along_what_was_for_followers() {
    let scene = Encounter::where_ann_follows_alice().await;
    let status = scene.alice_tells_followers("for now").await;
    assert!(scene.sees(&scene.ann, &status).await);
    scene.ann.unfollow(&scene.alice.handle()).await;
    scene.net.settle().await;
    assert!(!scene.sees(&scene.ann, &status).await);
    // Asking again is not enough.
    scene.ann.follow(&scene.alice.handle()).await;
    scene.net.settle().await;
    assert!(!scene.sees(&scene.ann, &status).await);
}

#[tokio::test]
async fn h07_a_third_person_gets_what_is_addressed_to_them_and_nothing_above_it() {
    let [ann, bob, carol] = community(["ann", "bob", "carol"]).await;
    let secret = ann.post_to("direct", "@bob a secret plan").await;
    let reply =
        json!({"status": "@ann what would @carol say?", "visibility": "direct", "in_reply_to_id": secret["id"]});
    let reply = bob.send("/api/v1/statuses", reply).await.ok();
    assert_eq!(text_of(&carol.again(&reply).await), text_of(&reply));
    carol.get(&path_of(&secret)).await.refused(404);
    let context = carol.context(&reply).await;
    assert_eq!((context["ancestors"].clone(), context["descendants"].clone()), (json!([]), json!([])));
    for path in ["/api/v1/notifications", "/api/v1/timelines/home"] {
        assert!(!carol.get(path).await.body.to_string().contains("secret"), "{path}");
    }
    // Her answer goes to those she names; that she answers in the thread opens nothing of it.
    let answer = json!({"status": "@bob no", "visibility": "direct", "in_reply_to_id": reply["id"]});
    let answer = carol.send("/api/v1/statuses", answer).await.ok();
    ann.get(&path_of(&answer)).await.refused(404);
    assert_eq!(ann.context(&secret).await["descendants"].as_array().unwrap().len(), 1);
    assert!(!carol.context(&answer).await.to_string().contains("secret"));
    // A public answer to something private shows no word of it.
    let public = json!({"status": "I cannot talk about it", "visibility": "public", "in_reply_to_id": reply["id"]});
    let public = ann.send("/api/v1/statuses", public).await.ok();
    let eve = ann.node.user("eve").await;
    assert!(!eve.context(&public).await.to_string().contains("carol"));
}

#[tokio::test]
async fn h07_whoever_is_added_by_an_edit_does_not_read_what_it_said_before() {
    let [ann, bob, carol] = community(["ann", "bob", "carol"]).await;
    let post = ann.post_to("direct", "@bob a word about somebody").await;
    ann.node.app().clock.advance(Duration::from_secs(60));
    ann.edit(&post, "@bob @carol hello both").await;
    let history = |reader: &User| {
        let (reader, path) = (reader.clone(), format!("{}/history", path_of(&post)));
        async move { reader.get(&path).await.ok().to_string() }
    };
    assert!(history(&carol).await.contains("hello both"));
    assert!(!history(&carol).await.contains("a word about"), "{}", history(&carol).await);
    assert!(history(&ann).await.contains("a word about"));
    bob.get(&format!("{}/source", path_of(&post))).await.refused(404);
}

#[tokio::test]
async fn h14_what_is_fetched_is_fetched_by_the_server_whoever_reads() {
    let scene = Encounter::of_strangers().await;
    let mut note = scene.alice.note("1", "who reads this?");
    note["replies"] = json!(format!("{}/notes/1/replies", scene.alice.id));
    scene.good.serve("/users/alice/notes/1", &note);
    scene.good.serve("/users/alice/notes/1/replies", &json!({"type": "Collection", "items": []}));
    let found = scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", note["id"].as_str().unwrap())).await.ok();
    scene.ann.context(&found["statuses"][0]).await;
    scene.net.settle().await;
    scene.ann.post(&format!("hello {} and @nobody@good.test", scene.alice.handle())).await;
    scene.net.settle().await;
    let federation = scene.us.federation();
    let instance = scene.us.app().urls.actor(federation.instance_actor);
    let mut signed = 0;
    for path in scene.good.paths() {
        let headers = scene.good.headers_of(&path).unwrap();
        let text = format!("{headers:?}");
        let is_delivery = path.ends_with("/inbox");
        assert_eq!(text.contains(&scene.ann.uri()), is_delivery, "{path}: {text}");
        assert!(!headers.contains_key("referer") && !headers.contains_key("cookie"), "{path}: {text}");
        assert!(!headers.contains_key("x-forwarded-for") && !text.contains("/@ann"), "{path}: {text}");
        signed += usize::from(text.contains(&instance));
    }
    assert!(signed >= 3, "{:?}", scene.good.paths());
}

#[tokio::test]
async fn h16_what_is_one_members_is_nobody_elses() {
    let [ann, eve, bob] = community(["ann", "eve", "bob"]).await;
    let post = ann.post("something to like").await;
    bob.act("favourite", &post).await;
    ann.changes_profile(json!({"locked": true})).await;
    bob.follow("ann").await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let news = id(&ann.notifications().await[0]);
    let filter = json!({"title": "mine", "context": ["home"], "keywords_attributes": [{"keyword": "like"}]});
    let filter = ann.send("/api/v2/filters", filter).await.ok();
    let keyword = id(&filter["keywords"][0]);
    let picked = ann.send(&format!("/api/v2/filters/{}/statuses", id(&filter)), json!({"status_id": post["id"]})).await;
    let (filter, picked) = (id(&filter), id(&picked.ok()));
    for (method, path) in [
        (Method::GET, format!("/api/v1/notifications/{news}")),
        (Method::POST, format!("/api/v1/notifications/{news}/dismiss")),
        (Method::GET, format!("/api/v2/filters/{filter}")),
        (Method::PUT, format!("/api/v2/filters/{filter}")),
        (Method::DELETE, format!("/api/v2/filters/{filter}")),
        (Method::GET, format!("/api/v2/filters/{filter}/keywords")),
        (Method::POST, format!("/api/v2/filters/{filter}/keywords")),
        (Method::GET, format!("/api/v2/filters/{filter}/statuses")),
        (Method::POST, format!("/api/v2/filters/{filter}/statuses")),
        (Method::GET, format!("/api/v2/filters/keywords/{keyword}")),
        (Method::PUT, format!("/api/v2/filters/keywords/{keyword}")),
        (Method::DELETE, format!("/api/v2/filters/keywords/{keyword}")),
        (Method::GET, format!("/api/v2/filters/statuses/{picked}")),
        (Method::DELETE, format!("/api/v2/filters/statuses/{picked}")),
        (Method::GET, format!("/api/v1/filters/{keyword}")),
        (Method::PUT, format!("/api/v1/filters/{keyword}")),
        (Method::DELETE, format!("/api/v1/filters/{keyword}")),
        (Method::POST, format!("/api/v1/follow_requests/{}/authorize", bob.id)),
        (Method::POST, format!("/api/v1/follow_requests/{}/reject", bob.id)),
        (Method::DELETE, path_of(&post)),
        (Method::PUT, path_of(&post)),
        (Method::POST, format!("{}/pin", path_of(&post))),
    ] {
        let form = json!({"title": "theirs", "keyword": "x", "phrase": "x", "context": ["home"], "status": "defaced",
            "status_id": post["id"]});
        let body = (method != Method::GET).then_some(form);
        let answer = eve.node.ask(method.clone(), &path, &eve.token, body).await;
        // Whose post it is, is known; that it cannot be changed may be said.
        let refused =
            [403, 404, 422].contains(&answer.status.as_u16()) || (answer.status == 200 && path.ends_with("dismiss"));
        assert!(refused, "{method} {path}: {} {}", answer.status, answer.body);
        assert!(!answer.body.to_string().contains("mine"), "{method} {path}: {}", answer.body);
    }
    // Everything is as it was, and what one filters, another reads.
    assert_eq!(ann.get(&format!("/api/v2/filters/{filter}")).await.ok()["title"], "mine");
    assert!(ann.notifications().await.iter().any(|told| told["id"] == news.as_str()));
    assert_eq!(ann.get("/api/v1/follow_requests").await.ok().as_array().unwrap().len(), 1);
    assert_eq!(eve.again(&post).await["filtered"], json!([]));
    assert_eq!(text_of(&ann.again(&post).await), "something to like");
}

#[tokio::test]
async fn h18_what_is_for_fewer_people_after_an_edit_is_gone_for_the_others() {
    let scene = Encounter::where_ann_follows_alice().await;
    let eve = scene.us.user("eve").await;
    let note = scene.alice_posts("1", "said to all").await;
    let status = scene.ann.home().await[0].clone();
    let boost = eve.act("reblog", &status).await;
    assert!(scene.sees(&eve, &status).await);
    scene.net.later(Duration::from_secs(60)).await;
    let mut narrowed = note.clone();
    (narrowed["to"], narrowed["cc"]) = (json!([format!("{}/followers", scene.alice.id)]), json!([]));
    narrowed["content"] = json!("<p>said to few</p>");
    narrowed["updated"] = json!(scene.net.clock.now().seconds());
    scene.alice_does("Update", "update-1", narrowed.clone()).await;
    let now = scene.ann.again(&status).await;
    assert_eq!((text_of(&now), &now["visibility"]), ("said to few".to_owned(), &json!("private")));
    for version in [&status, &now] {
        assert!(!scene.sees(&eve, version).await);
    }
    eve.get(&path_of(&boost)).await.refused(404);
    let anybody = scene.us.ask(Method::GET, &format!("{}/history", path_of(&status)), "", None).await;
    assert_eq!(anybody.status, 404);
    // It does not become public again, and an edit that names nobody leaves it as it is.
    for (number, (to, expected)) in
        [(json!(["https://www.w3.org/ns/activitystreams#Public"]), "private"), (json!([]), "private")]
            .iter()
            .enumerate()
    {
        scene.net.later(Duration::from_secs(60)).await;
        let mut wider = narrowed.clone();
        wider["to"] = to.clone();
        wider["updated"] = json!(scene.net.clock.now().seconds());
        let mut update = scene.alice.activity("Update", &format!("update-wider-{number}"), wider);
        for member in ["to", "cc"] {
            update.as_object_mut().unwrap().remove(member);
        }
        scene.alice_sends(&update).await;
        assert_eq!(&scene.ann.again(&status).await["visibility"], expected);
        assert!(!scene.sees(&eve, &now).await);
    }
}

#[tokio::test]
async fn h18_nothing_is_left_to_read_of_what_is_deleted() {
    let scene = Encounter::where_alice_follows_ann().await;
    let eve = scene.us.user("eve").await;
    let post = scene.ann.post("a first version").await;
    scene.net.later(Duration::from_secs(60)).await;
    scene.ann.edit(&post, "a second version").await;
    let private = scene.ann.post_to("private", "a private version").await;
    scene.ann.edit(&private, "a private version, edited").await;
    scene.net.settle().await;
    for what in ["history", "source"] {
        eve.get(&format!("{}/{what}", path_of(&private))).await.refused(404);
    }
    eve.get(&format!("{}/source", path_of(&post))).await.refused(404);
    for gone in [&post, &private] {
        scene.ann.take_back(gone).await;
        scene.net.settle().await;
        for reader in [&scene.ann, &eve] {
            for what in ["", "/history", "/source", "/context", "/favourited_by", "/reblogged_by"] {
                reader.get(&format!("{}{what}", path_of(gone))).await.refused(404);
            }
        }
        let uri = gone["uri"].as_str().unwrap();
        for what in ["", "/activity", "/replies", "/likes", "/shares"] {
            let (status, document) = scene.alice.fetch(&scene.us, &format!("{uri}{what}")).await;
            assert!([404, 410].contains(&status) && !document.to_string().contains("version"), "{what}: {document}");
        }
    }
}

#[tokio::test]
async fn h20_secret_copies_are_told_to_nobody() {
    let scene = Encounter::where_ann_follows_alice().await;
    let carol = scene.net.peer("other.test").await.actor_with_key("carol", 1).await;
    scene.hears(&carol, &carol.activity("Follow", "follow-ann", json!(scene.ann.uri()))).await;
    let (bob, post) = (scene.us.user("bob").await, scene.ann.post("a question").await);
    scene.net.settle().await;
    for (number, place) in ["activity bto", "activity bcc", "object bto", "object bcc"].iter().enumerate() {
        let mut note = scene.alice.note(&format!("{number}"), "an answer");
        note["inReplyTo"] = post["uri"].clone();
        note["source"] = json!({"content": "what was typed", "mediaType": "text/plain"});
        let mut create = scene.alice.create(note);
        let (whole, member) = place.split_once(' ').unwrap();
        let part = if whole == "object" { &mut create["object"] } else { &mut create };
        part[member] = json!([bob.uri(), "http://secret.test/users/sue"]);
        scene.alice_sends(&scene.alice.proves(&create)).await;
        let seen = scene.ann.home().await[0].clone();
        assert_eq!(seen["uri"], create["object"]["id"], "{place}");
        assert_eq!(seen["mentions"], json!([]));
        for text in [seen.to_string(), scene.ann.context(&post).await.to_string()] {
            for word in ["bcc", "bto", "secret.test", "what was typed", &bob.uri()] {
                assert!(!text.contains(word), "{place}: {word} in {text}");
            }
        }
        let page = scene.us.client().get(scene.us.url(&format!("/@ann/{}", post["id"].as_str().unwrap())));
        assert!(!page.send().await.unwrap().text().await.unwrap().contains("secret.test"), "{place}");
        // It is not passed on either, because its bytes say who had a secret copy.
        let passed_on = carol.peer.received_of("Create");
        assert!(passed_on.iter().all(|sent| sent["actor"] == scene.ann.uri().as_str()), "{place}: {passed_on:?}");
    }
    // What members write has none to begin with, whoever fetches it.
    let letter = scene.ann.post_to("direct", &format!("@bob and {}", carol.handle())).await;
    scene.net.settle().await;
    let (_, document) = carol.fetch(&scene.us, letter["uri"].as_str().unwrap()).await;
    for word in ["bto", "bcc"] {
        assert!(document.get(word).is_none() && document["object"].get(word).is_none(), "{document}");
    }
}
