//! Cases of the attack catalogue that have no better place: fetching, parsing, keys in odd places.

use std::io::Write;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter};

impl Encounter {
    /// What Ann finds at an address; statuses and accounts.
    async fn ann_looks_up(&self, address: &str) -> (usize, usize) {
        let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let found = self.ann.get(&format!("/api/v2/search?resolve=true&q={query}")).await.ok();
        self.net.settle().await;
        let count = |part: &str| found[part].as_array().unwrap().len();
        (count("statuses"), count("accounts"))
    }

    /// Sends these bytes to the shared inbox, well signed by Alice; the status of the answer.
    async fn alice_sends_bytes(&self, body: &str) -> u16 {
        let headers = self.alice.signed(&self.us.url("/inbox"), body);
        let status = self.alice.deliver_raw(&self.us, "/inbox", headers, body).await;
        self.net.settle().await;
        status
    }
}

#[tokio::test]
async fn a15_a_document_that_is_no_actor_owns_no_key() {
    let scene = Encounter::where_ann_follows_alice().await;
    // Uploaded to Alice's server by somebody else: a key that says it is hers, and a note that would like to be an actor.
    let key = scene.good.url("/media/upload.json");
    let forged_key = json!({"id": format!("{key}#main-key"), "owner": scene.alice.id, "publicKeyPem": "none"});
    let mut forged_actor = scene.alice.document();
    forged_actor["id"] = json!(key);
    forged_actor["type"] = json!("Note");
    for document in [forged_key, forged_actor] {
        scene.good.serve("/media/upload.json", &document);
        let body = scene.alice.create(scene.alice.note("forged", "forged")).to_string();
        let url = url::Url::parse(&scene.us.url("/inbox")).unwrap();
        let now = scene.net.clock.now();
        let signer = outloud::federation::signature::Signer::new(format!("{key}#main-key"), scene.alice.key.clone());
        let headers = signer.sign_headers("POST", &url, Some(body.as_bytes()), now).unwrap();
        assert_eq!(scene.alice.deliver_raw(&scene.us, "/inbox", headers, &body).await, 401);
        scene.net.later(std::time::Duration::from_secs(600)).await;
    }
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn b18_a_fetch_may_be_signed_with_the_query_and_without_it() {
    let scene = Encounter::of_strangers().await;
    let outbox = scene.us.url(&format!("/users/{}/outbox?page=true", scene.ann.id));
    for signed_as in [outbox.clone(), outbox.replace("?page=true", "")] {
        let signed_as = url::Url::parse(&signed_as).unwrap();
        let headers = scene.alice.signer().sign_headers("GET", &signed_as, None, scene.net.clock.now()).unwrap();
        let mut request = scene.us.client().get(&outbox).header("accept", ACTIVITY);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn b27_whoever_cannot_sign_learns_nothing_from_being_refused() {
    let scene = Encounter::where_ann_follows_alice().await;
    let post = scene.ann.post_to("private", "for followers").await;
    scene.net.settle().await;
    let mut answers = Vec::new();
    // Somebody who is followed here, somebody nobody knows; an answer to a private post, to nothing.
    for actor in [scene.alice.id.clone(), scene.good.url("/users/nobody")] {
        for parent in [post["uri"].clone(), json!(format!("{}0", post["uri"].as_str().unwrap()))] {
            let mut note = scene.alice.note("probe", "who is there?");
            note["attributedTo"] = json!(actor);
            note["inReplyTo"] = parent;
            let mut create = scene.alice.create(note);
            create["actor"] = json!(actor);
            let body = create.to_string();
            let mut headers = scene.alice.signed(&scene.us.url("/inbox"), &body);
            for (_, value) in headers.iter_mut().filter(|(name, _)| name == "signature") {
                let text = value.to_str().unwrap();
                let broken = text.replace(&scene.alice.key_id(), &format!("{actor}#main-key"));
                let cut = broken.find("signature=\"").unwrap() + 11;
                *value = (broken[..cut].to_owned() + "AAAA\"").parse().unwrap();
            }
            let mut request =
                scene.us.client().post(scene.us.url("/inbox")).header("content-type", ACTIVITY).body(body);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            let answer = request.send().await.unwrap();
            answers.push((answer.status(), answer.text().await.unwrap()));
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == StatusCode::UNAUTHORIZED), "{answers:?}");
}

#[tokio::test]
async fn c03_redirects_lead_no_further_than_they_may() {
    let scene = Encounter::of_strangers().await;
    let note = scene.alice.note("1", "moved a little");
    scene.good.serve("/users/alice/notes/1", &note);
    for target in [
        "file:///etc/passwd",
        "gopher://good.test/1",
        "data:application/activity+json,{}",
        "http://10.0.0.1/note",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:1/note",
        "http://2130706433/note",
        "http://node.test/users/1",
        "/loop",
    ] {
        scene.good.redirect("/loop", target);
        let before = scene.good.requests();
        assert_eq!(scene.ann_looks_up(&scene.good.url("/loop")).await, (0, 0), "{target}");
        assert!(scene.good.requests() - before <= 8, "{target}");
    }
    scene.good.redirect("/short", "/users/alice/notes/1");
    assert_eq!(scene.ann_looks_up(&scene.good.url("/short")).await, (1, 0));
}

#[tokio::test]
async fn c12_a_small_answer_that_becomes_a_huge_one_is_not_read() {
    let scene = Encounter::of_strangers().await;
    let mut squeeze = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    squeeze.write_all(br#"{"id":""#).unwrap();
    let zeros = vec![b'0'; 1024 * 1024];
    for _ in 0..32 {
        squeeze.write_all(&zeros).unwrap();
    }
    scene.good.serve_squeezed("/bomb", squeeze.finish().unwrap());
    assert_eq!(scene.ann_looks_up(&scene.good.url("/bomb")).await, (0, 0));
    assert_eq!(scene.ann_looks_up(&scene.alice.id).await, (0, 1), "the node lives on");
}

#[tokio::test]
async fn d01_d02_deep_and_large_documents_are_refused_and_the_node_lives_on() {
    let scene = Encounter::where_ann_follows_alice().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let in_object = format!(r#"{{"@context":{deep},"id":"{}/deep","type":"Note"}}"#, scene.alice.id);
    for (body, status) in [
        (deep.clone(), 400),
        (in_object.clone(), 400),
        (format!(r#"{{"to":[{}"x"]}}"#, r#""x","#.repeat(20_000)), 400),
        (r#"{"id":1e999999,"type":"Create"}"#.to_owned(), 400),
        (format!(r#"{{"{}":1}}"#, "k".repeat(1024 * 1024)), 413),
        ("{".to_owned(), 400),
        ("null".to_owned(), 400),
        ("\u{feff}{}".to_owned(), 400),
    ] {
        assert_eq!(scene.alice_sends_bytes(&body).await, status, "{:.40}", body);
    }
    scene.good.serve_as("/deep", 200, ACTIVITY, &in_object);
    assert_eq!(scene.ann_looks_up(&scene.good.url("/deep")).await, (0, 0));
    let mut many = scene.alice.note("many", "many tags");
    let tag = |number: usize| json!({"type": "Hashtag", "name": format!("#t{number}")});
    many["tag"] = (0..9_000).map(tag).collect::<Value>();
    many["attachment"] = (0..900)
        .map(|number| json!({"type": "Image", "url": format!("http://good.test/{number}.png"), "mediaType": "image/png"}))
        .collect();
    scene.alice_sends(&scene.alice.create(many)).await;
    let seen = scene.ann.home().await[0].clone();
    assert_eq!((seen["tags"].as_array().unwrap().len(), seen["media_attachments"].as_array().unwrap().len()), (30, 16));
}

#[tokio::test]
async fn d12_names_and_texts_of_absurd_characters_stay_within_bounds() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut alice = scene.alice.document();
    alice["name"] = json!(format!("A{}\u{202e}evil", "\u{301}".repeat(10_000)));
    scene.alice_does("Update", "update-1", alice).await;
    let name = scene.ann.find(&scene.alice.handle()).await["display_name"].as_str().unwrap().to_owned();
    assert!(name.len() < 2_000 && !name.contains('\u{202e}'), "{} bytes", name.len());
}

#[tokio::test]
async fn d14_a_blurhash_that_lies_about_its_size_is_left_out() {
    let scene = Encounter::where_ann_follows_alice().await;
    for (number, hash) in
        [json!("0"), json!("L".repeat(10_000)), json!("~"), json!("LEHV6nWB2yk8pyo0adR*.7kCMdn"), json!(7)]
            .into_iter()
            .enumerate()
    {
        let mut note = scene.alice.note(&format!("{number}"), "a picture");
        note["attachment"] =
            json!([{"type": "Image", "url": "http://good.test/a.png", "mediaType": "image/png", "blurhash": hash}]);
        scene.alice_sends(&scene.alice.create(note)).await;
        let seen = scene.ann.home().await[0].clone();
        assert_eq!(seen["media_attachments"][0]["blurhash"], Value::Null, "{hash}");
    }
}

#[tokio::test]
async fn a04_files_of_ours_are_never_documents() {
    let scene = Encounter::of_strangers().await;
    for path in ["/avatars/missing.png", "/headers/missing.png"] {
        let answer = scene.us.client().get(scene.us.url(path)).header("accept", ACTIVITY).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("content-type").as_str(), header("x-content-type-options").as_str()),
            ("image/png", "nosniff")
        );
        // Nor is anything there that could be spoken of.
        let mut reply = scene.alice.note("1", "an answer to a file");
        (reply["inReplyTo"], reply["quote"]) = (json!(scene.us.url(path)), json!(scene.us.url(path)));
        scene.alice_sends(&scene.alice.create(reply)).await;
        assert_eq!(scene.ann_looks_up(&scene.us.url(path)).await, (0, 0), "{path}");
    }
    assert!(scene.ann.notifications().await.is_empty());
}

#[tokio::test]
async fn a28_an_approval_that_somebody_brings_along_gives_them_nothing() {
    let scene = Encounter::where_alice_follows_ann().await;
    let evil = scene.net.peer("evil.test").await;
    let private = scene.ann.post_to("private", "for followers").await;
    scene.net.settle().await;
    let mallory = evil.actor_with_key("mallory", 1).await;
    let approval = evil.url("/approvals/1");
    evil.serve(
        "/approvals/1",
        &json!({
            "id": approval, "type": "ReplyAuthorization", "attributedTo": scene.ann.uri(),
            "interactingObject": format!("{}/notes/1", mallory.id), "interactionTarget": private["uri"],
        }),
    );
    let mut reply = mallory.note("1", "let me in");
    reply["inReplyTo"] = private["uri"].clone();
    (reply["approvedBy"], reply["replyAuthorization"]) = (json!(approval), json!(approval));
    scene.hears(&mallory, &mallory.create(reply)).await;
    assert!(evil.headers_of("/approvals/1").is_none(), "nobody looks at it");
    assert_eq!(scene.ann.again(&private).await["reblogs_count"], 0);
    let seen = scene.us.document(private["uri"].as_str().unwrap()).await;
    assert_eq!(seen.status, 404);
}
