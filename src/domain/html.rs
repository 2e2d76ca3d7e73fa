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

/// Drops what a parser would drop the next time: control characters, byte order marks, the first newlines of `<pre>`.
fn tidy(html: &str) -> String {
    let kept: String =
        html.chars().map(|c| if c == '\r' { '\n' } else { c }).filter(|c| text::is_printable(*c)).collect();
    let mut parts = kept.trim_start_matches('\u{feff}').split("<pre>");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("<pre>");
        clean.push_str(part.trim_start_matches('\n'));
    }
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
mod tests {
    use super::*;

    /// What has been used against others, and what parsers stumble over.
    const NASTY: [&str; 78] = [
        "",
        "plain",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"java&#x0A;script:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href=\"JaVaScRiPt&colon;alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>",
        "<a href=\"//evil.test\">x</a>",
        "<a href=\"https:evil.test\">x</a>",
        "<a href='https://a.test/\"onmouseover=\"alert(1)'>x</a>",
        "<a href=\"https://a.test/?a=1&copy=2&amp;lt;=3&nbsp;\">x</a>",
        "<a href=\"https://a.test\" style=\"position:fixed\" id=x onclick=alert(1) class=\"modal mention u-url\">x</a>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<form><input type=password><button>go</button></form>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<textarea><script>alert(1)</script>",
        "<xmp><p>a</xmp>b",
        "<plaintext><p>a",
        "<template><p>a</template>b",
        "<select><option>a</select>b",
        "<title>a</title>b",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<<script>alert(1)//<</script>",
        "<script",
        "<p <script>alert(1)</script>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!-- a --!><b>b",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?php echo 1 ?>a",
        "</p>a</br>b</",
        "]]> &amp;lt;script&amp;gt; &lt;script&gt; &#60;script&#62;",
        "&am<x>p;lt;script>",
        "<p>a<p>b<div>c</p>d</div>e",
        "<p><button><p>a</p></button></p>",
        "<p><object><p>a</p></object></p>",
        "<b><p>a</b>b</p>c",
        "<b><i><b><i><b>a</i></b>b",
        "<a href=https://a.test><p>a<a href=https://b.test>b</p>c</a>",
        "<ul><li><a href=https://a.test><ul><li><a href=https://b.test>b",
        "<ul><b><li>a</b><li>b</ul>c<li>d",
        "<ul>a<div>b<li>c<p>d<li>e</div>f",
        "<ol start=\"1e9\" reversed=no><li value=-3>a<blockquote><li>b",
        "<blockquote><p>a<blockquote>b</blockquote>c<ul><li>d</blockquote>e",
        "<h1>a<h2>b</h1>c</h2><h3><p>d</p></h3><p><h4>e",
        "<table><tr><td>a<td>b<tr><p>c</table>d",
        "<table><b><p>a</table>b",
        "<pre>\n\n\n a\n<p>b</p><ul><li>c</ul>\n</pre>",
        "<pre>&#10;&NewLine;&#13;&#10;x</pre>",
        "<pre><!-- -->\n<b>\n</b></pre><pre><pre>\n</pre>a",
        "<pre><code>a</pre>b</code>c",
        "<ruby>a<rt>b<rp>(<rt>c</ruby>d<rt>e",
        "<ruby><b>a<rt><p>b</rt>c</ruby>",
        "<p><ruby>a<blockquote>b<rt>c",
        "<span class=\"h-card modal\" translate=no style=x><span class=invisible>a</span></span>",
        "<p class=\"quote-inline x\">RE: <a href='https://a.test'>a</a></p>",
        "<p class=\"&#109;ention\">a</p>",
        "\u{feff}\u{feff}a",
        "&#xfeff;&#xfeff;a",
        "\0a\u{1}b&#0;c&#1;d&#127;e\u{85}f\u{fffe}",
        "a\r\nb\rc&#13;d&#13;\ne",
        "<p>a\u{c}b</p\u{c}><a\u{c}href=https://a.test\u{c}>c",
        "<a/href=\"https://a.test\"/class=mention/>a</a/>",
        "<A HREF=https://a.test>a</A><P>B</P><BR/><br /></BR>",
        "<div><div><div></div></div></div><div>\n</div>",
        "<div>a<br>b</div><hr>c<section>d",
        "<s>a</strike><strike>b</s><tt>c</kbd>",
        "<html><head><title>a</title></head><body onload=alert(1)>b</body></html>c",
        "<frameset><frame src=javascript:alert(1)></frameset>a",
        "<details open ontoggle=alert(1)><summary>a</summary>b</details>",
        "<isindex type=image src=1 onerror=alert(1)>a<base href=//evil.test><link rel=stylesheet href=x><meta http-equiv=refresh>",
    ];

    fn assert_safe(html: &str, source: &str) {
        for token in Tokens::new(html) {
            let Token::Start(tag) = token else { continue };
            assert!(ELEMENTS.contains(&tag.name.as_str()), "<{}> from {source:?}", tag.name);
            for attribute in ["style", "id", "onerror", "onload", "onclick", "onmouseover", "src", "title", "name"] {
                assert_eq!(tag.attribute(attribute), None, "{attribute} from {source:?}");
            }
            if let Some(href) = tag.attribute("href") {
                let lower = href.to_ascii_lowercase();
                assert!(lower.starts_with("https://") || lower.starts_with("http://"), "{href} from {source:?}");
            }
        }
    }

    fn assert_settled(source: &str) {
        let once = sanitise(source);
        assert_safe(&once, source);
        assert_eq!(sanitise(&once), once, "{source:?}");
        let reduced = outline::reduce(&once);
        assert_eq!(reduced, once, "the rewriting of {source:?} needs repair");
    }

    #[test]
    fn nasty_markup_becomes_safe_and_stays_as_it_is() {
        for source in NASTY {
            assert_settled(source);
        }
    }

    #[test]
    fn pairs_of_nasty_markup_become_safe_and_stay_as_they_are() {
        for (index, one) in NASTY.iter().enumerate() {
            for step in [1, 7, 18, 31, 44, 61] {
                assert_settled(&format!("{one}{}", NASTY[(index + step) % NASTY.len()]));
            }
        }
    }

    #[test]
    fn random_markup_becomes_safe_and_stays_as_it_is() {
        let pieces = [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<i class=x>",
            "</i>",
            "<a href=https://a.test>",
            "</a>",
            "<ul>",
            "</ul>",
            "<ol>",
            "<li>",
            "</li>",
            "<blockquote>",
            "</blockquote>",
            "<pre>",
            "</pre>",
            "\n",
            " ",
            "a",
            "&lt;",
            "&amp",
            "<br>",
            "<ruby>",
            "</ruby>",
            "<rt>",
            "<rp>",
            "</rt>",
            "<h1>",
            "</h1>",
            "<div>",
            "</div>",
            "<table>",
            "<td>",
            "</table>",
            "<svg>",
            "</svg>",
            "<math>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<button>",
            "</button>",
            "<span class='mention'>",
            "</span>",
            "<code>",
            "</code>",
            "<template>",
            "</template>",
            "\"",
            "'",
            ">",
            "<",
            "/",
            "=",
            "<select>",
            "<option>",
        ];
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..1_000 {
            let mut source = String::new();
            for _ in 0..24 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                source.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            assert_settled(&source);
        }
    }

    #[test]
    fn links_lead_to_the_web_and_give_nothing_away() {
        assert_eq!(
            sanitise("<a href=\"https://a.test/x?y=1&z=2\" rel=me target=_top>a</a>"),
            "<a href=\"https://a.test/x?y=1&amp;z=2\" rel=\"nofollow noopener noreferrer ugc\" target=\"_blank\">a</a>"
        );
        assert_eq!(
            sanitise("<a href=\"https://a.test/tags/b\" class=\"mention hashtag big\" rel=\"tag\">#<span>b</span></a>"),
            "<a href=\"https://a.test/tags/b\" class=\"mention hashtag\" rel=\"nofollow noopener noreferrer ugc tag\" \
             target=\"_blank\">#<span>b</span></a>"
        );
        assert_eq!(sanitise("<a href=\"javascript:alert(1)\">a</a> <a>b</a>"), "a b");
    }

    #[test]
    fn mentions_keep_their_form() {
        let mention = "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://a.test/@ann\" class=\"u-url mention\" \
                       rel=\"nofollow noopener noreferrer ugc\" target=\"_blank\">@<span>ann</span></a></span> hi</p>";
        assert_eq!(sanitise(mention), mention);
    }

    #[test]
    fn password_forms_and_borrowed_styles_are_gone() {
        assert_eq!(
            sanitise(
                "<div class=\"modal-root\"><form>Your password: <input type=password name=p style=x></form></div>"
            ),
            "<p>Your password: </p>"
        );
    }

    #[test]
    fn lists_rubies_and_code_survive() {
        let kept = "<ol start=\"3\" reversed=\"\"><li value=\"5\">a</li></ol><p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby> \
                    <del>x</del></p><pre><code>  if a &lt; b {\n  }</code></pre>";
        assert_eq!(sanitise(kept), kept);
    }

    #[test]
    fn bombs_do_not_explode() {
        let numbered: String = (0..4_000).map(|n| format!("<b a={n}>")).collect();
        for bomb in [
            numbered + &"<p>x".repeat(4_000),
            "<b>".repeat(20_000),
            "<div>".repeat(10_000),
            "<blockquote><ul><li>".repeat(4_000),
            "<svg>".repeat(10_000),
            "<table><td>".repeat(5_000),
            "<!--".repeat(10_000),
            "<a href=https://a.test>".repeat(6_000),
            "&".repeat(100_000),
            "あ".repeat(100_000),
        ] {
            let clean = sanitise(&bomb);
            assert!(clean.len() <= LONGEST, "{} bytes", clean.len());
            assert_eq!(sanitise(&clean), clean);
        }
    }

    #[test]
    fn a_long_text_stays_in_one_piece() {
        for (typed, written) in
            [("&", "&amp;"), ("\u{a0}", "&nbsp;"), ("&eacute;", "é"), ("\u{b7}", "\u{b7}"), ("a&lt", "a&lt;")]
        {
            assert_eq!(sanitise(&typed.repeat(5_000)), written.repeat(5_000), "{typed}");
        }
    }

    #[test]
    fn text_has_lines_where_people_see_them() {
        assert_eq!(to_text("<p>a<br>b</p>\n<p>c &amp; d&nbsp;<b>e</b>  f</p>"), "a\nb\n\nc & d e f");
        assert_eq!(to_text("a<ul><li>b</li><li>c</li></ul><h1>d</h1>"), "a\nb\nc\n\nd");
        assert_eq!(to_text("<pre>x\n  y\n\n\n\nz</pre>"), "x\n  y\n\nz");
        assert_eq!(to_text("&lt;script&gt;<script>alert(1)</script>"), "<script>");
        assert_eq!(to_text("<p> </p><p></p>"), "");
    }

    #[test]
    fn plain_text_gets_paragraphs_and_links() {
        assert_eq!(
            plain_to_html("a <b>\nb\n\nsee https://a.test/@ann#x, @ann #tag"),
            "<p>a &lt;b&gt;<br>b</p><p>see <a href=\"https://a.test/@ann#x\" rel=\"nofollow noopener noreferrer ugc\" \
             target=\"_blank\" translate=\"no\"><span class=\"invisible\">https://</span><span>a.test/@ann#x</span>\
             <span class=\"invisible\"></span></a>, @ann #tag</p>"
        );
        assert_eq!(plain_to_html(" \n\n "), "");
    }

    #[test]
    fn emoji_appear_in_text_only() {
        let emojis = [("cat".to_owned(), "https://a.test/cat.png?a=1&b=\"2\"".to_owned())];
        let cat = "<img class=\"emoji\" src=\"https://a.test/cat.png?a=1&amp;b=&quot;2&quot;\" alt=\":cat:\" loading=\"lazy\">";
        assert_eq!(emojify("<p>a :cat: b:cat: :dog:</p>", &emojis), format!("<p>a {cat} b:cat: :dog:</p>"));
        assert_eq!(emojify(":cat::cat:", &emojis), format!("{cat}{cat}"));
        assert_eq!(emojify("猫:cat:です", &emojis), format!("猫{cat}です"));
        assert_eq!(emojify("::cat:", &emojis), format!(":{cat}"));
        for untouched in [
            "<a href=\"https://a.test/:cat:\" class=\":cat:\">a</a>",
            "<code>a :cat: b</code><pre>:cat:</pre>",
            "12:cat:30",
            ":cat",
            ":ca<b></b>t:",
            "a < b",
        ] {
            assert_eq!(emojify(untouched, &emojis), untouched);
        }
    }

    #[test]
    fn an_emoji_cannot_carry_markup() {
        let emojis = [
            ("x\" onerror=\"alert(1)".to_owned(), "https://a.test/a.png".to_owned()),
            ("js".to_owned(), "javascript:alert(1)".to_owned()),
            ("rel".to_owned(), "//evil.test/a.png".to_owned()),
            ("q".to_owned(), "https://a.test/\"onerror='alert(1)'<x>".to_owned()),
        ];
        assert_eq!(emojify(":x\" onerror=\"alert(1): :js: :rel:", &emojis), ":x\" onerror=\"alert(1): :js: :rel:");
        let picture = emojify(":q:", &emojis);
        assert_eq!(picture.matches('<').count(), 1);
        assert_eq!(picture.matches('"').count(), 8);
    }

    #[test]
    fn escaped_text_is_the_same_text() {
        let text = "<a href=\"x\" title='y'>&amp;</a>";
        assert!(!escape(text).contains(['<', '>', '"', '\'']));
        assert_eq!(to_text(&escape(text)), text);
    }
}
