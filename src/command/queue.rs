//! `outloud queue`: what waits to be done and to be delivered.

use clap::Args;
use outloud::app::App;
use outloud::domain::handle::Host;
use outloud::domain::moment::Moment;
use outloud::domain::text;
use outloud::views::queues::{self, Kind, Line, Server, Waiting};
use serde_json::{Value, json};

use super::{Answer, Failure, lines};

/// What is asked of the queues.
#[derive(Debug, Args)]
pub struct Queue {
    /// Only what waits for this server, one by one.
    #[arg(long)]
    host: Option<String>,
}

/// Says what waits.
pub async fn run(app: &App, wanted: &Queue) -> Result<Answer, Failure> {
    match &wanted.host {
        Some(host) => {
            let read = host.trim().parse::<Host>();
            of_host(app, &read.map_err(|_| Failure::new(format!("{host} is not a host such as example.org")))?).await
        }
        None => all(app).await,
    }
}

async fn all(app: &App) -> Result<Answer, Failure> {
    let now = app.now();
    let (jobs, waiting) = (queues::jobs(&app.db).await?, queues::deliveries(&app.db).await?);
    let troubled = queues::troubled(&app.db).await?;
    let mut text = String::from("Jobs\n");
    text += &lines(jobs.iter().map(|kind| job_line(kind, now)), "  None waits.");
    text += "\nDeliveries\n";
    text += &lines(waiting.iter().map(|line| delivery_line(line, now)), "  None waits.");
    text += "\nServers that do not answer\n";
    text += &lines(troubled.iter().map(|server| server_line(server, now)), "  None is known.");
    let json = json!({
        "jobs": jobs.iter().map(|kind| json!({
            "kind": kind.name, "waiting": kind.waiting, "failed": kind.failed, "oldest": kind.oldest.millis(),
        })).collect::<Vec<_>>(),
        "deliveries": waiting.iter().map(|line| json!({
            "host": line.host, "waiting": line.waiting, "oldest": line.oldest.millis(),
        })).collect::<Vec<_>>(),
        "troubled": troubled.iter().map(described).collect::<Vec<_>>(),
    });
    Ok(Answer::new(text, json))
}

async fn of_host(app: &App, host: &Host) -> Result<Answer, Failure> {
    let now = app.now();
    let server = queues::server(&app.db, host).await?;
    let waiting = queues::deliveries_to(&app.db, host).await?;
    let new_keys = queues::new_keys(&app.db, host, now).await?;
    let mut text = match &server {
        Some(server) if server.failures > 0 => format!("{}\n", server_line(server, now).trim_start()),
        _ => format!("{host} answers, as far as is known.\n"),
    };
    if let Some(people) = new_keys {
        text +=
            &format!("All {people} people of {host} have other keys since yesterday: is it still the same server?\n");
    }
    text += &lines(waiting.iter().map(|delivery| waiting_line(delivery, now)), "Nothing waits for it.");
    let json = json!({
        "host": host.as_str(),
        "server": server.as_ref().map(described),
        "new_keys": new_keys,
        "waiting": waiting.iter().map(|delivery| json!({
            "inbox": delivery.inbox_url, "about": delivery.object_key, "attempts": delivery.attempts,
            "next_try": delivery.not_before.millis(), "last_status": delivery.last_status,
            "last_error": delivery.last_error, "queued": delivery.created_at.millis(),
        })).collect::<Vec<_>>(),
    });
    Ok(Answer::new(text, json))
}

fn job_line(kind: &Kind, now: Moment) -> String {
    let failed = if kind.failed > 0 { format!(", {} given up", kind.failed) } else { String::new() };
    format!("  {}\t{} waiting, oldest {}{failed}", kind.name, kind.waiting, ago(kind.oldest, now))
}

fn delivery_line(line: &Line, now: Moment) -> String {
    format!("  {}\t{} waiting, oldest {}", line.host, line.waiting, ago(line.oldest, now))
}

fn server_line(server: &Server, now: Moment) -> String {
    let since = server.failing_since.map(|since| format!(" since {}", ago(since, now))).unwrap_or_default();
    let next = match server.not_before {
        Some(next) if next > now => format!(", left alone for {}", span(next.since(now).as_secs())),
        _ => String::new(),
    };
    let times = text::plural(i64::from(server.failures), "time", "times");
    format!("  {}\tno answer {} {times}{since}{next}", server.name, server.failures)
}

fn waiting_line(delivery: &Waiting, now: Moment) -> String {
    let trouble = delivery.last_error.as_deref().map(|error| format!(", last time: {error}")).unwrap_or_default();
    let next = if delivery.not_before > now {
        format!("next try in {}", span(delivery.not_before.since(now).as_secs()))
    } else {
        "due now".to_owned()
    };
    let times = text::plural(i64::from(delivery.attempts), "time", "times");
    format!("{}\ttried {} {times}, {next}{trouble}", delivery.object_key, delivery.attempts)
}

fn described(server: &Server) -> Value {
    json!({
        "host": server.name,
        "failures": server.failures,
        "failing_since": server.failing_since.map(Moment::millis),
        "not_before": server.not_before.map(Moment::millis),
        "last_success": server.last_success_at.map(Moment::millis),
    })
}

fn ago(then: Moment, now: Moment) -> String {
    format!("{} ago", span(now.since(then).as_secs()))
}

/// A span of time in its largest unit.
fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
