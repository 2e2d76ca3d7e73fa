//! What holds for everything, tried on much: ids, waiting times, names, texts, pages, and who sees what.

use std::collections::BTreeSet;
use std::time::Duration;

use outloud::domain::delivery;
use outloud::domain::handle::{Handle, Host, Username};
use outloud::domain::html;
use outloud::domain::id::{IdMint, StatusId};
use outloud::domain::moment::Moment;
use serde_json::{Value, json};

use crate::support::{Dice, Encounter, Neighbours, PeerActor, User, community, path_of};

#[test]
fn ids_grow_whatever_the_clock_does() {
    let mint = IdMint::new(7);
    let noon = Moment::parse("2026-11-01T12:00:00Z").unwrap();
    let mut last = StatusId(0);
    let mut dice = Dice::new();
    for _ in 0..10_000 {
        // Mostly the clock stands; now and then it goes on, or back.
        let wobble = Duration::from_millis(dice.below(50) as u64);
        let now = if dice.below(2) == 0 { noon + wobble } else { noon - wobble };
        let id: StatusId = mint.now(now);
        assert!(id > last, "{id} after {last}");
        last = id;
    }
}

#[test]
fn ids_made_at_once_are_all_different() {
    let mint = IdMint::new(0);
    let noon = Moment::parse("2026-11-01T12:00:00Z").unwrap();
    let many = || (0..5_000).map(|_| mint.now::<StatusId>(noon).0).collect::<Vec<i64>>();
    let made: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(many)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), 20_000);
}

#[test]
fn an_id_says_when_and_sorts_by_it() {
    let mint = IdMint::new(u16::MAX - 3);
    let noon = Moment::parse("2026-11-01T12:00:00Z").unwrap();
    for ago in 1..100 {
        let then = noon - Duration::from_millis(ago);
        let (earlier, later): (StatusId, StatusId) = (mint.at(then), mint.at(then + Duration::from_millis(1)));
        assert_eq!(earlier.moment(), then);
        assert!(earlier < later);
    }
}

#[test]
fn the_wait_between_tries_grows_and_ends() {
    for jitter in [-1.0, 0.0, 0.3, 1.0, 7.0] {
        let waits: Vec<Duration> = (1..).map_while(|tries| delivery::backoff(tries, jitter)).take(1_000).collect();
        assert!(waits.is_sorted_by(|shorter, longer| shorter < longer), "{waits:?}");
        assert!((5..20).contains(&waits.len()), "{} tries", waits.len());
        let whole: Duration = waits.iter().sum();
        assert!(whole > Duration::from_secs(48 * 3600) && whole < Duration::from_secs(8 * 24 * 3600), "{whole:?}");
    }
    assert_eq!(delivery::backoff(u32::MAX, 0.5), None);
}

#[test]
fn a_handle_that_is_written_is_read_again() {
    let (mut dice, mut read) = (Dice::new(), 0);
    let names = ["a", "Z", "7", "_", ".", "-", "ü", "ann", "@", " "];
    let hosts = ["a", "B", "7", ".", "-", "example.org", "ü", ":8080", "localhost", "[::1]", "%", "xn--bcher-kva"];
    for _ in 0..5_000 {
        let (name, host) = (dice.text(&names, 6), dice.text(&hosts, 4));
        for written in [format!("@{name}@{host}"), format!("acct:{name}@{host}"), name.clone()] {
            let Ok(handle) = written.parse::<Handle>() else { continue };
            read += 1;
            assert_eq!(handle.to_string().parse::<Handle>(), Ok(handle.clone()), "{written:?}");
            assert_eq!(handle.username.to_string().parse::<Username>(), Ok(handle.username), "{written:?}");
            let host = handle.host.map(|host| (host.to_string().parse::<Host>(), host));
            assert!(host.is_none_or(|(again, host)| again == Ok(host)), "{written:?}");
        }
    }
    assert!(read > 500, "only {read} were handles at all");
}

#[test]
fn plain_text_that_becomes_markup_stays_the_same_text() {
    let mut dice = Dice::new();
    let pieces = [
        "a",
        "word ",
        "<b>",
        "&amp;",
        "&",
        "\"",
        "'",
        ">",
        "\n",
        "\n\n",
        "https://example.org/a?b=1&c=2",
        "ü",
        "👩‍👩‍👧",
        "#tag ",
        "@ann ",
    ];
    for _ in 0..1_000 {
        let text = dice.text(&pieces, 12);
        let markup = html::plain_to_html(&text);
        assert_eq!(html::to_text(&markup), lines(&text), "{text:?} as {markup:?}");
        let sanitised = html::sanitise(&markup);
        assert_eq!(html::to_text(&sanitised), html::to_text(&markup), "{markup:?} as {sanitised:?}");
    }
}

/// What is seen of a text: one space between words, one empty line between paragraphs.
fn lines(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    for line in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
        if !line.is_empty() || seen.last().is_some_and(|last| !last.is_empty()) {
            seen.push(line);
        }
    }
    seen.join("\n").trim().to_owned()
}

#[tokio::test]
async fn what_was_typed_can_be_read_and_taken_up_again() {
    let [ann, _bob] = community(["ann", "bob"]).await;
    let mut dice = Dice::new();
    let pieces =
        ["a", "Word ", "<b>", "&amp; ", "\"", "\n", "\n\n", " https://example.org/x?y=1&z ", "ü", " #Tag ", " @bob "];
    for _ in 0..30 {
        let typed = dice.text(&pieces, 10);
        if typed.trim().is_empty() {
            continue;
        }
        let post = ann.post(&typed).await;
        let source = ann.get(&format!("{}/source", path_of(&post))).await.ok();
        assert_eq!(source["text"].as_str().unwrap().trim(), typed.trim(), "{typed:?}");
        // Edited as it is, nothing changes, and nothing is said to have changed.
        let again = ann.edit(&post, source["text"].as_str().unwrap()).await;
        assert_eq!((&again["content"], &again["edited_at"]), (&post["content"], &Value::Null), "{typed:?}");
    }
}

fn id_of(entry: &Value) -> i64 {
    entry["id"].as_str().unwrap().parse().unwrap()
}

/// What a page must be, told from the whole, newest first.
fn expected(whole: &[i64], bounds: [Option<i64>; 3], limit: usize) -> Vec<i64> {
    let [max, min, since] = bounds;
    let inside = |id: &i64| max.is_none_or(|max| *id < max) && min.max(since).is_none_or(|least| *id > least);
    let inside: Vec<i64> = whole.iter().copied().filter(inside).collect();
    let start = if min.is_some() { inside.len().saturating_sub(limit) } else { 0 };
    inside[start..].iter().copied().take(limit).collect()
}

async fn every_mix_of_bounds(ann: &User, path: &str, whole: &[i64], limits: &[usize]) {
    let base = format!("{path}{}", if path.contains('?') { '&' } else { '?' });
    let places: Vec<Option<i64>> = std::iter::once(None).chain(whole.iter().copied().map(Some)).collect();
    for (max, min, since) in mixes(&places) {
        for limit in limits {
            let bounds = [("max_id", max), ("min_id", min), ("since_id", since)];
            let said: String = bounds.iter().filter_map(|(name, id)| id.map(|id| format!("&{name}={id}"))).collect();
            let path = format!("{base}limit={limit}{said}");
            let page: Vec<i64> = ann.get(&path).await.ok().as_array().unwrap().iter().map(id_of).collect();
            assert_eq!(page, expected(whole, [max, min, since], *limit), "{path} of {whole:?}");
        }
    }
}

fn mixes(places: &[Option<i64>]) -> impl Iterator<Item = (Option<i64>, Option<i64>, Option<i64>)> {
    places
        .iter()
        .flat_map(move |max| places.iter().flat_map(move |min| places.iter().map(move |since| (*max, *min, *since))))
}

#[tokio::test]
async fn pages_are_cut_from_the_whole_for_every_mix_of_bounds() {
    let [ann, bob] = community(["ann", "bob"]).await;
    ann.follow("bob").await;
    for round in 0..4 {
        bob.post(&format!("@ann post {round} #tag")).await;
    }
    let lists = [
        ("/api/v1/timelines/home".to_owned(), &[1, 3][..]),
        ("/api/v1/timelines/public?local=true".to_owned(), &[2][..]),
        ("/api/v1/timelines/tag/tag".to_owned(), &[2][..]),
        (format!("/api/v1/accounts/{}/statuses", bob.id), &[2][..]),
        ("/api/v1/notifications".to_owned(), &[2][..]),
    ];
    for (path, limits) in lists {
        let whole: Vec<i64> = ann.get(&path).await.ok().as_array().unwrap().iter().map(id_of).collect();
        assert_eq!(whole.len(), 4, "{path}");
        every_mix_of_bounds(&ann, &path, &whole, limits).await;
    }
}

/// Whoever of our members has a post at home or is told of it; and of everybody who can see it.
async fn readers<'a>(people: &[&'a User], uri: &Value) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    let (mut have, mut see) = (BTreeSet::new(), BTreeSet::new());
    for person in people {
        let told: Vec<Value> = person.notifications().await.into_iter().map(|told| told["status"].clone()).collect();
        let mut entries = person.home().await.into_iter().chain(told);
        if entries.any(|entry| entry["uri"] == *uri || entry["reblog"]["uri"] == *uri) {
            have.insert(person.name.as_str());
        }
        let found = person.get(&format!("/api/v2/search?q={}&resolve=true", uri.as_str().unwrap())).await.ok();
        if found["statuses"][0]["uri"] == *uri {
            see.insert(person.name.as_str());
        }
    }
    (have, see)
}

#[tokio::test]
async fn whoever_gets_a_post_may_see_it_here() {
    let [ann, friend, named, stranger, foe] = community(["ann", "friend", "named", "stranger", "foe"]).await;
    friend.follow("ann").await;
    foe.follow("ann").await;
    ann.does("block", &foe).await;
    let people = [&ann, &friend, &named, &stranger, &foe];
    for (visibility, get, may) in [
        ("public", vec!["ann", "friend", "named"], vec!["ann", "friend", "named", "stranger"]),
        ("unlisted", vec!["ann", "friend", "named"], vec!["ann", "friend", "named", "stranger"]),
        ("private", vec!["ann", "friend", "named"], vec!["ann", "friend", "named"]),
        ("direct", vec!["ann", "named"], vec!["ann", "named"]),
    ] {
        let post = ann.post_to(visibility, "to @named and @foe").await;
        let (have, see) = readers(&people, &post["uri"]).await;
        assert!(have.is_subset(&see), "{visibility}: {have:?} get it, {see:?} may see it");
        assert_eq!((have, see), (get.into_iter().collect(), may.into_iter().collect()), "{visibility}");
    }
}

#[tokio::test]
async fn whoever_gets_a_post_may_see_it_elsewhere() {
    let Neighbours { net, ann, bob } = Neighbours::where_bob_follows_ann().await;
    let (named, stranger) = (bob.node.user("named").await, bob.node.user("stranger").await);
    for (visibility, may) in [
        ("public", vec!["bob", "named", "stranger"]),
        ("unlisted", vec!["bob", "named", "stranger"]),
        ("private", vec!["bob", "named"]),
        ("direct", vec!["named"]),
    ] {
        let post = ann.post_to(visibility, "to @named@beta.test").await;
        net.settle().await;
        let (have, see) = readers(&[&bob, &named, &stranger], &post["uri"]).await;
        assert!(have.is_subset(&see), "{visibility}: {have:?} get it, {see:?} may see it");
        let get = if visibility == "direct" { vec!["named"] } else { vec!["bob", "named"] };
        assert_eq!((have, see), (get.into_iter().collect(), may.into_iter().collect()), "{visibility}");
    }
}

#[tokio::test]
async fn whoever_is_sent_a_post_may_fetch_it() {
    let Encounter { net, us, ann, alice, .. } = Encounter::where_alice_follows_ann().await;
    let mut actors: Vec<PeerActor> = vec![alice];
    for name in ["named", "stranger"] {
        actors.push(net.peer(&format!("{name}.test")).await.actor(name).await);
    }
    for (visibility, get, may) in [
        ("public", vec!["alice", "named"], vec!["alice", "named", "stranger"]),
        ("unlisted", vec!["alice", "named"], vec!["alice", "named", "stranger"]),
        ("private", vec!["alice", "named"], vec!["alice", "named"]),
        ("direct", vec!["named"], vec!["named"]),
    ] {
        let post = ann.post_to(visibility, "to @named@named.test").await;
        net.settle().await;
        let uri = post["uri"].as_str().unwrap();
        let (mut sent, mut fetch) = (Vec::new(), Vec::new());
        for actor in &actors {
            if actor.peer.received_of("Create").iter().any(|create| create["object"]["id"] == uri) {
                sent.push(actor.name.as_str());
            }
            if actor.fetch(&us, uri).await.0 == 200 {
                fetch.push(actor.name.as_str());
            }
        }
        assert_eq!((sent, fetch), (get, may), "{visibility}");
    }
}

#[tokio::test]
async fn a_job_that_fails_waits_longer_each_time_and_is_given_up() {
    let scene = Encounter::where_ann_follows_alice().await;
    scene.us.expects_trouble();
    let far = scene.net.peer("far.test").await;
    far.serve_as("/notes/1", 503, "text/plain", "later");
    scene.alice_does("Announce", "announce-1", json!(far.url("/notes/1"))).await;
    let (mut asked, mut quiet, mut waits) = (far.requests(), 0_u32, Vec::new());
    assert!(asked > 0);
    for _ in 0..(5 * 24 * 6) {
        scene.net.later(Duration::from_secs(10 * 60)).await;
        quiet += 1;
        if far.requests() > asked {
            waits.push(quiet);
            (asked, quiet) = (far.requests(), 0);
        }
    }
    assert!(waits.len() > 3 && waits.is_sorted(), "{waits:?}");
    assert!(quiet > 2 * 24 * 6, "still tried after {waits:?}");
}
