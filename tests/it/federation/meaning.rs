//! Documents that mean different things to different readers, or too much. Cases A14, B24, B25, D04, D08 and D10 of the
//! attack catalogue.

use serde_json::{Value, json};

use crate::support::{Encounter, Peer, PeerActor};

/// Ann follows Alice and Carol, who brings what Alice is said to have proven.
struct Carried {
    scene: Encounter,
    carol: PeerActor,
    evil: Peer,
}

impl Carried {
    async fn begin() -> Self {
        let scene = Encounter::where_ann_follows_alice().await;
        let carol = scene.net.peer("other.test").await.actor_with_key("carol", 1).await;
        scene.ann_follows(&carol).await;
        let evil = scene.net.peer("evil.test").await;
        Self { scene, carol, evil }
    }

    /// Carol brings these bytes.
    async fn brings(&self, body: &str) -> u16 {
        let headers = self.carol.signed(&self.scene.us.url("/inbox"), body);
        let status = self.carol.deliver_raw(&self.scene.us, "/inbox", headers, body).await;
        self.scene.net.settle().await;
        status
    }

    /// Something Alice has proven, written otherwise before she proves it.
    fn proven(&self, name: &str, change: impl Fn(&mut Value)) -> Value {
        let mut create = self.scene.alice.create(self.scene.alice.note(name, name));
        change(&mut create);
        self.scene.alice.proves(&create)
    }
}

#[tokio::test]
async fn a14_a_context_that_gives_words_a_new_meaning_makes_a_proof_worthless() {
    let carried = Carried::begin().await;
    let streams = "https://www.w3.org/ns/activitystreams";
    let contexts = [
        json!([streams, {"foo": "as:attributedTo", "actor": "ex:nobody"}]),
        json!([streams, {"content": {"@id": "as:summary"}}]),
        json!([streams, {"@vocab": "http://evil.test/ns#"}]),
        json!([streams, [{"object": "as:target"}]]),
        json!({"@version": 1.1, "to": "as:bto"}),
    ];
    for (number, context) in contexts.iter().enumerate() {
        let odd = carried.proven(&format!("around-{number}"), |create| create["@context"] = context.clone());
        carried.brings(&odd.to_string()).await;
        // The same inside of what is created, where it would count as well.
        let odd = carried.proven(&format!("inside-{number}"), |create| create["object"]["@context"] = context.clone());
        carried.brings(&odd.to_string()).await;
    }
    for member in ["@graph", "@included", "@reverse", "@nest"] {
        let hidden = json!([{"type": "Create", "actor": carried.carol.id, "object": "http://evil.test/x"}]);
        let odd = carried.proven(member.trim_start_matches('@'), |create| create[member] = hidden.clone());
        carried.brings(&odd.to_string()).await;
    }
    assert!(carried.scene.ann.reads().await.is_empty(), "{:?}", carried.scene.ann.reads().await);
    let plain = carried.proven("plain", |create| create["@context"] = json!([streams, {"toot": "http://toot.test/"}]));
    assert_eq!(carried.brings(&plain.to_string()).await, 202);
    assert_eq!(carried.scene.ann.reads().await, ["plain"]);
}

#[tokio::test]
async fn a14_words_renamed_by_a_context_are_not_read_under_their_new_name() {
    let scene = Encounter::where_ann_follows_alice().await;
    let mallory = scene.net.peer("evil.test").await.actor_with_key("mallory", 1).await;
    scene.ann_follows(&mallory).await;
    // Signed by Mallory alone; who reads linked data would find Alice as the author.
    let mut create = mallory.create(mallory.note("1", "said by Mallory"));
    create["@context"] =
        json!(["https://www.w3.org/ns/activitystreams", {"foo": "as:attributedTo", "bar": "as:actor"}]);
    create["bar"] = json!(scene.alice.id);
    create["object"]["foo"] = json!(scene.alice.id);
    create["as:actor"] = json!(scene.alice.id);
    create["object"]["as:attributedTo"] = json!(scene.alice.id);
    create["@graph"] = json!([scene.alice.create(scene.alice.note("2", "said by nobody"))]);
    scene.hears(&mallory, &create).await;
    let home = scene.ann.home().await;
    assert_eq!(home.len(), 1);
    assert_eq!(home[0]["account"]["acct"], "mallory@evil.test");
}

#[tokio::test]
async fn a14_a_linked_data_signature_makes_nobody_the_author() {
    let carried = Carried::begin().await;
    let mut create = carried.scene.alice.create(carried.scene.alice.note("1", "with an old signature"));
    create["signature"] = json!({
        "type": "RsaSignature2017",
        "creator": carried.scene.alice.key_id(),
        "created": carried.scene.net.clock.now().seconds(),
        "signatureValue": "AAAA",
    });
    carried.brings(&create.to_string()).await;
    assert!(carried.scene.ann.reads().await.is_empty());
}

#[tokio::test]
async fn b24_a_proof_over_what_readers_do_not_agree_on_counts_for_nothing() {
    let carried = Carried::begin().await;
    for (number, odd) in ["1.5", "-0", "1.0", "9007199254740993", "18446744073709551615", "5e-324"].iter().enumerate() {
        let value: Value = serde_json::from_str(odd).unwrap();
        let proven = carried.proven(&format!("n{number}"), |create| create["object"]["size"] = value.clone());
        assert_eq!(carried.brings(&proven.to_string()).await, 202, "{odd}");
    }
    // A member named twice: some take the first, some the last.
    let genuine = carried.proven("twice", |_| {}).to_string();
    let first = genuine.replacen("\"content\":", "\"content\":\"<p>somebody else reads this</p>\",\"content\":", 1);
    let escaped = genuine.replacen("\"content\":", "\"\\u0063ontent\":\"<p>and this</p>\",\"content\":", 1);
    let actor = genuine.replacen("\"actor\":", &format!("\"actor\":\"{}\",\"actor\":", carried.carol.id), 1);
    let proof = genuine.replacen("\"proof\":", "\"proof\":{},\"proof\":", 1);
    for twice in [&first, &escaped, &actor, &proof] {
        assert_ne!(twice, &genuine);
        carried.brings(twice).await;
    }
    // No JSON at all that could be read.
    for broken in ["1e400", "-1e999", "\"\\ud800\"", "\"\\udfff\\ud800\"", "NaN", "01", "+1"] {
        let text = genuine.replacen("\"content\":", &format!("\"size\":{broken},\"content\":"), 1);
        assert_eq!(carried.brings(&text).await, 400, "{broken}");
    }
    assert!(carried.scene.ann.reads().await.is_empty(), "{:?}", carried.scene.ann.reads().await);
    assert_eq!(carried.brings(&genuine).await, 202);
    assert_eq!(carried.scene.ann.reads().await, ["twice"]);
}

#[tokio::test]
async fn b25_contexts_are_not_fetched_whatever_they_are() {
    let carried = Carried::begin().await;
    let (scene, evil) = (&carried.scene, &carried.evil);
    let address = evil.url("/context.jsonld");
    evil.serve_as("/context.jsonld", 200, "application/ld+json", r#"{"@context": "http://evil.test/context.jsonld"}"#);
    let huge: serde_json::Map<String, Value> =
        (0..4_000).map(|number| (format!("term{number}"), json!(format!("{address}#{number}")))).collect();
    let mut deep = json!(address);
    for _ in 0..10 {
        deep = json!([deep, {"inner": {"@id": "ex:inner", "@context": address}}]);
    }
    let contexts =
        [json!(address), json!([address, address]), json!({"@import": address}), json!(huge), deep, json!(7)];
    for (number, context) in contexts.into_iter().enumerate() {
        let mut create = scene.alice.create(scene.alice.note(&format!("n{number}"), "in a strange context"));
        create["@context"] = context.clone();
        create["object"]["@context"] = context.clone();
        scene.alice_sends(&create).await;
        carried.brings(&scene.alice.proves(&create).to_string()).await;
        let mut found = scene.alice.note(&format!("f{number}"), "found in a strange context");
        found["@context"] = context;
        scene.good.serve(&format!("/users/alice/notes/f{number}"), &found);
        scene.ann.get(&format!("/api/v2/search?resolve=true&q={}", found["id"].as_str().unwrap())).await.ok();
    }
    assert_eq!(evil.requests(), 0);
    assert_eq!(scene.ann.reads().await.len(), 12, "what is said in plain words is read all the same");
}

#[tokio::test]
async fn d04_an_object_that_could_be_anything_is_read_once_as_what_it_says() {
    let scene = Encounter::where_ann_follows_alice().await;
    // A mebibyte that has the members of every kind of object, many times over.
    let mut all = scene.alice.document();
    let note = scene.alice.note("1", "a bit of everything");
    for (name, value) in note.as_object().unwrap() {
        all[name] = value.clone();
    }
    let filler: Vec<Value> =
        (0..1_700).map(|_| json!({"type": "Note", "object": {"type": "Person", "items": [1]}})).collect();
    for name in ["attachment", "tag", "oneOf", "anyOf", "items", "orderedItems", "object", "icon", "image", "location"]
    {
        all[name] = json!(filler);
    }
    let large = all.clone();
    for (number, kind) in ["Note", "Person", "Nonsense", "Question", "Collection", "Tombstone"].into_iter().enumerate()
    {
        // Once in full; for the rest a few of each will do.
        all = large.clone();
        for (_, value) in all.as_object_mut().unwrap().iter_mut().filter(|_| number > 0) {
            if let Value::Array(items) = value {
                items.truncate(20);
            }
        }
        all["type"] = json!(kind);
        all["id"] = if kind == "Person" { json!(scene.alice.id) } else { json!(format!("{}/{kind}", scene.alice.id)) };
        let verbs = ["Create", "Update", "Announce", "Undo", "Accept", "Add", "Move", "Flag"];
        for verb in if number == 0 { &verbs[..1] } else { &verbs[1..] } {
            let activity = scene.alice.activity(verb, &format!("{verb}-{kind}"), all.clone());
            let size = activity.to_string().len();
            assert!(size < 1024 * 1024, "{size}");
            assert_eq!(scene.hears(&scene.alice, &activity).await, 202, "{verb} {kind}");
        }
    }
    // Types that are lists, numbers and objects are no types.
    for kind in [json!(["Note", "Person"]), json!({"type": "Note"})] {
        all["type"] = kind;
        scene
            .hears(&scene.alice, &scene.alice.activity("Create", &format!("create-{}", all["type"]), all.clone()))
            .await;
    }
    scene.alice_posts("last", "the node lives on").await;
    assert_eq!(scene.ann.reads().await[0], "the node lives on");
}

#[tokio::test]
async fn d08_quotes_of_quotes_lead_nowhere() {
    let scene = Encounter::where_ann_follows_alice().await;
    let far = scene.net.peer("far.test").await;
    let quote = |number: usize| far.url(&format!("/notes/{number}"));
    for number in 0..50 {
        let mut note = scene.alice.note("x", "as they say");
        note["id"] = json!(quote(number));
        for member in ["quote", "quoteUrl", "_misskey_quote", "context"] {
            note[member] = json!(quote(number + 1));
        }
        far.serve(&format!("/notes/{number}"), &note);
    }
    let mut note = scene.alice.note("1", "look what they say");
    for member in ["quote", "quoteUrl", "quoteUri", "_misskey_quote", "context"] {
        note[member] = json!(quote(0));
    }
    note["attachment"] = json!([{"type": "Note", "id": quote(1), "attachment": [{"type": "Note", "id": quote(2)}]}]);
    note["tag"] = json!([{"type": "Link", "mediaType": "application/activity+json", "href": quote(3)}]);
    // Of itself, too.
    let mut own = scene.alice.note("2", "I quote myself");
    own["quoteUrl"] = own["id"].clone();
    for said in [note, own] {
        scene.alice_sends(&scene.alice.create(said)).await;
    }
    let seen = scene.ann.home().await[0].clone();
    scene.ann.context(&seen).await;
    scene.net.settle().await;
    assert_eq!(far.requests(), 1, "what is quoted is looked at, and no further");
    assert_eq!(scene.ann.reads().await, ["I quote myself", "look what they say"]);
}

#[tokio::test]
async fn d10_many_long_and_invisible_hashtags_stay_within_bounds() {
    let scene = Encounter::where_ann_follows_alice().await;
    let tag = |name: String| json!({"type": "Hashtag", "name": name, "href": "http://good.test/tags/x"});
    let mut note = scene.alice.note("many", "many tags");
    note["tag"] = (0..500).map(|number| tag(format!("#tag{number}"))).collect();
    scene.alice_sends(&scene.alice.create(note)).await;
    let mut note = scene.alice.note("odd", "odd tags");
    note["tag"] = json!([
        tag("#".to_owned() + &"x".repeat(100_000)),
        tag("#".to_owned() + &"y".repeat(101)),
        tag("#".to_owned() + &"\u{fdfa}".repeat(100)),
        tag("#rust\u{200b}".to_owned()),
        tag("#\u{202e}rust".to_owned()),
        tag("#ＲＵＳＴ".to_owned()),
        tag("#Rust\u{feff}".to_owned()),
        tag("#\u{2066}\u{2069}".to_owned()),
        tag("#a b".to_owned()),
        tag("#<script>".to_owned()),
        tag("#../../etc".to_owned()),
        tag("#1234".to_owned()),
        json!({"type": "Hashtag", "name": 7}),
        json!({"type": "Hashtag"}),
    ]);
    scene.alice_sends(&scene.alice.create(note)).await;
    let names = |status: &Value| -> Vec<String> {
        status["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    };
    let home = scene.ann.home().await;
    assert_eq!(names(&home[1]).len(), 30);
    assert_eq!(names(&home[0]), ["rust"], "one tag in one form");
    // A tag that somebody avoids is not met again in other letters.
    let filter = json!({"title": "no rust", "context": ["home"], "filter_action": "hide",
        "keywords_attributes": [{"keyword": "#rust", "whole_word": true}]});
    scene.ann.send("/api/v2/filters", filter).await.ok();
    let found = scene.ann.get("/api/v1/timelines/tag/RUST").await.ok();
    assert_eq!(found.as_array().unwrap().len(), 1);
}
