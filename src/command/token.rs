//! `outloud token`.

use clap::Subcommand;
use outloud::actions::oauth::{self, NewApp, OUT_OF_BAND};
use outloud::app::App;
use outloud::domain::id::AppId;
use outloud::domain::scope::Scopes;
use outloud::views;
use serde_json::json;

use super::{Answer, Failure, member};

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make an access token that lets a program speak for a member, and print it.
    Create {
        /// For whom.
        name: String,
        /// What it may do, such as "read write follow push".
        #[arg(long, default_value = "read")]
        scopes: String,
        /// The app it belongs to.
        #[arg(long, default_value = "Command line", value_name = "NAME")]
        app: String,
        /// The home page of the app.
        #[arg(long, value_name = "URL")]
        website: Option<String>,
    },
}

/// Does it.
pub async fn run(app: &App, command: &Token) -> Result<Answer, Failure> {
    let Token::Create { name, scopes, app: client, website } = command;
    let scopes: Scopes =
        scopes.parse().map_err(|_| Failure::new(format!("\"{scopes}\" names a scope that does not exist")))?;
    if scopes.iter().next().is_none() {
        return Err(Failure::new("A token needs at least one scope, such as read"));
    }
    let account = member(app, name).await?;
    let client = registered(app, client, website.as_deref(), &scopes).await?;
    let issued = oauth::issue(app, account.id, client, &scopes).await?;
    let json = json!({
        "access_token": issued.token,
        "token_type": "Bearer",
        "scope": issued.scopes.to_string(),
        "created_at": issued.created_at.0 / 1000,
    });
    Ok(Answer::new(format!("{}\n", issued.token), json))
}

/// The app with this name and home page, registered from here before or now.
async fn registered(app: &App, name: &str, website: Option<&str>, scopes: &Scopes) -> Result<AppId, Failure> {
    let known = views::admin::apps_called(&app.db, name, website).await?;
    let fits = known.into_iter().find(|known| {
        let covers = known.scopes.parse::<Scopes>().is_ok_and(|registered| registered.include(scopes));
        // An app that somebody else has registered under this name has another address.
        covers && known.redirect_uris.0 == [OUT_OF_BAND]
    });
    if let Some(known) = fits {
        return Ok(known.id);
    }
    let wanted = NewApp {
        name: name.to_owned(),
        redirect_uris: vec![OUT_OF_BAND.to_owned()],
        scopes: scopes.clone(),
        website: website.map(str::to_owned),
    };
    Ok(oauth::register_app(app, wanted).await?.id)
}
