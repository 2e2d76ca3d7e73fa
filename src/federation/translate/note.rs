//! Posts.

use std::collections::BTreeMap;

use crate::app::Urls;
use crate::domain::moment::Moment;
use crate::domain::origin::{Borders, LONGEST_ID};
use crate::domain::remote::{RemoteMedia, RemoteStatus};
use crate::domain::status::{Kind, MediaKind};
use crate::domain::text::Tag as Hashtag;
use crate::domain::visibility::Visibility;
use crate::domain::{html, text};
use crate::error::{Error, Result};
use crate::federation::protocol::note::{Attachment, Count, Note, OwnNote, OwnTag, Source};
use crate::federation::protocol::shape::{self, Ids, PUBLIC};
use crate::federation::translate::{emojis, is_page_of, is_web};
use crate::views::statuses::StatusView;

/// The longest warning or title kept, in graphemes.
const LONGEST_LINE: usize = 1_000;
/// How many mentions are read.
const MOST_MENTIONS: usize = 100;
/// How many addressees are read.
const MOST_RECIPIENTS: usize = 200;
/// How many hashtags are kept.
const MOST_TAGS: usize = 30;
/// How many attachments are kept.
const MOST_MEDIA: usize = 16;

/// Whether a type names a post.
pub fn is_post(kind: &str) -> bool {
    type_of(kind).is_some()
}

/// What another server says, in our words.
///
/// `followers` is the address of the followers of the author as we know it from them, not as the post calls it.
pub fn status(note: Note, followers: Option<&str>, borders: &Borders) -> Result<RemoteStatus> {
    let kind = type_of(&note.kind).ok_or_else(|| Error::invalid("not a post"))?;
    let uri = borders.remote(&note.id)?;
    let author = author(&note, borders)?;
    let title = text::clean(note.name.as_deref().unwrap_or_default(), LONGEST_LINE);
    let summary = html::to_text(note.summary.as_deref().unwrap_or_default());
    let spoiler_text = if kind.has_abstract() { String::new() } else { text::clean(&summary, LONGEST_LINE) };
    let recipients = note.to.0.iter().chain(&note.cc.0).filter(|id| !PUBLIC.contains(&id.as_str()));
    Ok(RemoteStatus {
        url: shape::page_of(&note.url).filter(|url| is_page_of(url, &uri)).map(str::to_owned),
        content: content(&note, kind, &summary),
        sensitive: note.sensitive.unwrap_or(false) || !spoiler_text.is_empty(),
        visibility: visibility(&note.to, &note.cc, followers),
        language: language(&note),
        in_reply_to: note.in_reply_to.first().filter(|id| id.len() <= LONGEST_ID).map(str::to_owned),
        mentions: mentions(&note),
        recipients: recipients.take(MOST_RECIPIENTS).cloned().collect(),
        tags: hashtags(&note),
        emojis: emojis(&note.tag),
        media: note.attachment.iter().filter_map(media).take(MOST_MEDIA).collect(),
        published: note.published.as_deref().and_then(Moment::parse),
        updated: note.updated.as_deref().and_then(Moment::parse),
        kind,
        title,
        spoiler_text,
        uri,
        author,
    })
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
pub fn own_note(view: &StatusView, in_reply_to: Option<&str>, urls: &Urls) -> OwnNote {
    let row = view.row();
    let (to, cc) = addresses(view);
    let mut content_map = BTreeMap::new();
    if let Some(language) = &row.language {
        content_map.insert(language.clone(), row.content.clone());
    }
    let below = |what: &str| format!("{}/{what}", row.uri);
    OwnNote {
        id: row.uri.clone(),
        kind: "Note",
        attributed_to: view.author.uri.clone(),
        content: row.content.clone(),
        content_map,
        source: Source { content: row.text.clone(), media_type: "text/plain" },
        summary: Some(row.spoiler_text.clone()).filter(|warning| !warning.is_empty()),
        sensitive: row.sensitive,
        url: row.url.clone().unwrap_or_else(|| row.uri.clone()),
        in_reply_to: in_reply_to.or(row.in_reply_to_uri.as_deref()).map(str::to_owned),
        to,
        cc,
        published: row.created_at.seconds(),
        updated: row.edited_at.map(Moment::seconds),
        tag: tags(view, urls),
        attachment: Vec::new(),
        replies: below("replies"),
        likes: Count { id: below("likes"), kind: "Collection", total_items: row.favourites_count },
        shares: Count { id: below("shares"), kind: "Collection", total_items: row.reblogs_count },
    }
}

/// Whom a status of ours is addressed to, `to` and `cc`.
pub fn addresses(view: &StatusView) -> (Vec<String>, Vec<String>) {
    let public = PUBLIC[0].to_owned();
    let followers = view.author.followers_url.clone().unwrap_or_default();
    let named = || view.mentions.iter().map(|account| account.uri.clone());
    match view.row().visibility {
        Visibility::Public => (vec![public], std::iter::once(followers).chain(named()).collect()),
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
fn author(note: &Note, borders: &Borders) -> Result<crate::domain::origin::RemoteId> {
    let mut named = note.attributed_to.0.iter().map(|id| borders.remote(id));
    let author = named.next().ok_or_else(|| Error::invalid("a post without an author"))??;
    for other in named {
        if !other?.shares_origin(&author) {
            return Err(Error::invalid("a post with authors on several servers"));
        }
    }
    Ok(author)
}

fn content(note: &Note, kind: Kind, summary: &str) -> String {
    let said = note.content.as_deref().or_else(|| note.content_map.values().next().map(String::as_str));
    let said = said.unwrap_or_default();
    let plain = note.media_type.as_deref().is_some_and(|kind| kind == "text/plain" || kind == "text/markdown");
    let content = if plain { html::plain_to_html(said) } else { html::sanitise(said) };
    if content.is_empty() && kind.has_abstract() { html::plain_to_html(summary) } else { content }
}

fn language(note: &Note) -> Option<String> {
    let mut languages = note.content_map.keys();
    let only = languages.next().filter(|_| note.content_map.len() == 1)?;
    let plain = only.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    ((2..=35).contains(&only.len()) && plain).then(|| only.clone())
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

fn media(attachment: &Attachment) -> Option<RemoteMedia> {
    let link = attachment.url.iter().find(|link| is_web(&link.href))?;
    let mime_type = attachment.media_type.clone().or_else(|| link.media_type.clone());
    let kind = media_kind(attachment, mime_type.as_deref(), &link.href)?;
    let description = attachment.summary.as_deref().or(attachment.name.as_deref()).unwrap_or_default();
    Some(RemoteMedia {
        url: link.href.clone(),
        kind,
        mime_type: mime_type.filter(|mime| mime.len() <= 100),
        description: text::excerpt(description, 10_000),
        blurhash: attachment.blurhash.clone().filter(|hash| is_blurhash(hash)),
        width: attachment.width.filter(|width| (1..=100_000).contains(width)),
        height: attachment.height.filter(|height| (1..=100_000).contains(height)),
        focus: attachment.focal_point.filter(|(x, y)| x.abs() <= 1.0 && y.abs() <= 1.0),
    })
}

fn media_kind(attachment: &Attachment, mime_type: Option<&str>, url: &str) -> Option<MediaKind> {
    let by_type = mime_type.and_then(|mime| match mime.split('/').next()? {
        "image" => Some(MediaKind::Image),
        "video" => Some(MediaKind::Video),
        "audio" => Some(MediaKind::Audio),
        _ => None,
    });
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    let by_ending = || match path.rsplit_once('.')?.1 {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" => Some(MediaKind::Image),
        "mp4" | "webm" | "mov" => Some(MediaKind::Video),
        "mp3" | "ogg" | "flac" | "wav" | "m4a" | "opus" => Some(MediaKind::Audio),
        _ => None,
    };
    let by_kind = || match attachment.kind.as_str() {
        "Image" => Some(MediaKind::Image),
        "Video" => Some(MediaKind::Video),
        "Audio" => Some(MediaKind::Audio),
        "Document" => Some(MediaKind::Unknown),
        _ => None,
    };
    by_type.or_else(by_ending).or_else(by_kind)
}

/// Whether a blurhash is as long as its first letter says (a longer or shorter one makes decoders read beyond it).
fn is_blurhash(hash: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    let Some(size) = hash.chars().next().and_then(|first| ALPHABET.find(first)) else { return false };
    let (across, down) = (size % 9 + 1, size / 9 + 1);
    down <= 9 && hash.len() == 4 + 2 * across * down && hash.chars().all(|c| ALPHABET.contains(c))
}

fn tags(view: &StatusView, urls: &Urls) -> Vec<OwnTag> {
    let mentions = view.mentions.iter().map(|account| {
        let host = account.host.as_ref().unwrap_or_else(|| urls.handle_host());
        let name = format!("@{}@{host}", account.username);
        OwnTag { kind: "Mention", href: account.uri.clone(), name }
    });
    let hashtags = view.body.tags.iter().map(|tag| OwnTag {
        kind: "Hashtag",
        href: urls.tag(&tag.name),
        name: format!("#{}", tag.display),
    });
    mentions.chain(hashtags).collect()
}
