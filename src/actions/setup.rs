//! The first start: whoever can read the log becomes the first member and owner.

use crate::actions::accounts::{self, Newcomer, Terms};
use crate::actions::sessions;
use crate::app::{App, crypto};
use crate::domain::account::Role;
use crate::domain::id::AccountId;
use crate::domain::settings::Settings;
use crate::error::{Error, Problem, Result};
use crate::store::{members, settings};

/// The setting that keeps the SHA-256 of the token.
const TOKEN: &str = "setup_token";

/// What the first member decides.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The name of the community.
    pub name: String,
    /// What the community is for, in a sentence.
    pub purpose: String,
    /// The name of the first member.
    pub username: String,
    /// Where mail reaches them.
    pub email: String,
    /// The password they choose.
    pub password: String,
}

/// A new token for setting up, as long as there are no members; the one before stops to work.
pub async fn begin(app: &App) -> Result<Option<String>> {
    if members::any(app.db.reader()).await? {
        return Ok(None);
    }
    let token = crypto::random_token();
    keep(app, &crypto::token_hash(&token)).await?;
    Ok(Some(token))
}

/// Whether `token` is the one in the log.
pub async fn is_token(app: &App, token: &str) -> Result<bool> {
    let kept = settings::get(app.db.reader(), TOKEN).await?;
    Ok(kept.is_some_and(|kept| crypto::is_same(&kept, &crypto::token_hash(token.trim()))))
}

/// Sets the server up; the first member, and the secret their browser keeps.
pub async fn complete(app: &App, token: &str, setup: Setup, user_agent: &str) -> Result<(String, AccountId)> {
    if members::any(app.db.reader()).await? {
        return Err(Error::NotFound("setup"));
    }
    if !is_token(app, token).await? {
        return Err(Error::field("token", "ERR_INVALID", "This is not the token in the log of the server"));
    }
    let objections = objections(&setup);
    if !objections.is_empty() {
        return Err(Error::Validation(objections));
    }
    // Taken away first: of two people who come at once with the same token, one is the owner.
    let change = app.begin().await?;
    let mine = settings::remove(change.tx(), TOKEN).await?;
    change.commit().await?;
    if !mine {
        return Err(Error::Conflict("Somebody else sets up this server at this moment"));
    }
    match found(app, setup).await {
        Ok(owner) => Ok((sessions::open(app, owner, user_agent).await?, owner)),
        Err(error) => {
            keep(app, &crypto::token_hash(token.trim())).await?;
            Err(error)
        }
    }
}

async fn found(app: &App, setup: Setup) -> Result<AccountId> {
    let newcomer = Newcomer {
        username: setup.username,
        email: setup.email,
        password: setup.password,
        reason: None,
        invite: None,
        locale: None,
    };
    let terms = Terms { role: Role::Owner, confirmed: true, approved: true, any_name: true };
    let owner = accounts::join(app, newcomer, terms).await?.account;
    let change = app.begin().await?;
    settings::set(change.tx(), "name", setup.name.trim()).await?;
    settings::set(change.tx(), "purpose", setup.purpose.trim()).await?;
    change.commit().await?;
    Ok(owner)
}

fn objections(setup: &Setup) -> Vec<Problem> {
    let asked = [("name", setup.name.trim()), ("purpose", setup.purpose.trim())];
    let objections = asked.into_iter().filter_map(|(field, value)| {
        let description = Settings::objection(field, value)?.to_owned();
        Some(Problem { field, code: "ERR_INVALID", description })
    });
    objections.collect()
}

async fn keep(app: &App, hash: &str) -> Result<()> {
    let change = app.begin().await?;
    settings::set(change.tx(), TOKEN, hash).await?;
    change.commit().await
}
