//! Addresses in plain text, and the paragraphs around them.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use url::Url;

use super::is_printable;
use super::line::is_hidden;
use crate::domain::html::escape;

/// How much of an address is shown, in characters.
const SHOWN: usize = 30;

/// A place in a text that is an address.
pub(super) struct Address {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// Whether it becomes a link; others only keep mentions and hashtags from being seen in them.
    pub(super) is_web: bool,
}

/// The addresses in a text, in order.
pub(super) fn find(text: &str) -> Vec<Address> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut found = Vec::new();
    let mut start = 0;
    for stretch in text.split_inclusive(ends_address) {
        let whole = stretch.trim_end_matches(ends_address);
        if whole.contains("://") {
            found.extend(finder.links(whole).map(|link| judge(start + link.start(), link.as_str())));
        }
        start += stretch.len();
    }
    found
}

fn judge(start: usize, found: &str) -> Address {
    let is_open = |url: &Url| url.has_host() && url.username().is_empty() && url.password().is_none();
    let is_web = scheme_length(found) > 0 && Url::parse(found).is_ok_and(|url| is_open(&url));
    Address { range: start..start + found.len(), is_web }
}

/// Punctuation of scripts without spaces, and everything invisible.
fn ends_address(c: char) -> bool {
    c.is_whitespace() || is_hidden(c) || "。、，．！？；：（）「」『』【】〈〉《》〔〕“”‘’«»…".contains(c)
}

fn scheme_length(url: &str) -> usize {
    let is_start = |scheme: &&str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["https://", "http://"].iter().find(|scheme| is_start(scheme)).map_or(0, |scheme| scheme.len())
}

/// What a page says of links that its writers put there.
pub(super) const REL: &str = "nofollow noopener";

/// Writes a link that shows the beginning of its address; the rest is there, but hidden by style.
pub(super) fn write_link(url: &str, rel: &str, html: &mut String) {
    let shown = honest(url);
    let scheme = scheme_length(&shown);
    let has_www = shown.get(scheme..scheme + 4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let (prefix, rest) = shown.split_at(if has_www { scheme + 4 } else { scheme });
    let cut = rest.char_indices().nth(SHOWN).map(|(at, _)| at);
    let (middle, end) = rest.split_at(cut.unwrap_or(rest.len()));
    let class = if cut.is_some() { "ellipsis" } else { "" };
    let [url, prefix, middle, end] = [url, prefix, middle, end].map(escape);
    html.push_str(&format!("<a href=\"{url}\" target=\"_blank\" rel=\"{rel}\" translate=\"no\">"));
    html.push_str(&format!("<span class=\"invisible\">{prefix}</span><span class=\"{class}\">{middle}</span>"));
    html.push_str(&format!("<span class=\"invisible\">{end}</span></a>"));
}

/// The address as it may be shown: a server whose name mixes scripts is spelled in ASCII.
fn honest(url: &str) -> String {
    let host = url[scheme_length(url)..].split(['/', '?', '#']).next().unwrap_or_default();
    let is_mixed =
        |label: &str| label.chars().any(is_latin) && label.chars().any(|c| c.is_alphabetic() && !is_latin(c));
    match Url::parse(url) {
        Ok(parsed) if host.split('.').any(is_mixed) => parsed.into(),
        _ => url.to_owned(),
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && c <= '\u{24f}'
}

/// Writes text as paragraphs; `write` turns one line into markup.
pub(super) fn paragraphs(text: &str, write: impl Fn(&str, &mut String)) -> String {
    let text: String = text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_printable(*c)).collect();
    let mut html = String::with_capacity(text.len() + 16);
    let mut inside = false;
    for line in text.lines().map(str::trim_end) {
        let is_blank = line.is_empty();
        html.push_str(match (inside, is_blank) {
            (false, true) => "",
            (true, true) => "</p>",
            (false, false) => "<p>",
            (true, false) => "<br />",
        });
        inside = !is_blank;
        write(line, &mut html);
    }
    if inside {
        html.push_str("</p>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().filter(|address| address.is_web).map(|address| &text[address.range]).collect()
    }

    fn link(url: &str) -> String {
        let mut html = String::new();
        write_link(url, REL, &mut html);
        html
    }

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        assert_eq!(
            found("see https://a.test/x, or (http://b.test/y_(z))."),
            ["https://a.test/x", "http://b.test/y_(z)"]
        );
        assert_eq!(found("見て「https://a.test/x」。https://b.test/y、次"), ["https://a.test/x", "https://b.test/y"]);
        assert_eq!(
            found("https://a.test/x\u{202e}gnp.exe https://b.test/\u{3000}c"),
            ["https://a.test/x", "https://b.test/"]
        );
    }

    #[test]
    fn only_the_web_is_linked() {
        for text in
            ["ftp://a.test/x", "javascript://a.test/%0Aalert(1)", "data:text/html,x", "a.test", "mailto:a@b.test"]
        {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn an_address_that_pretends_to_be_another_is_not_linked() {
        assert_eq!(found("https://bank.test@evil.test/login"), Vec::<&str>::new());
    }

    #[test]
    fn a_long_address_is_shortened_for_the_eye() {
        assert_eq!(
            link("https://www.example.org/a-very-long-path/that-goes-on?x=1&y=2"),
            "<a href=\"https://www.example.org/a-very-long-path/that-goes-on?x=1&amp;y=2\" target=\"_blank\" \
             rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">https://www.</span>\
             <span class=\"ellipsis\">example.org/a-very-long-path/t</span>\
             <span class=\"invisible\">hat-goes-on?x=1&amp;y=2</span></a>"
        );
    }

    #[test]
    fn a_server_that_mixes_scripts_is_shown_in_ascii() {
        assert!(
            link("https://gооd.test/").contains(">xn--gd-nmba.test/<") || link("https://gооd.test/").contains(">xn--")
        );
        assert!(link("https://müller.test/").contains(">müller.test/<"));
        assert!(link("https://例え.test/").contains(">例え.test/<"));
    }

    #[test]
    fn quotes_in_an_address_cannot_leave_the_attribute() {
        assert!(!link("https://a.test/\"onmouseover='alert(1)'<x>").contains("\"onmouseover"));
    }
}
