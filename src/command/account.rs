//! `outloud account`.

use std::io;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use outloud::actions::accounts::{Newcomer, Terms};
use outloud::actions::{accounts, mail, moves, oauth, sessions};
use outloud::app::App;
use outloud::domain::account::Role;
use outloud::domain::handle::Handle;
use outloud::views;
use outloud::views::admin::Membership;
use serde_json::{Value, json};

use super::{Answer, Failure, federation, lines, member};

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account; nobody needs to let it in.
    Create(Create),
    /// Give a member another role.
    Role {
        /// Who.
        name: String,
        /// What they may do.
        #[arg(value_parser = role())]
        role: Role,
    },
    /// Give a member another password; their browsers and apps are signed out.
    Password {
        /// Who.
        name: String,
        /// The password; - reads it from the standard input.
        #[arg(long, allow_hyphen_values = true)]
        password: String,
    },
    /// Let a member in who has asked; their address counts as confirmed.
    Approve {
        /// Who.
        name: String,
    },
    /// Give a member new keys; other servers are told with the old ones.
    RotateKeys {
        /// Who.
        name: String,
    },
    /// Note that an account elsewhere is the same person, so that they can move from there to here.
    Alias {
        /// Who.
        name: String,
        /// The handle of the other account, such as @ann@example.org.
        other: Handle,
    },
    /// Move a member to another account of theirs, which names this one as an alias; followers come along.
    Move {
        /// Who.
        name: String,
        /// The handle of the account they go on under.
        target: Handle,
    },
    /// Bring a member back who has moved; followers who have left stay where they are.
    MoveBack {
        /// Who.
        name: String,
    },
    /// Delete a member with everything they wrote, here and, as far as others obey, elsewhere; their name is gone for good.
    Delete {
        /// Who.
        name: String,
        /// Really.
        #[arg(long, required = true)]
        yes: bool,
    },
    /// List all members.
    List,
}

/// What an account is made of.
#[derive(Debug, Args)]
pub struct Create {
    /// The name, of letters, digits and underscores.
    name: String,
    /// Where mail reaches them.
    #[arg(long)]
    email: String,
    /// The password; - reads it from the standard input.
    #[arg(long, allow_hyphen_values = true)]
    password: String,
    /// What they may do.
    #[arg(long, default_value = "user", value_parser = role())]
    role: Role,
    /// The address needs no confirmation.
    #[arg(long)]
    confirmed: bool,
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(["owner", "admin", "moderator", "user"]).try_map(|word| word.parse::<Role>())
}

/// Does one of these.
pub async fn run(app: &App, command: &Account) -> Result<Answer, Failure> {
    match command {
        Account::Create(wanted) => create(app, wanted).await,
        Account::Role { name, role } => {
            let account = member(app, name).await?;
            accounts::set_role(app, account.id, *role).await?;
            told(app, account.username.as_str(), &format!("has the role {role} now")).await
        }
        Account::Password { name, password } => {
            let account = member(app, name).await?;
            accounts::set_password(app, account.id, read(password)?).await?;
            // Whoever knew the old password may still be signed in.
            sessions::sign_out_everywhere(app, account.id).await?;
            oauth::withdraw_all(app, account.id).await?;
            told(app, account.username.as_str(), "has a new password and is signed out everywhere").await
        }
        Account::Approve { name } => {
            let account = member(app, name).await?;
            accounts::approve(app, account.id).await?;
            told(app, account.username.as_str(), "is let in").await
        }
        Account::RotateKeys { name } => {
            let account = member(app, name).await?;
            accounts::rotate_keys(app, account.id).await?;
            told(app, account.username.as_str(), "has new keys").await
        }
        Account::Alias { name, other } => {
            let account = member(app, name).await?;
            federation::open(app).await?.add_alias(account.id, other).await?;
            told(app, account.username.as_str(), &format!("is @{other} as well, and may move here from there")).await
        }
        Account::Move { name, target } => {
            let account = member(app, name).await?;
            federation::open(app).await?.move_member(account.id, target).await?;
            told(app, account.username.as_str(), &format!("goes on as @{target}")).await
        }
        Account::MoveBack { name } => {
            let account = member(app, name).await?;
            moves::move_back(app, account.id).await?;
            told(app, account.username.as_str(), "is back").await
        }
        Account::Delete { name, yes: _ } => {
            let account = member(app, name).await?;
            accounts::delete(app, account.id).await?;
            let text = format!("@{}@{} is gone.\n", account.username, app.urls.handle_host());
            Ok(Answer::new(text, json!({ "id": account.id.to_string(), "deleted": true })))
        }
        Account::List => list(app).await,
    }
}

async fn create(app: &App, wanted: &Create) -> Result<Answer, Failure> {
    let newcomer = Newcomer {
        username: wanted.name.clone(),
        email: wanted.email.clone(),
        password: read(&wanted.password)?,
        reason: None,
        invite: None,
        locale: None,
    };
    // Where nobody is asked to confirm an address, nobody has to.
    let confirmed = wanted.confirmed || !views::instance::settings(&app.db).await?.confirm_email;
    let terms = Terms { role: wanted.role, confirmed, approved: true, any_name: true };
    let joined = accounts::join(app, newcomer, terms).await?;
    let mut answer = told(app, &wanted.name, "is a member now").await?;
    if let Some(code) = joined.confirm_code {
        mail::confirm_address(app, joined.account, &code).await?;
        let link = app.urls.confirm(&code);
        answer.text += &format!("Their address must be confirmed: {link}\n");
        answer.json["confirm_url"] = json!(link);
    }
    Ok(answer)
}

async fn told(app: &App, name: &str, news: &str) -> Result<Answer, Failure> {
    let account = member(app, name).await?;
    let found = views::admin::member(&app.db, account.id).await?;
    let text = format!("@{}@{} {news}.\n", found.account.username, app.urls.handle_host());
    Ok(Answer::new(text, described(app, &found)))
}

async fn list(app: &App) -> Result<Answer, Failure> {
    let members = views::admin::members(&app.db).await?;
    let text = lines(members.iter().map(line), "Nobody is a member yet.");
    Ok(Answer::new(text, members.iter().map(|found| described(app, found)).collect()))
}

fn line(found: &Membership) -> String {
    let member = &found.member;
    let mut line =
        format!("{}\t{}\t{}\t{}", found.account.username, member.role, member.email, member.created_at.day());
    for state in states(found) {
        line += &format!("\t{state}");
    }
    line
}

/// What keeps a member from being here.
fn states(found: &Membership) -> Vec<&'static str> {
    let member = &found.member;
    let all = [
        (member.approved_at.is_none(), "not let in yet"),
        (member.confirmed_at.is_none(), "address not confirmed"),
        (member.disabled_at.is_some(), "switched off"),
        (found.account.suspended_at.is_some(), "suspended"),
    ];
    all.into_iter().filter_map(|(holds, state)| holds.then_some(state)).collect()
}

fn described(app: &App, found: &Membership) -> Value {
    let (account, member) = (&found.account, &found.member);
    json!({
        "id": account.id,
        "username": account.username,
        "handle": format!("{}@{}", account.username, app.urls.handle_host()),
        "url": account.url,
        "uri": account.uri,
        "email": member.email,
        "role": member.role,
        "confirmed": member.confirmed_at.is_some(),
        "approved": member.approved_at.is_some(),
        "disabled": member.disabled_at.is_some(),
        "suspended": account.suspended_at.is_some(),
        "reason": member.reason,
        "created_at": member.created_at.millis(),
        "last_active_at": member.last_active_at.map(|day| day.day()),
    })
}

/// The password as given, or the first line of the standard input.
fn read(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| Failure::new(format!("No password can be read: {error}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
