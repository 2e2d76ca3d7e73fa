//! What a post says, whatever language, markup or type it is written in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::moment::Moment;
use crate::domain::status::Kind;
use crate::domain::{html, text};
use crate::federation::protocol::note::Note;
use crate::federation::translate::is_web;

/// The longest warning or title kept, in graphemes.
const LONGEST_LINE: usize = 1_000;
/// How many pages a post may point at beside its text.
const MOST_LINKS: usize = 4;

/// The words of a post.
pub(super) struct Words {
    /// The title, plain text.
    pub title: String,
    /// The content warning, plain text.
    pub warning: String,
    /// The rest, as safe HTML.
    pub content: String,
    /// The language of all of it, BCP 47.
    pub language: Option<String>,
}

/// Reads what a post says.
pub(super) fn words(note: &Note, kind: Kind) -> Words {
    let language = language(note);
    let chosen = |plain: &Option<String>, map: &BTreeMap<String, String>| {
        let by_language = || language.as_ref().and_then(|language| map.get(language)).or_else(|| map.values().next());
        plain.clone().or_else(|| by_language().cloned()).unwrap_or_default()
    };
    let title = text::clean(&chosen(&note.name, &note.name_map), LONGEST_LINE);
    let summary = html::to_text(&chosen(&note.summary, &note.summary_map));
    // Some write the title once more, with the hashtags behind it.
    let summary = if !title.is_empty() && summary.starts_with(&title) { "" } else { summary.as_str() };
    let warning = if kind.has_abstract() { String::new() } else { text::clean(summary, LONGEST_LINE) };
    let said = chosen(&note.content, &note.content_map);
    let mut content = match note.media_type.as_deref() {
        Some("text/markdown") => html::from_markdown(&said),
        Some("text/plain") => html::plain_to_html(&said),
        _ => html::sanitise(&said),
    };
    if content.is_empty() && kind.has_abstract() {
        content = html::plain_to_html(summary);
    }
    if kind == Kind::Event {
        content.insert_str(0, &html::plain_to_html(&when_and_where(note)));
    }
    if kind != Kind::Note {
        content.push_str(&links(note, &content));
    }
    Words { title, warning, content, language }
}

/// The language of a post: the only one it is written in, the one its text is written in, or the one it names.
fn language(note: &Note) -> Option<String> {
    let map = &note.content_map;
    let of_text =
        map.iter().find(|(_, text)| note.content.as_ref() == Some(text)).map(|(language, _)| language.as_str());
    let only = || map.keys().next().filter(|_| map.len() == 1).map(String::as_str);
    let named = || {
        let language = note.language.get("identifier").unwrap_or(&note.language);
        language.as_str().or(note.in_language.as_deref())
    };
    let language = of_text.or_else(only).or_else(named)?;
    let plain = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // What nobody has determined is not a language.
    ((2..=35).contains(&language.len()) && plain && language != "und").then(|| language.to_owned())
}

/// When an event takes place and where, a line for each.
fn when_and_where(note: &Note) -> String {
    let time = |text: &Option<String>| Some(Moment::parse(text.as_deref()?)?.minutes());
    let mut lines = Vec::new();
    match (time(&note.start_time), time(&note.end_time)) {
        (Some(start), Some(end)) => lines.push(format!("{start} – {end} UTC")),
        (Some(start), None) => lines.push(format!("{start} UTC")),
        _ => {}
    }
    let places = match &note.location {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    lines.extend(places.iter().filter_map(place));
    lines.join("\n")
}

/// The name and the address of a place, or where to go on the web.
fn place(location: &Value) -> Option<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| text::clean(text, LONGEST_LINE));
    if location.is_string() {
        return text(Some(location)).filter(|place| !place.is_empty());
    }
    let address = location.get("address");
    let parts = match address {
        Some(Value::Object(address)) => {
            ["streetAddress", "postalCode", "addressLocality", "addressCountry"].map(|part| text(address.get(part)))
        }
        other => [text(other), None, None, None],
    };
    let name = text(location.get("name"));
    let page = text(location.get("url")).filter(|url| is_web(url) && name.is_none());
    let said: Vec<String> =
        name.into_iter().chain(page).chain(parts.into_iter().flatten()).filter(|part| !part.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The pages a post points at without naming them in its text, a paragraph for each.
fn links(note: &Note, content: &str) -> String {
    let links = note.attachment.iter().filter(|attachment| attachment.kind == "Link");
    let addresses = links.filter_map(|link| link.href.as_deref().or(link.url.first().map(|url| url.href.as_str())));
    let missing = addresses.filter(|address| is_web(address) && !content.contains(&html::escape(address)));
    missing.take(MOST_LINKS).map(html::plain_to_html).collect()
}
