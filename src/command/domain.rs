//! `outloud domain`.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use outloud::actions::domains::{self, Terms};
use outloud::app::App;
use outloud::domain::handle::Host;
use outloud::domain::severity::Severity;
use outloud::store::entity::domain_block;
use outloud::views;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Failure, lines};

/// What can be done with other servers.
#[derive(Debug, Subcommand)]
pub enum Domain {
    /// Keep a server away, with everything below its name. Without more words it is shut out: follows end, and what came
    /// from there disappears.
    Block(Block),
    /// Let a server in again; follows that ended stay ended.
    Unblock {
        /// Its host.
        host: String,
    },
    /// List the servers that are kept away.
    List,
    /// Keep the servers away that a list names, as Mastodon and others export it; what is decided already stays.
    Import {
        /// The list, in CSV.
        file: PathBuf,
    },
    /// Print the servers that are kept away as a list that Mastodon and others import.
    Export,
}

/// How a server is kept away.
#[derive(Debug, Args)]
pub struct Block {
    /// Its host, such as example.org.
    host: String,
    /// How far: `suspend` shuts it out; with `silence` only those meet its people who follow them; `noop` does no more
    /// than the other words say.
    #[arg(long, default_value = "suspend", value_parser = severity())]
    severity: Severity,
    /// Show nothing of its pictures and films.
    #[arg(long)]
    reject_media: bool,
    /// Do not read its reports.
    #[arg(long)]
    reject_reports: bool,
    /// Why, for the record.
    #[arg(long, default_value = "")]
    reason: String,
    /// Why, for everybody.
    #[arg(long, default_value = "")]
    public_comment: String,
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["suspend", "silence", "noop"]).try_map(|word| word.parse::<Severity>())
}

/// One line of a list, with the names of Mastodon.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(rename = "#domain", alias = "domain")]
    domain: String,
    #[serde(rename = "#severity", alias = "severity", default)]
    severity: String,
    #[serde(rename = "#reject_media", alias = "reject_media", default)]
    reject_media: String,
    #[serde(rename = "#reject_reports", alias = "reject_reports", default)]
    reject_reports: String,
    #[serde(rename = "#public_comment", alias = "public_comment", default)]
    public_comment: String,
    #[serde(rename = "#obfuscate", alias = "obfuscate", default)]
    obfuscate: String,
}

/// Does one of these.
pub async fn run(app: &App, command: &Domain) -> Result<Answer, Failure> {
    match command {
        Domain::Block(block) => {
            let host = read(&block.host)?;
            let terms = Terms {
                severity: block.severity,
                reject_media: block.reject_media,
                reject_reports: block.reject_reports,
                reason: block.reason.clone(),
                public_comment: block.public_comment.clone(),
            };
            domains::block(app, &host, terms).await?;
            let json = json!({ "domain": host.name(), "blocked": true, "severity": block.severity });
            Ok(Answer::new(format!("{} {}.\n", host.name(), word(block.severity)), json))
        }
        Domain::Unblock { host } => {
            let host = read(host)?;
            domains::unblock(app, &host).await?;
            let json = json!({ "domain": host.name(), "blocked": false });
            Ok(Answer::new(format!("{} may come in again.\n", host.name()), json))
        }
        Domain::List => {
            let all = views::admin::blocked_domains(&app.db).await?;
            let text = lines(all.iter().map(line), "No server is kept away.");
            Ok(Answer::new(text, all.iter().map(described).collect()))
        }
        Domain::Import { file } => import(app, file).await,
        Domain::Export => {
            let all = views::admin::blocked_domains(&app.db).await?;
            Ok(Answer::new(export(&all)?, all.iter().map(described).collect()))
        }
    }
}

async fn import(app: &App, file: &Path) -> Result<Answer, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| Failure::new(format!("{} cannot be read: {why}", file.display()));
    let mut reader = csv::Reader::from_path(file).map_err(|error| unreadable(&error))?;
    // All of it is read before anything is done.
    let entries: Vec<Entry> =
        reader.deserialize().collect::<Result<_, _>>().map_err(|error: csv::Error| unreadable(&error))?;
    let mut wanted = Vec::with_capacity(entries.len());
    for entry in entries {
        wanted.push((read(&entry.domain)?, terms(&entry)?));
    }
    let known = views::admin::blocked_domains(&app.db).await?;
    let (mut added, mut left) = (0, 0);
    for (host, terms) in wanted {
        if known.iter().any(|block| block.domain == host.name()) {
            left += 1;
            continue;
        }
        domains::block(app, &host, terms).await?;
        added += 1;
    }
    let text = format!("{added} servers are kept away now; about {left} it was decided before.\n");
    Ok(Answer::new(text, json!({ "added": added, "left": left })))
}

fn terms(entry: &Entry) -> Result<Terms, Failure> {
    let is_yes = |word: &str| matches!(word.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes");
    let severity = match entry.severity.trim() {
        "" => Severity::Suspend,
        word => word.parse().map_err(|_| Failure::new(format!("{word} is no severity")))?,
    };
    Ok(Terms {
        severity,
        reject_media: is_yes(&entry.reject_media),
        reject_reports: is_yes(&entry.reject_reports),
        reason: String::new(),
        public_comment: entry.public_comment.clone(),
    })
}

fn export(all: &[domain_block::Model]) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("The list cannot be written: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for block in all {
        let entry = Entry {
            domain: block.domain.clone(),
            severity: block.severity.to_string(),
            reject_media: block.reject_media.to_string(),
            reject_reports: block.reject_reports.to_string(),
            public_comment: block.public_comment.clone(),
            obfuscate: false.to_string(),
        };
        writer.serialize(entry).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn line(block: &domain_block::Model) -> String {
    let media = if block.reject_media { ", without media" } else { "" };
    let reports = if block.reject_reports { ", its reports unread" } else { "" };
    let (domain, since, reason) = (&block.domain, block.created_at.day(), &block.reason);
    format!("{domain}\t{}{media}{reports}\t{since}\t{reason}", block.severity).trim_end().to_owned()
}

fn described(block: &domain_block::Model) -> Value {
    json!({
        "domain": block.domain,
        "severity": block.severity,
        "reject_media": block.reject_media,
        "reject_reports": block.reject_reports,
        "reason": block.reason,
        "public_comment": block.public_comment,
        "created_at": block.created_at.millis(),
    })
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Suspend => "is shut out",
        Severity::Silence => "is seen by followers of its people alone",
        Severity::Noop => "is noted",
    }
}

fn read(host: &str) -> Result<Host, Failure> {
    host.trim().parse().map_err(|_| Failure::new(format!("{host} is not a host such as example.org")))
}
