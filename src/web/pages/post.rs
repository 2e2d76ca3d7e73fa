//! How a post is drawn, in a list and on its own page.

use std::borrow::Cow;

use maud::{Markup, PreEscaped, html};

use crate::domain::filter::FilterAction;
use crate::domain::moment::Moment;
use crate::domain::page::Paged;
use crate::domain::quote::QuoteState;
use crate::domain::status::MediaKind;
pub use crate::domain::text::plural;
use crate::domain::visibility::Viewer;
use crate::views::filters;
use crate::views::statuses::{QuoteView, StatusView};
use crate::web::pages::components::{self, Action, action_button, audience, csrf_input, pagination, time};
use crate::web::pages::layout::icon;
use crate::web::pages::people;
use crate::web::pages::poll;
use crate::web::pages::scene::Scene;

/// What posts on a page are drawn with.
#[derive(Debug, Clone)]
pub struct Pen<'a> {
    /// Who looks.
    pub viewer: Viewer,
    /// The token of the session.
    pub csrf: &'a str,
    /// Where buttons lead back to.
    pub back: &'a str,
    /// The time by the clock of the node.
    pub now: Moment,
    /// Which filters hold here: `home`, `public`, `thread`, `account` or `notifications`.
    pub context: &'a str,
}

/// How a post stands on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Among others.
    Listed,
    /// Above others.
    Pinned,
    /// The page is about it.
    Focused,
}

impl<'a> Pen<'a> {
    /// The pen for a page of this scene.
    pub fn new(scene: &'a Scene, csrf: &'a str, context: &'a str) -> Self {
        Self { viewer: scene.viewer(), csrf, back: scene.here(), now: scene.now(), context }
    }

    /// A page of posts, with the way to older ones.
    pub fn list(&self, posts: &Paged<StatusView>, nothing: &str) -> Markup {
        self.list_below(&[], posts, nothing)
    }

    /// A page of posts below those that are pinned, which do not come twice.
    pub fn list_below(&self, pinned: &[StatusView], posts: &Paged<StatusView>, nothing: &str) -> Markup {
        let is_pinned = |post: &StatusView| pinned.iter().any(|pinned| pinned.row().id == post.row().id);
        html! {
            @if !posts.items.is_empty() || !pinned.is_empty() {
                div.posts {
                    @for post in pinned { (self.article(post, Manner::Pinned)) }
                    @for post in posts.items.iter().filter(|post| !is_pinned(post)) { (self.post(post)) }
                }
            } @else if self.is_first_page() {
                (components::empty("pencil", nothing))
            } @else {
                (components::empty("check", "There is nothing more."))
                p { a.button href=(self.path()) { "To the newest" } }
            }
            @if posts.bounds.is_some() { (self.pages(posts)) }
        }
    }

    /// The ways to the pages before and after this one.
    pub fn pages<T>(&self, list: &Paged<T>) -> Markup {
        let (path, kept) = (self.path(), kept_query(self.back));
        let older =
            list.bounds.filter(|bounds| bounds.full).map(|bounds| format!("{path}?{kept}max_id={}", bounds.oldest));
        let newer = list.bounds.filter(|_| !self.is_first_page());
        let newer = newer.map(|bounds| format!("{path}?{kept}min_id={}", bounds.newest));
        pagination(newer.as_deref(), older.as_deref())
    }

    fn path(&self) -> &str {
        self.back.split('?').next().unwrap_or("/")
    }

    fn is_first_page(&self) -> bool {
        !self.back.contains("max_id=") && !self.back.contains("min_id=")
    }

    /// A post in a list; nothing when a filter of the reader hides it.
    pub fn post(&self, view: &StatusView) -> Markup {
        self.article(view, Manner::Listed)
    }

    /// The post a page is about.
    pub fn focused(&self, view: &StatusView) -> Markup {
        self.article(view, Manner::Focused)
    }

    fn article(&self, view: &StatusView, manner: Manner) -> Markup {
        let focused = manner == Manner::Focused;
        let post = view.original();
        let warned = match self.filtered(view) {
            Filtered::Hidden if !focused => return html! {},
            Filtered::Warned(titles) if !focused => Some(titles),
            _ => None,
        };
        let id = format!("post-{}", view.row().id);
        html! {
            article.post.focused[focused] id=(id) aria-labelledby={ (id) "-by" } {
                @if manner == Manner::Pinned {
                    p.post-reason { (icon("pin")) span { "Pinned" } }
                } @else if view.reblog.is_some() {
                    p.post-reason { (icon("boost")) span { (people::link(&view.author)) " boosted" } }
                } @else if !focused { (self.answers(post)) }
                (self.head(post, &id, focused))
                @match warned {
                    Some(titles) => details.warning { summary { "Filtered: " bdi { (titles) } } (self.body(post)) },
                    None => (self.body(post)),
                }
                (self.actions(post, focused))
            }
        }
    }

    fn answers(&self, post: &StatusView) -> Markup {
        let row = post.row();
        let parent = row.in_reply_to_account_id;
        let whom = post.mentions.iter().find(|account| Some(account.id) == parent);
        html! {
            @if row.in_reply_to_uri.is_some() {
                p.post-reason {
                    (icon("reply"))
                    @match whom {
                        Some(account) => span { "in reply to " (people::link(account)) },
                        None if parent == Some(row.account_id) => span { "continues a thread" },
                        None => span { "a reply" },
                    }
                }
            }
        }
    }

    fn head(&self, post: &StatusView, id: &str, focused: bool) -> Markup {
        let row = post.row();
        html! {
            div.post-head {
                (people::picture(if focused { 48 } else { 40 }))
                div.post-by {
                    div.post-names {
                        a.post-name id={ (id) "-by" } href=(people::path(&post.author)) { bdi { (people::name(&post.author)) } }
                        span.handle { bdi { (people::handle(&post.author)) } }
                    }
                    div.post-meta {
                        a href=(path(post)) { (time(row.created_at, self.now)) }
                        (audience(row.visibility))
                        @if !row.federated { span.audience { (icon("people")) "This server only" } }
                        @if let Some(at) = row.edited_at { span { "edited " (time(at, self.now)) } }
                    }
                }
            }
        }
    }

    fn body(&self, post: &StatusView) -> Markup {
        let row = post.row();
        let is_shown = post.quote.as_ref().is_some_and(|quote| quote.status.is_some());
        let inner = html! {
            @if !row.content.is_empty() {
                div.content.has-quote[is_shown] lang=[row.language.as_deref()] dir="auto" { (PreEscaped(&row.content)) }
            }
            @if let Some(quote) = &post.quote { (self.quote(quote)) }
            (poll::draw(self, post))
            (attachments(post))
        };
        html! {
            @if !row.title.is_empty() { h3 lang=[row.language.as_deref()] dir="auto" { (row.title) } }
            @if row.spoiler_text.is_empty() {
                (inner)
            } @else if row.kind.has_abstract() {
                p.content lang=[row.language.as_deref()] dir="auto" { (row.spoiler_text) }
                (inner)
            } @else {
                details.warning {
                    summary { bdi lang=[row.language.as_deref()] { (row.spoiler_text) } }
                    (inner)
                }
            }
        }
    }

    /// What a post quotes, with its author; a quote inside of it is left out.
    fn quote(&self, quote: &QuoteView) -> Markup {
        let Some(quoted) = quote.status.as_deref() else { return quote_missing(quote.state) };
        let row = quoted.row();
        html! {
            blockquote.quote cite=(row.uri) {
                p.small {
                    (people::link(&quoted.author)) " "
                    span.handle { bdi { (people::handle(&quoted.author)) } } " · "
                    a href=(path(quoted)) { (time(row.created_at, self.now)) }
                }
                @if row.spoiler_text.is_empty() || row.kind.has_abstract() {
                    div.content.has-quote lang=[row.language.as_deref()] dir="auto" { (PreEscaped(&row.content)) }
                } @else {
                    details.warning {
                        summary { bdi lang=[row.language.as_deref()] { (row.spoiler_text) } }
                        div.content.has-quote lang=[row.language.as_deref()] dir="auto" { (PreEscaped(&row.content)) }
                    }
                }
            }
        }
    }

    fn actions(&self, post: &StatusView, focused: bool) -> Markup {
        let row = post.row();
        let Some(me) = self.viewer.account() else { return self.visitor_actions(post, focused) };
        let marks = post.marks.unwrap_or_default();
        let back = format!("{}#post-{}", self.back, row.id);
        let url = |deed: &str| format!("/actions/posts/{}/{deed}?{}", row.id, pair("back", &back));
        let count = |number: i64| u64::try_from(number).ok().filter(|_| focused);
        let button = |deed: &str, drawing: &str, label: &str, pressed: bool, count: Option<u64>| {
            let url = url(deed);
            action_button(&Action { url: &url, csrf: self.csrf, icon: drawing, label, pressed: Some(pressed), count })
        };
        let own = row.account_id == me;
        let spreads =
            row.visibility.is_open() || (own && row.visibility != crate::domain::visibility::Visibility::Direct);
        html! {
            div.actions {
                a.action href={ "/compose?reply_to=" (row.id) } { (icon("reply")) span.label { "Reply" } }
                @if spreads {
                    @let deed = if marks.reblogged { "unboost" } else { "boost" };
                    (button(deed, "boost", "Boost", marks.reblogged, count(row.reblogs_count)))
                }
                @let deed = if marks.favourited { "unfavourite" } else { "favourite" };
                (button(deed, "heart", "Like", marks.favourited, count(row.favourites_count)))
                @if focused && post.can_be_pinned() {
                    @let deed = if marks.pinned { "unpin" } else { "pin" };
                    (button(deed, "pin", "Pin to profile", marks.pinned, None))
                }
                @if own && focused { (self.deletion(post)) }
            }
        }
    }

    fn visitor_actions(&self, post: &StatusView, focused: bool) -> Markup {
        let row = post.row();
        html! {
            @if focused {
                ul.counts {
                    @if row.replies_count > 0 { li { b { (row.replies_count) } " " (plural(row.replies_count, "reply", "replies")) } }
                    @if row.reblogs_count > 0 { li { b { (row.reblogs_count) } " " (plural(row.reblogs_count, "boost", "boosts")) } }
                    @if row.favourites_count > 0 { li { b { (row.favourites_count) } " " (plural(row.favourites_count, "like", "likes")) } }
                }
            }
        }
    }

    /// Taking a post back cannot be undone, so it takes two steps.
    fn deletion(&self, post: &StatusView) -> Markup {
        html! {
            details {
                summary.action { "Delete" }
                form method="post" action={ "/actions/posts/" (post.row().id) "/delete" } {
                    (csrf_input(self.csrf))
                    button.button.danger type="submit" { "Delete this post for good" }
                }
            }
        }
    }

    fn filtered(&self, view: &StatusView) -> Filtered {
        let matches = view.filtered.iter().chain(view.reblog.iter().flat_map(|original| &original.filtered));
        let mut titles: Vec<&str> = Vec::new();
        for found in matches {
            let here = found.filter.context.0.iter().any(|context| context == self.context);
            if !here || !filters::holds(&found.filter, self.now) {
                continue;
            }
            match found.filter.action {
                FilterAction::Hide => return Filtered::Hidden,
                FilterAction::Warn => titles.push(&found.filter.title),
                // Media are shown as words here anyway.
                FilterAction::Blur => {}
            }
        }
        if titles.is_empty() { Filtered::No } else { Filtered::Warned(titles.join(", ")) }
    }
}

/// What the reader's filters make of a post.
enum Filtered {
    No,
    Warned(String),
    Hidden,
}

/// The page of a post on this server.
pub fn path(post: &StatusView) -> String {
    format!("{}/{}", people::path(&post.author), post.row().id)
}

/// Where a post lives, for people.
pub fn original_url(post: &StatusView) -> &str {
    post.row().url.as_deref().unwrap_or(&post.row().uri)
}

/// An address of another server, as a link that gives nothing away; as plain text when it is no page of the web.
pub fn outside_link(url: &str, text: &str) -> Markup {
    let web = url.starts_with("https://") || url.starts_with("http://");
    html! {
        @if web { a href=(url) rel="nofollow noopener noreferrer ugc" { (text) } } @else { (text) }
    }
}

/// Attachments as words and links: a page asks no other server for pictures.
/// Why a quote is not shown.
fn quote_missing(state: QuoteState) -> Markup {
    let why = match state {
        QuoteState::Pending => "The quoted post is shown when its author agrees.",
        QuoteState::Deleted => "The quoted post is gone.",
        QuoteState::Rejected | QuoteState::Revoked => {
            "The author of the quoted post does not want it to be shown here."
        }
        QuoteState::Accepted | QuoteState::Unauthorized => "The quoted post is not shown.",
    };
    html! { p.small.faded { (why) } }
}

fn attachments(post: &StatusView) -> Markup {
    let media = &post.body.media;
    html! {
        @if !media.is_empty() {
            div.attachments {
                @for (item, number) in media.iter().zip(1..) {
                    div.attachment {
                        p {
                            (icon("link")) " "
                            @let text = attachment_text(item.kind, number, media.len());
                            @match &item.remote_url {
                                Some(url) => (outside_link(url, &text)),
                                None => (text),
                            }
                        }
                        @if item.description.is_empty() {
                            p.no-description { "no description" }
                        } @else {
                            details { summary { "Description" } p dir="auto" { (item.description) } }
                        }
                    }
                }
            }
        }
    }
}

fn attachment_text(kind: MediaKind, number: usize, of: usize) -> Cow<'static, str> {
    let word = match kind {
        MediaKind::Image => "Picture",
        MediaKind::Gifv => "Short film without sound",
        MediaKind::Video => "Film",
        MediaKind::Audio => "Recording",
        MediaKind::Unknown => "File",
    };
    if of > 1 { format!("{word} {number} of {of}").into() } else { word.into() }
}

/// One parameter of an address.
pub fn pair(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// The parameters of a list that stay the same on its other pages.
fn kept_query(path: &str) -> String {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let kept = pairs.filter(|(name, _)| name != "max_id" && name != "min_id");
    let kept = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    if kept.is_empty() { kept } else { kept + "&" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_pages_keep_what_was_asked_for() {
        assert_eq!(kept_query("/@ann?replies=1&max_id=7"), "replies=1&");
        assert_eq!(kept_query("/@ann"), "");
        assert_eq!(kept_query("/search?q=a%26b&min_id=1"), "q=a%26b&");
    }

    #[test]
    fn only_pages_of_the_web_become_links() {
        assert!(!outside_link("javascript:alert(1)", "x").into_string().contains("href"));
        assert!(outside_link("https://example.org/\"", "x").into_string().contains("&quot;"));
    }
}
