//! The gate of the inbox: what a signature must be before anything is believed. Cases B of the attack catalogue.

use std::time::Duration;

use outloud::federation::signature::Signer;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use crate::support::{Encounter, PeerActor};

type Headers = Vec<(HeaderName, HeaderValue)>;

fn header(name: &'static str, value: &str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
}

fn replace(headers: &mut Headers, name: &str, change: impl Fn(&str) -> String) {
    for (known, value) in headers.iter_mut().filter(|(known, _)| known == name) {
        *value = HeaderValue::from_str(&change(value.to_str().unwrap())).unwrap_or_else(|_| panic!("{known}"));
    }
}

impl Encounter {
    /// Sends a body that `actor` signs in the name of `key_id`; the status of the answer.
    async fn hears_signed_as(&self, key_id: String, actor: &PeerActor, body: &str) -> u16 {
        let url = url::Url::parse(&self.us.url("/inbox")).unwrap();
        let signer = Signer::new(key_id, actor.key.clone());
        let headers = signer.sign_headers("POST", &url, Some(body.as_bytes()), self.net.clock.now()).unwrap();
        actor.deliver_raw(&self.us, "/inbox", headers, body).await
    }

    /// Somebody on another server, with a key of his own.
    async fn mallory(&self) -> PeerActor {
        self.net.peer("evil.test").await.actor_with_key("mallory", 1).await
    }

    /// Delivers a note of Alice with headers that were tampered with; nothing may come of it.
    async fn refuses(&self, case: &str, tamper: impl Fn(&mut Headers)) {
        let body = self.alice.create(self.alice.note(case, "forged")).to_string();
        let mut headers = self.alice.signed(&self.us.url("/inbox"), &body);
        tamper(&mut headers);
        let before = self.good.requests();
        let status = self.alice.deliver_raw(&self.us, "/inbox", headers, &body).await;
        assert_eq!(status, 401, "{case}");
        assert_eq!(self.good.requests(), before, "{case}: nothing is asked before the cheap checks pass");
        self.net.settle().await;
        assert!(self.ann.reads().await.is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_well_signed_note_arrives_once() {
    let scene = Encounter::where_ann_follows_alice().await;
    let create = scene.alice.create(scene.alice.note("1", "hello"));
    assert_eq!(scene.alice.deliver(&scene.us, &create).await, 202);
    // B13: the same again, and to another inbox.
    assert_eq!(scene.alice.deliver(&scene.us, &create).await, 202);
    let inbox = format!("/users/{}/inbox", scene.ann.id);
    assert_eq!(scene.alice.deliver_to(&scene.us, &inbox, &create).await, 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await, ["hello"]);
}

#[tokio::test]
async fn b01_an_unsigned_or_unreadable_signature_is_refused_and_nobody_is_asked() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.refuses("none", |headers| headers.retain(|(name, _)| name != "signature")).await;
    scene.refuses("empty", |headers| replace(headers, "signature", |_| String::new())).await;
    scene.refuses("garbage", |headers| replace(headers, "signature", |_| "garbage".to_owned())).await;
    scene.refuses("long", |headers| replace(headers, "signature", |_| "x".repeat(10 * 1024))).await;
}

#[tokio::test]
async fn b02_b03_nobody_signs_for_somebody_else() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mallory = scene.mallory().await;
    let forged = scene.alice.create(scene.alice.note("forged", "forged"));
    // Mallory signs under his own name, and says that Alice did it: a stranger is not even heard as a messenger.
    assert_eq!(mallory.deliver(&scene.us, &forged).await, 401);
    // Mallory's key on his own server claims to be Alice's.
    let key = mallory.peer.url("/key");
    mallory.peer.serve("/key", &json!({"id": key, "owner": scene.alice.id, "publicKeyPem": mallory.public_pem}));
    assert_eq!(scene.hears_signed_as(key, &mallory, &forged.to_string()).await, 401);
    scene.net.settle().await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn b04_a_key_inside_the_activity_counts_for_nothing() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mallory = scene.mallory().await;
    let mut forged = scene.alice.create(scene.alice.note("forged", "forged"));
    let mut actor = scene.alice.document();
    actor["publicKey"]["publicKeyPem"] = json!(mallory.public_pem);
    forged["actor"] = actor;
    assert_eq!(scene.hears_signed_as(scene.alice.key_id(), &mallory, &forged.to_string()).await, 401);
    scene.net.settle().await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn b05_a_header_sent_twice_is_refused() {
    let scene = Encounter::where_ann_follows_alice().await;
    for name in ["digest", "date", "signature"] {
        scene
            .refuses(name, move |headers| {
                let copy = headers.iter().find(|(known, _)| known == name).cloned().unwrap();
                headers.push(copy);
            })
            .await;
    }
}

#[tokio::test]
async fn b06_the_digest_must_belong_to_the_body() {
    let scene = Encounter::where_ann_follows_alice().await;
    let wrong = format!("SHA-256={}", "A".repeat(43) + "=");
    scene.refuses("wrong digest", |headers| replace(headers, "digest", |_| wrong.clone())).await;
    scene.refuses("no digest", |headers| headers.retain(|(name, _)| name != "digest")).await;
    scene.refuses("other digest", |headers| replace(headers, "digest", |_| "SHA-512=AAAA".to_owned())).await;
    // The body is another than the one that was signed.
    let body = scene.alice.create(scene.alice.note("real", "real")).to_string();
    let headers = scene.alice.signed(&scene.us.url("/inbox"), &body);
    let other = scene.alice.create(scene.alice.note("other", "forged")).to_string();
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &other).await, 401);
}

#[tokio::test]
async fn b07_a_signature_that_covers_too_little_is_refused() {
    let scene = Encounter::where_ann_follows_alice().await;
    for part in ["(request-target) ", " host", " date", " digest"] {
        scene.refuses(part, move |headers| replace(headers, "signature", |value| value.replace(part, ""))).await;
    }
}

#[tokio::test]
async fn b08_a_request_signed_for_another_server_is_refused() {
    let scene = Encounter::where_ann_follows_alice().await;
    let body = scene.alice.create(scene.alice.note("elsewhere", "for evil.test")).to_string();
    let mut headers = scene.alice.signed("http://evil.test/inbox", &body);
    headers.push(header("host", "evil.test"));
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    let mut headers = scene.alice.signed("http://evil.test/inbox", &body);
    headers.push(header("x-forwarded-host", "evil.test"));
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    // B07 and B18: another path, another query.
    let headers = scene.alice.signed(&scene.us.url("/inbox?page=2"), &body);
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
}

#[tokio::test]
async fn b09_the_date_must_be_near() {
    let scene = Encounter::where_ann_follows_alice().await;
    let body = scene.alice.create(scene.alice.note("dated", "dated")).to_string();
    let url = url::Url::parse(&scene.us.url("/inbox")).unwrap();
    let now = scene.net.clock.now();
    let moments =
        [now - Duration::from_secs(2 * 3600), now - Duration::from_secs(13 * 3600), now + Duration::from_secs(10 * 60)];
    for moment in moments {
        let headers = scene.alice.signer().sign_headers("POST", &url, Some(body.as_bytes()), moment).unwrap();
        assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401, "{moment:?}");
    }
    scene.refuses("garbage", |headers| replace(headers, "date", |_| "yesterday".to_owned())).await;
    scene.refuses("none", |headers| headers.retain(|(name, _)| name != "date")).await;
}

#[tokio::test]
async fn b10_absurd_timestamps_are_refused_and_the_node_lives_on() {
    let scene = Encounter::where_ann_follows_alice().await;
    for created in ["18446744073709551615", "9223372036854775807", "1e9", "-1"] {
        scene
            .refuses(created, move |headers| {
                replace(headers, "signature", |value| {
                    value.replace("(request-target) host date digest", "(request-target) host (created) digest")
                        + &format!(",created={created},expires={created}")
                });
            })
            .await;
    }
    scene.alice_posts("alive", "still here").await;
    assert_eq!(scene.ann.reads().await, ["still here"]);
}

#[tokio::test]
async fn b11_only_algorithms_that_fit_the_key_are_taken() {
    let scene = Encounter::where_ann_follows_alice().await;
    for algorithm in ["hmac-sha256", "rsa-sha1", "none", "ed25519"] {
        scene
            .refuses(algorithm, move |headers| {
                replace(headers, "signature", |value| value.replace("rsa-sha256", algorithm))
            })
            .await;
    }
    let body = scene.alice.create(scene.alice.note("fine", "fine")).to_string();
    let mut headers = scene.alice.signed(&scene.us.url("/inbox"), &body);
    replace(&mut headers, "signature", |value| value.replace("rsa-sha256", "hs2019"));
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await, ["fine"]);
}

#[tokio::test]
async fn b15_b16_a_rotated_key_is_fetched_once_and_a_wrong_one_not_again_and_again() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.net.clock.advance(Duration::from_secs(600));
    let renewed = scene.good.actor_with_key("alice", 2).await;
    let create = renewed.create(renewed.note("rotated", "with my new key"));
    assert_eq!(renewed.deliver(&scene.us, &create).await, 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await, ["with my new key"]);

    let before = scene.good.requests();
    let mallory = scene.mallory().await;
    for round in 0..20 {
        let body = renewed.create(renewed.note(&format!("forged-{round}"), "forged")).to_string();
        assert_eq!(scene.hears_signed_as(renewed.key_id(), &mallory, &body).await, 401);
    }
    assert_eq!(scene.good.requests(), before, "a key that was just fetched is not fetched again");
}

#[tokio::test]
async fn c09_c10_nobody_can_make_us_ask_a_third_server_at_will() {
    let scene = Encounter::where_ann_follows_alice().await;
    let victim = scene.net.peer("victim.test").await;
    for round in 0..50 {
        let body =
            json!({"type": "Create", "id": victim.url("/a"), "actor": victim.url(&format!("/?{round}"))}).to_string();
        assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", Vec::new(), &body).await, 401);
    }
    assert_eq!(victim.requests(), 0);
    for round in 0..100 {
        let actor = victim.url(&format!("/?{round}"));
        let body = json!({"type": "Create", "id": victim.url("/a"), "actor": actor, "object": "x"}).to_string();
        let status = scene.hears_signed_as(format!("{actor}#main-key"), &scene.alice, &body).await;
        assert_eq!(status, if round < 30 { 401 } else { 429 }, "round {round}");
    }
    assert!(victim.requests() <= 30, "{} requests", victim.requests());
}

#[tokio::test]
async fn a36_deletions_of_strangers_are_taken_without_asking_anybody() {
    let scene = Encounter::where_ann_follows_alice().await;
    let far = scene.net.peer("far.test").await;
    let gone = far.actor("gone").await;
    let delete = gone.activity("Delete", "delete-1", json!(gone.id));
    assert_eq!(gone.deliver(&scene.us, &delete).await, 202);
    assert_eq!(far.requests(), 0);
}

#[tokio::test]
async fn bad_bodies_are_refused_with_a_reason_and_change_nothing() {
    let scene = Encounter::where_ann_follows_alice().await;
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for body in ["{", "", "[]", "null", "{\"type\":\"Create\"}", deep.as_str()] {
        let headers = scene.alice.signed(&scene.us.url("/inbox"), body);
        assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, body).await, 400, "{body}");
    }
    let two = json!({"type": "Follow", "actor": [scene.alice.id, "http://good.test/users/bob"], "object": "x"});
    assert_eq!(scene.alice.deliver(&scene.us, &two).await, 400);
    let large = json!({"type": "Create", "actor": scene.alice.id, "object": "x".repeat(2 * 1024 * 1024)}).to_string();
    let headers = scene.alice.signed(&scene.us.url("/inbox"), &large);
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &large).await, 413);
    let plain = scene.us.client().post(scene.us.url("/inbox")).header("content-type", "application/json").body("{}");
    assert_eq!(plain.send().await.unwrap().status(), 400);
    assert_eq!(scene.us.client().get(scene.us.url("/inbox")).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn unknown_verbs_are_taken_and_forgotten() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.alice_does("View", "view-1", json!("http://good.test/film")).await;
}
