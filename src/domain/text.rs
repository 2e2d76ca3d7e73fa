//! What people type: mentions, hashtags and addresses are found, and markup is made of it.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::handle::{Handle, Host};
use super::html::escape;

pub use self::line::{clean, excerpt, plural};
pub use self::tag::Tag;

mod address;
mod line;
mod tag;

/// How many hashtags of one text count.
const MOST_TAGS: usize = 30;
/// What an address counts for, however long it is.
const ADDRESS_LENGTH: usize = 23;

/// What a text refers to; each thing once, in the order of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The people it names, as they are spelled.
    pub mentions: Vec<Handle>,
    /// Its hashtags.
    pub tags: Vec<Tag>,
    /// The addresses of the web it contains.
    pub addresses: Vec<String>,
}

/// Finds mentions, hashtags and addresses; what stands inside an address is neither mention nor hashtag.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(_) => {}
            Piece::Address(address) if seen.insert(address.to_owned()) => parsed.addresses.push(address.to_owned()),
            Piece::Mention(_, handle) if seen.insert(person(&handle)) => parsed.mentions.push(handle),
            Piece::Tag(_, tag) if parsed.tags.len() < MOST_TAGS && seen.insert(format!("#{}", tag.key)) => {
                parsed.tags.push(tag)
            }
            Piece::Address(_) | Piece::Mention(..) | Piece::Tag(..) => {}
        }
    }
    parsed
}

fn person(handle: &Handle) -> String {
    format!("{}@{}", handle.username.key(), handle.host.as_ref().map_or("", Host::as_str))
}

/// Where the things that a text refers to are shown.
pub struct Links<'a> {
    /// The person a handle stands for; a handle of nobody stays plain text.
    pub mention: &'a dyn Fn(&Handle) -> Option<Mention>,
    /// The page of a hashtag.
    pub tag: &'a dyn Fn(&Tag) -> String,
}

/// A person as shown in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The page of the person.
    pub url: String,
    /// What follows the `@`: the name without the server.
    pub name: String,
}

/// Writes what somebody typed as markup, in the form client apps know.
pub fn render(text: &str, links: &Links<'_>) -> String {
    address::paragraphs(text, |line, html| {
        for piece in pieces(line) {
            match piece {
                Piece::Plain(text) => html.push_str(&escape(text)),
                Piece::Address(url) => address::write_link(url, address::REL, html),
                Piece::Mention(text, handle) => write_mention(text, (links.mention)(&handle), html),
                Piece::Tag(_, tag) => write_tag(&tag, &(links.tag)(&tag), html),
            }
        }
    })
}

fn write_mention(text: &str, mention: Option<Mention>, html: &mut String) {
    let Some(Mention { url, name }) = mention else {
        return html.push_str(&escape(text));
    };
    let (url, name) = (escape(&url), escape(&name));
    html.push_str("<span class=\"h-card\" translate=\"no\">");
    html.push_str(&format!("<a href=\"{url}\" class=\"u-url mention\">@<span>{name}</span></a></span>"));
}

fn write_tag(tag: &Tag, url: &str, html: &mut String) {
    let (url, name) = (escape(url), escape(&tag.display));
    html.push_str(&format!("<a href=\"{url}\" class=\"mention hashtag\" rel=\"tag\">#<span>{name}</span></a>"));
}

/// Plain text as paragraphs in which only addresses are links.
pub(super) fn linked(text: &str) -> String {
    address::paragraphs(text, |line, html| html.push_str(&linked_line(line, address::REL)))
}

/// One line of plain text in which only addresses are links, related to the page as `rel` says.
pub(super) fn linked_line(line: &str, rel: &str) -> String {
    let (mut html, mut start) = (String::with_capacity(line.len()), 0);
    for found in address::find(line).into_iter().filter(|found| found.is_web) {
        html.push_str(&escape(&line[start..found.range.start]));
        start = found.range.end;
        address::write_link(&line[found.range], rel, &mut html);
    }
    html.push_str(&escape(&line[start..]));
    html
}

/// How long a post is: what people see as characters, with short prices for addresses and for servers in mentions.
pub fn length(spoiler: &str, text: &str) -> usize {
    let mut counted = spoiler.to_owned();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) | Piece::Tag(text, _) => counted.push_str(text),
            Piece::Address(_) => counted.extend(std::iter::repeat_n('x', ADDRESS_LENGTH)),
            Piece::Mention(_, handle) => {
                counted.push('@');
                counted.push_str(handle.username.as_str());
            }
        }
    }
    counted.graphemes(true).count()
}

/// Whether a character may stand in a document; control characters other than tab and newline may not.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// A stretch of what somebody typed.
enum Piece<'a> {
    Plain(&'a str),
    Address(&'a str),
    Mention(&'a str, Handle),
    Tag(&'a str, Tag),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for address in address::find(text) {
        words(text, start..address.range.start, &mut pieces);
        start = address.range.end;
        let found = &text[address.range];
        pieces.push(if address.is_web { Piece::Address(found) } else { Piece::Plain(found) });
    }
    words(text, start..text.len(), &mut pieces);
    pieces
}

/// Finds mentions and hashtags between two addresses; what stands before the range still counts as neighbour.
fn words<'a>(text: &'a str, range: Range<usize>, pieces: &mut Vec<Piece<'a>>) {
    let (mut plain, mut from) = (range.start, range.start);
    while let Some(at) = text[from..range.end].find(['@', '#']).map(|at| from + at) {
        let before = text[..at].chars().next_back();
        let after = &text[at + 1..range.end];
        let found = if text[at..].starts_with('@') { mention(before, after) } else { hashtag(before, after) };
        from = at + 1;
        if let Some((length, piece)) = found {
            pieces.push(Piece::Plain(&text[plain..at]));
            from += length;
            plain = from;
            pieces.push(piece.into_piece(&text[at..from]));
        }
    }
    pieces.push(Piece::Plain(&text[plain..range.end]));
}

/// A thing found after its sign.
enum Found {
    Mention(Handle),
    Tag(Tag),
}

impl Found {
    fn into_piece(self, text: &str) -> Piece<'_> {
        match self {
            Self::Mention(handle) => Piece::Mention(text, handle),
            Self::Tag(tag) => Piece::Tag(text, tag),
        }
    }
}

fn mention(before: Option<char>, after: &str) -> Option<(usize, Found)> {
    if before.is_some_and(|c| is_word(c) || matches!(c, '/' | '=')) {
        return None;
    }
    let name = &after[..name_length(after, |c| c.is_ascii_alphanumeric() || c == '_')];
    let username = name.parse().ok()?; // not a name: the sign is only a sign
    let Some(host) = after[name.len()..].strip_prefix('@').map(host_of).filter(|host| !host.is_empty()) else {
        return Some((name.len(), Found::Mention(Handle { username, host: None })));
    };
    let length = name.len() + 1 + host.len();
    let host: Host = host.parse().ok()?; // somebody elsewhere, so certainly not the one here with that name
    let is_number = host.name().parse::<Ipv4Addr>().is_ok();
    (!is_number).then_some((length, Found::Mention(Handle { username, host: Some(host) })))
}

/// The server at the start of a text, with a port only if it looks like one.
fn host_of(text: &str) -> &str {
    let host = &text[..name_length(text, is_word)];
    let label = host.rfind('.').map_or(0, |dot| dot + 1);
    if let Some(glued) = host[label..].find(is_east_asian).filter(|at| *at > 0) {
        return &host[..label + glued];
    }
    let port = text[host.len()..]
        .strip_prefix(':')
        .map_or("", |rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
    let is_port = matches!(port.len(), 4 | 5) && !host.is_empty();
    if is_port { &text[..host.len() + 1 + port.len()] } else { host }
}

/// Scripts that are written without spaces, so that a word may follow a server at once.
fn is_east_asian(c: char) -> bool {
    c >= '\u{2e80}'
}

/// How much of a text is a name; dots and dashes belong to it only between other characters.
fn name_length(text: &str, is_inner: impl Fn(char) -> bool) -> usize {
    let is_joint = |c| matches!(c, '.' | '-');
    if text.starts_with(is_joint) {
        return 0;
    }
    let end = text.find(|c| !is_inner(c) && !is_joint(c)).unwrap_or(text.len());
    let end = text[..end].find("..").unwrap_or(end);
    text[..end].trim_end_matches(is_joint).len()
}

fn hashtag(before: Option<char>, after: &str) -> Option<(usize, Found)> {
    if before.is_some_and(|c| is_word(c) || matches!(c, '/' | '&' | '=' | ')')) {
        return None;
    }
    let end = after.find(|c| !is_word(c) && !tag::is_separator(c)).unwrap_or(after.len());
    let name = after[..end].trim_end_matches(tag::is_separator);
    Some((name.len(), Found::Tag(Tag::parse(name)?)))
}

/// Letters, digits, underscores and the marks on them, in any script; not what turns a sign into an emoji.
fn is_word(c: char) -> bool {
    let is_mark = is_combining_mark(c) && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{20dd}'..='\u{20e4}');
    c.is_alphanumeric() || c == '_' || is_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> Vec<String> {
        parse(text).mentions.iter().map(Handle::to_string).collect()
    }

    fn tags(text: &str) -> Vec<String> {
        parse(text).tags.into_iter().map(|tag| tag.display).collect()
    }

    fn rendered(text: &str) -> String {
        let mention = |handle: &Handle| {
            let url = format!("https://a.test/@{handle}");
            (handle.username.as_str() != "nobody").then(|| Mention { url, name: handle.username.to_string() })
        };
        render(text, &Links { mention: &mention, tag: &|tag| format!("https://a.test/tags/{}", tag.key) })
    }

    #[test]
    fn people_are_found_with_and_without_a_server() {
        assert_eq!(mentions("@ann, hello @bob@Example.org. And (@carl)"), ["ann", "bob@example.org", "carl"]);
        assert_eq!(
            mentions("@ann\n@b_2@a.test:8080 @x.y-z@münchen.test"),
            ["ann", "b_2@a.test:8080", "x.y-z@xn--mnchen-3ya.test"]
        );
    }

    #[test]
    fn punctuation_after_a_handle_is_not_part_of_it() {
        for text in [
            "@ann.",
            "@ann's",
            "@ann...",
            "@ann-",
            "@ann@",
            "@ann:",
            "@ann!",
            "\"@ann\"",
            "@ann…and",
            "@ann..b",
            "@annさん",
        ] {
            assert_eq!(mentions(text), ["ann"], "{text}");
        }
        for text in [
            "@ann@a.test.",
            "@ann@a.test's",
            "@ann@a.test...",
            "@ann@a.test:",
            "@ann@a.test/x",
            "@ann@a.testさん",
            "@ann@a.test:12",
        ] {
            assert_eq!(mentions(text), ["ann@a.test"], "{text}");
        }
    }

    #[test]
    fn an_email_address_mentions_nobody() {
        for text in ["ann@a.test", "mail ann.b+c@a.test now", "mailto:ann@a.test", "用户@a.test", "a@b@c.test"] {
            assert_eq!(mentions(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_sign_alone_mentions_nobody() {
        for text in ["@", "@ ann", "@@", "@.ann", "a/@ann", "x=@ann", "@ann@5", "@ann@1.2.3.4", "@ann@0x7f.1"] {
            assert_eq!(mentions(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn each_person_is_named_once() {
        assert_eq!(mentions("@Ann @ann @ann@A.test @ANN@a.test"), ["Ann", "ann@a.test"]);
    }

    #[test]
    fn nothing_inside_an_address_counts() {
        let parsed = parse("https://a.test/@ann#tag http://b.test/?x=@bob&y=#z matrix://c.test/@carl #real");
        assert_eq!(parsed.mentions, []);
        assert_eq!(parsed.tags.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["real"]);
        assert_eq!(parsed.addresses, ["https://a.test/@ann#tag", "http://b.test/?x=@bob&y=#z"]);
    }

    #[test]
    fn hashtags_of_every_script_are_found() {
        assert_eq!(
            tags("#Rust, #東京、#旅行 #हिन्दी #カタ・カナ・ (#a_1)#b ##c"),
            ["Rust", "東京", "旅行", "हिन्दी", "カタ・カナ", "a_1", "c"]
        );
    }

    #[test]
    fn not_every_sign_makes_a_hashtag() {
        for text in ["#1", "#", "# a", "a#b", "/#b", "&#39;", "x=#b", "#️⃣", "東京#旅行", "#!a", "#12:30", "C# is"]
        {
            assert_eq!(tags(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn hashtags_count_once_and_only_so_many() {
        assert_eq!(tags("#Rust #rust #ＲＵＳＴ"), ["Rust"]);
        let many: String = (0..500).map(|n| format!("#tag{n} ")).collect();
        assert_eq!(tags(&many).len(), MOST_TAGS);
        assert_eq!(tags(&many)[0], "tag0");
    }

    #[test]
    fn text_becomes_paragraphs_and_lines() {
        assert_eq!(rendered("a\r\nb\n\n \n\nc\n"), "<p>a<br />b</p><p>c</p>");
        assert_eq!(rendered(" \n "), "");
        assert_eq!(rendered("a\0\u{1b}b"), "<p>ab</p>");
    }

    #[test]
    fn people_and_hashtags_become_links() {
        assert_eq!(
            rendered("@ann@b.test & #CaféRust"),
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://a.test/@ann@b.test\" class=\"u-url mention\">@<span>ann\
             </span></a></span> &amp; <a href=\"https://a.test/tags/caférust\" class=\"mention hashtag\" rel=\"tag\">#<span>CaféRust\
             </span></a></p>"
        );
        assert_eq!(rendered("hi @nobody@b.test!"), "<p>hi @nobody@b.test!</p>");
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(
            rendered("https://b.test/@ann#x."),
            "<p><a href=\"https://b.test/@ann#x\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\">\
             <span class=\"invisible\">https://</span><span class=\"\">b.test/@ann#x</span><span class=\"invisible\"></span></a>.</p>"
        );
    }

    #[test]
    fn typed_markup_stays_text() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)> #tag<svg/onload=alert(1)>",
            "\"><a href=\"javascript:alert(1)\">x</a>",
            "https://a.test/\"><script>alert(1)</script>",
            "@ann\"><script>alert(1)</script>",
            "javascript:alert(1)//https://a.test/' onmouseover='alert(1)",
        ] {
            let html = rendered(text);
            let plain = crate::domain::html::to_text(&html);
            assert_eq!(plain, text, "{html}");
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg"), "{html}");
        }
    }

    #[test]
    fn rendered_text_reads_as_it_was_typed() {
        for text in ["a\nb\n\nc", "@ann@b.test", "x < y & z", "#tag, https://b.test/x?a=1&b=2 (@carl)", "日本語"] {
            assert_eq!(crate::domain::html::to_text(&rendered(text)).replace("@ann", "@ann@b.test"), text);
        }
    }

    #[test]
    fn a_post_is_as_long_as_people_see_it() {
        assert_eq!(length("", "abc"), 3);
        assert_eq!(length("cw", "abc"), 5);
        assert_eq!(length("", "👩‍👩‍👧‍👦e\u{301}"), 2);
        assert_eq!(length("", &format!("https://a.test/{}", "x".repeat(500))), 23);
        assert_eq!(length("", "http://a.test ftp://b.test"), 23 + 1 + 12);
        assert_eq!(length("", "hi @ann@long.name.test!"), 8);
        assert_eq!(length("", "ann@long.name.test"), 18);
        assert_eq!(length("", "a\r\nb"), 3);
    }

    #[test]
    fn long_texts_of_signs_are_read_quickly() {
        for sign in ["@", "#", "@a", "#a", "@a@", "#a ", "a@a.", "http://", "https://a.test/", "://", "@a@a "] {
            let text = sign.repeat(50_000 / sign.len());
            assert!(parse(&text).tags.len() <= MOST_TAGS);
            assert!(length("", &text) > 0);
        }
    }
}
