//! HTML and Markdown of other servers: what is left is on the list, and stays as it is.

use outloud::domain::html;

use crate::runner::{fixtures, fuzz, outcome};

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
const ATTRIBUTES: [&str; 8] = ["class", "href", "rel", "target", "translate", "value", "reversed", "start"];
/// The most markup that is given back, in bytes.
const LONGEST: usize = 256 * 1024;

const WORDS: [&str; 56] = [
    "<p>",
    "</p>",
    "<br>",
    "<a href=\"",
    "\">",
    "</a>",
    "<script>",
    "</script>",
    "<style>",
    "<svg>",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<template>",
    "<noscript>",
    "<iframe src=x>",
    "<img src=x onerror=alert(1)>",
    "<table>",
    "<tr>",
    "<td>",
    "<select>",
    "<option>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<xmp>",
    "<pre>\n",
    "<code>",
    "<ul><li>",
    "<ol start=3>",
    "<blockquote>",
    "<h1>",
    "<ruby>",
    "<rt>",
    " onclick=alert(1)",
    " style=\"x\"",
    " class=\"invisible\"",
    " class=\"mention hashtag\"",
    " href=javascript:alert(1)",
    " href=\"&#106;avascript:x\"",
    " href=//a.test",
    "\thref\n=\n",
    "/",
    "&#0;",
    "&#x110000;",
    "&amp;lt;",
    "&nbsp",
    "<![CDATA[",
    "<!DOCTYPE",
    "<?xml",
    "[a](https://a.test)",
    "```",
    "> ",
    "* ",
    "# ",
    "![x](y)",
];

fn seeds() -> Vec<Vec<u8>> {
    let text = |value: &serde_json::Value| value.as_str().map(|text| text.as_bytes().to_vec());
    let mut texts: Vec<Vec<u8>> = fixtures()
        .iter()
        .flat_map(|document| {
            let object = document.get("object").unwrap_or(document);
            [object.get("content").and_then(text), object.get("summary").and_then(text)]
        })
        .flatten()
        .collect();
    texts.sort();
    texts.dedup();
    assert!(texts.len() > 30);
    texts
}

/// The elements of clean markup with their attributes. Clean markup holds `<` and `>` nowhere else.
fn check(clean: &str) {
    for (at, _) in clean.match_indices('<') {
        let tag = clean[at + 1..].split('>').next().unwrap();
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(ELEMENTS.contains(&name), "<{tag}>");
        // Values are quoted and hold no quotes: every second part is one.
        for (place, part) in tag[name.len()..].split('"').enumerate() {
            let attribute = part.trim().trim_end_matches('=');
            if place % 2 == 0 && !attribute.is_empty() {
                assert!(ATTRIBUTES.contains(&attribute), "<{tag}>");
            }
        }
        if let Some((_, rest)) = tag.split_once("href=\"") {
            let rest = rest.to_ascii_lowercase();
            assert!(rest.starts_with("https://") || rest.starts_with("http://"), "<{tag}>");
        }
    }
}

#[test]
fn clean_markup_is_on_the_list_and_stays_as_it_is() {
    fuzz("html", &seeds(), &WORDS, |input| {
        let text = String::from_utf8_lossy(input);
        let clean = html::sanitise(&text);
        check(&clean);
        assert_eq!(html::sanitise(&clean), clean, "twice is once");
        assert!(clean.len() <= LONGEST && clean.len() <= 64 * text.len() + 64, "{} became {}", text.len(), clean.len());
        let plain = html::to_text(&clean);
        assert!(plain.len() <= 2 * clean.len() + 16);
        let shown = html::emojify(&clean, &[("a".to_owned(), "https://a.test/a.png".to_owned())]);
        assert!(shown.len() >= clean.len());
        let elements = ELEMENTS.iter().map(|element| clean.contains(&format!("<{element}")));
        outcome(elements.collect::<Vec<bool>>())
    });
}

#[test]
fn markdown_becomes_clean_markup() {
    fuzz("markdown", &seeds(), &WORDS, |input| {
        let clean = html::sanitise(&html::from_markdown(&String::from_utf8_lossy(input)));
        check(&clean);
        assert_eq!(html::sanitise(&clean), clean, "twice is once");
        outcome(ELEMENTS.iter().map(|element| clean.contains(&format!("<{element}"))).collect::<Vec<bool>>())
    });
}

#[test]
fn what_members_type_becomes_clean_markup() {
    fuzz("plain", &seeds(), &["@a@a.test", "#tag", "https://a.test/?a=1&b=2", "\n\n", ":a:"], |input| {
        let text = String::from_utf8_lossy(input);
        check(&html::plain_to_html(&text));
        check(&html::line_to_html(&text));
        let parsed = outloud::domain::text::parse(&text);
        outcome((parsed.mentions.len().min(3), parsed.tags.len().min(3)))
    });
}
