//! Documents of other servers: from bytes to what would be stored.

use activitypub_federation::fetch::webfinger::Webfinger;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use outloud::domain::html;
use outloud::domain::origin::{Borders, Id};
use outloud::federation::http::{is_activity_media_type, parse_document};
use outloud::federation::protocol::activity::Activity;
use outloud::federation::protocol::actor::Actor;
use outloud::federation::protocol::note::Note;
use outloud::federation::protocol::shape;
use outloud::federation::{translate, webfinger};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::runner::{fixtures, fuzz, outcome};

const WORDS: [&str; 60] = [
    "id",
    "type",
    "actor",
    "object",
    "target",
    "to",
    "cc",
    "content",
    "contentMap",
    "mediaType",
    "text/markdown",
    "name",
    "nameMap",
    "summary",
    "sensitive",
    "tag",
    "attachment",
    "url",
    "href",
    "icon",
    "inReplyTo",
    "attributedTo",
    "published",
    "updated",
    "oneOf",
    "anyOf",
    "replies",
    "totalItems",
    "endTime",
    "closed",
    "votersCount",
    "Mention",
    "Hashtag",
    "Emoji",
    "Image",
    "Video",
    "Question",
    "Note",
    "Article",
    "Event",
    "Person",
    "Tombstone",
    "publicKey",
    "publicKeyPem",
    "assertionMethod",
    "endpoints",
    "sharedInbox",
    "preferredUsername",
    "https://www.w3.org/ns/activitystreams#Public",
    "as:Public",
    "https://node.test/users/1",
    "https://NODE.test./x",
    "https://a.test/users/a",
    "javascript:alert(1)",
    "data:text/html,x",
    "2026-11-01T12:00:00Z",
    "9999-12-31T23:59:60+14:00",
    "<script>",
    "<a href=\"https://a.test\">",
    "und",
];

fn ours() -> Borders {
    Borders::new(vec!["node.test".parse().unwrap()], false)
}

fn bytes(documents: &[Value]) -> Vec<Vec<u8>> {
    documents.iter().map(|document| document.to_string().into_bytes()).collect()
}

/// All objects in the fixtures that lie inside others or stand alone.
fn objects(of: &str) -> Vec<Value> {
    let inner = |document: Value| {
        let object = document.get("object").filter(|object| object.is_object()).cloned();
        [Some(document), object].into_iter().flatten()
    };
    let all: Vec<Value> = fixtures().into_iter().flat_map(inner).filter(|object| object.get(of).is_some()).collect();
    assert!(all.len() > 30, "only {} have {of}", all.len());
    all
}

#[test]
fn an_envelope_says_what_it_says_or_nothing() {
    let borders = ours();
    fuzz("envelopes", &bytes(&fixtures()), &WORDS, |input| {
        let Ok(document) = parse_document(input) else { return 0 };
        let Ok(activity) = Activity::deserialize(&document) else { return 1 };
        let actor = activity.actor.only().map(|actor| borders.remote(actor).is_ok());
        let public = activity.to.name_everybody() || activity.cc.name_everybody();
        let named = shape::ids_of(&activity.object).chain(shape::ids_of(&activity.target)).take(500).count().min(3);
        outcome((
            actor,
            public,
            named,
            shape::type_of(&activity.object).is_some(),
            shape::members(&document).count().min(3),
        ))
    });
}

#[test]
fn a_post_is_safe_to_store_or_refused() {
    let borders = ours();
    let circles = translate::note::Circles { followers: Some("https://a.test/users/a/followers"), following: None };
    fuzz("posts", &bytes(&objects("attributedTo")), &WORDS, |input| {
        let Ok(document) = parse_document(input) else { return 0 };
        let Ok(note) = Note::deserialize(document) else { return 1 };
        let said = match translate::note::status(note, circles, &borders) {
            Ok(said) => said,
            Err(error) => return outcome(error.to_string()),
        };
        assert!(is_elsewhere(said.uri.as_str()) && is_elsewhere(said.author.as_str()));
        assert_eq!(html::sanitise(&said.content), said.content, "what is stored is clean");
        assert!(
            said.content.len() <= 256 * 1024 && said.media.len() <= 16 && said.tags.len() <= 30,
            "within the limits"
        );
        assert!(said.mentions.len() <= 100, "{} mentions", said.mentions.len());
        let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        let addresses = said.media.iter().map(|media| media.url.as_str()).chain(said.url.as_deref());
        assert!(
            addresses
                .chain(said.emojis.0.iter().map(|emoji| emoji.url.as_str()))
                .all(|url| web(&url.to_ascii_lowercase()))
        );
        outcome((
            said.kind as u8,
            said.visibility,
            said.poll.is_some(),
            said.media.len().min(2),
            said.title.is_empty(),
            said.tags.len().min(2),
        ))
    });
}

#[test]
fn an_actor_is_safe_to_store_or_refused() {
    let borders = ours();
    fuzz("actors", &bytes(&objects("inbox")), &WORDS, |input| {
        let Ok(document) = parse_document(input) else { return 0 };
        let Ok(actor) = Actor::deserialize(document) else { return 1 };
        let implements = translate::actor::reads_messages(&actor);
        let said = match translate::actor::account(actor, &borders) {
            Ok(said) => said,
            Err(error) => return outcome(error.to_string()),
        };
        assert!(is_elsewhere(said.uri.as_str()) && is_elsewhere(&said.inbox_url));
        assert!(said.shared_inbox_url.as_deref().is_none_or(is_elsewhere));
        assert_eq!(html::sanitise(&said.note), said.note, "what is stored is clean");
        outcome((
            said.kind as u8,
            implements,
            said.keys.len().min(3),
            said.fields.0.len().min(2),
            said.shared_inbox_url.is_some(),
        ))
    });
}

/// Asked of a parser of addresses alone.
fn is_elsewhere(address: &str) -> bool {
    let url = url::Url::parse(address).unwrap();
    url.host_str().is_some_and(|host| host.trim_end_matches('.') != "node.test")
}

#[test]
fn a_webfinger_answer_leads_somewhere_or_nowhere() {
    let borders = ours();
    let answer = |kind: &str| {
        json!({
            "subject": "acct:a@a.test", "aliases": ["https://a.test/@a"],
            "links": [
                {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://a.test/@a"},
                {"rel": "self", "type": kind, "href": "https://a.test/users/a", "properties": {"a": null}},
                {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://a.test/authorize?uri={uri}"},
            ],
        })
    };
    let seeds = [
        answer("application/activity+json"),
        answer("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""),
        answer("text/html"),
    ];
    let words =
        ["self", "rel", "href", "type", "links", "template", "subject", "acct:", "https://node.test/users/1", "{uri}"];
    fuzz("webfinger", &bytes(&seeds), &words, |input| {
        let Ok(document) = parse_document(input) else { return 0 };
        let Ok(answer) = serde_json::from_value::<Webfinger>(document) else { return 1 };
        let actor = webfinger::actor_of(&answer).map(|actor| matches!(borders.read(actor.as_str()), Ok(Id::Remote(_))));
        outcome((actor, answer.links.len().min(3)))
    });
}

#[test]
fn a_host_meta_template_is_found_or_not() {
    let seeds: Vec<Vec<u8>> = [
        r#"<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="https://a.test/.well-known/webfinger?resource={uri}"/></XRD>"#,
        "<XRD><Link template='https://a.test/?a=1&amp;r={uri}' rel='lrdd'></Link></XRD>",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    let words = ["<Link", "rel=\"lrdd\"", "template=", "/>", "'", "\"", "{uri}", "&amp;"];
    fuzz("host-meta", &seeds, &words, |input| {
        let template = webfinger::lrdd_template(&String::from_utf8_lossy(input));
        outcome(template.map(|template| url::Url::parse(&template).is_ok()))
    });
}

#[test]
fn what_somebody_accepts_is_read_or_ignored() {
    let seeds: Vec<Vec<u8>> = [
        "application/activity+json",
        "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json;q=0.9, */*;q=0.1",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    let words = [
        ";q=",
        "q=0",
        "q=1.0001",
        "q=NaN",
        "inf",
        "application/ld+json",
        "profile=",
        "\\\"",
        ",",
        ";",
        "*/*",
        "text/html",
    ];
    fuzz("accept", &seeds, &words, |input| {
        let Ok(value) = axum::http::HeaderValue::from_bytes(input) else { return 0 };
        let kind = is_activity_media_type(&String::from_utf8_lossy(input));
        let headers = HeaderMap::from_iter([(ACCEPT, value)]);
        outcome((kind, outloud::web::activitypub::wanted(&headers)))
    });
}
