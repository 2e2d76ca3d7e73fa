//! Pictures, films and sounds of posts.

use crate::domain::remote::RemoteMedia;
use crate::domain::status::{Kind, MediaKind};
use crate::domain::text;
use crate::federation::protocol::note::{Attachment, Image, Note};
use crate::federation::protocol::shape::Link;
use crate::federation::translate::is_web;

/// How many attachments are kept.
const MOST_MEDIA: usize = 16;
/// The largest film that is offered where there are several, in lines.
const LINES: u64 = 720;

/// What is attached to a post, or is what the post is about.
pub(super) fn of(note: &Note, kind: Kind) -> Vec<RemoteMedia> {
    let own = match kind {
        Kind::Video => own(note, "video/", MediaKind::Video),
        Kind::Audio => own(note, "audio/", MediaKind::Audio),
        Kind::Image => own(note, "image/", MediaKind::Image),
        _ => None,
    };
    // The picture of the page that is talked about; better told where it is attached as well.
    let of_page = note.image.first().filter(|_| kind == Kind::Page).and_then(picture);
    let attached = note.attachment.iter().filter_map(attached).chain(of_page);
    let mut media: Vec<RemoteMedia> = Vec::new();
    for found in own.into_iter().chain(attached) {
        if media.len() < MOST_MEDIA && media.iter().all(|known| known.url != found.url) {
            media.push(found);
        }
    }
    media
}

/// The file that the object itself is: of several, the best that is not too large.
fn own(note: &Note, media_type: &str, kind: MediaKind) -> Option<RemoteMedia> {
    let fits = |link: &&Link| {
        link.media_type.as_deref().is_some_and(|mime| mime.starts_with(media_type)) && is_web(&link.href)
    };
    let size = |link: &&Link| match link.height {
        Some(lines) if lines <= LINES => (2, lines),
        Some(lines) => (0, u64::MAX - lines),
        None => (1, 0),
    };
    // Of equals the first.
    let link = note.url.iter().filter(fits).rev().max_by_key(size)?;
    Some(plain(link, kind, note.name.as_deref()))
}

fn picture(image: &Image) -> Option<RemoteMedia> {
    let link = image.url.iter().find(|link| is_web(&link.href))?;
    Some(plain(link, MediaKind::Image, image.summary.as_deref().or(image.name.as_deref())))
}

/// A file of which no more is told.
fn plain(link: &Link, kind: MediaKind, description: Option<&str>) -> RemoteMedia {
    RemoteMedia {
        url: link.href.clone(),
        kind,
        mime_type: link.media_type.clone().filter(|mime| mime.len() <= 100),
        description: text::excerpt(description.unwrap_or_default(), 10_000),
        blurhash: None,
        width: None,
        height: None,
        focus: None,
    }
}

fn attached(attachment: &Attachment) -> Option<RemoteMedia> {
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
