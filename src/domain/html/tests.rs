//! What may go wrong with markup, and what must come of it.

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
        sanitise("<div class=\"modal-root\"><form>Your password: <input type=password name=p style=x></form></div>"),
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
    let cat =
        "<img class=\"emoji\" src=\"https://a.test/cat.png?a=1&amp;b=&quot;2&quot;\" alt=\":cat:\" loading=\"lazy\">";
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
