//! `outloud settings`.

use clap::Subcommand;
use outloud::app::App;
use outloud::domain::settings::Settings as Kept;
use outloud::{actions, views};
use serde_json::{Map, Value, json};

use super::{Answer, Failure, lines};

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub enum Settings {
    /// Show one setting, or all.
    Get {
        /// Which one.
        key: Option<String>,
    },
    /// Change a setting; the server that runs notices.
    Set {
        /// Which one.
        key: String,
        /// To what.
        value: String,
        /// Change it although this server cannot work well with it.
        #[arg(long)]
        force: bool,
    },
}

/// Does one of these.
pub async fn run(app: &App, command: &Settings) -> Result<Answer, Failure> {
    match command {
        Settings::Get { key } => get(app, key.as_deref()).await,
        Settings::Set { key, value, force } => {
            if !force {
                check(app, key, value)?;
            }
            actions::settings::set(app, key, value).await?;
            get(app, Some(key)).await
        }
    }
}

async fn get(app: &App, key: Option<&str>) -> Result<Answer, Failure> {
    let kept = views::instance::settings(&app.db).await?;
    if let Some(key) = key {
        let value = kept.get(key);
        let value = value.ok_or_else(|| {
            Failure::new(format!("There is no setting called {key}; there are {}", Kept::KEYS.join(", ")))
        })?;
        return Ok(Answer::new(format!("{value}\n"), json!({ key: value })));
    }
    let all = Kept::KEYS.map(|key| (key, kept.get(key).unwrap_or_default()));
    let json: Map<String, Value> = all.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let text = lines(all.iter().map(|(key, value)| format!("{key} = {value}")), "");
    Ok(Answer::new(text, Value::Object(json)))
}

/// What would leave newcomers before a closed door.
fn check(app: &App, key: &str, value: &str) -> Result<(), Failure> {
    if key == "confirm_email" && value == "true" && !app.mailer.is_configured() {
        return Err(Failure::new(
            "No mail can be sent, so nobody could confirm their address: set `mail.url` in the configuration first, \
             or use --force and let newcomers in with `outloud account approve`",
        ));
    }
    Ok(())
}
