//! `outloud emoji`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use outloud::actions::emojis::{self, LARGEST, NewEmoji};
use outloud::app::App;
use outloud::views;
use serde_json::json;

use super::{Answer, Failure, lines};

/// What can be done with emoji.
#[derive(Debug, Subcommand)]
pub enum Emoji {
    /// Add an emoji; one with the same shortcode gets the new picture.
    Add {
        /// What stands between the colons.
        shortcode: String,
        /// A PNG, GIF or WebP of at most 256 KiB.
        file: PathBuf,
        /// Where it stands in pickers.
        #[arg(long)]
        category: Option<String>,
    },
    /// Remove an emoji.
    Remove {
        /// What stands between the colons.
        shortcode: String,
    },
    /// List all emoji.
    List,
}

/// Does one of these.
pub async fn run(app: &App, command: &Emoji) -> Result<Answer, Failure> {
    match command {
        Emoji::Add { shortcode, file, category } => {
            let shortcode = plain(shortcode);
            let image = read(file)
                .map_err(|error| Failure::new(format!("The file {} cannot be read: {error}", file.display())))?;
            let new = NewEmoji { shortcode: shortcode.to_owned(), category: category.clone(), image };
            emojis::add(app, new).await?;
            Ok(Answer::new(format!(":{shortcode}: is there.\n"), json!({ "shortcode": shortcode })))
        }
        Emoji::Remove { shortcode } => {
            let shortcode = plain(shortcode);
            emojis::remove(app, shortcode).await?;
            Ok(Answer::new(format!(":{shortcode}: is gone.\n"), json!({ "shortcode": shortcode })))
        }
        Emoji::List => list(app).await,
    }
}

async fn list(app: &App) -> Result<Answer, Failure> {
    let all = views::instance::emojis(&app.db).await?;
    let entries = all.iter().map(|emoji| {
        let category = emoji.category.as_deref().unwrap_or_default();
        format!(":{}:\t{category}\t{}", emoji.shortcode, app.urls.emoji(&emoji.file_name))
    });
    let text = lines(entries, "There are no emoji.");
    let json = all.iter().map(|emoji| {
        json!({
            "shortcode": emoji.shortcode,
            "category": emoji.category,
            "url": app.urls.emoji(&emoji.file_name),
        })
    });
    Ok(Answer::new(text, json.collect()))
}

/// A shortcode with or without its colons.
fn plain(shortcode: &str) -> &str {
    shortcode.trim_matches(':')
}

/// The file, but not much more of it than an emoji may have.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut image = Vec::new();
    File::open(file)?.take(LARGEST as u64 + 1).read_to_end(&mut image)?;
    Ok(image)
}
