//! Statuses.

use std::borrow::Cow;

use serde::Serialize;

use crate::app::App;
use crate::domain::html;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::poll::Options;
use crate::domain::quote::{Circle, QuoteState, Verdict};
use crate::domain::visibility::Visibility;
use crate::views::AccountView;
use crate::views::statuses::{Marks, QuoteView, Revision, StatusView, Thread};
use crate::web::api::entity::account::{acct, emojis};
use crate::web::api::entity::print::{Acct, Time};
use crate::web::api::entity::{Account, CustomEmoji, FilterResult, MediaAttachment, Poll};

/// What this server does not have: always `null`, because apps look for the key.
type Never = Option<()>;

/// A status or a boost, as one reader sees it.
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    id: StatusId,
    created_at: Time,
    in_reply_to_id: Option<StatusId>,
    in_reply_to_account_id: Option<AccountId>,
    sensitive: bool,
    spoiler_text: &'a str,
    visibility: Visibility,
    language: Option<&'a str>,
    uri: &'a str,
    url: Option<&'a str>,
    replies_count: i64,
    reblogs_count: i64,
    favourites_count: i64,
    quotes_count: i64,
    edited_at: Option<Time>,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    reblog: Option<Box<Status<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<PostedWith<'a>>,
    account: Account<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
    mentions: Vec<Mention<'a>>,
    tags: Vec<TagUse<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    tagged_collections: [&'static str; 0],
    quote: Option<Quote<'a>>,
    quote_approval: QuoteApproval<'a>,
    card: Never,
    poll: Option<Poll<'a>>,
    #[serde(flatten)]
    marks: Option<MarksOf<'a>>,
}

/// The app a status was posted with.
#[derive(Debug, Serialize)]
struct PostedWith<'a> {
    name: &'a str,
    website: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Mention<'a> {
    id: AccountId,
    username: &'a str,
    url: &'a str,
    acct: Acct<'a>,
}

#[derive(Debug, Serialize)]
struct TagUse<'a> {
    name: &'a str,
    url: String,
}

/// What the reader did with it and wants of it; visitors have none of this.
#[derive(Debug, Serialize)]
struct MarksOf<'a> {
    favourited: bool,
    reblogged: bool,
    muted: bool,
    bookmarked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    filtered: Vec<FilterResult<'a>>,
}

impl<'a> Status<'a> {
    /// Prints a status, with the one it boosts inside.
    pub fn new(view: &'a StatusView, app: &'a App) -> Self {
        let row = view.row();
        Self {
            id: row.id,
            created_at: Time(row.created_at),
            in_reply_to_id: row.in_reply_to_id,
            in_reply_to_account_id: row.in_reply_to_account_id,
            sensitive: view.original().row().sensitive,
            spoiler_text: &row.spoiler_text,
            visibility: row.visibility,
            language: row.language.as_deref(),
            uri: &row.uri,
            url: row.url.as_deref().or(row.reblog_of_id.is_none().then_some(row.uri.as_str())),
            replies_count: row.replies_count,
            reblogs_count: row.reblogs_count,
            favourites_count: row.favourites_count,
            quotes_count: row.quotes_count,
            edited_at: row.edited_at.map(Time),
            content: titled(&row.title, &row.content),
            text: None,
            reblog: view.reblog.as_deref().map(|original| Box::new(Status::new(original, app))),
            application: posted_with(view),
            account: Account::new(&view.author, &app.urls),
            media_attachments: view.body.media.iter().map(MediaAttachment::new).collect(),
            mentions: view.mentions.iter().map(mention).collect(),
            tags: tags(view, app),
            emojis: emojis(&row.emojis.0),
            tagged_collections: [],
            quote: view.quote.as_ref().map(|quote| Quote::new(quote, app)),
            quote_approval: QuoteApproval::new(view),
            card: None,
            poll: Poll::of(view, app.now()),
            marks: view.marks.map(|marks| marks_of(marks, view, app)),
        }
    }

    /// Prints a status that was deleted, with what was typed, for those who want to write it again.
    pub fn deleted(view: &'a StatusView, text: &'a str, app: &'a App) -> Self {
        Self { text: Some(text), ..Self::new(view, app) }
    }

    /// Prints statuses.
    pub fn all(views: &'a [StatusView], app: &'a App) -> Vec<Self> {
        views.iter().map(|view| Self::new(view, app)).collect()
    }
}

/// A quote: whole, or in another quote no more than that it is one.
#[derive(Debug, Serialize)]
struct Quote<'a> {
    state: QuoteState,
    quoted_status: Option<Box<Status<'a>>>,
}

impl<'a> Quote<'a> {
    fn new(view: &'a QuoteView, app: &'a App) -> Self {
        let quoted_status = view.status.as_deref().map(|status| Box::new(Status::new(status, app)));
        Self { state: view.state, quoted_status }
    }
}

/// Who may quote a status, and whether the reader may.
#[derive(Debug, Serialize)]
struct QuoteApproval<'a> {
    automatic: &'a [Circle],
    manual: &'a [Circle],
    current_user: Verdict,
}

impl<'a> QuoteApproval<'a> {
    fn new(view: &'a StatusView) -> Self {
        let policy = view.row().quote_policy.as_ref();
        Self {
            automatic: policy.map_or(&[], |policy| &policy.automatic),
            manual: policy.map_or(&[], |policy| &policy.manual),
            current_user: view.quotable,
        }
    }
}

/// Apps know no titles: that of an article goes above its text.
fn titled<'a>(title: &str, content: &'a str) -> Cow<'a, str> {
    if title.is_empty() {
        return Cow::Borrowed(content);
    }
    Cow::Owned(format!("<p><strong>{}</strong></p>{content}", html::escape(title)))
}

fn posted_with(view: &StatusView) -> Option<PostedWith<'_>> {
    view.body.app.as_ref().map(|app| PostedWith { name: &app.name, website: app.website.as_deref() })
}

fn mention(account: &AccountView) -> Mention<'_> {
    Mention { id: account.id, username: account.username.as_str(), url: &account.url, acct: acct(account) }
}

fn tags<'a>(view: &'a StatusView, app: &App) -> Vec<TagUse<'a>> {
    view.body.tags.iter().map(|tag| TagUse { name: &tag.name, url: app.urls.tag(&tag.name) }).collect()
}

fn marks_of<'a>(marks: Marks, view: &'a StatusView, app: &App) -> MarksOf<'a> {
    let holds =
        |result: &&crate::views::filters::FilterMatch| result.filter.expires_at.is_none_or(|end| end > app.now());
    MarksOf {
        favourited: marks.favourited,
        reblogged: marks.reblogged,
        muted: false,
        bookmarked: false,
        pinned: view.can_be_pinned().then_some(marks.pinned),
        filtered: view.original().filtered.iter().filter(holds).map(FilterResult::new).collect(),
    }
}

/// The thread around a status.
#[derive(Debug, Serialize)]
pub struct Context<'a> {
    ancestors: Vec<Status<'a>>,
    descendants: Vec<Status<'a>>,
    /// How many posts could not be fetched from other servers; an addition of ours.
    unreachable_count: i32,
}

impl<'a> Context<'a> {
    /// Prints a thread.
    pub fn new(thread: &'a Thread, app: &'a App) -> Self {
        Self {
            ancestors: Status::all(&thread.ancestors, app),
            descendants: Status::all(&thread.descendants, app),
            unreachable_count: thread.unreachable,
        }
    }
}

/// What was typed, for those who want to change it.
#[derive(Debug, Serialize)]
pub struct StatusSource<'a> {
    id: StatusId,
    text: &'a str,
    spoiler_text: &'a str,
}

impl<'a> StatusSource<'a> {
    /// Prints what was typed.
    pub fn new(view: &'a StatusView) -> Self {
        let row = view.row();
        Self { id: row.id, text: &row.text, spoiler_text: &row.spoiler_text }
    }
}

/// What a status said at one time.
#[derive(Debug, Serialize)]
pub struct StatusEdit<'a> {
    content: Cow<'a, str>,
    spoiler_text: &'a str,
    sensitive: bool,
    created_at: Time,
    account: Account<'a>,
    media_attachments: Vec<MediaAttachment<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<Asked<'a>>,
}

/// What could be chosen at one time.
#[derive(Debug, Serialize)]
struct Asked<'a> {
    options: Vec<AskedOption<'a>>,
}

#[derive(Debug, Serialize)]
struct AskedOption<'a> {
    title: &'a str,
}

fn asked(options: &Options) -> Asked<'_> {
    Asked { options: options.titles().map(|title| AskedOption { title }).collect() }
}

impl<'a> StatusEdit<'a> {
    /// Prints all a status ever said, the first first.
    pub fn all(view: &'a StatusView, earlier: &'a [Revision], app: &'a App) -> Vec<Self> {
        let mut edits: Vec<Self> = earlier.iter().map(|revision| Self::earlier(view, revision, app)).collect();
        edits.push(Self::now(view, app));
        edits
    }

    fn earlier(view: &'a StatusView, revision: &'a Revision, app: &'a App) -> Self {
        Self {
            content: titled(&revision.title, &revision.content),
            spoiler_text: &revision.spoiler_text,
            sensitive: revision.sensitive,
            created_at: Time(revision.created_at),
            emojis: emojis(&revision.emojis.0),
            poll: revision.poll_options.as_ref().map(asked),
            ..Self::now(view, app)
        }
    }

    fn now(view: &'a StatusView, app: &'a App) -> Self {
        let row = view.row();
        Self {
            content: titled(&row.title, &row.content),
            spoiler_text: &row.spoiler_text,
            sensitive: row.sensitive,
            created_at: Time(row.edited_at.unwrap_or(row.created_at)),
            account: Account::new(&view.author, &app.urls),
            media_attachments: view.body.media.iter().map(MediaAttachment::new).collect(),
            emojis: emojis(&row.emojis.0),
            poll: view.body.poll.as_ref().map(|poll| asked(&poll.options)),
        }
    }
}
