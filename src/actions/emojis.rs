//! Custom emoji of this server.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::app::{App, crypto};
use crate::error::{Error, Result};
use crate::store::entity::emoji;

/// The largest picture, in bytes.
pub const LARGEST: usize = 256 * 1024;
/// The longest shortcode, in characters.
const LONGEST_SHORTCODE: usize = 50;

/// An emoji as somebody brings it.
#[derive(Debug, Clone)]
pub struct NewEmoji {
    /// Between the colons.
    pub shortcode: String,
    /// Where it stands in pickers.
    pub category: Option<String>,
    /// The picture.
    pub image: Vec<u8>,
}

/// Adds an emoji; one with the same shortcode gets the new picture.
///
/// The picture gets an address of its own every time, because what lies at an address is kept by browsers for good.
pub async fn add(app: &App, new: NewEmoji) -> Result<()> {
    check_shortcode(&new.shortcode)?;
    if new.image.len() > LARGEST {
        return Err(Error::invalid("The picture of an emoji has at most 256 KiB"));
    }
    let Some((mime_type, extension)) = kind(&new.image) else {
        return Err(Error::invalid("The picture of an emoji is a PNG, GIF or WebP"));
    };
    let change = app.begin().await?;
    let row = emoji::ActiveModel {
        id: Set(app.id()),
        shortcode: Set(new.shortcode),
        category: Set(new.category.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())),
        mime_type: Set(mime_type.to_owned()),
        image: Set(new.image),
        file_name: Set(format!("{}.{extension}", crypto::random_name())),
        visible_in_picker: Set(true),
        created_at: Set(change.now()),
    };
    let replace = OnConflict::column(emoji::Column::Shortcode)
        .update_columns([
            emoji::Column::Category,
            emoji::Column::MimeType,
            emoji::Column::Image,
            emoji::Column::FileName,
            emoji::Column::CreatedAt,
        ])
        .to_owned();
    emoji::Entity::insert(row).on_conflict(replace).exec_without_returning(change.tx()).await?;
    change.commit().await
}

/// Removes an emoji.
pub async fn remove(app: &App, shortcode: &str) -> Result<()> {
    let change = app.begin().await?;
    let named = emoji::Column::Shortcode.eq(shortcode);
    let removed = emoji::Entity::delete_many().filter(named).exec(change.tx()).await?;
    if removed.rows_affected == 0 {
        return Err(Error::NotFound("emoji"));
    }
    change.commit().await
}

fn check_shortcode(shortcode: &str) -> Result<()> {
    let plain = shortcode.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && (2..=LONGEST_SHORTCODE).contains(&shortcode.len()) {
        return Ok(());
    }
    Err(Error::invalid("A shortcode has 2 to 50 letters, digits and underscores"))
}

/// The media type and the file extension of a picture, by how it begins.
fn kind(image: &[u8]) -> Option<(&'static str, &'static str)> {
    match image {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(("image/png", "png")),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(("image/gif", "gif")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(("image/webp", "webp")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_how_it_begins() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Some(("image/png", "png")));
        assert_eq!(kind(b"GIF89a"), Some(("image/gif", "gif")));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Some(("image/webp", "webp")));
        for other in [b"<svg>".as_slice(), b"GIF", b"RIFF\0\0\0\0WAVE", b"\xff\xd8\xff", b""] {
            assert_eq!(kind(other), None, "{other:?}");
        }
    }

    #[test]
    fn shortcodes_are_plain_words() {
        assert!(check_shortcode("blob_cat2").is_ok());
        for shortcode in ["a", "", "with space", "näher", "a-b", ":cat:", &"x".repeat(51)] {
            assert!(check_shortcode(shortcode).is_err(), "{shortcode}");
        }
    }
}
