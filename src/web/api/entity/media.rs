//! Attachments.

use serde::Serialize;

use crate::domain::id::MediaId;
use crate::domain::status::MediaKind;
use crate::views::statuses::Attachment;

/// A file that hangs on a status.
#[derive(Debug, Serialize)]
pub struct MediaAttachment<'a> {
    id: MediaId,
    r#type: MediaKind,
    url: Option<&'a str>,
    preview_url: Option<&'a str>,
    remote_url: Option<&'a str>,
    preview_remote_url: Option<&'a str>,
    text_url: Option<&'a str>,
    meta: Option<Meta>,
    description: Option<&'a str>,
    blurhash: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<Focus>,
}

#[derive(Debug, Serialize)]
struct Size {
    width: i32,
    height: i32,
    size: String,
    aspect: f64,
}

#[derive(Debug, Serialize)]
struct Focus {
    x: f64,
    y: f64,
}

impl<'a> MediaAttachment<'a> {
    /// Prints an attachment.
    pub fn new(media: &'a Attachment) -> Self {
        let url = media.remote_url.as_deref();
        Self {
            id: media.id,
            r#type: media.kind,
            url,
            preview_url: url.filter(|_| media.kind == MediaKind::Image),
            remote_url: url,
            preview_remote_url: None,
            text_url: None,
            meta: meta(media),
            description: Some(media.description.as_str()).filter(|description| !description.is_empty()),
            blurhash: media.blurhash.as_deref(),
        }
    }
}

fn meta(media: &Attachment) -> Option<Meta> {
    let original = media.width.zip(media.height).filter(|(width, height)| *width > 0 && *height > 0);
    let original = original.map(|(width, height)| Size {
        width,
        height,
        size: format!("{width}x{height}"),
        aspect: f64::from(width) / f64::from(height),
    });
    let focus = media.focus_x.zip(media.focus_y).map(|(x, y)| Focus { x, y });
    (original.is_some() || focus.is_some()).then_some(Meta { original, focus })
}
