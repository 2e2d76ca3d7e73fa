//! Markup of unknown quality, cut into tags and text.

/// Escapes that are understood inside attributes; the parser that runs later knows them all.
const NAMED: [(&str, char); 10] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("colon", ':'),
    ("sol", '/'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
];

/// A stretch of markup.
pub(super) enum Token<'a> {
    /// Characters between tags, escapes untouched.
    Text(&'a str),
    /// An opening tag.
    Start(Tag<'a>),
    /// The name of a closing tag, in lower case.
    End(String),
    /// A comment, a doctype, or something that ends like one.
    Comment,
}

/// An opening tag.
pub(super) struct Tag<'a> {
    /// The name in lower case.
    pub(super) name: String,
    attributes: &'a str,
}

impl Tag<'_> {
    /// The value of the first attribute with this name, escapes resolved.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut attributes = Attributes { rest: self.attributes };
        attributes.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| decode(value))
    }
}

/// The tokens of a piece of markup; a tag that never ends swallows the rest.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    /// Starts at the beginning.
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html }
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Ignores everything that follows.
    pub(super) fn stop(&mut self) {
        self.rest = "";
    }

    /// Moves on to the next closing tag of that name; stays where it is if there is none.
    pub(super) fn skip_to_end_of(&mut self, name: &str) -> bool {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|at| from + at) {
            let tail = &self.rest[at + 2..];
            let same = tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            if same && tail[name.len()..].chars().next().is_none_or(ends_name) {
                self.rest = &self.rest[at..];
                return true;
            }
            from = at + 2;
        }
        false
    }

    fn start(&mut self, after: &'a str) -> Option<Token<'a>> {
        let (name, rest) = split_name(after);
        let mut attributes = Attributes { rest };
        while attributes.next().is_some() {}
        let unread = attributes.rest;
        self.rest = unread.strip_prefix('>').unwrap_or_default();
        (!unread.is_empty()).then(|| {
            let attributes = &rest[..rest.len() - unread.len()];
            Token::Start(Tag { name: name.to_ascii_lowercase(), attributes })
        })
    }

    fn end(&mut self, after: &'a str) -> Option<Token<'a>> {
        let (name, rest) = split_name(after);
        let (_, rest) = rest.split_once('>').unwrap_or_default();
        self.rest = rest;
        Some(Token::End(name.to_ascii_lowercase()))
    }

    fn comment(&mut self, after: &'a str) -> Option<Token<'a>> {
        let close = match after.strip_prefix("!--") {
            Some(inner) if !inner.starts_with('>') && !inner.starts_with("->") => "-->",
            _ => ">",
        };
        let (_, rest) = after.split_once(close).unwrap_or_default();
        self.rest = rest;
        Some(Token::Comment)
    }

    fn text(&mut self, from: usize) -> Option<Token<'a>> {
        let end = self.rest[from..].find('<').map_or(self.rest.len(), |at| from + at);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Token::Text(text))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let Some(after) = self.rest.strip_prefix('<') else {
            return self.text(0);
        };
        let closing = after.strip_prefix('/');
        match closing.unwrap_or(after).chars().next() {
            Some(c) if c.is_ascii_alphabetic() => match closing {
                Some(after) => self.end(after),
                None => self.start(after),
            },
            Some('!' | '?') => self.comment(after),
            Some(_) if closing.is_some() => self.comment(after),
            _ => self.text(1),
        }
    }
}

/// The attributes of a tag; `rest` stands at the end of the tag when all are read, or is empty if there is none.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(|c| is_space(c) || c == '/');
        let first = self.rest.chars().next().filter(|c| *c != '>')?.len_utf8();
        let end = self.rest[first..].find(|c| ends_name(c) || c == '=').map_or(self.rest.len(), |at| first + at);
        let (name, rest) = self.rest.split_at(end);
        let Some(value) = rest.trim_start_matches(is_space).strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(is_space);
        let (value, rest) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((value, "")),
            _ => value.split_at(value.find(|c| is_space(c) || c == '>').unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

/// Resolves numeric escapes and the few named ones that matter in addresses and in what we wrote ourselves.
pub(super) fn decode(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let (c, used) = reference(after).unwrap_or(('&', 0));
        text.push(c);
        rest = &after[used..];
    }
    text.push_str(rest);
    text
}

fn reference(after: &str) -> Option<(char, usize)> {
    let end = after.bytes().take(12).position(|byte| byte == b';')?;
    let name = &after[..end];
    let c = match name.strip_prefix('#') {
        Some(number) => character(number)?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?) // not a number: then it is text
}

fn split_name(text: &str) -> (&str, &str) {
    text.split_at(text.find(ends_name).unwrap_or(text.len()))
}

fn ends_name(c: char) -> bool {
    is_space(c) || matches!(c, '/' | '>')
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        Tokens::new(html)
            .map(|token| match token {
                Token::Text(text) => format!("[{text}]"),
                Token::Start(tag) => format!("+{}", tag.name),
                Token::End(name) => format!("-{name}"),
                Token::Comment => "!".to_owned(),
            })
            .collect()
    }

    #[test]
    fn tags_text_and_comments_are_told_apart() {
        assert_eq!(shape("a<P class=x>b</p ><!-- <i> -->c"), "[a]+p[b]-p![c]");
    }

    #[test]
    fn a_lone_angle_bracket_is_text() {
        assert_eq!(shape("1 < 2 <3 <"), "[1 ][< 2 ][<3 ][<]");
    }

    #[test]
    fn a_greater_than_sign_in_quotes_does_not_end_a_tag() {
        assert_eq!(shape("<a title=\"a>b\" alt='c>d'>e"), "+a[e]");
    }

    #[test]
    fn an_unfinished_tag_or_comment_swallows_the_rest() {
        for html in ["a<b", "a<b title=\"x>", "a<b title='x> <i>"] {
            assert_eq!(shape(html), "[a]", "{html}");
        }
        assert_eq!(shape("a<!-- <b>"), "[a]!");
    }

    #[test]
    fn the_first_of_two_equal_attributes_counts() {
        let html = "<a/HREF = 'x&amp;y'\nhref=z data-a>";
        let Some(Token::Start(tag)) = Tokens::new(html).next() else { panic!("no tag in {html}") };
        assert_eq!(tag.attribute("href").as_deref(), Some("x&y"));
        assert_eq!(tag.attribute("data-a").as_deref(), Some(""));
        assert_eq!(tag.attribute("title"), None);
    }

    #[test]
    fn escapes_are_resolved_once() {
        assert_eq!(decode("&amp;lt; &#104;&#x74; &copy; &"), "&lt; ht &copy; &");
    }

    #[test]
    fn hidden_content_ends_at_its_own_closing_tag() {
        let mut tokens = Tokens::new("a</scripty></SCRIPT >b");
        assert!(tokens.skip_to_end_of("script"));
        assert_eq!(tokens.rest(), "</SCRIPT >b");
        assert!(!tokens.skip_to_end_of("style"));
    }
}
