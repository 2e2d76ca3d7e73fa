//! `outloud domain`.

use clap::Subcommand;
use outloud::actions::domains;
use outloud::app::App;
use outloud::domain::handle::Host;
use outloud::views;
use serde_json::json;

use super::{Answer, Failure, lines};

/// What can be done with other servers.
#[derive(Debug, Subcommand)]
pub enum Domain {
    /// Shut a server out, with everything below its name: follows end, and what came from there disappears.
    Block {
        /// Its host, such as example.org.
        host: String,
        /// Why, for the record.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let a server in again; follows that ended stay ended.
    Unblock {
        /// Its host.
        host: String,
    },
    /// List the servers that are shut out.
    List,
}

/// Does one of these.
pub async fn run(app: &App, command: &Domain) -> Result<Answer, Failure> {
    match command {
        Domain::Block { host, reason } => {
            let host = read(host)?;
            domains::block(app, &host, reason).await?;
            let json = json!({ "domain": host.name(), "blocked": true });
            Ok(Answer::new(format!("{} is shut out.\n", host.name()), json))
        }
        Domain::Unblock { host } => {
            let host = read(host)?;
            domains::unblock(app, &host).await?;
            let json = json!({ "domain": host.name(), "blocked": false });
            Ok(Answer::new(format!("{} may come in again.\n", host.name()), json))
        }
        Domain::List => list(app).await,
    }
}

async fn list(app: &App) -> Result<Answer, Failure> {
    let all = views::admin::blocked_domains(&app.db).await?;
    let line = |domain: &str, since: &str, reason: &str| format!("{domain}\t{since}\t{reason}").trim_end().to_owned();
    let entries = all.iter().map(|block| line(&block.domain, &block.created_at.day(), &block.reason));
    let text = lines(entries, "No server is shut out.");
    let json = all.iter().map(
        |block| json!({ "domain": block.domain, "reason": block.reason, "created_at": block.created_at.millis() }),
    );
    Ok(Answer::new(text, json.collect()))
}

fn read(host: &str) -> Result<Host, Failure> {
    host.trim().parse().map_err(|_| Failure::new(format!("{host} is not a host such as example.org")))
}
