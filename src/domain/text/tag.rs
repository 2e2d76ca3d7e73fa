//! Hashtags: spelled freely, compared in one form.

use unicode_normalization::UnicodeNormalization;

use super::is_word;
use super::line::is_hidden;

/// The longest hashtag, in characters.
const LONGEST: usize = 100;

/// A hashtag, without its sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The form in which tags are compared and looked up.
    pub key: String,
    /// The form somebody chose.
    pub display: String,
}

impl Tag {
    /// Reads a hashtag with or without its sign; nothing else may stand around it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('#').unwrap_or(text);
        let display: String = text.chars().filter(|c| is_separator(*c) || !is_hidden(*c)).take(LONGEST + 1).collect();
        let display = display.trim_matches(is_separator);
        let fits = display.chars().count() <= LONGEST && display.chars().all(|c| is_word(c) || is_separator(c));
        let key = if fits { fold(display) } else { return None };
        let starts_well = display.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_tag = starts_well && says_something(&key) && key.chars().count() <= LONGEST;
        is_tag.then(|| Self { key, display: display.to_owned() })
    }
}

/// What may stand inside a tag but not at its ends: middle dots, and the joiner that Persian needs.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '·' | '・' | '\u{200c}')
}

/// A number alone is no tag, nor is a line.
fn says_something(key: &str) -> bool {
    let is_number = key.chars().all(char::is_numeric);
    !is_number && key.chars().any(char::is_alphanumeric)
}

/// Compatible forms, capitals and the two small sigmas become one; invisible characters go.
fn fold(text: &str) -> String {
    let lowered = text.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
    lowered.nfkc().filter(|c| (is_word(*c) || is_separator(*c)) && !is_hidden(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<String> {
        Tag::parse(text).map(|tag| tag.key)
    }

    #[test]
    fn the_sign_is_optional_and_the_spelling_is_kept() {
        let tag = Tag { key: "rustlang".to_owned(), display: "RustLang".to_owned() };
        assert_eq!(Tag::parse("#RustLang"), Some(tag.clone()));
        assert_eq!(Tag::parse(" RustLang "), Some(tag));
    }

    #[test]
    fn equal_tags_have_equal_keys() {
        for (one, other) in [
            ("ＲＵＳＴ", "rust"),
            ("Café", "cafe\u{301}"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﾃｽﾄ", "テスト"),
            ("می\u{200c}خواهم", "میخواهم"),
        ] {
            assert_eq!(key(one), key(other), "{one} and {other}");
            assert!(key(one).is_some(), "{one}");
        }
    }

    #[test]
    fn invisible_characters_do_not_make_a_new_tag() {
        assert_eq!(key("#\u{202e}ru\u{200b}st\u{2066}"), Some("rust".to_owned()));
        assert_eq!(Tag::parse("ru\u{200b}st").map(|tag| tag.display), Some("rust".to_owned()));
    }

    #[test]
    fn every_script_may_be_used() {
        for tag in ["日本語", "हिन्दी", "العربية", "한국어", "カタ・カナ", "col·laboració", "2024年", "_a", "1_000"]
        {
            assert!(key(tag).is_some(), "{tag}");
        }
    }

    #[test]
    fn what_is_no_word_is_no_tag() {
        for text in [
            "",
            "#",
            "123",
            "__",
            "a b",
            "a-b",
            "a#b",
            "##a",
            "🦀",
            "\u{fe0f}\u{20e3}",
            "\u{301}a",
            "·",
            "½",
            "a<b",
            "٣",
        ] {
            assert_eq!(key(text), None, "{text}");
        }
    }

    #[test]
    fn long_tags_are_refused() {
        assert!(key(&"あ".repeat(100)).is_some());
        assert_eq!(key(&"a".repeat(101)), None);
        assert_eq!(key(&"ﷺ".repeat(100)), None, "a hundred characters that stand for two thousand");
        assert_eq!(key(&"a".repeat(100_000)), None);
    }

    #[test]
    fn a_key_is_the_key_of_itself() {
        for text in ["ＲＵＳＴ", "İstanbul", "Straße", "ﷺ", "ΣΊΣΥΦΟΣ", "カタ・カナ", "ǅ", "ﬁne", "x²", "Å", "ẛ̣"]
        {
            let once = key(text);
            assert!(once.is_some(), "{text}");
            assert_eq!(once.as_deref().and_then(key), once, "{text}");
        }
    }
}
