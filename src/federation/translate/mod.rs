//! From the JSON of other servers to our words and back: pure, nothing is looked up.
//! Nothing is decided here either.
//! Start reading at `note.rs`.

pub mod actor;
mod content;
mod media;
pub mod note;
mod poll;
pub mod quote;

use crate::domain::account::{Emoji, Emojis};
use crate::domain::origin::{RemoteId, names_its_host};
use crate::federation::protocol::note::Tag;
use crate::federation::protocol::shape;

/// How many custom emoji of one text are kept.
const MOST_EMOJI: usize = 64;
/// The longest shortcode, in bytes.
const LONGEST_SHORTCODE: usize = 128;

/// The custom emoji among tags.
fn emojis(tags: &[Tag]) -> Emojis {
    let found = tags.iter().filter(|tag| tag.kind == "Emoji").filter_map(|tag| {
        let shortcode = tag.name.as_deref()?.trim_matches(':');
        let plain = shortcode.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.'));
        let url = shape::page_of(&tag.icon.first()?.url)?;
        let fits = (1..=LONGEST_SHORTCODE).contains(&shortcode.len()) && is_web(url);
        (plain && fits).then(|| Emoji { shortcode: shortcode.to_owned(), url: url.to_owned() })
    });
    Emojis(found.take(MOST_EMOJI).collect())
}

/// Whether an address can be the page of something with this id: nobody speaks for a page on another host. Many put
/// their pages on `www.` and their ids beside it.
fn is_page_of(url: &str, id: &RemoteId) -> bool {
    let host = |url: &url::Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    is_web(url) && url::Url::parse(url).is_ok_and(|url| host(&url).is_some() && host(&url) == host(id.url()))
}

/// Whether an address leads to the web, and not into a script or a file.
fn is_web(url: &str) -> bool {
    let is_written_out = url.len() <= 2048 && names_its_host(url);
    is_written_out && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}
