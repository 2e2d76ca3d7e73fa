//! The command line of outloud.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use outloud::config::Config;
use tokio::runtime::{Builder, Runtime};

use crate::command::{Answer, Command, Failure};

mod command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A federated community microblog.
#[derive(Debug, Parser)]
#[command(version, about, disable_help_subcommand = true)]
struct CommandLine {
    /// File with settings of your own; every setting is listed in config/default.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON, for scripts.
    #[arg(long, global = true)]
    json: bool,
    /// What to do; without a word the server starts.
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match answer(&line) {
        Ok(answer) => print(&answer, line.json),
        Err(failure) => {
            // Nobody is left to tell when even this cannot be written.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::FAILURE
        }
    }
}

fn answer(line: &CommandLine) -> Result<Answer, Failure> {
    let config = Config::load(line.config.as_deref());
    match line.command.as_ref().unwrap_or(&Command::Serve) {
        Command::Serve => runtime(Builder::new_multi_thread())?.block_on(command::serve::run(config?)),
        Command::Check => runtime(Builder::new_current_thread())?.block_on(command::check::run(config)),
        // One thread does for a moment's work, and starts faster.
        command => runtime(Builder::new_current_thread())?.block_on(command::run(command, config?)),
    }
}

fn runtime(mut builder: Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| Failure::new(format!("The program cannot start: {error}")))
}

fn print(answer: &Answer, json: bool) -> ExitCode {
    let text = if json { format!("{:#}\n", answer.json) } else { answer.text.clone() };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever read the beginning has seen enough, as `head` does.
        Ok(()) => answer.code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => answer.code,
        Err(_) => ExitCode::FAILURE,
    }
}
