//! Writing a post.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::actions;
use crate::actions::statuses::Draft;
use crate::app::crypto;
use crate::domain::id::StatusId;
use crate::domain::policy;
use crate::domain::poll::Ask;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Problem, Result};
use crate::views;
use crate::views::AccountView;
use crate::views::sessions::SessionView;
use crate::views::statuses::StatusView;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{
    Checkbox, Field, FieldKind, audience_options, checkbox, csrf_input, error_for, errors_summary, field,
};
use crate::web::pages::layout::{Place, icon};
use crate::web::pages::people;
use crate::web::pages::post::Pen;
use crate::web::pages::posted::{Form, MemberPosted};
use crate::web::pages::scene::{Scene, SignedIn};

/// How many people a reply names by itself.
const MOST_NAMED: usize = 10;
/// How many answers of a poll are read from a sheet.
const MOST_ANSWERS: usize = 20;
/// In seconds.
const DAY: u64 = 24 * 3600;
/// How long a poll may stay open, in seconds and in words.
const PERIODS: [(u64, &str); 6] = [
    (3600, "an hour"),
    (6 * 3600, "six hours"),
    (DAY, "a day"),
    (3 * DAY, "three days"),
    (7 * DAY, "a week"),
    (30 * DAY, "thirty days"),
];

/// What is on the sheet.
#[derive(Debug, Clone)]
pub struct Typed {
    text: String,
    spoiler_text: String,
    visibility: Visibility,
    language: String,
    local_only: bool,
    reply_to: Option<StatusId>,
    attempt: String,
    answers: Vec<String>,
    open_for: String,
    multiple: bool,
}

impl Typed {
    /// An empty sheet with the defaults of a member.
    pub fn new(me: &SessionView) -> Self {
        Self {
            text: String::new(),
            spoiler_text: String::new(),
            visibility: me.member.default_visibility,
            language: me.member.default_language.clone().unwrap_or_default(),
            local_only: false,
            reply_to: None,
            attempt: crypto::random_name(),
            answers: Vec::new(),
            open_for: String::new(),
            multiple: false,
        }
    }

    fn read(form: &Form, me: &SessionView) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            text: text("text"),
            spoiler_text: text("spoiler_text"),
            visibility: form.get("visibility").parse().unwrap_or(me.member.default_visibility),
            language: text("language"),
            local_only: form.ticked("local_only"),
            reply_to: form.get("reply_to").parse().ok(),
            attempt: text("attempt"),
            answers: form.all("answer").map(str::to_owned).take(MOST_ANSWERS).collect(),
            open_for: text("open_for"),
            multiple: form.ticked("multiple"),
        }
    }

    /// A sheet that answers `parent`: it names whom the answer is for and is no more open than what it answers.
    fn answering(me: &SessionView, parent: &StatusView) -> Self {
        let parent = parent.original();
        let named = std::iter::once(&parent.author).chain(&parent.mentions);
        let mut text = String::new();
        for account in distinct(named).filter(|account| account.id != me.account.id).take(MOST_NAMED) {
            text.push_str(&people::handle(account));
            text.push(' ');
        }
        let row = parent.row();
        Self {
            text,
            spoiler_text: row.spoiler_text.clone(),
            visibility: policy::reply_visibility(me.member.default_visibility, row.visibility),
            local_only: !row.federated,
            reply_to: Some(row.id),
            ..Self::new(me)
        }
    }

    /// Whether something is filled in, or wrong, beyond the text and its readers.
    fn has_more(&self, problems: &[Problem]) -> bool {
        let wrong = |field| error_for(problems, field).is_some();
        !self.spoiler_text.is_empty() || self.local_only || wrong("spoiler_text") || wrong("language")
    }

    /// Whether something is asked.
    fn asks(&self) -> bool {
        self.answers.iter().any(|answer| !answer.trim().is_empty())
    }

    fn poll(&self) -> Option<Ask> {
        let seconds = self.open_for.parse().unwrap_or(DAY);
        self.asks().then(|| Ask {
            options: self.answers.clone(),
            open_for: Duration::from_secs(seconds),
            multiple: self.multiple,
            hide_totals: false,
        })
    }

    /// The same sheet sent twice is one post; a sheet that was gone back to and rewritten is another.
    fn key(&self) -> String {
        let Self { text, spoiler_text, visibility, reply_to, attempt, answers, .. } = self;
        crypto::token_hash(&format!("{attempt}\n{visibility}\n{reply_to:?}\n{spoiler_text}\n{answers:?}\n{text}"))
    }

    fn draft(&self) -> Draft {
        Draft {
            text: self.text.clone(),
            spoiler_text: self.spoiler_text.clone(),
            visibility: Some(self.visibility),
            sensitive: None,
            language: Some(self.language.trim().to_owned()).filter(|language| !language.is_empty()),
            in_reply_to: self.reply_to,
            local_only: self.local_only,
            app: None,
            idempotency_key: Some(self.key()),
            poll: self.poll(),
            quote: None,
            quote_choice: None,
        }
    }
}

fn distinct<'a>(accounts: impl Iterator<Item = &'a AccountView>) -> impl Iterator<Item = &'a AccountView> {
    let mut seen = std::collections::HashSet::new();
    accounts.filter(move |account| seen.insert(account.id))
}

/// `GET /compose`
pub async fn page(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    let reply_to: Option<StatusId> = scene.query("reply_to").and_then(|id| id.parse().ok());
    let mut typed = match reply_to {
        Some(id) => Typed::answering(&me, &views::statuses::one(&scene.app().db, scene.viewer(), id).await?),
        None => Typed::new(&me),
    };
    if let Some(text) = scene.query("text") {
        typed.text.push_str(&text);
    }
    draw(&scene, &typed, &[]).await
}

/// `GET /share`: what other programs hand over is put on a sheet, nothing is posted.
pub async fn share(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    let parts: Vec<String> = ["title", "text", "url"].into_iter().filter_map(|name| scene.query(name)).collect();
    draw(&scene, &Typed { text: parts.join("\n"), ..Typed::new(&me) }, &[]).await
}

/// `POST /compose`
pub async fn post(MemberPosted { scene, me, form }: MemberPosted) -> Result<Response, PageError> {
    let typed = Typed::read(&form, &me);
    // The network comes before the transaction.
    scene.web.federation.find_mentioned(&typed.text).await;
    match actions::statuses::post(scene.app(), me.account.id, typed.draft()).await {
        Ok(id) => {
            let own = format!("{}/{id}", people::path(&me.account));
            let next = form.filled("back").map_or(own, str::to_owned);
            Ok(Onward::to(next).saying(scene.app(), "Your post is out.").into_response())
        }
        Err(Error::Validation(problems)) => {
            let page = draw(&scene, &typed, &problems).await?;
            Ok(page.status(axum::http::StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn draw(scene: &Scene, typed: &Typed, problems: &[Problem]) -> Result<Shown, PageError> {
    let csrf = scene.csrf();
    let parent = match typed.reply_to {
        Some(id) => Some(views::statuses::one(&scene.app().db, scene.viewer(), id).await?),
        None => None,
    };
    // What is answered is shown for reading: a button there would throw away what is typed.
    let pen = Pen { viewer: Viewer::Anyone, ..Pen::new(scene, &csrf, "thread") };
    let title = if parent.is_some() { "Reply" } else { "Write" };
    let main = html! {
        h1 { (title) }
        @if let Some(parent) = &parent { div.posts { (pen.post(parent)) } }
        (errors_summary(problems))
        (sheet(scene, typed, problems, None))
    };
    Ok(scene.show(scene.layout(title, Some(Place::Write), &csrf).page(main)))
}

/// The sheet itself; `back` is where the way leads when the post is out.
pub fn sheet(scene: &Scene, typed: &Typed, problems: &[Problem], back: Option<&str>) -> Markup {
    let csrf = scene.csrf();
    let answers = scene.app().config.limits.poll_options as usize;
    html! {
        form.compose method="post" action="/compose" {
            (csrf_input(&csrf))
            input type="hidden" name="attempt" value=(typed.attempt);
            @if let Some(id) = typed.reply_to { input type="hidden" name="reply_to" value=(id); }
            @if let Some(back) = back { input type="hidden" name="back" value=(back); }
            (field(&Field {
                label: "What are you working on?",
                name: "text",
                value: &typed.text,
                kind: FieldKind::Lines(6),
                error: error_for(problems, "text"),
                ..Field::default()
            }))
            details open[typed.has_more(problems)] {
                summary { "Warning, language and more" }
                (more(typed, problems))
            }
            details open[typed.asks()] {
                summary { "Ask something" }
                (poll(typed, answers, problems))
            }
            div.compose-end {
                (field(&Field {
                    label: "Who is it for?",
                    name: "visibility",
                    kind: FieldKind::Select(audience_options(typed.visibility)),
                    ..Field::default()
                }))
                button.button.primary type="submit" { (icon("pencil")) "Post" }
            }
        }
    }
}

/// A poll: empty answers do not count.
fn poll(typed: &Typed, answers: usize, problems: &[Problem]) -> Markup {
    let open_for = typed.open_for.parse().unwrap_or(DAY);
    html! {
        fieldset.compose-options {
            legend.visually-hidden { "Poll" }
            @if let Some(error) = error_for(problems, "poll") { p.field-error { (error) } }
            @for number in 1..=answers {
                div.field {
                    label for={ "answer-" (number) } { "Answer " (number) }
                    input id={ "answer-" (number) } name="answer" type="text"
                        value=[typed.answers.get(number - 1)];
                }
            }
            div.field {
                label for="open-for" { "Open for" }
                select id="open-for" name="open_for" {
                    @for (seconds, words) in PERIODS {
                        option value=(seconds) selected[seconds == open_for] { (words) }
                    }
                }
            }
            (checkbox(&Checkbox {
                label: "One may choose several",
                name: "multiple",
                checked: typed.multiple,
                ..Checkbox::default()
            }))
        }
    }
}

/// What most posts do without.
fn more(typed: &Typed, problems: &[Problem]) -> Markup {
    html! {
        div.compose-options {
            (field(&Field {
                label: "Warning",
                name: "spoiler_text",
                value: &typed.spoiler_text,
                error: error_for(problems, "spoiler_text"),
                hint: Some("Shown instead of the post until it is opened"),
                optional: true,
                ..Field::default()
            }))
            (field(&Field {
                label: "Language",
                name: "language",
                value: &typed.language,
                error: error_for(problems, "language"),
                hint: Some("A code such as en or de"),
                optional: true,
                maxlength: Some(35),
                ..Field::default()
            }))
            (checkbox(&Checkbox {
                label: "Keep it on this server",
                name: "local_only",
                checked: typed.local_only,
                ..Checkbox::default()
            }))
        }
    }
}
