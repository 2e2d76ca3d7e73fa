//! `outloud report`.

use clap::Subcommand;
use outloud::actions::reports;
use outloud::app::App;
use outloud::domain::id::ReportId;
use outloud::domain::{html, text};
use outloud::views;
use outloud::views::AccountView;
use outloud::views::reports::ReportView;
use serde_json::{Value, json};

use super::{Answer, Failure, lines};

/// How much of what somebody wrote is shown, in characters.
const LONGEST: usize = 5000;

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// List the reports nobody has dealt with, the newest first.
    List {
        /// Those as well that somebody has dealt with.
        #[arg(long)]
        all: bool,
    },
    /// Show one report, with what was written.
    Show {
        /// Its number.
        id: ReportId,
    },
    /// Note that somebody has dealt with it.
    Resolve {
        /// Its number.
        id: ReportId,
    },
}

/// Does one of these.
pub async fn run(app: &App, command: &Report) -> Result<Answer, Failure> {
    match command {
        Report::List { all } => {
            let found = views::reports::list(&app.db, *all).await?;
            let text = lines(found.iter().map(|report| line(app, report)), "Nothing waits to be looked at.");
            Ok(Answer::new(text, found.iter().map(|report| described(app, report)).collect()))
        }
        Report::Show { id } => show(app, *id).await,
        Report::Resolve { id } => {
            reports::resolve(app, *id).await?;
            Ok(Answer::new("Noted.\n", json!({ "id": id, "resolved": true })))
        }
    }
}

async fn show(app: &App, id: ReportId) -> Result<Answer, Failure> {
    let report = views::reports::one(&app.db, id).await?;
    let cited = views::reports::cited(&app.db, &report).await?;
    let mut text = format!("{}\n", line(app, &report));
    let mut json = described(app, &report);
    for status in &cited {
        let written = one_line(&html::to_text(&status.content));
        text += &format!("  {}\t{written}\n", status.url.as_deref().unwrap_or(&status.uri));
    }
    json["statuses"] = cited.iter().map(|status| json!({ "uri": status.uri, "content": status.content })).collect();
    Ok(Answer::new(text, json))
}

fn line(app: &App, report: &ReportView) -> String {
    let row = &report.row;
    let by = report.by.as_ref().map_or_else(|| "somebody who is gone".to_owned(), |by| handle(app, by));
    let state = if row.resolved_at.is_some() { "settled" } else { "open" };
    let comment = one_line(&row.comment);
    let (about, since) = (handle(app, &report.target), row.created_at.minutes());
    format!("{}\t{since}\t{state}\t{}\t{by} reports {about}\t{comment}", row.id, row.category).trim_end().to_owned()
}

/// What somebody wrote, so that it can neither pass for what this program says nor command the terminal.
fn one_line(written: &str) -> String {
    text::clean(written, LONGEST)
}

fn handle(app: &App, account: &AccountView) -> String {
    format!("@{}@{}", account.username, account.host.as_ref().unwrap_or_else(|| app.urls.handle_host()))
}

fn described(app: &App, report: &ReportView) -> Value {
    let row = &report.row;
    json!({
        "id": row.id,
        "by": report.by.as_ref().map(|by| handle(app, by)),
        "about": handle(app, &report.target),
        "category": row.category,
        "comment": row.comment,
        "forwarded": row.forwarded,
        "created_at": row.created_at.millis(),
        "resolved_at": row.resolved_at.map(|resolved| resolved.millis()),
    })
}
