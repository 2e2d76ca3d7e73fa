//! Any markup, rewritten into the few elements we show, correctly nested.
//!
//! Browsers repair broken markup in surprising ways, and the repair of a repair can differ from the first.
//! What leaves here needs no repair: no paragraph holds a block, no link holds a link, nothing is deep.

use url::Url;

use super::escape;
use super::markup::{Tag, Token, Tokens};

/// How deep elements may nest.
const DEEPEST: usize = 32;
/// The longest address of a link, in bytes.
const LONGEST_ADDRESS: usize = 4096;
/// How long a text may be before it is divided, in bytes.
const LONGEST_RUN: usize = 1024;
/// How many classes an element keeps.
const MOST_CLASSES: usize = 16;

/// What every link says about the page it leads to.
pub(super) const REL: &str = "nofollow noopener noreferrer ugc";
/// The same for links of hashtags.
pub(super) const REL_TAG: &str = "nofollow noopener noreferrer ugc tag";

/// What becomes of an element.
enum Role {
    Inline(&'static str),
    Link,
    RubyText(&'static str),
    Break,
    Paragraph,
    Heading,
    Container(&'static str),
    Item,
    Divider,
    Cell,
    Hidden,
    Raw,
    Unknown,
}

impl Role {
    fn of(name: &str) -> Self {
        match name {
            "a" => Self::Link,
            "b" => Self::Inline("b"),
            "code" | "kbd" | "samp" | "tt" => Self::Inline("code"),
            "del" => Self::Inline("del"),
            "em" => Self::Inline("em"),
            "i" => Self::Inline("i"),
            "ruby" => Self::Inline("ruby"),
            "s" | "strike" => Self::Inline("s"),
            "span" => Self::Inline("span"),
            "strong" => Self::Inline("strong"),
            "u" => Self::Inline("u"),
            "rp" => Self::RubyText("rp"),
            "rt" => Self::RubyText("rt"),
            "br" => Self::Break,
            "p" => Self::Paragraph,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "blockquote" => Self::Container("blockquote"),
            "ol" => Self::Container("ol"),
            "pre" => Self::Container("pre"),
            "ul" => Self::Container("ul"),
            "li" => Self::Item,
            "td" | "th" => Self::Cell,
            "audio" | "canvas" | "datalist" | "math" | "object" | "select" | "svg" | "template" | "video" => {
                Self::Hidden
            }
            "iframe" | "noembed" | "noframes" | "noscript" | "plaintext" | "script" | "style" | "textarea"
            | "title" | "xmp" => Self::Raw,
            "address" | "article" | "aside" | "body" | "caption" | "center" | "dd" | "details" | "dialog" | "div"
            | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "header" | "hgroup" | "hr"
            | "html" | "legend" | "main" | "menu" | "nav" | "search" | "section" | "summary" | "table" | "tbody"
            | "tfoot" | "thead" | "tr" => Self::Divider,
            _ => Self::Unknown,
        }
    }
}

/// Rewrites markup; escapes in text are left to the parser that comes after.
pub(super) fn reduce(html: &str) -> String {
    let mut outline = Outline {
        tokens: Tokens::new(html.trim_start_matches('\u{feff}')),
        html: String::with_capacity(html.len()),
        open: Vec::new(),
        paragraph_due: false,
        endless: Vec::new(),
        run_start: 0,
    };
    while let Some(token) = outline.tokens.next() {
        match token {
            Token::Text(text) => outline.text(text),
            Token::Start(tag) => outline.start(&tag),
            Token::End(name) => outline.end(&name),
            Token::Comment => {}
        }
    }
    outline.close_from(0);
    outline.html
}

struct Outline<'a> {
    tokens: Tokens<'a>,
    html: String,
    open: Vec<&'static str>,
    /// A block we do not keep began or ended: what follows must not stick to what came before.
    paragraph_due: bool,
    /// Hidden elements known to have no closing tag any more; searched once only.
    endless: Vec<String>,
    /// Where the text that is being written began.
    run_start: usize,
}

impl Outline<'_> {
    fn text(&mut self, text: &str) {
        if !text.trim_ascii().is_empty() {
            self.settle();
        }
        for c in text.chars() {
            match c {
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '\0' => {}
                '&' | '\u{80}'..='\u{bf}' => {
                    self.split_run();
                    self.html.push(c);
                }
                c => self.html.push(c),
            }
        }
    }

    /// Divides a long text by an empty comment, which vanishes later, before a character that has to be escaped.
    ///
    /// The serialiser looks through the rest of a text again for each such character.
    fn split_run(&mut self) {
        if self.html.len() - self.run_start > LONGEST_RUN {
            self.html.push_str("<!---->");
            self.run_start = self.html.len();
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let preformatted = self.open.contains(&"pre");
        match Role::of(&tag.name) {
            Role::Unknown => {}
            Role::Hidden => {
                self.skip(&tag.name);
            }
            Role::Raw => self.skip_raw(&tag.name),
            Role::Inline(name) => self.inline(name, tag),
            Role::Link => self.link(tag),
            Role::RubyText(name) => self.ruby_text(name),
            Role::Break => self.line_break(),
            Role::Cell => self.text(" "),
            _ if preformatted => self.new_line(),
            Role::Paragraph => self.open_paragraph(&class(tag)),
            Role::Heading => {
                self.open_paragraph("");
                self.push("strong", "");
            }
            Role::Container(name) => self.container(name, tag),
            Role::Item => self.item(tag),
            Role::Divider => self.divide(),
        }
    }

    fn end(&mut self, name: &str) {
        let found = match Role::of(name) {
            Role::Unknown | Role::Hidden | Role::Raw => return,
            Role::Link => return self.close_inline("a"),
            Role::Inline(name) | Role::RubyText(name) => return self.close_inline(name),
            Role::Break => return self.line_break(),
            Role::Cell => return self.text(" "),
            Role::Container(name) => self.open.iter().rposition(|open| *open == name),
            Role::Item => self.nearest(&["li", "ul", "ol", "blockquote"]).filter(|at| self.open[*at] == "li"),
            Role::Paragraph | Role::Heading | Role::Divider => self.nearest(&["p"]),
        };
        match found {
            Some(at) => self.close_from(at),
            None if self.open.contains(&"pre") => return self.new_line(),
            None => {}
        }
        self.paragraph_due = found.is_none();
    }

    fn inline(&mut self, name: &'static str, tag: &Tag<'_>) {
        self.settle();
        let attributes = if name == "span" { class(tag) + translate(tag) } else { String::new() };
        self.push(name, &attributes);
    }

    fn link(&mut self, tag: &Tag<'_>) {
        let Some(href) = tag.attribute("href").and_then(|href| web_address(&href)) else {
            return;
        };
        if let Some(outer) = self.nearest(&["a"]) {
            self.close_from(outer);
        }
        self.settle();
        let class = class(tag);
        let is_tag = tag.attribute("class").is_some_and(|names| names.split_ascii_whitespace().any(|n| n == "hashtag"));
        let rel = if is_tag { REL_TAG } else { REL };
        let (href, translate) = (escape(&href), translate(tag));
        self.push("a", &format!(" href=\"{href}\"{class} rel=\"{rel}\" target=\"_blank\"{translate}"));
    }

    fn ruby_text(&mut self, name: &'static str) {
        let ruby = self.nearest(&["ruby", "p", "blockquote", "ul", "ol", "pre", "li"]);
        if let Some(ruby) = ruby.filter(|at| self.open[*at] == "ruby") {
            self.close_from(ruby + 1);
            self.push(name, "");
        }
    }

    fn line_break(&mut self) {
        self.settle();
        self.html.push_str("<br>");
        self.run_start = self.html.len();
    }

    fn container(&mut self, name: &'static str, tag: &Tag<'_>) {
        self.close_paragraph();
        let mut attributes = String::new();
        if name == "ol" {
            attributes.push_str(&number(tag, "start"));
            attributes.push_str(if tag.attribute("reversed").is_some() { " reversed=\"\"" } else { "" });
        }
        self.paragraph_due = !self.push(name, &attributes);
    }

    fn item(&mut self, tag: &Tag<'_>) {
        let list = self.nearest(&["ul", "ol", "blockquote"]).filter(|at| self.open[*at] != "blockquote");
        let Some(list) = list else {
            return self.divide();
        };
        self.close_from(list + 1);
        self.paragraph_due = !self.push("li", &number(tag, "value"));
    }

    fn divide(&mut self) {
        self.close_paragraph();
        self.paragraph_due = true;
    }

    /// Opens the paragraph that became due.
    fn settle(&mut self) {
        if self.paragraph_due {
            self.open_paragraph("");
        }
    }

    /// Paragraphs never nest, so they may be one deeper than the rest.
    fn open_paragraph(&mut self, attributes: &str) {
        self.close_paragraph();
        self.paragraph_due = false;
        self.write_start("p", attributes);
    }

    fn close_paragraph(&mut self) {
        if let Some(at) = self.open.iter().position(|open| matches!(*open, "p" | "ruby")) {
            self.close_from(at);
        }
    }

    /// Closes an inline element, unless a block has begun inside it.
    fn close_inline(&mut self, name: &str) {
        let found = self.nearest(&[name, "p", "blockquote", "ul", "ol", "pre", "li"]);
        if let Some(at) = found.filter(|at| self.open[*at] == name) {
            self.close_from(at);
        }
    }

    fn close_from(&mut self, index: usize) {
        for name in self.open.drain(index..).rev() {
            self.html.push_str("</");
            self.html.push_str(name);
            self.html.push('>');
            self.run_start = self.html.len();
        }
    }

    fn push(&mut self, name: &'static str, attributes: &str) -> bool {
        let fits = self.open.len() < DEEPEST;
        if fits {
            self.write_start(name, attributes);
        }
        fits
    }

    fn write_start(&mut self, name: &'static str, attributes: &str) {
        self.html.push('<');
        self.html.push_str(name);
        self.html.push_str(attributes);
        self.html.push('>');
        self.run_start = self.html.len();
        self.open.push(name);
    }

    /// Where the innermost open element with one of these names is.
    fn nearest(&self, names: &[&str]) -> Option<usize> {
        self.open.iter().rposition(|open| names.contains(open))
    }

    /// Blocks inside preformatted text are lines of it.
    fn new_line(&mut self) {
        if !self.html.ends_with('\n') {
            self.html.push('\n');
        }
    }

    /// Leaves out an element with its content; if it never ends, only the tag.
    fn skip(&mut self, name: &str) -> bool {
        if self.endless.iter().any(|known| known == name) {
            return false;
        }
        let ends = self.tokens.skip_to_end_of(name);
        if !ends {
            self.endless.push(name.to_owned());
        }
        ends
    }

    /// Leaves out what a browser would not read as markup.
    fn skip_raw(&mut self, name: &str) {
        if !self.skip(name) {
            self.tokens.stop();
        }
    }
}

/// An address of the web in a spelling that all browsers read alike.
pub(super) fn web_address(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_ascii_control() || c == ' ');
    if text.len() > LONGEST_ADDRESS {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?; // not an address, not a link
    let authority = text.get(url.scheme().len()..).and_then(|rest| rest.strip_prefix("://"));
    let is_plain = authority.is_some_and(|rest| !rest.starts_with('/'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    let address = if is_plain { text.to_owned() } else { url.into() };
    (address.len() <= LONGEST_ADDRESS).then_some(address)
}

/// Whether a class means something to us or to readers of microformats; no other name may pick up our styles.
pub(super) fn is_class_allowed(name: &str) -> bool {
    let is_plain = |rest: &str| {
        (1..=32).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name {
        "mention" | "hashtag" | "ellipsis" | "invisible" | "quote-inline" => true,
        _ => ["h-", "p-", "u-", "dt-", "e-"].iter().any(|prefix| name.strip_prefix(prefix).is_some_and(is_plain)),
    }
}

/// Whether this is a number a list may start with.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn class(tag: &Tag<'_>) -> String {
    let names = tag.attribute("class").unwrap_or_default();
    let kept: Vec<&str> =
        names.split_ascii_whitespace().filter(|name| is_class_allowed(name)).take(MOST_CLASSES).collect();
    if kept.is_empty() { String::new() } else { format!(" class=\"{}\"", kept.join(" ")) }
}

fn translate(tag: &Tag<'_>) -> &'static str {
    if tag.attribute("translate").as_deref() == Some("no") { " translate=\"no\"" } else { "" }
}

fn number(tag: &Tag<'_>, attribute: &str) -> String {
    match tag.attribute(attribute).filter(|value| is_number(value)) {
        Some(value) => format!(" {attribute}=\"{value}\""),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_strong_paragraphs() {
        assert_eq!(reduce("a<h1>b <i>c</h1>d"), "a<p><strong>b <i>c</i></strong></p>d");
    }

    #[test]
    fn blocks_we_do_not_keep_do_not_glue_words_together() {
        assert_eq!(reduce("<div>a</div><div>b</div>c"), "<p>a</p><p>b</p>c");
        assert_eq!(reduce("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>"), " <p>a  b </p> <p>c</p>");
        assert_eq!(reduce("<dl><dt>a<dd>b</dl>"), "<p>a</p><p>b</p>");
    }

    #[test]
    fn paragraphs_and_links_never_nest() {
        assert_eq!(reduce("<p>a<blockquote>b<p>c"), "<p>a</p><blockquote>b<p>c</p></blockquote>");
        let nested = reduce("<a href='https://a.test'>a<a href='https://b.test'>b</a></a>");
        assert_eq!(nested.matches("</a><a ").count(), 1);
    }

    #[test]
    fn items_need_a_list() {
        assert_eq!(
            reduce("<li>a</li><ol start=3 reversed><li value=x>b<li value=7>c</ol>"),
            "<p>a</p><ol start=\"3\" reversed=\"\"><li>b</li><li value=\"7\">c</li></ol>"
        );
    }

    #[test]
    fn what_nests_too_deep_is_flattened() {
        let deep = reduce(&("<blockquote>".repeat(5_000) + "<b>".repeat(5_000).as_str() + "x"));
        assert_eq!(deep.matches('<').count(), 2 * DEEPEST + 2);
    }

    #[test]
    fn hidden_elements_take_their_content_along() {
        assert_eq!(reduce("a<svg><p>b</svg>c<script>d</script>e"), "ace");
        assert_eq!(reduce("a<svg>b"), "ab");
        assert_eq!(reduce("a<script>b"), "a");
    }

    #[test]
    fn lines_of_preformatted_text_stay_lines() {
        assert_eq!(reduce("<pre><div>a</div><div>b</div></pre>"), "<pre>\na\nb\n</pre>");
    }

    #[test]
    fn addresses_that_browsers_could_read_differently_are_rewritten() {
        assert_eq!(web_address(" HTTPS://A.test/x ").as_deref(), Some("HTTPS://A.test/x"));
        assert_eq!(web_address("https:a.test").as_deref(), Some("https://a.test/"));
        assert_eq!(web_address("https:\\\\a.test\\b").as_deref(), Some("https://a.test/b"));
        assert_eq!(web_address("ht\ntps:///a.test").as_deref(), Some("https://a.test/"));
        for bad in
            ["javascript:alert(1)", "data:text/html,x", "/settings", "//a.test", "#x", "https://", "", "ftp://a.test"]
        {
            assert_eq!(web_address(bad), None, "{bad}");
        }
    }

    #[test]
    fn classes_of_styles_are_not_kept() {
        for good in ["mention", "hashtag", "ellipsis", "invisible", "quote-inline", "u-url", "h-card", "p-author"] {
            assert!(is_class_allowed(good), "{good}");
        }
        for bad in ["modal", "p-", "u-X", "", "mention2", "status__content", "e-\""] {
            assert!(!is_class_allowed(bad), "{bad}");
        }
    }
}
