//! Small parts that many pages share: times, fields, buttons, marks.
//!
//! They take plain values and know neither the database nor the request.

use maud::{Markup, html};

use crate::domain::moment::Moment;
use crate::domain::visibility::Visibility;
use crate::error::Problem;
use crate::web::pages::layout::icon;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// When something happened: how long ago, and the date and time in words beside it.
pub fn time(moment: Moment, now: Moment) -> Markup {
    let exact = if moment.datetime().format("%Y").to_string() == now.datetime().format("%Y").to_string() {
        moment.datetime().format("%-d %b, %H:%M UTC")
    } else {
        moment.datetime().format("%-d %b %Y, %H:%M UTC")
    };
    html! {
        time datetime=(moment.seconds()) {
            @if let Some(relative) = relative(moment, now) { (relative) " · " }
            (exact.to_string())
        }
    }
}

/// A day alone, such as the one somebody joined.
pub fn date(moment: Moment) -> Markup {
    html! { time datetime=(moment.day()) { (moment.datetime().format("%-d %b %Y").to_string()) } }
}

/// How long ago, or how soon; nothing when it is more than a month away and the date says it better.
fn relative(moment: Moment, now: Moment) -> Option<String> {
    let away = now.0.saturating_sub(moment.0);
    let span = match away.saturating_abs() {
        near if near < MINUTE => return Some("just now".to_owned()),
        near if near < HOUR => format!("{} min", near / MINUTE),
        near if near < DAY => format!("{} h", near / HOUR),
        near if near < 2 * DAY => "1 day".to_owned(),
        near if near < 30 * DAY => format!("{} days", near / DAY),
        _ => return None,
    };
    Some(if away > 0 { format!("{span} ago") } else { format!("in {span}") })
}

/// A picture of somebody, `size` pixels wide and high; their name stands beside it.
pub fn avatar(url: &str, size: u16) -> Markup {
    html! { img.avatar src=(url) alt="" width=(size) height=(size) loading="lazy" decoding="async"; }
}

/// What the last action has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// Whether it went well.
    pub kind: FlashKind,
    /// A whole sentence.
    pub text: String,
}

/// Whether the last action went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// It is done.
    Done,
    /// It is not.
    Problem,
}

/// The message of the last action, announced to those who listen.
pub fn flash(flash: &Flash) -> Markup {
    let (drawing, role) = match flash.kind {
        FlashKind::Done => ("check", "status"),
        FlashKind::Problem => ("warning", "alert"),
    };
    html! {
        div.notice.problem[flash.kind == FlashKind::Problem] role=(role) { (icon(drawing)) p { (flash.text) } }
    }
}

/// What is wrong with a form, all in one place, each with a way to its field; nothing when all is well.
pub fn errors_summary(problems: &[Problem]) -> Markup {
    if problems.is_empty() {
        return html! {};
    }
    html! {
        div.notice.problem role="alert" {
            (icon("warning"))
            div {
                h2 {
                    @if problems.len() == 1 { "One thing needs another look" }
                    @else { (problems.len()) " things need another look" }
                }
                ul {
                    @for problem in problems {
                        li { a href={ "#field-" (problem.field) } { (problem.description) } }
                    }
                }
            }
        }
    }
}

/// The sentence about one field among the problems of a form.
pub fn error_for<'a>(problems: &'a [Problem], name: &str) -> Option<&'a str> {
    problems.iter().find(|problem| problem.field == name).map(|problem| problem.description.as_str())
}

/// One labelled field of a form.
#[derive(Debug, Clone, Default)]
pub struct Field<'a> {
    /// What it asks for.
    pub label: &'a str,
    /// Its name in the form; its id is `field-` and this.
    pub name: &'a str,
    /// What is in it already; ignored by passwords and selections.
    pub value: &'a str,
    /// What goes in.
    pub kind: FieldKind,
    /// What is wrong with what was sent.
    pub error: Option<&'a str>,
    /// What helps to fill it in.
    pub hint: Option<&'a str>,
    /// Whether the form can do without it; such a field says so.
    pub optional: bool,
    /// What the browser may fill in, such as `username`.
    pub autocomplete: Option<&'a str>,
    /// How many characters fit.
    pub maxlength: Option<u32>,
}

/// What goes into a field.
#[derive(Debug, Clone, Default)]
pub enum FieldKind {
    /// A line.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A password, never printed back.
    Password,
    /// A web address.
    Url,
    /// A whole number.
    Number,
    /// A line to search for.
    Search,
    /// Several lines, so many shown.
    Lines(u16),
    /// One of these `option` elements.
    Select(Markup),
}

impl FieldKind {
    fn input_type(&self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::Url => "url",
            Self::Number => "number",
            Self::Search => "search",
            Self::Text | Self::Lines(_) | Self::Select(_) => "text",
        }
    }
}

/// A labelled field, with its hint and its error tied to it.
pub fn field(field: &Field<'_>) -> Markup {
    let id = format!("field-{}", field.name);
    html! {
        div.field.wrong[field.error.is_some()] {
            label for=(id) {
                (field.label)
                @if field.optional { span.optional { " (optional)" } }
            }
            @if let Some(hint) = field.hint { p.hint id={ (id) "-hint" } { (hint) } }
            @if let Some(error) = field.error { p.field-error id={ (id) "-error" } { (icon("warning")) " " (error) } }
            (control(field, &id))
        }
    }
}

fn control(field: &Field<'_>, id: &str) -> Markup {
    let described = described_by(id, field.hint, field.error);
    let invalid = field.error.map(|_| "true");
    let value = if matches!(field.kind, FieldKind::Password) { "" } else { field.value };
    html! {
        @match &field.kind {
            FieldKind::Lines(rows) => {
                // A newline right after the tag is swallowed by the parser; ours keeps the writer's own.
                textarea id=(id) name=(field.name) rows=(rows) dir="auto" maxlength=[field.maxlength]
                    required[!field.optional] aria-describedby=[described] aria-invalid=[invalid] { "\n" (value) }
            },
            FieldKind::Select(options) => {
                select id=(id) name=(field.name) aria-describedby=[described] aria-invalid=[invalid] { (options) }
            },
            kind => {
                input id=(id) name=(field.name) type=(kind.input_type()) value=(value) dir="auto"
                    maxlength=[field.maxlength] autocomplete=[field.autocomplete] required[!field.optional]
                    aria-describedby=[described] aria-invalid=[invalid];
            },
        }
    }
}

fn described_by(id: &str, hint: Option<&str>, error: Option<&str>) -> Option<String> {
    match (hint, error) {
        (Some(_), Some(_)) => Some(format!("{id}-hint {id}-error")),
        (Some(_), None) => Some(format!("{id}-hint")),
        (None, Some(_)) => Some(format!("{id}-error")),
        (None, None) => None,
    }
}

/// One box to tick.
#[derive(Debug, Clone, Default)]
pub struct Checkbox<'a> {
    /// What ticking it means.
    pub label: &'a str,
    /// Its name in the form; it sends `true`.
    pub name: &'a str,
    /// Whether it is ticked already.
    pub checked: bool,
    /// What is wrong with what was sent.
    pub error: Option<&'a str>,
    /// What helps to decide.
    pub hint: Option<&'a str>,
}

/// A box to tick, with its hint and its error tied to it.
pub fn checkbox(field: &Checkbox<'_>) -> Markup {
    let id = format!("field-{}", field.name);
    let described = described_by(&id, field.hint, field.error);
    html! {
        div.choice {
            input id=(id) name=(field.name) type="checkbox" value="true" checked[field.checked]
                aria-describedby=[described] aria-invalid=[field.error.map(|_| "true")];
            label for=(id) { (field.label) }
            @if let Some(hint) = field.hint { p.hint id={ (id) "-hint" } { (hint) } }
            @if let Some(error) = field.error { p.field-error id={ (id) "-error" } { (error) } }
        }
    }
}

/// The hidden field that shows a form came from a page of ours.
pub fn csrf_input(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(csrf); }
}

/// A button under a post that does one thing by a form of its own.
#[derive(Debug, Clone, Default)]
pub struct Action<'a> {
    /// Where the form goes.
    pub url: &'a str,
    /// The token of the session.
    pub csrf: &'a str,
    /// The drawing; `heart` and `bookmark` are filled when pressed.
    pub icon: &'a str,
    /// What the button does; it stays the same when pressed.
    pub label: &'a str,
    /// Whether it is done already, for buttons that can be undone.
    pub pressed: Option<bool>,
    /// How many did it, shown on the page of the post alone.
    pub count: Option<u64>,
}

/// A button under a post.
pub fn action_button(action: &Action<'_>) -> Markup {
    let pressed = action.pressed.map(|pressed| if pressed { "true" } else { "false" });
    html! {
        form method="post" action=(action.url) {
            (csrf_input(action.csrf))
            button.action type="submit" aria-pressed=[pressed] {
                (icon(action_drawing(action)))
                span.label { (action.label) }
                @if let Some(count) = action.count.filter(|count| *count > 0) { span.count { (count) } }
            }
        }
    }
}

fn action_drawing<'a>(action: &Action<'a>) -> &'a str {
    match (action.icon, action.pressed) {
        ("heart", Some(true)) => "heart-filled",
        ("bookmark", Some(true)) => "bookmark-filled",
        (drawing, _) => drawing,
    }
}

/// The ways to the pages before and after this one; where nothing older is left, the end is marked.
pub fn pagination(newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        @if newer.is_some() || older.is_some() {
            nav.pages aria-label="Pages" {
                @if let Some(url) = newer { a.button rel="prev" href=(url) { "Newer" } }
                @if let Some(url) = older { a.button rel="next" href=(url) { "Older" } }
            }
        }
        @if older.is_none() { p.end-mark { "You are up to date" } }
    }
}

/// What each audience means, in the order of the selection.
const AUDIENCES: [(Visibility, &str); 4] = [
    (Visibility::Public, "Everyone. Listed in public timelines."),
    (Visibility::Unlisted, "Everyone, quietly. Not listed in public timelines."),
    (Visibility::Private, "My followers and the people I mention."),
    (Visibility::Direct, "Only the people I mention."),
];

/// The choices of who a post is for, as `option` elements.
pub fn audience_options(selected: Visibility) -> Markup {
    html! {
        @for (visibility, sentence) in AUDIENCES {
            option value=(visibility.as_str()) selected[visibility == selected] { (sentence) }
        }
    }
}

/// Who a post is for: a drawing and a word.
pub fn audience(visibility: Visibility) -> Markup {
    let (drawing, word) = match visibility {
        Visibility::Public => ("globe", "Public"),
        Visibility::Unlisted => ("quiet-globe", "Quiet public"),
        Visibility::Private => ("lock", "Followers"),
        Visibility::Direct => ("mail", "Mentioned people"),
    };
    html! { span.audience { (icon(drawing)) (word) } }
}

/// How far a piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkMark {
    /// Only thought of.
    Idea,
    /// Being worked on.
    InProgress,
    /// The author asks for feedback.
    Feedback,
    /// Done for now.
    Settled,
    /// Put aside.
    Parked,
}

/// How far a piece of work is: a shape and a word, never colour alone.
pub fn work_mark(mark: WorkMark) -> Markup {
    let (drawing, word) = match mark {
        WorkMark::Idea => ("idea", "Idea"),
        WorkMark::InProgress => ("in-progress", "In progress"),
        WorkMark::Feedback => ("feedback", "Feedback wanted"),
        WorkMark::Settled => ("settled", "Settled"),
        WorkMark::Parked => ("parked", "Parked"),
    };
    html! { span class={ "state state-" (drawing) } { (icon(drawing)) (word) } }
}

/// What stands where a list has nothing in it: a drawing and a sentence or two.
pub fn empty(drawing: &str, sentence: &str) -> Markup {
    html! { div.empty { (icon(drawing)) p { (sentence) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_795_000_000_000);

    fn ago(millis: i64) -> Option<String> {
        relative(Moment(NOW.0 - millis), NOW)
    }

    #[test]
    fn time_is_told_in_the_largest_unit_that_fits() {
        assert_eq!(ago(59_999).as_deref(), Some("just now"));
        assert_eq!(ago(HOUR - 1).as_deref(), Some("59 min ago"));
        assert_eq!(ago(DAY - 1).as_deref(), Some("23 h ago"));
        assert_eq!(ago(DAY).as_deref(), Some("1 day ago"));
        assert_eq!(ago(-3 * DAY).as_deref(), Some("in 3 days"));
        assert_eq!(ago(30 * DAY), None);
    }

    #[test]
    fn the_farthest_times_do_no_harm() {
        for far in [Moment(i64::MIN), Moment(i64::MAX)] {
            assert!(time(far, NOW).into_string().starts_with("<time"));
            assert!(time(NOW, far).into_string().starts_with("<time"));
        }
    }

    #[test]
    fn a_wrong_field_is_tied_to_its_error_and_passwords_are_not_printed() {
        let wrong = Field {
            label: "Password",
            name: "password",
            value: "secret",
            kind: FieldKind::Password,
            ..Field::default()
        };
        let printed = field(&Field { error: Some("Too short."), hint: Some("Long is good."), ..wrong }).into_string();
        assert!(printed.contains("aria-describedby=\"field-password-hint field-password-error\""));
        assert!(printed.contains("aria-invalid=\"true\"") && printed.contains("id=\"field-password-error\""));
        assert!(!printed.contains("secret"));
    }

    #[test]
    fn the_end_is_marked_only_where_nothing_older_is_left() {
        assert!(!pagination(None, Some("/?max_id=3")).into_string().contains("up to date"));
        assert!(pagination(Some("/?min_id=3"), None).into_string().contains("up to date"));
    }
}
