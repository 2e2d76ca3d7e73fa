//! What can be done from the command line, one file per noun.
//! Rules do not live here: a command asks an action or a view and prints what it says.
//! Start reading at `Command`.

use std::fmt;
use std::process::ExitCode;

use clap::Subcommand;
use outloud::actions;
use outloud::app::App;
use outloud::config::{Config, ConfigError};
use outloud::domain::handle::{Handle, Username};
use outloud::domain::moment::Clock;
use outloud::error::Error;
use outloud::{server, views};
use serde_json::{Value, json};

mod account;
pub mod check;
mod domain;
mod emoji;
mod federation;
mod invite;
mod queue;
mod relay;
mod report;
pub mod serve;
mod settings;
mod token;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server.
    Serve,
    /// Bring the database to the newest form.
    Migrate,
    /// Look at the configuration and at this machine, and say what is wrong.
    Check,
    /// Accounts of this server.
    #[command(subcommand)]
    Account(account::Account),
    /// Access tokens for programs.
    #[command(subcommand)]
    Token(token::Token),
    /// What administrators change while the server runs.
    #[command(subcommand)]
    Settings(settings::Settings),
    /// Invitations to sign up.
    #[command(subcommand)]
    Invite(invite::Invite),
    /// Servers this one wants nothing to do with.
    #[command(subcommand)]
    Domain(domain::Domain),
    /// Custom emoji.
    #[command(subcommand)]
    Emoji(emoji::Emoji),
    /// What waits to be done and to be delivered.
    Queue(queue::Queue),
    /// What was reported to those who keep the peace.
    #[command(subcommand)]
    Report(report::Report),
    /// Relays, which bring public posts of servers nobody here knows, and spread ours.
    #[command(subcommand)]
    Relay(relay::Relay),
    /// Other servers.
    #[command(subcommand)]
    Federation(federation::Between),
}

/// Does one command that needs a node for a moment.
pub async fn run(command: &Command, config: Config) -> Result<Answer, Failure> {
    if matches!(command, Command::Migrate) {
        return migrate(config).await;
    }
    let app = server::open_beside(config, Clock::System).await?;
    let answer = match command {
        Command::Account(command) => account::run(&app, command).await,
        Command::Token(command) => token::run(&app, command).await,
        Command::Settings(command) => settings::run(&app, command).await,
        Command::Invite(command) => invite::run(&app, command).await,
        Command::Domain(command) => domain::run(&app, command).await,
        Command::Emoji(command) => emoji::run(&app, command).await,
        Command::Queue(command) => queue::run(&app, command).await,
        Command::Report(command) => report::run(&app, command).await,
        Command::Relay(command) => Box::pin(relay::run(&app, command)).await,
        Command::Federation(command) => Box::pin(federation::run(&app, command)).await,
        Command::Serve | Command::Migrate | Command::Check => unreachable!("these are done before a node is opened"),
    }?;
    app.db.close().await?;
    Ok(answer)
}

async fn migrate(config: Config) -> Result<Answer, Failure> {
    let app = server::open(config, Clock::System).await?;
    server::migrate(&app).await?;
    // Whoever starts the server next finds everything made.
    actions::accounts::instance_actor(&app).await?;
    app.db.close().await?;
    Ok(Answer::new("The database is up to date.\n", json!({ "migrated": true })))
}

/// What a command has to say.
#[derive(Debug)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For scripts.
    pub json: Value,
    /// What the process ends with.
    pub code: ExitCode,
}

impl Answer {
    /// Says that all went well.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, code: ExitCode::SUCCESS }
    }
}

/// Why a command was not done: one plain sentence.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// Takes a sentence, with or without its full stop.
    pub fn new(sentence: impl Into<String>) -> Self {
        let sentence: String = sentence.into();
        // One line: what libraries say may have several.
        let mut sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        if !sentence.ends_with(['.', '?', '!']) {
            sentence.push('.');
        }
        Self(sentence)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Internal(source) | Error::Unavailable(source) => {
                Self::new(format!("That did not work: {}", server::cause(source.as_ref())))
            }
            Error::NotFound(what) => Self::new(format!("There is no such {what}")),
            Error::Validation(problems) => {
                let all: Vec<&str> = problems.iter().map(|problem| problem.description.as_str()).collect();
                Self::new(all.join("; "))
            }
            other => Self::new(other.to_string()),
        }
    }
}

/// The member called `name`: `ann`, `@ann` or `@ann@` and this server.
async fn member(app: &App, name: &str) -> Result<views::AccountView, Failure> {
    let nobody = || Failure::new(format!("There is no member called {name} here"));
    let handle: Handle = name.parse().map_err(|_| nobody())?;
    if handle.host.is_some_and(|host| !app.urls.is_ours(&host)) {
        return Err(nobody());
    }
    let username = Username::local(handle.username.as_str()).map_err(|_| nobody())?;
    match views::accounts::by_name(&app.db, &username, None).await {
        Err(Error::NotFound(_)) => Err(nobody()),
        found => Ok(found?),
    }
}

/// One entry per line; a sentence when there is none.
fn lines(entries: impl Iterator<Item = String>, none: &str) -> String {
    let text: String = entries.map(|entry| entry + "\n").collect();
    if text.is_empty() { format!("{none}\n") } else { text }
}
