//! Markup: what other servers sent is made safe, and what we show is written.
//!
//! Whatever comes in goes through [`sanitise`]; it is first rewritten by `html/outline.rs`, then checked by a parser
//! of the kind browsers use, against a list of what is allowed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use self::markup::{Token, Tokens};
use super::text;

mod markup;
mod outline;

/// The most markup we read and the most we give back, in bytes.
const LONGEST: usize = 256 * 1024;
/// The longest shortcode of a custom emoji, in bytes.
const LONGEST_SHORTCODE: usize = 128;

const ELEMENTS: [&str; 20] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "rp",
    "rt",
    "ruby",
    "s",
    "span",
    "strong",
    "u",
    "ul",
];

static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes = [
        ("a", HashSet::from(["class", "href", "rel", "target", "translate"])),
        ("li", HashSet::from(["value"])),
        ("ol", HashSet::from(["reversed", "start"])),
        ("p", HashSet::from(["class"])),
        ("span", HashSet::from(["class", "translate"])),
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(HashMap::from(attributes))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None) // written before, and checked by the filter
        .attribute_filter(allowed_value);
    builder
});

/// Makes markup from elsewhere safe to show: few elements, few attributes, links to the web only.
///
/// Doing it twice changes nothing. What nests too deep is flattened, what is too long is cut.
pub fn sanitise(html: &str) -> String {
    let mut limit = LONGEST;
    loop {
        let reduced = outline::reduce(&html[..html.floor_char_boundary(limit)]);
        let clean = tidy(&ALLOWED.clean(&reduced).to_string());
        if clean.len() <= LONGEST {
            return clean;
        }
        limit /= 2;
    }
}

fn allowed_value<'value>(_: &str, attribute: &str, value: &'value str) -> Option<Cow<'value, str>> {
    let fits = match attribute {
        "class" => value.split_ascii_whitespace().all(outline::is_class_allowed),
        "href" => outline::web_address(value).as_deref() == Some(value),
        "rel" => matches!(value, outline::REL | outline::REL_TAG),
        "reversed" => value.is_empty(),
        "start" | "value" => outline::is_number(value),
        "target" => value == "_blank",
        "translate" => value == "no",
        _ => false,
    };
    fits.then_some(Cow::Borrowed(value))
}

/// Drops what a parser would drop the next time (control characters, byte order marks, the first newlines of `<pre>`) and
/// space at the end.
fn tidy(html: &str) -> String {
    let kept: String =
        html.chars().map(|c| if c == '\r' { '\n' } else { c }).filter(|c| text::is_printable(*c)).collect();
    let mut parts = kept.trim_start_matches('\u{feff}').split("<pre>");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("<pre>");
        clean.push_str(part.trim_start_matches('\n'));
    }
    clean.truncate(clean.trim_end().len());
    clean
}

/// The text of some markup, with a blank line between paragraphs; for previews, filters and counting.
pub fn to_text(html: &str) -> String {
    let html = sanitise(html);
    let mut plain = Plain::default();
    for token in Tokens::new(&html) {
        match token {
            Token::Text(text) => plain.text(&markup::decode(text)),
            Token::Start(tag) => plain.tag(&tag.name, 1),
            Token::End(name) => plain.tag(&name, -1),
            Token::Comment => {}
        }
    }
    plain.text
}

/// Where a page says that it can be had in another form, of a media type that is `wanted`; untrusted, like the page.
pub fn alternate(page: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    Tokens::new(page).find_map(|token| {
        let Token::Start(tag) = token else { return None };
        let rel = tag.attribute("rel").filter(|_| tag.name == "link")?;
        let is_alternate = rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"));
        let is_wanted = is_alternate && tag.attribute("type").is_some_and(|kind| wanted(&kind));
        tag.attribute("href").filter(|_| is_wanted)
    })
}

/// Text taken out of markup; breaks and spaces are written only when something follows.
#[derive(Default)]
struct Plain {
    text: String,
    breaks: usize,
    space: bool,
    preformatted: i32,
}

impl Plain {
    fn tag(&mut self, name: &str, step: i32) {
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "p" | "blockquote" => self.breaks = 2,
            "pre" => {
                self.breaks = 2;
                self.preformatted += step;
            }
            "ul" | "ol" | "li" => self.breaks = self.breaks.max(1),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.breaks = (self.breaks + 1).min(2),
                ' ' | '\t' if self.preformatted > 0 => self.push(c),
                ' ' | '\t' | '\n' | '\u{a0}' => self.space = true,
                c => self.push(c),
            }
        }
    }

    fn push(&mut self, c: char) {
        if !self.text.is_empty() {
            match self.breaks {
                0 if self.space => self.text.push(' '),
                breaks => self.text.extend(std::iter::repeat_n('\n', breaks)),
            }
        }
        self.breaks = 0;
        self.space = false;
        self.text.push(c);
    }
}

/// Text as it must be written between tags or inside a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// Plain text from elsewhere as markup: paragraphs, and addresses that can be followed.
pub fn plain_to_html(text: &str) -> String {
    sanitise(&text::linked(&text[..text.floor_char_boundary(LONGEST)]))
}

/// Markdown (CommonMark) from elsewhere as safe markup.
pub fn from_markdown(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&text[..text.floor_char_boundary(LONGEST)]));
    sanitise(&html)
}

/// What a post quotes, as a line above its text for software that shows no quotes.
pub fn quote_inline(url: &str) -> String {
    let url = escape(url);
    format!(r#"<p class="quote-inline">RE: <a href="{url}" rel="nofollow noopener noreferrer">{url}</a></p>"#)
}

/// One line of plain text as markup, with addresses that say of themselves that they lead to the same person.
pub fn line_to_html(text: &str) -> String {
    text::linked_line(&text[..text.floor_char_boundary(LONGEST)], "me nofollow noopener")
}

/// Puts pictures in the place of `:shortcode:`, in the text of safe markup and nowhere else; code stays as it is.
pub fn emojify(html: &str, emojis: &[(String, String)]) -> String {
    let addresses: HashMap<&str, &str> = emojis
        .iter()
        .filter(|(code, url)| is_shortcode(code) && is_picture(url))
        .map(|(code, url)| (code.as_str(), url.as_str()))
        .collect();
    if addresses.is_empty() {
        return html.to_owned();
    }
    let mut pictured = String::with_capacity(html.len() + 128);
    let mut tokens = Tokens::new(html);
    let mut code = 0_usize;
    loop {
        let before = tokens.rest();
        let Some(token) = tokens.next() else {
            return pictured;
        };
        let source = &before[..before.len() - tokens.rest().len()];
        match token {
            Token::Text(text) if code == 0 => {
                pictures(text, &addresses, &mut pictured);
                continue;
            }
            Token::Start(tag) if is_code(&tag.name) => code += 1,
            Token::End(name) if is_code(&name) => code = code.saturating_sub(1),
            _ => {}
        }
        pictured.push_str(source);
    }
}

fn pictures(text: &str, addresses: &HashMap<&str, &str>, html: &mut String) {
    let mut rest = text;
    let mut before = None;
    while let Some((plain, after)) = rest.split_once(':') {
        html.push_str(plain);
        before = plain.chars().next_back().or(before);
        match emoji(before, after, addresses) {
            Some((code, url)) => {
                let url = escape(url);
                html.push_str(&format!("<img class=\"emoji\" src=\"{url}\" alt=\":{code}:\" loading=\"lazy\">"));
                before = None;
                rest = &after[code.len() + 1..];
            }
            None => {
                html.push(':');
                before = Some(':');
                rest = after;
            }
        }
    }
    html.push_str(rest);
}

/// The emoji whose first colon stands between `before` and `after`; a time of day like `12:30:00` has none.
fn emoji<'a>(before: Option<char>, after: &'a str, addresses: &HashMap<&str, &'a str>) -> Option<(&'a str, &'a str)> {
    let end = after.bytes().take(LONGEST_SHORTCODE + 1).position(|byte| byte == b':')?;
    let code = &after[..end];
    let url = addresses.get(code)?;
    let glued = |c: char| c.is_ascii_alphanumeric();
    let apart = !before.is_some_and(glued) && !after[end + 1..].starts_with(glued);
    apart.then_some((code, *url))
}

fn is_code(name: &str) -> bool {
    matches!(name, "code" | "pre")
}

fn is_shortcode(code: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.');
    (1..=LONGEST_SHORTCODE).contains(&code.len()) && code.bytes().all(plain)
}

/// A picture comes from the web or from this server.
fn is_picture(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://") || (url.starts_with('/') && !url.starts_with("//"))
}

#[cfg(test)]
mod tests;
