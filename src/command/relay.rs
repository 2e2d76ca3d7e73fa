//! `outloud relay`.

use clap::Subcommand;
use outloud::actions::accounts;
use outloud::app::App;
use outloud::federation::Federation;
use outloud::federation::http::Resolver;
use outloud::views;
use serde_json::json;

use super::{Answer, Failure, lines};

/// What can be done with relays.
#[derive(Debug, Subcommand)]
pub enum Relay {
    /// Ask a relay to pass public posts on to this server and from it.
    Add {
        /// Its inbox, which ends in /inbox, or its actor, such as https://relay.example.org/actor.
        url: String,
    },
    /// Leave a relay; what it brings does not count any more.
    Remove {
        /// Its inbox or its actor.
        url: String,
    },
    /// List the relays and what they have answered.
    List,
}

/// Does one of these.
pub async fn run(app: &App, command: &Relay) -> Result<Answer, Failure> {
    match command {
        Relay::Add { url } => {
            between(app).await?.join_relay(url).await?;
            let text = format!("{url} is asked; `outloud relay list` tells what it answers.\n");
            Ok(Answer::new(text, json!({ "relay": url, "asked": true })))
        }
        Relay::Remove { url } => {
            between(app).await?.leave_relay(url).await?;
            Ok(Answer::new(format!("{url} brings nothing any more.\n"), json!({ "relay": url, "removed": true })))
        }
        Relay::List => list(app).await,
    }
}

async fn between(app: &App) -> Result<Federation, Failure> {
    let actor = accounts::instance_actor(app).await?;
    Ok(Federation::new(app.clone(), Resolver::System, actor.id)?)
}

async fn list(app: &App) -> Result<Answer, Failure> {
    let all = views::admin::relays(&app.db).await?;
    let entries = all
        .iter()
        .map(|relay| format!("{}\t{}\t{}\t{}", relay.inbox_url, relay.kind, relay.state, relay.created_at.day()));
    let text = lines(entries, "No relay is asked.");
    let json = all.iter().map(|relay| {
        let (kind, state) = (relay.kind.as_str(), relay.state.as_str());
        json!({ "inbox": relay.inbox_url, "kind": kind, "state": state, "created_at": relay.created_at.millis() })
    });
    Ok(Answer::new(text, json.collect()))
}
