//! What bad neighbours, odd orders and odd shapes cannot do. Cases of the attack catalogue, across its chapters.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Encounter, PeerActor, User, text_of};

const HOUR: Duration = Duration::from_secs(3600);
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Somebody on another server, with a key of his own.
async fn mallory(scene: &Encounter) -> PeerActor {
    scene.net.peer("evil.test").await.actor_with_key("mallory", 1).await
}

/// Ann has blocked Mallory, who is on another server, and is followed by Alice.
async fn ann_has_blocked_mallory() -> (Encounter, PeerActor) {
    let scene = Encounter::where_alice_follows_ann().await;
    let mallory = mallory(&scene).await;
    let seen = scene.ann.find(&mallory.handle()).await;
    scene.ann.send(&format!("/api/v1/accounts/{}/block", seen["id"].as_str().unwrap()), json!({})).await.ok();
    scene.net.settle().await;
    (scene, mallory)
}

/// What Alice can do to Ann and to a post of hers.
fn deeds(scene: &Encounter, post: &Value, name: &str) -> [Value; 3] {
    let things = [("Follow", json!(scene.ann.uri())), ("Like", post["uri"].clone()), ("Announce", post["uri"].clone())];
    things.map(|(verb, object)| scene.alice.activity(verb, &format!("{verb}-{name}"), object))
}

/// How many follow Ann, like her post and have boosted it.
async fn counted(ann: &User, post: &Value) -> [Value; 3] {
    let (account, post) = (ann.account().await, ann.again(post).await);
    [&account["followers_count"], &post["favourites_count"], &post["reblogs_count"]].map(Value::clone)
}

/// What the thread around a status says, without the status itself, by the alphabet.
async fn around(reader: &User, status: &Value) -> Vec<String> {
    let context = reader.context(status).await;
    let parts = ["ancestors", "descendants"].map(|part| context[part].as_array().unwrap().iter());
    let mut texts: Vec<String> = parts.into_iter().flatten().map(text_of).collect();
    texts.sort();
    texts
}

/// What a member finds who looks for an address.
async fn found(reader: &User, address: &str) -> Value {
    reader.get(&format!("/api/v2/search?resolve=true&q={address}")).await.ok()
}

#[tokio::test]
async fn a_follow_under_the_same_id_works_again_after_it_was_taken_back() {
    let scene = Encounter::of_strangers().await;
    // Some servers name a follow after the two people, so that every follow between them has the same bytes.
    let mut follow = scene.alice.activity("Follow", "follow", json!(scene.ann.uri()));
    follow["id"] = json!(scene.good.url("/follows/alice/ann"));
    let mut undo = scene.alice.activity("Undo", "undo", follow.clone());
    undo["id"] = json!(scene.good.url("/follows/alice/ann/undo"));
    for round in 1..=2 {
        scene.net.clock.advance(HOUR);
        scene.alice_sends(&follow).await;
        assert_eq!(scene.ann.account().await["followers_count"], 1, "round {round}");
        let accepts = scene.good.received_of("Accept");
        assert_eq!(accepts.len(), round);
        assert_eq!(accepts[round - 1]["object"]["id"], follow["id"]);
        scene.net.clock.advance(HOUR);
        scene.alice_sends(&undo).await;
        assert_eq!(scene.ann.account().await["followers_count"], 0, "round {round}");
    }
}

#[tokio::test]
async fn b13_the_same_bytes_of_a_post_count_once_however_much_later() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("once", "hello Ann");
    note["tag"] = json!([{"type": "Mention", "href": scene.ann.uri(), "name": "@ann@node.test"}]);
    let create = scene.alice.create(note.clone());
    for _ in 0..2 {
        scene.alice_sends(&create).await;
        scene.net.clock.advance(HOUR);
    }
    assert_eq!(scene.ann.reads().await, ["hello Ann"]);
    assert_eq!(scene.ann.notifications().await.len(), 1);
    assert_eq!(scene.ann.find(&scene.alice.handle()).await["statuses_count"], 1);
    scene.alice_does("Delete", "delete", note["id"].clone()).await;
    scene.alice_sends(&create).await;
    assert!(scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn a07_a34_a_neighbour_does_not_bury_what_is_still_to_come() {
    let scene = Encounter::where_ann_follows_alice().await;
    let bob = scene.good.actor("bob").await;
    let note = scene.alice.note("coming", "on its way");
    scene.hears(&bob, &bob.activity("Delete", "delete-coming", note["id"].clone())).await;
    scene.alice_sends(&scene.alice.create(note)).await;
    assert_eq!(scene.ann.reads().await, ["on its way"]);
}

#[tokio::test]
async fn a07_a34_a_neighbour_does_not_dig_out_what_its_author_has_buried() {
    let scene = Encounter::where_ann_follows_alice().await;
    let bob = scene.good.actor("bob").await;
    for order in [[&bob, &scene.alice], [&scene.alice, &bob]] {
        let note = scene.alice.note(&format!("{}-first", order[0].name), "deleted before it came");
        for (place, actor) in order.into_iter().enumerate() {
            let name = format!("delete-{}-{place}", order[0].name);
            scene.hears(actor, &actor.activity("Delete", &name, note["id"].clone())).await;
        }
        scene.alice_sends(&scene.alice.create(note)).await;
        assert!(scene.ann.reads().await.is_empty(), "{} was first", order[0].name);
    }
}

#[tokio::test]
async fn a34_what_is_taken_back_before_it_arrives_is_not_done() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post("touch me not").await;
    for name in ["whole", "by-id"] {
        for deed in deeds(&scene, &post, name) {
            let undone = if name == "whole" { deed.clone() } else { deed["id"].clone() };
            scene.alice_does("Undo", &format!("undo-{}-{name}", deed["type"].as_str().unwrap()), undone).await;
            scene.alice_sends(&deed).await;
            assert_eq!(counted(&scene.ann, &post).await, [0, 0, 0], "{deed}");
        }
    }
    assert!(scene.good.received_of("Accept").is_empty());
    assert!(scene.ann.notifications().await.is_empty());
}

#[tokio::test]
async fn a08_a34_nobody_takes_back_what_others_are_about_to_do() {
    let scene = Encounter::of_strangers().await;
    let (bob, mallory) = (scene.good.actor("bob").await, mallory(&scene).await);
    let post = scene.ann.post("go ahead").await;
    for deed in deeds(&scene, &post, "1") {
        let kind = deed["type"].as_str().unwrap();
        for other in [&bob, &mallory] {
            for (verb, name, object) in
                [("Undo", "whole", &deed), ("Undo", "by-id", &deed["id"]), ("Delete", "delete", &deed["id"])]
            {
                scene.hears(other, &other.activity(verb, &format!("{kind}-{name}"), object.clone())).await;
            }
        }
        scene.alice_sends(&deed).await;
    }
    assert_eq!(counted(&scene.ann, &post).await, [1, 1, 1]);
}

#[tokio::test]
async fn a23_the_page_of_somebody_leads_to_them_and_not_to_whoever_claims_it() {
    let scene = Encounter::of_strangers().await;
    let evil = scene.net.peer("evil.test").await;
    scene.good.serve("/@alice", &scene.alice.document());
    let claims = [("mallory", scene.good.url("/@alice"), "alice@good.test"), ("trudy", scene.us.url("/@ann"), "ann")];
    for (name, page, owner) in claims {
        let claimant = evil.actor_with_key(name, 1).await;
        let mut document = claimant.document();
        document["url"] = json!(page);
        evil.serve(&format!("/users/{name}"), &document);
        assert_eq!(scene.ann.find(&claimant.handle()).await["url"], claimant.id.as_str());
        let found = found(&scene.ann, &page).await;
        assert_eq!(found["accounts"].as_array().unwrap().len(), 1, "{page}: {found}");
        assert_eq!(found["accounts"][0]["acct"], owner);
    }
}

#[tokio::test]
async fn a23_a_profile_that_changes_does_not_move_to_the_page_of_somebody_else() {
    let scene = Encounter::of_strangers().await;
    let mallory = mallory(&scene).await;
    let before = scene.ann.find(&mallory.handle()).await["url"].clone();
    assert_eq!(before, mallory.peer.url("/@mallory"));
    let mut changed = mallory.document();
    changed["url"] = json!(scene.good.url("/@alice"));
    scene.hears(&mallory, &mallory.activity("Update", "update-1", changed)).await;
    assert_eq!(scene.ann.find(&mallory.handle()).await["url"], mallory.id.as_str());
    assert_eq!(found(&scene.ann, &scene.good.url("/@alice")).await["accounts"], json!([]));
}

#[tokio::test]
async fn a23_the_page_of_a_post_is_on_the_server_of_its_author() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mallory = mallory(&scene).await;
    scene.ann_follows(&mallory).await;
    let page = scene.good.url("/@alice/1");
    let mut claim = mallory.note("claim", "look where I live");
    claim["url"] = json!(page);
    scene.hears(&mallory, &mallory.create(claim.clone())).await;
    assert_eq!(scene.ann.home().await[0]["url"], claim["id"]);
    scene.net.clock.advance(HOUR);
    claim["content"] = json!("<p>look again</p>");
    claim["updated"] = json!(scene.net.clock.now().seconds());
    scene.hears(&mallory, &mallory.activity("Update", "update-1", claim.clone())).await;
    let home = scene.ann.home().await;
    assert_eq!((text_of(&home[0]).as_str(), &home[0]["url"]), ("look again", &claim["id"]));
    assert_eq!(found(&scene.ann, &page).await["statuses"], json!([]));

    let mut real = scene.alice.note("1", "this is my page");
    real["url"] = json!(page);
    scene.alice_sends(&scene.alice.create(real)).await;
    assert_eq!(found(&scene.ann, &page).await["statuses"][0]["account"]["acct"], "alice@good.test");
}

#[tokio::test]
async fn d05_a_note_that_answers_itself_hides_nobody_who_answers_it() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("self", "as I said before");
    note["inReplyTo"] = note["id"].clone();
    scene.alice_sends(&scene.alice.create(note.clone())).await;
    let seen = scene.ann.home().await[0].clone();
    assert_eq!(text_of(&seen), "as I said before");
    assert!(around(&scene.ann, &seen).await.is_empty());

    let answers: Vec<String> = (10..60).map(|number| format!("answer {number}")).collect();
    for (place, text) in answers.iter().enumerate() {
        let mut answer = scene.alice.note(&format!("answer-{place}"), text);
        answer["inReplyTo"] = note["id"].clone();
        assert_eq!(scene.alice.deliver(&scene.us, &scene.alice.create(answer)).await, 202);
    }
    scene.net.settle().await;
    assert_eq!(around(&scene.ann, &seen).await, answers);
}

#[tokio::test]
async fn d05_notes_that_answer_each_other_in_a_circle_are_listed_once() {
    let scene = Encounter::where_ann_follows_alice().await;
    let (mut hen, mut egg) = (scene.alice.note("hen", "the hen"), scene.alice.note("egg", "the egg"));
    hen["inReplyTo"] = egg["id"].clone();
    egg["inReplyTo"] = hen["id"].clone();
    for note in [hen, egg] {
        scene.alice_sends(&scene.alice.create(note)).await;
    }
    let home = scene.ann.home().await;
    let shown = |text: &str| home.iter().find(|status| text_of(status) == text).cloned().unwrap();
    let (hen, egg) = (shown("the hen"), shown("the egg"));
    let question = scene.ann.reply(&hen, "which was first?").await;
    scene.net.settle().await;
    for (status, expected) in [(&hen, "which was first?"), (&hen, "the egg"), (&egg, "the hen"), (&question, "the hen")]
    {
        let texts = around(&scene.ann, status).await;
        assert_eq!(texts.iter().filter(|text| *text == expected).count(), 1, "{texts:?}");
        assert!(!texts.contains(&text_of(status)), "{texts:?}");
        assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "{texts:?}");
    }
    scene.net.settle().await;
}

#[tokio::test]
async fn d09_edits_notify_no_more_people_than_a_post() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut crowd = vec![scene.ann.clone()];
    for number in 1..22 {
        crowd.push(scene.us.user(&format!("member{number}")).await);
    }
    let mut note = scene.alice_posts("bomb", "nobody is named").await;
    for (round, named) in crowd.chunks(11).enumerate() {
        scene.net.clock.advance(HOUR);
        let mention = |member: &User| json!({"type": "Mention", "href": member.uri(), "name": member.handle()});
        note["content"] = json!(format!("<p>edit {round}</p>"));
        note["updated"] = json!(scene.net.clock.now().seconds());
        note["tag"] = named.iter().map(mention).collect();
        note["cc"] = named.iter().map(User::uri).collect();
        scene.alice_does("Update", &format!("update-{round}"), note.clone()).await;
    }
    assert_eq!(scene.ann.reads().await, ["edit 1"]);
    let mut told = 0;
    for member in &crowd {
        told += member.notifications().await.iter().filter(|news| news["type"] == "mention").count();
    }
    assert!((11..=20).contains(&told), "{told} were told");
}

#[tokio::test]
async fn h03_no_cache_keeps_that_a_private_post_is_not_there() {
    let scene = Encounter::of_strangers().await;
    let post = scene.ann.post_to("private", "for those who follow").await;
    scene.net.settle().await;
    let uri = post["uri"].as_str().unwrap();
    let activity = format!("{uri}/activity");
    // What never was is answered alike, so that nobody can tell the two apart.
    let absent = format!("{}/statuses/1", scene.ann.uri());
    for address in [uri, &activity, post["url"].as_str().unwrap(), &absent] {
        let answer = scene.us.document(address).await;
        assert_eq!(answer.status, 404, "{address}");
        let kept = answer.headers.get("cache-control").map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert!(kept.contains("private") || kept.contains("no-store"), "{address}: {kept:?}");
    }
}

#[tokio::test]
async fn h05_nobody_elsewhere_hears_that_a_post_of_this_server_alone_is_gone() {
    let scene = Encounter::where_alice_follows_ann().await;
    let bob = scene.us.user("bob").await;
    let stays_here = json!({"status": "not for @alice@good.test", "local_only": true});
    let asked = scene.good.requests();
    for author in [&scene.ann, &bob] {
        let post = author.send("/api/v1/statuses", stays_here.clone()).await.ok();
        scene.ann.act("reblog", &post).await;
        scene.net.settle().await;
        scene.ann.act("unreblog", &post).await;
        scene.net.settle().await;
        assert_eq!(scene.good.requests(), asked, "a boost of {} is taken back", author.name);
        scene.ann.act("reblog", &post).await;
        author.take_back(&post).await;
        scene.net.settle().await;
        assert_eq!(scene.good.requests(), asked, "what {} said is deleted", author.name);
    }
}

#[tokio::test]
async fn h05_only_what_everybody_could_read_is_said_to_be_gone() {
    let scene = Encounter::of_strangers().await;
    let cases = [
        (json!({"status": "x", "visibility": "public"}), 410),
        (json!({"status": "x", "visibility": "unlisted"}), 410),
        (json!({"status": "x", "visibility": "private"}), 404),
        (json!({"status": "x", "visibility": "direct"}), 404),
        (json!({"status": "x", "visibility": "public", "local_only": true}), 404),
    ];
    for (draft, expected) in cases {
        let post = scene.ann.send("/api/v1/statuses", draft.clone()).await.ok();
        scene.ann.take_back(&post).await;
        scene.net.settle().await;
        let uri = post["uri"].as_str().unwrap();
        assert_eq!(scene.us.document(uri).await.status, expected, "{draft} to a stranger");
        assert_eq!(scene.alice.fetch(&scene.us, uri).await.0, expected, "{draft} to a stranger who signs");
    }
}

#[tokio::test]
async fn h11_a_boost_by_somebody_blocked_does_not_count() {
    let (scene, mallory) = ann_has_blocked_mallory().await;
    let post = scene.ann.post("for everybody").await;
    let before = scene.ann.notifications().await.len();
    let mut boost = mallory.activity("Announce", "boost-1", post["uri"].clone());
    boost["to"] = json!(PUBLIC);
    scene.hears(&mallory, &boost).await;
    assert_eq!(scene.ann.again(&post).await["reblogs_count"], 0);
    assert_eq!(scene.ann.notifications().await.len(), before);
}

#[tokio::test]
async fn h08_h11_whoever_is_blocked_is_not_sent_what_names_them() {
    let (scene, mallory) = ann_has_blocked_mallory().await;
    for visibility in ["private", "direct"] {
        let post = scene.ann.post_to(visibility, "@alice@good.test, beware of @mallory@evil.test").await;
        scene.net.settle().await;
        scene.ann.take_back(&post).await;
        scene.net.settle().await;
    }
    assert_eq!(scene.good.received_of("Create").len(), 2);
    assert_eq!(scene.good.received_of("Delete").len(), 2);
    assert!(mallory.peer.received().is_empty(), "{:?}", mallory.peer.received());
}

#[tokio::test]
async fn ids_with_signs_that_no_address_has_are_refused() {
    let scene = Encounter::where_ann_follows_alice().await;
    for (number, sign) in ["\0", "\t", "\n", "\r", " ", "\u{7f}", "\u{a0}"].iter().enumerate() {
        let broken = |id: &Value| {
            let id = id.as_str().unwrap();
            [format!("{id}{sign}"), id.replace("/users/", &format!("/us{sign}ers/"))]
        };
        let note = scene.alice.note(&format!("odd-{number}"), "odd");
        let create = scene.alice.create(note.clone());
        for field in ["id", "actor"] {
            for id in broken(&create[field]) {
                let mut odd = create.clone();
                odd[field] = json!(id);
                let status = scene.hears(&scene.alice, &odd).await;
                assert!(matches!(status, 400 | 401), "{status} to {field} {id:?}");
            }
        }
        for id in broken(&json!(scene.alice.id)) {
            let mut gone = scene.alice.activity("Delete", &format!("gone-{number}"), json!(id));
            gone["actor"] = json!(id);
            let status = scene.hears(&scene.alice, &gone).await;
            assert!(matches!(status, 400 | 401), "{status} to an actor {id:?} who is gone");
        }
        for (place, id) in broken(&note["id"]).into_iter().enumerate() {
            let mut odd = note.clone();
            odd["id"] = json!(id);
            scene.hears(&scene.alice, &scene.alice.activity("Create", &format!("odd-{number}-{place}"), odd)).await;
        }
        assert!(scene.ann.reads().await.is_empty(), "{sign:?}");
    }
    scene.alice_posts("even", "nothing odd").await;
    assert_eq!(scene.ann.reads().await, ["nothing odd"]);
}

#[tokio::test]
async fn a_reply_is_no_louder_than_what_it_answers_unless_its_author_says_so() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mut note = scene.alice.note("quiet", "not so loud");
    note["to"] = json!([format!("{}/followers", scene.alice.id)]);
    note["cc"] = json!([PUBLIC]);
    scene.alice_sends(&scene.alice.create(note)).await;
    let quiet = scene.ann.home().await[0].clone();
    assert_eq!(quiet["visibility"], "unlisted");
    assert_eq!(scene.ann.reply(&quiet, "all right").await["visibility"], "unlisted");
    scene.net.settle().await;
    let sent = scene.good.received_of("Create")[0]["object"].clone();
    assert_eq!(sent["to"], json!([format!("{}/followers", scene.ann.uri())]));
    assert_eq!(sent["cc"][0], PUBLIC);

    let loud = json!({"status": "hear, hear", "in_reply_to_id": quiet["id"], "visibility": "public"});
    assert_eq!(scene.ann.send("/api/v1/statuses", loud).await.ok()["visibility"], "public");
    let own = scene.ann.post("for everybody").await;
    assert_eq!(scene.ann.reply(&own, "and more").await["visibility"], "public");
    scene.net.settle().await;
}
