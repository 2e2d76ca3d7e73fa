//! Keys of every kind, in and out: signatures after RFC 9421, Ed25519, keys that are replaced.

use outloud::actions::accounts;
use serde_json::json;
use url::Url;

use crate::support::{ACTIVITY, Encounter, Neighbours};

#[tokio::test]
async fn a_delivery_signed_after_rfc_9421_is_taken() {
    let scene = Encounter::where_ann_follows_alice().await;
    let body = scene.alice.create(scene.alice.note("1", "the new way")).to_string();
    let url = Url::parse(&scene.us.url("/inbox")).unwrap();
    let now = scene.net.clock.now();
    let headers = scene.alice.signer().sign_message("POST", &url, Some(body.as_bytes()), now).unwrap();
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 202);
    scene.net.settle().await;
    assert_eq!(scene.ann.reads().await, ["the new way"]);
}

#[tokio::test]
async fn b20_b21_a_broken_new_signature_is_not_made_good_by_an_old_one() {
    let scene = Encounter::where_ann_follows_alice().await;
    let body = scene.alice.create(scene.alice.note("1", "two ways")).to_string();
    let url = Url::parse(&scene.us.url("/inbox")).unwrap();
    let now = scene.net.clock.now();
    let elsewhere = Url::parse("http://evil.test/inbox").unwrap();
    let mut headers = scene.alice.signer().sign_message("POST", &elsewhere, Some(body.as_bytes()), now).unwrap();
    headers.extend(
        scene.alice.signed(url.as_str(), &body).into_iter().filter(|(name, _)| name == "digest" || name == "host"),
    );
    assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
    scene.net.settle().await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn whoever_reads_only_the_new_signatures_is_told_in_their_way_and_at_once_the_next_time() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.good.read_only_messages();
    scene.ann.post("first").await;
    let before = scene.good.requests();
    scene.net.settle().await;
    assert_eq!(scene.good.received_of("Create").len(), 1);
    assert_eq!(scene.good.requests(), before + 2, "one knock too many, once");
    scene.ann.post("second").await;
    scene.net.settle().await;
    assert_eq!(scene.good.received_of("Create").len(), 2);
    assert_eq!(scene.good.requests(), before + 3);
}

#[tokio::test]
async fn whoever_says_that_they_read_the_new_signatures_gets_them_at_once() {
    let scene = Encounter::of_strangers().await;
    let mut alice = scene.alice.document();
    alice["generator"] = json!({
        "type": "Application",
        "implements": [{"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421"}],
    });
    scene.good.serve("/users/alice", &alice);
    scene.ann.follow(&scene.alice.handle()).await;
    scene.net.settle().await;
    let headers = scene.good.headers_of("/inbox").or_else(|| scene.good.headers_of("/users/alice/inbox")).unwrap();
    assert!(headers.contains_key("signature-input"), "{headers:?}");
}

#[tokio::test]
async fn a_closed_door_is_knocked_at_in_both_ways_once() {
    let scene = Encounter::where_alice_follows_ann().await;
    scene.us.expects_trouble();
    scene.good.answer_deliveries(403, None);
    scene.ann.post("first").await;
    let before = scene.good.requests();
    scene.net.settle().await;
    assert_eq!(scene.good.requests(), before + 2);
    scene.ann.post("second").await;
    scene.net.settle().await;
    assert_eq!(scene.good.requests(), before + 3);
}

#[tokio::test]
async fn whoever_is_refused_is_told_what_would_be_taken() {
    let scene = Encounter::of_strangers().await;
    let request = scene.us.client().post(scene.us.url("/inbox")).header("content-type", ACTIVITY).body("{}");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(
        answer.headers()["accept-signature"],
        r#"sig1=("@method" "@target-uri" "content-digest");created;keyid"#
    );
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!((&problem["status"], &problem["type"]), (&json!(401), &json!("about:blank")));
}

#[tokio::test]
async fn our_keys_are_replaced_and_everybody_goes_on_believing_us() {
    let friends = Neighbours::where_bob_follows_ann().await;
    let (ann, bob) = (&friends.ann, &friends.bob);
    ann.post("before").await;
    friends.net.settle().await;
    let old = ann.node.document(&ann.uri()).await.ok();
    accounts::rotate_keys(ann.node.app(), ann.id).await.unwrap();
    friends.net.later(std::time::Duration::from_secs(120)).await;
    let new = ann.node.document(&ann.uri()).await.ok();
    assert_ne!(old["publicKey"]["id"], new["publicKey"]["id"]);
    assert_ne!(old["assertionMethod"][0]["id"], new["assertionMethod"][0]["id"]);
    assert_eq!(new["assertionMethod"].as_array().unwrap().len(), 1);
    ann.post("after").await;
    friends.net.settle().await;
    assert_eq!(bob.reads().await, ["after", "before"]);
    let known = new["publicKey"]["id"].as_str().unwrap();
    assert!(bob.node.federation().known_key(known).await.unwrap().is_some());
}

#[tokio::test]
async fn b12_keys_that_are_too_weak_are_no_keys() {
    let scene = Encounter::of_strangers().await;
    let mut alice = scene.alice.document();
    // The neutral point of Ed25519, to which many signatures belong.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    alice["assertionMethod"][0]["publicKeyMultibase"] = json!(outloud::domain::multikey::encode(&neutral));
    scene.good.serve("/users/alice", &alice);
    let other = scene.net.peer("other.test").await.actor_with_key("carol", 1).await;
    scene.ann_follows(&other).await;
    scene.ann_follows(&scene.alice).await;
    let mut proven = scene.alice.proves(&scene.alice.create(scene.alice.note("1", "proven with a weak key")));
    // The neutral point twice, and zero: a signature of this key over anything, for whoever checks no further.
    let anything = [&neutral[..], &[0; 32]].concat();
    proven["proof"]["proofValue"] = json!(outloud::domain::multikey::encode_bytes(&anything));
    scene.hears(&other, &proven).await;
    assert!(scene.ann.reads().await.is_empty());
}
