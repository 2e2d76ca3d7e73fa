//! Posts that quote posts, and who has allowed it (FEP-044f). Cases A27 and D08 of the attack catalogue.

use serde_json::{Value, json};

use crate::support::{ACTIVITY, Encounter, Neighbours, User};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

async fn quotes(member: &User, quoted: &Value, text: &str) -> Value {
    let post = json!({"status": text, "quoted_status_id": quoted["id"]});
    member.send("/api/v1/statuses", post).await.ok()
}

fn state(status: &Value) -> &str {
    status["quote"]["state"].as_str().unwrap_or("none")
}

fn told(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().map(|told| told["type"].as_str().unwrap()).collect()
}

/// A post of Alice that quotes something in the way of FEP-044f.
fn quoting(scene: &Encounter, name: &str, quoted: &str) -> Value {
    let mut note = scene.alice.note(name, name);
    note["quote"] = json!(quoted);
    note
}

async fn found(scene: &Encounter, note: &Value) -> Value {
    let id: String = url::form_urlencoded::byte_serialize(note["id"].as_str().unwrap().as_bytes()).collect();
    scene.ann.get(&format!("/api/v2/search?type=statuses&q={id}")).await.ok()["statuses"][0].clone()
}

#[tokio::test]
async fn members_of_two_servers_quote_each_other_and_take_it_back() {
    let town = Neighbours::where_bob_follows_ann().await;
    let post = town.ann.post("quote me").await;
    town.net.settle().await;
    let seen = town.bob.home().await.remove(0);
    assert_eq!(seen["quote_approval"]["current_user"], "automatic");
    let quote = quotes(&town.bob, &seen, "well said").await;
    assert_eq!(state(&quote), "pending");
    assert!(quote["content"].as_str().unwrap().contains("quote-inline"));
    town.net.settle().await;
    let quote = town.bob.again(&quote).await;
    assert_eq!((state(&quote), &quote["quote"]["quoted_status"]["id"]), ("accepted", &seen["id"]));
    assert_eq!(town.bob.again(&seen).await["quotes_count"], 1);
    // Ann hears of it, and sees it with her own post inside.
    let news = town.ann.notifications().await;
    let news = news.iter().find(|news| news["type"] == "quote").expect("Ann is told");
    assert_eq!(news["status"]["quote"]["quoted_status"]["id"], post["id"]);
    assert_eq!(town.ann.again(&post).await["quotes_count"], 1);
    let listed = town.ann.get(&format!("/api/v1/statuses/{}/quotes", post["id"].as_str().unwrap())).await.ok();
    assert_eq!(listed[0]["id"], news["status"]["id"]);
    // What Bob sends out says who has allowed it, and that can be looked up.
    let note = town.bob.node.document(quote["uri"].as_str().unwrap()).await.ok();
    let approval = note["quoteAuthorization"].as_str().unwrap();
    let approval = town.ann.node.document(approval).await.ok();
    assert_eq!((&approval["type"], &approval["interactingObject"]), (&json!("QuoteAuthorization"), &note["id"]));
    assert_eq!(approval["interactionTarget"], post["uri"]);
    let address = note["quoteAuthorization"].as_str().unwrap().to_owned();
    // Until Ann has had enough.
    let revoke = format!(
        "/api/v1/statuses/{}/quotes/{}/revoke",
        post["id"].as_str().unwrap(),
        news["status"]["id"].as_str().unwrap()
    );
    town.bob.send(&revoke, json!({})).await.refused(404);
    assert_eq!(state(&town.ann.send(&revoke, json!({})).await.ok()), "revoked");
    town.net.settle().await;
    let quote = town.bob.again(&quote).await;
    assert_eq!((state(&quote), &quote["quote"]["quoted_status"]), ("revoked", &Value::Null));
    assert_eq!(town.ann.again(&post).await["quotes_count"], 0);
    let gone = town.ann.node.client().get(address).header("accept", ACTIVITY).send().await.unwrap();
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn whoever_wants_not_to_be_quoted_is_not() {
    let town = Neighbours::where_bob_follows_ann().await;
    let carol = town.ann.node.user("carol").await;
    for (policy, by_carol, by_bob) in
        [("nobody", 422, "denied"), ("followers", 422, "automatic"), ("public", 200, "automatic")]
    {
        let post = json!({"status": format!("for {policy}"), "quote_approval_policy": policy});
        let post = town.ann.send("/api/v1/statuses", post).await.ok();
        town.net.settle().await;
        let answer = carol.send("/api/v1/statuses", json!({"status": "q", "quoted_status_id": post["id"]})).await;
        assert_eq!(answer.status.as_u16(), by_carol, "{policy}");
        let seen = town.bob.home().await.into_iter().find(|seen| seen["uri"] == post["uri"]).unwrap();
        assert_eq!(seen["quote_approval"]["current_user"], by_bob, "{policy}");
        let answer = town.bob.send("/api/v1/statuses", json!({"status": "q", "quoted_status_id": seen["id"]})).await;
        assert_eq!(answer.status.is_success(), by_bob == "automatic", "{policy}");
        town.net.settle().await;
    }
    // What is for followers stays with them, and with its author.
    let private = town.ann.post_to("private", "between us").await;
    assert_eq!(private["quote_approval"]["automatic"], json!([]));
    town.net.settle().await;
    let seen = town.bob.home().await.remove(0);
    town.bob.send("/api/v1/statuses", json!({"status": "q", "quoted_status_id": seen["id"]})).await.refused(422);
    town.ann.send("/api/v1/statuses", json!({"status": "q", "quoted_status_id": private["id"]})).await.refused(422);
    let own = json!({"status": "q", "quoted_status_id": private["id"], "visibility": "private"});
    assert_eq!(state(&town.ann.send("/api/v1/statuses", own).await.ok()), "accepted");
    town.net.settle().await;
    let unseen = carol.get(&format!("/api/v1/statuses/{}", private["id"].as_str().unwrap())).await;
    assert_eq!(unseen.status, 404);
}

#[tokio::test]
async fn a_wish_to_quote_is_granted_or_refused_by_what_the_author_chose() {
    let scene = Encounter::where_ann_follows_alice().await;
    let open = scene.ann.post("open").await;
    let shut = json!({"status": "shut", "quote_approval_policy": "nobody"});
    let shut = scene.ann.send("/api/v1/statuses", shut).await.ok();
    for (name, post, answer) in [("q1", &open, "Accept"), ("q2", &shut, "Reject")] {
        let note = quoting(&scene, name, post["uri"].as_str().unwrap());
        let mut wish = scene.alice.activity("QuoteRequest", &format!("wish-{name}"), post["uri"].clone());
        wish["instrument"] = note.clone();
        scene.alice_sends(&wish).await;
        let answered = scene.good.received_of(answer).pop().expect(answer);
        assert_eq!(answered["object"]["id"], wish["id"]);
        assert_eq!(answered["result"].is_string(), answer == "Accept");
        assert_eq!(state(&found(&scene, &note).await), if answer == "Accept" { "accepted" } else { "unauthorized" });
    }
    assert_eq!(told(&scene.ann.notifications().await), ["quote"]);
}

#[tokio::test]
async fn a27_an_approval_counts_on_the_server_of_who_is_quoted_and_for_that_very_quote() {
    let scene = Encounter::where_ann_follows_alice().await;
    let other = scene.net.peer("other.test").await;
    let olga = other.actor_with_key("olga", 1).await;
    let evil = scene.net.peer("evil.test").await;
    let quoted = olga.note("1", "words of Olga");
    other.serve("/users/olga/notes/1", &quoted);
    let approval = |id: &str, quoting: &str, target: &str, by: &str| {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": "QuoteAuthorization",
            "attributedTo": by, "interactingObject": quoting, "interactionTarget": target,
        })
    };
    let target = quoted["id"].as_str().unwrap();
    let cases = [
        ("elsewhere", evil.url("/approvals/elsewhere"), None, None, olga.id.clone()),
        ("for-another-post", other.url("/approvals/another"), Some("http://good.test/x"), None, olga.id.clone()),
        (
            "of-another-post",
            other.url("/approvals/of"),
            None,
            Some("http://other.test/users/olga/notes/2"),
            olga.id.clone(),
        ),
        ("by-somebody-else", other.url("/approvals/by"), None, None, other.url("/users/mallory")),
    ];
    for (name, address, quoting_id, target_id, by) in cases {
        let mut note = quoting(&scene, name, target);
        let id = note["id"].as_str().unwrap().to_owned();
        let document = approval(&address, quoting_id.unwrap_or(&id), target_id.unwrap_or(target), &by);
        let server = if address.contains("evil.test") { &evil } else { &other };
        server.serve(url::Url::parse(&address).unwrap().path(), &document);
        note["quoteAuthorization"] = json!(address);
        scene.alice_sends(&scene.alice.create(note.clone())).await;
        let status = found(&scene, &note).await;
        assert_eq!((state(&status), &status["quote"]["quoted_status"]), ("unauthorized", &Value::Null), "{name}");
    }
    let mut note = quoting(&scene, "good", target);
    let address = other.url("/approvals/good");
    other.serve("/approvals/good", &approval(&address, note["id"].as_str().unwrap(), target, &olga.id));
    note["quoteAuthorization"] = json!(address);
    scene.alice_sends(&scene.alice.create(note.clone())).await;
    assert_eq!(state(&found(&scene, &note).await), "accepted");
    // Nobody but Olga takes it back.
    scene.alice_does("Delete", "not-hers", json!(address)).await;
    assert_eq!(state(&found(&scene, &note).await), "accepted");
    scene.hears(&olga, &olga.activity("Delete", "hers", json!(address))).await;
    scene.net.settle().await;
    assert_eq!(state(&found(&scene, &note).await), "revoked");
}

#[tokio::test]
async fn an_approval_may_come_after_the_post() {
    let scene = Encounter::where_ann_follows_alice().await;
    let other = scene.net.peer("other.test").await;
    let olga = other.actor_with_key("olga", 1).await;
    let quoted = olga.note("1", "words of Olga");
    other.serve("/users/olga/notes/1", &quoted);
    let mut note = quoting(&scene, "q", quoted["id"].as_str().unwrap());
    scene.alice_sends(&scene.alice.create(note.clone())).await;
    assert_eq!(state(&found(&scene, &note).await), "pending");
    let address = other.url("/approvals/1");
    let approval = json!({
        "id": address, "type": "QuoteAuthorization", "attributedTo": olga.id,
        "interactingObject": note["id"], "interactionTarget": quoted["id"],
    });
    other.serve("/approvals/1", &approval);
    note["quoteAuthorization"] = json!(address);
    scene.alice_does("Update", "approved", note.clone()).await;
    assert_eq!(state(&found(&scene, &note).await), "accepted");
}

#[tokio::test]
async fn a27_d08_quotes_in_a_circle_end_after_one() {
    let scene = Encounter::where_ann_follows_alice().await;
    let ids: Vec<String> = (0..4).map(|n| format!("{}/notes/{n}", scene.alice.id)).collect();
    // Each quotes the next, the last the first: all by Alice, who may quote herself.
    let notes: Vec<Value> = (0..4).map(|n| quoting(&scene, &n.to_string(), &ids[(n + 1) % 4])).collect();
    for (n, note) in notes.iter().enumerate() {
        scene.good.serve(&format!("/users/alice/notes/{n}"), note);
    }
    let before = scene.good.requests();
    scene.alice_sends(&scene.alice.create(notes[0].clone())).await;
    assert!(scene.good.requests() - before <= 3, "one quote is looked at, and no further");
    for note in &notes[1..] {
        scene.alice_sends(&scene.alice.create(note.clone())).await;
    }
    let shown = found(&scene, &notes[0]).await;
    let inner = &shown["quote"]["quoted_status"];
    assert_eq!((state(&shown), &inner["uri"]), ("accepted", &json!(ids[1])));
    assert_eq!(inner["quote"]["quoted_status"], Value::Null);
    let page = scene.us.client().get(scene.us.url(&format!("/@alice@good.test/{}", shown["id"].as_str().unwrap())));
    let page = page.send().await.unwrap();
    assert!(page.status().is_success());
}

#[tokio::test]
async fn a_post_that_is_deleted_disappears_from_what_quotes_it() {
    let scene = Encounter::where_alice_follows_ann().await;
    let (post, carol) = (scene.ann.post("soon gone").await, scene.us.user("carol").await);
    let quote = quotes(&carol, &post, "look").await;
    assert_eq!(state(&quote), "accepted");
    scene.net.settle().await;
    let create = scene.good.received_of("Create");
    assert_eq!(create[0]["object"]["interactionPolicy"]["canQuote"]["automaticApproval"], json!([PUBLIC]));
    scene.ann.take_back(&post).await;
    let quote = carol.again(&quote).await;
    assert_eq!((state(&quote), &quote["quote"]["quoted_status"]), ("deleted", &Value::Null));
    scene.net.settle().await;
}

#[tokio::test]
async fn what_is_not_for_everybody_is_not_shown_to_whom_it_quotes() {
    let town = Neighbours::where_bob_follows_ann().await;
    let post = town.ann.post("quote me").await;
    let carol = town.ann.node.user("carol").await;
    town.net.settle().await;
    let seen = town.bob.home().await.remove(0);
    for visibility in ["direct", "private"] {
        let letter = json!({"status": "just between us", "visibility": visibility, "quoted_status_id": seen["id"]});
        town.bob.send("/api/v1/statuses", letter).await.refused(422);
        let letter = json!({"status": "just between us", "visibility": visibility, "quoted_status_id": post["id"]});
        carol.send("/api/v1/statuses", letter).await.refused(422);
    }
    let here = json!({"status": "stays here", "local_only": true, "quoted_status_id": seen["id"]});
    town.bob.send("/api/v1/statuses", here).await.refused(422);
    town.net.settle().await;
    assert!(town.ann.notifications().await.iter().all(|told| told["type"] != "quote"));
    // Whoever is named reads it anyway.
    let letter = json!({"status": "@ann@alpha.test see", "visibility": "direct", "quoted_status_id": seen["id"]});
    town.bob.send("/api/v1/statuses", letter).await.ok();
    town.net.settle().await;
}

#[tokio::test]
async fn a_post_that_names_its_approval_no_more_shows_its_quote_no_more() {
    let scene = Encounter::where_ann_follows_alice().await;
    let other = scene.net.peer("other.test").await;
    let olga = other.actor_with_key("olga", 1).await;
    let quoted = olga.note("1", "words of Olga");
    other.serve("/users/olga/notes/1", &quoted);
    let mut note = quoting(&scene, "q", quoted["id"].as_str().unwrap());
    let address = other.url("/approvals/1");
    let approval = json!({
        "id": address, "type": "QuoteAuthorization", "attributedTo": olga.id,
        "interactingObject": note["id"], "interactionTarget": quoted["id"],
    });
    other.serve("/approvals/1", &approval);
    note["quoteAuthorization"] = json!(address);
    scene.alice_sends(&scene.alice.create(note.clone())).await;
    assert_eq!(state(&found(&scene, &note).await), "accepted");
    note.as_object_mut().unwrap().remove("quoteAuthorization");
    scene.alice_does("Update", "revoked", note.clone()).await;
    assert_eq!(state(&found(&scene, &note).await), "revoked");
}

#[tokio::test]
async fn quotes_of_somebody_who_is_gone_are_gone_and_count_no_more() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mine = scene.ann.post("mine").await;
    scene.net.settle().await;
    scene.alice_sends(&scene.alice.create(quoting(&scene, "1", mine["uri"].as_str().unwrap()))).await;
    assert_eq!(scene.ann.again(&mine).await["quotes_count"], 1);
    let hers = scene.alice.note("2", "hers");
    scene.alice_sends(&scene.alice.create(hers.clone())).await;
    let other = scene.net.peer("other.test").await;
    let olga = other.actor_with_key("olga", 1).await;
    scene.ann_follows(&olga).await;
    let mut note = olga.note("1", "look");
    note["quoteUrl"] = hers["id"].clone();
    scene.hears(&olga, &olga.create(note.clone())).await;
    scene.net.settle().await;
    assert_eq!(state(&found(&scene, &note).await), "accepted");
    scene.alice_does("Delete", "gone", json!(scene.alice.id)).await;
    assert_eq!(scene.ann.again(&mine).await["quotes_count"], 0);
    assert_eq!(state(&found(&scene, &note).await), "deleted");
}
