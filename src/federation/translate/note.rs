//! Posts.

use std::collections::BTreeMap;

use crate::app::Urls;
use crate::domain::moment::Moment;
use crate::domain::origin::{Borders, LONGEST_ID};
use crate::domain::remote::RemoteStatus;
use crate::domain::status::Kind;
use crate::domain::text::Tag as Hashtag;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Result};
use crate::federation::protocol::note::{Count, Note, OwnNote, OwnTag, Source};
use crate::federation::protocol::shape::{self, Ids, PUBLIC};
use crate::federation::translate::{content, emojis, is_page_of, media, poll, quote};
use crate::store::entity::{account, status};
use crate::views::statuses::StatusView;

/// How many mentions are read.
const MOST_MENTIONS: usize = 100;
/// How many addressees are read.
const MOST_RECIPIENTS: usize = 200;
/// How many hashtags are kept.
const MOST_TAGS: usize = 30;

/// Whether a type names a post.
pub fn is_post(kind: &str) -> bool {
    type_of(kind).is_some()
}

/// The addresses by which an author calls those around them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circles<'a> {
    /// Those who follow them.
    pub followers: Option<&'a str>,
    /// Those they follow.
    pub following: Option<&'a str>,
}

impl<'a> From<&'a account::Model> for Circles<'a> {
    fn from(author: &'a account::Model) -> Self {
        Self { followers: author.followers_url.as_deref(), following: author.following_url.as_deref() }
    }
}

/// What another server says, in our words.
///
/// The `circles` are those of the author as we know them from their server, not as the post calls them.
pub fn status(note: Note, circles: Circles<'_>, borders: &Borders) -> Result<RemoteStatus> {
    let followers = circles.followers;
    let kind = type_of(&note.kind).ok_or_else(|| Error::invalid("not a post"))?;
    let uri = borders.remote(&note.id)?;
    let named = named_author(&note, borders)?;
    let words = content::words(&note, kind);
    let recipients = note.to.0.iter().chain(&note.cc.0).filter(|id| !PUBLIC.contains(&id.as_str()));
    Ok(RemoteStatus {
        url: shape::page_of(&note.url).filter(|url| is_page_of(url, &uri)).map(str::to_owned),
        sensitive: note.sensitive.unwrap_or(false) || !words.warning.is_empty(),
        visibility: match note.kind.as_str() {
            // Whatever it says of itself, this is a letter.
            "ChatMessage" => Visibility::Direct,
            _ => visibility(&note.to, &note.cc, followers),
        },
        language: words.language,
        context: elsewhere(&note.context, borders),
        group: elsewhere(&note.audience, borders),
        in_reply_to: note.in_reply_to.first().filter(|id| id.len() <= LONGEST_ID).map(str::to_owned),
        mentions: mentions(&note),
        recipients: recipients.take(MOST_RECIPIENTS).cloned().collect(),
        tags: hashtags(&note),
        emojis: emojis(&note.tag),
        media: media::of(&note, kind),
        poll: poll::of(&note),
        quote: quote::of(&note, borders),
        quote_policy: quote::policy(&note, circles),
        published: note.published.as_deref().and_then(Moment::parse),
        updated: note.updated.as_deref().and_then(Moment::parse),
        kind,
        title: words.title,
        content: words.content,
        spoiler_text: words.warning,
        uri,
        author: named,
    })
}

/// The first of these ids, when it is one of another server.
fn elsewhere(ids: &Ids, borders: &Borders) -> Option<String> {
    ids.first().filter(|id| borders.remote(id).is_ok()).map(str::to_owned)
}

/// Who may read something addressed like this.
///
/// Nobody's followers count but the author's own; without any address it is for whoever it was sent to.
pub fn visibility(to: &Ids, cc: &Ids, followers: Option<&str>) -> Visibility {
    let names_followers = |ids: &Ids| followers.is_some_and(|followers| ids.0.iter().any(|id| id == followers));
    if to.name_everybody() {
        Visibility::Public
    } else if cc.name_everybody() {
        Visibility::Unlisted
    } else if names_followers(to) || names_followers(cc) {
        Visibility::Private
    } else {
        Visibility::Direct
    }
}

/// A status of ours, as other servers read it.
pub fn own_note(view: &StatusView, in_reply_to: Option<&str>, urls: &Urls, now: Moment) -> OwnNote {
    let row = view.row();
    let (to, cc) = addresses(view);
    let mut content_map = BTreeMap::new();
    if let Some(language) = &row.language {
        content_map.insert(language.clone(), row.content.clone());
    }
    let below = |what: &str| format!("{}/{what}", row.uri);
    let note = OwnNote {
        id: row.uri.clone(),
        kind: "Note",
        attributed_to: view.author.uri.clone(),
        content: row.content.clone(),
        content_map,
        source: Source { content: row.text.clone(), media_type: "text/plain" },
        summary: Some(row.spoiler_text.clone()).filter(|warning| !warning.is_empty()),
        sensitive: row.sensitive,
        url: row.url.clone().unwrap_or_else(|| row.uri.clone()),
        // What began before threads had addresses has one all the same.
        context: row.context_uri.clone().or_else(|| began(row).then(|| urls.context(row.id))),
        audience: row.group_uri.clone(),
        in_reply_to: in_reply_to.or(row.in_reply_to_uri.as_deref()).map(str::to_owned),
        to,
        cc,
        published: row.created_at.seconds(),
        updated: row.edited_at.map(Moment::seconds),
        tag: tags(view, urls),
        quote: row.quote_uri.clone(),
        quote_uri: row.quote_uri.clone(),
        quote_url: row.quote_uri.clone(),
        misskey_quote: row.quote_uri.clone(),
        quote_authorization: row.quote_approval.clone(),
        interaction_policy: quote::own_policy(row, &view.author),
        one_of: Vec::new(),
        any_of: Vec::new(),
        end_time: None,
        closed: None,
        voters_count: None,
        attachment: Vec::new(),
        replies: below("replies"),
        likes: Count { id: below("likes"), kind: "Collection", total_items: row.favourites_count },
        shares: Count { id: below("shares"), kind: "Collection", total_items: row.reblogs_count },
    };
    poll::ask(note, view, now)
}

/// Whether a thread that everybody may see began with a status.
fn began(row: &status::Model) -> bool {
    row.in_reply_to_uri.is_none() && row.visibility.is_open()
}

/// Whom a status of ours is addressed to, `to` and `cc`.
pub fn addresses(view: &StatusView) -> (Vec<String>, Vec<String>) {
    let public = PUBLIC[0].to_owned();
    let group = view.row().group_uri.clone();
    let followers = view.author.followers_url.clone().unwrap_or_default();
    let named = || view.mentions.iter().map(|account| account.uri.clone()).filter(|uri| group.as_ref() != Some(uri));
    match view.row().visibility {
        Visibility::Public => {
            let to = std::iter::once(public).chain(group.clone()).collect();
            (to, std::iter::once(followers).chain(named()).collect())
        }
        Visibility::Unlisted => (vec![followers], std::iter::once(public).chain(named()).collect()),
        Visibility::Private => (std::iter::once(followers).chain(named()).collect(), Vec::new()),
        Visibility::Direct => (named().collect(), Vec::new()),
    }
}

fn type_of(word: &str) -> Option<Kind> {
    match word {
        "Note" | "ChatMessage" => Some(Kind::Note),
        "Article" => Some(Kind::Article),
        "Page" => Some(Kind::Page),
        "Question" => Some(Kind::Question),
        "Event" => Some(Kind::Event),
        "Video" => Some(Kind::Video),
        "Audio" => Some(Kind::Audio),
        "Image" => Some(Kind::Image),
        _ => None,
    }
}

/// The author: every actor named must be of one server, the first is the author.
fn named_author(note: &Note, borders: &Borders) -> Result<crate::domain::origin::RemoteId> {
    let mut named = note.attributed_to.0.iter().map(|id| borders.remote(id));
    let author = named.next().ok_or_else(|| Error::invalid("a post without an author"))??;
    for other in named {
        if !other?.shares_origin(&author) {
            return Err(Error::invalid("a post with authors on several servers"));
        }
    }
    Ok(author)
}

fn mentions(note: &Note) -> Vec<String> {
    let mentions = note.tag.iter().filter(|tag| tag.kind == "Mention").filter_map(|tag| tag.href.clone());
    mentions.take(MOST_MENTIONS).collect()
}

fn hashtags(note: &Note) -> Vec<Hashtag> {
    let mut tags: Vec<Hashtag> = Vec::new();
    let named = note.tag.iter().filter(|tag| tag.kind == "Hashtag").filter_map(|tag| tag.name.as_deref());
    for tag in named.filter_map(Hashtag::parse) {
        if tags.len() < MOST_TAGS && tags.iter().all(|known| known.key != tag.key) {
            tags.push(tag);
        }
    }
    tags
}

fn tags(view: &StatusView, urls: &Urls) -> Vec<OwnTag> {
    let mentions = view.mentions.iter().map(|account| {
        let host = account.host.as_ref().unwrap_or_else(|| urls.handle_host());
        let name = format!("@{}@{host}", account.username);
        OwnTag { kind: "Mention", href: account.uri.clone(), name, media_type: None, rel: None }
    });
    let hashtags = view.body.tags.iter().map(|tag| OwnTag {
        kind: "Hashtag",
        href: urls.tag(&tag.name),
        name: format!("#{}", tag.display),
        media_type: None,
        rel: None,
    });
    let quoted = view.row().quote_uri.iter().map(|uri| quote::link(uri));
    mentions.chain(hashtags).chain(quoted).collect()
}
