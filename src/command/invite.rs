//! `outloud invite`.

use std::time::Duration;

use clap::Subcommand;
use outloud::actions::invites::{self, Terms};
use outloud::app::App;
use outloud::store::entity::invite;
use outloud::views;
use serde_json::{Value, json};

use super::{Answer, Failure, lines};

/// What can be done with invitations.
#[derive(Debug, Subcommand)]
pub enum Invite {
    /// Make an invitation, and print its address.
    Create {
        /// How often it may be used; without it, as often as wanted.
        #[arg(long, value_name = "N")]
        max_uses: Option<u32>,
        /// For how many days it is valid; without it, for ever.
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// List all invitations, the newest first.
    List,
}

/// Does one of these.
pub async fn run(app: &App, command: &Invite) -> Result<Answer, Failure> {
    match command {
        Invite::Create { max_uses, days } => {
            let valid_for = days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
            let made = invites::create(app, None, Terms { max_uses: *max_uses, valid_for }).await?;
            Ok(Answer::new(format!("{}\n", app.urls.invite(&made.code)), described(app, &made)))
        }
        Invite::List => {
            let all = views::admin::invites(&app.db).await?;
            let text = lines(all.iter().map(|invite| line(app, invite)), "There are no invitations.");
            Ok(Answer::new(text, all.iter().map(|invite| described(app, invite)).collect()))
        }
    }
}

fn line(app: &App, invite: &invite::Model) -> String {
    let uses = match invite.max_uses {
        Some(most) => format!("used {} of {most} times", invite.uses),
        None => format!("used {} times", invite.uses),
    };
    let end = match invite.expires_at {
        Some(end) if end <= app.now() => format!("ended {}", end.day()),
        Some(end) => format!("ends {}", end.day()),
        None => "does not end".to_owned(),
    };
    format!("{}\t{uses}\t{end}", app.urls.invite(&invite.code))
}

fn described(app: &App, invite: &invite::Model) -> Value {
    json!({
        "code": invite.code,
        "url": app.urls.invite(&invite.code),
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "created_at": invite.created_at.millis(),
        "expires_at": invite.expires_at.map(|end| end.millis()),
    })
}
