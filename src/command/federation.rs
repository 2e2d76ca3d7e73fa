//! `outloud federation`.

use std::process::ExitCode;

use clap::Subcommand;
use outloud::actions::accounts;
use outloud::app::App;
use outloud::federation::Federation;
use outloud::federation::http::Resolver;
use serde_json::json;

use super::{Answer, Failure};

/// What can be asked about other servers.
#[derive(Debug, Subcommand)]
pub enum Between {
    /// Walk to somebody on another server, step by step, and say what fails and at whom.
    Check {
        /// A handle such as @ann@example.org, or the address of an actor.
        whom: String,
    },
}

/// Gets ready to ask other servers something.
pub async fn open(app: &App) -> Result<Federation, Failure> {
    let actor = accounts::instance_actor(app).await?;
    Ok(Federation::new(app.clone(), Resolver::System, actor.id)?)
}

/// Does one of these.
pub async fn run(app: &App, command: &Between) -> Result<Answer, Failure> {
    let Between::Check { whom } = command;
    let steps = open(app).await?.probe(whom).await?;
    let text: String = steps
        .iter()
        .map(|step| format!("{}\t{}: {}\n", if step.ok { "ok" } else { "FAILS" }, step.name, step.says))
        .collect();
    let all_well = steps.iter().all(|step| step.ok);
    let json = json!({
        "ok": all_well,
        "steps": steps.iter().map(|step| json!({ "step": step.name, "ok": step.ok, "says": step.says })).collect::<Vec<_>>(),
    });
    let code = if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    Ok(Answer { code, ..Answer::new(text, json) })
}
