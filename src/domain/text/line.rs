//! Names and previews: text on one line that cannot break the page around it.

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The longest single character as people see it, in bytes; a family of four needs 25.
const LONGEST_GRAPHEME: usize = 64;
/// How many bytes a text may have for each character it may have.
const BYTES_PER_GRAPHEME: usize = 32;
/// How many marks may stand on one letter.
const MOST_MARKS: usize = 4;

/// Makes a name of what somebody wrote: one line, nothing invisible, no towers of marks, cut to size.
pub fn clean(text: &str, max_graphemes: usize) -> String {
    let most_bytes = max_graphemes.saturating_mul(BYTES_PER_GRAPHEME);
    let line = visible(text, most_bytes.saturating_add(LONGEST_GRAPHEME));
    let mut length = 0;
    for grapheme in line.graphemes(true).take(max_graphemes) {
        if grapheme.len() > LONGEST_GRAPHEME || length + grapheme.len() > most_bytes {
            break;
        }
        length += grapheme.len();
    }
    line[..length].trim_end().to_owned()
}

/// The beginning of a text on one line; an ellipsis tells that there is more.
pub fn excerpt(text: &str, graphemes: usize) -> String {
    if graphemes == 0 {
        return String::new();
    }
    let line = clean(text, graphemes.saturating_add(2)); // one more might be a space, which is cut
    let starts: Vec<usize> = line.grapheme_indices(true).map(|(start, _)| start).collect();
    if starts.len() <= graphemes {
        return line;
    }
    let cut = starts[graphemes - 1];
    let last_space = if line[cut..].starts_with(' ') { cut } else { line[..cut].rfind(' ').unwrap_or(0) };
    let end = if last_space > cut / 3 * 2 { last_space } else { cut };
    format!("{}…", line[..end].trim_end())
}

/// One or many.
pub fn plural(number: i64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

fn visible(text: &str, most_bytes: usize) -> String {
    let mut line = String::new();
    let (mut space, mut marks) = (false, 0);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next().filter(|_| line.len() <= most_bytes) {
        let before = line.chars().next_back().filter(|_| !space);
        if is_space(c) {
            space = true;
            continue;
        }
        if is_hidden(c) && !is_needed(before, c, chars.peek().copied()) {
            continue;
        }
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > MOST_MARKS || (marks > 0 && before.is_none()) {
            continue;
        }
        if space && !line.is_empty() {
            line.push(' ');
        }
        space = false;
        line.push(c);
    }
    line
}

/// Spaces, and what looks like nothing but takes room.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// Control characters, fillers, and everything that steers the direction or the joining of text.
pub(super) fn is_hidden(c: char) -> bool {
    let is_steering = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}');
    let is_nothing = u32::from(c) & 0xfffe == 0xfffe;
    is_steering || is_nothing || c.is_control()
}

/// Whether an invisible character changes what its neighbours look like, as emoji and some scripts require.
fn is_needed(before: Option<char>, c: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return c == '\u{e007f}' && before.is_some_and(is_flag_part);
    };
    match c {
        '\u{200d}' if is_emoji(after) => is_emoji(before) || before == '\u{fe0f}',
        '\u{200c}' if is_arabic(before) => is_arabic(after),
        '\u{200c}' | '\u{200d}' => canonical_combining_class(before) == 9 && after.is_alphabetic(),
        '\u{e0020}'..='\u{e007f}' => is_flag_part(before),
        _ => false,
    }
}

/// The flags of regions are a black flag followed by invisible letters.
fn is_flag_part(c: char) -> bool {
    matches!(c, '\u{1f3f4}' | '\u{e0020}'..='\u{e007e}')
}

fn is_arabic(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{2bff}' | '©' | '®' | '〰' | '〽' | '㊗' | '㊙')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(clean(" \tAnn\r\n\u{2028} of\u{a0}\u{3000}Example\0 ", 30), "Ann of Example");
    }

    #[test]
    fn what_turns_or_hides_text_is_removed() {
        assert_eq!(clean("\u{202e}nnA\u{202c}\u{200b}\u{2066}\u{feff}\u{ad}!", 30), "nnA!");
        assert_eq!(clean("\u{3164}\u{2800}\u{200f}\u{200d}", 30), "");
        assert_eq!(clean("a\u{200d}b\u{200c}c\u{e0041}", 30), "abc");
    }

    #[test]
    fn emoji_keep_their_joiners() {
        for emoji in ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍💻", "❤️‍🔥", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "1️⃣", "🇫🇷"]
        {
            assert_eq!(clean(emoji, 1), emoji);
        }
    }

    #[test]
    fn scripts_that_need_joiners_keep_them() {
        for name in ["می\u{200c}خواهم", "क्\u{200d}ष", "ශ්\u{200d}රී"] {
            assert_eq!(clean(name, 30), name);
        }
    }

    #[test]
    fn towers_of_marks_are_cut() {
        let tower = format!("a{}b", "\u{301}".repeat(10_000));
        assert_eq!(clean(&tower, 30), format!("a{}b", "\u{301}".repeat(MOST_MARKS)));
        assert_eq!(clean("\u{301}\u{302}a \u{303}b", 30), "a b");
    }

    #[test]
    fn a_name_is_cut_by_what_people_see_and_by_bytes() {
        assert_eq!(clean("👩‍👩‍👧‍👦👩‍👩‍👧‍👦x", 2), "👩‍👩‍👧‍👦👩‍👩‍👧‍👦");
        assert_eq!(clean(&"x".repeat(1_000_000), 30).len(), 30);
        let chain = format!("ann{}", "👩\u{200d}".repeat(5_000));
        assert_eq!(clean(&chain, 30), "ann");
        assert_eq!(clean("abc", 0), "");
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for name in [
            "a \u{200b} b",
            "👩\u{200d}\u{202e}👧",
            "\u{301}a\u{301}",
            "ab cd",
            "\u{1f3f4}\u{e0067}\u{202e}\u{e007f}",
            "x\u{200d}\u{301}y",
        ] {
            for size in 0..8 {
                let once = clean(name, size);
                assert_eq!(clean(&once, size), once, "{name:?} at {size}");
            }
        }
    }

    #[test]
    fn an_excerpt_tells_that_there_is_more() {
        assert_eq!(excerpt("hello\n\nworld", 11), "hello world");
        assert_eq!(excerpt("hello world", 5), "hell…");
        assert_eq!(excerpt("hello world", 6), "hello…");
        assert_eq!(excerpt("the quick brown fox jumps", 18), "the quick brown…");
        assert_eq!(excerpt("あいうえおかきくけこ", 4), "あいう…");
        assert_eq!(excerpt("abc", 0), "");
    }
}
