//! Browser sessions: signing in, being seen, signing out.

use std::net::IpAddr;
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::actions::accounts::{email_key, set_password};
use crate::app::attempts::{Rate, household};
use crate::app::{App, Change, crypto};
use crate::domain::handle::{Handle, Username};
use crate::domain::id::{AccountId, SessionId};
use crate::domain::text;
use crate::error::{Error, Result};
use crate::store::entity::{account, member, session};
use crate::store::{accounts, members, settings};

/// For how long a browser stays signed in.
pub const LASTS: Duration = Duration::from_secs(90 * 86_400);
/// How often somebody may be wrong about one name.
const WRONG_FOR_NAME: Rate = Rate { count: 20, window: Duration::from_secs(15 * 60) };
/// How often one address may be wrong.
const WRONG_FROM_ADDRESS: Rate = Rate { count: 50, window: Duration::from_secs(15 * 60) };
/// How much of what a browser calls itself is kept, in characters.
const LONGEST_AGENT: usize = 200;

const NO_MATCH: Error = Error::Unauthenticated("The name and the password do not belong together");

/// Somebody who wants to sign in.
#[derive(Debug)]
pub struct SignIn {
    /// A username or an e-mail address.
    pub login: String,
    /// The password.
    pub password: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
}

/// Begins a session; the secret that the browser keeps as a cookie, and whose it is.
///
/// A name nobody has and a wrong password look alike, and take as long. Why somebody may not sign in is told only to
/// those who know the password.
pub async fn sign_in(app: &App, wanted: SignIn) -> Result<(String, AccountId)> {
    let login = wanted.login.trim().trim_start_matches('@').to_lowercase();
    let names = Counted::of(&login, wanted.address);
    names.count(app)?;
    let known = called(app, &login).await?;
    let hash = known.as_ref().map(|(member, _)| member.password_hash.clone());
    let right = crypto::verify_password(wanted.password, hash).await?;
    let Some((member, account)) = known.filter(|_| right) else { return Err(NO_MATCH) };
    names.forgive(app);
    may_sign_in(app, &member, &account).await?;
    let cookie = open(app, account.id, &wanted.user_agent).await?;
    Ok((cookie, account.id))
}

/// Begins a session of a member who has just proved who they are; the secret that the browser keeps.
pub async fn open(app: &App, account: AccountId, user_agent: &str) -> Result<String> {
    let cookie = crypto::random_token();
    let now = app.now();
    let change = app.begin().await?;
    let ended = Condition::all().add(session::Column::AccountId.eq(account)).add(session::Column::ExpiresAt.lte(now));
    session::Entity::delete_many().filter(ended).exec(change.tx()).await?;
    let row = session::ActiveModel {
        id: Set(app.id()),
        token_hash: Set(crypto::token_hash(&cookie)),
        account_id: Set(account),
        user_agent: Set(text::clean(user_agent, LONGEST_AGENT)),
        created_at: Set(now),
        last_used_at: Set(now.midnight()),
        expires_at: Set(now + LASTS),
    };
    session::Entity::insert(row).exec_without_returning(change.tx()).await?;
    note_activity(&change, account).await?;
    change.commit().await?;
    Ok(cookie)
}

/// Ends the session with this cookie, if there is one.
pub async fn sign_out(app: &App, cookie: &str) -> Result<()> {
    let change = app.begin().await?;
    session::Entity::delete_many()
        .filter(session::Column::TokenHash.eq(crypto::token_hash(cookie)))
        .exec(change.tx())
        .await?;
    change.commit().await
}

/// Ends all sessions of a member, as when the password was changed.
pub async fn sign_out_everywhere(app: &App, account: AccountId) -> Result<()> {
    let change = app.begin().await?;
    session::Entity::delete_many().filter(session::Column::AccountId.eq(account)).exec(change.tx()).await?;
    change.commit().await
}

/// Gives a member who knows the old password a new one; every session ends.
pub async fn change_password(app: &App, account: AccountId, current: &str, new: &str) -> Result<()> {
    let member = members::find(app.db.reader(), account).await?.ok_or(Error::NeedsUser)?;
    let names = Counted::of(&format!("of {account}"), None);
    names.count(app)?;
    if !crypto::verify_password(current.to_owned(), Some(member.password_hash)).await? {
        return Err(Error::field("current", "ERR_INVALID", "This is not your password"));
    }
    names.forgive(app);
    set_password(app, account, new.to_owned()).await?;
    sign_out_everywhere(app, account).await
}

/// Notes that a session was used today; asked for once a day.
pub async fn seen(app: &App, id: SessionId, account: AccountId) -> Result<()> {
    let change = app.begin().await?;
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::val(app.now().midnight()))
        .filter(session::Column::Id.eq(id))
        .exec(change.tx())
        .await?;
    note_activity(&change, account).await?;
    change.commit().await
}

/// Notes the day on which a member was last here.
pub(super) async fn note_activity(change: &Change, account: AccountId) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::LastActiveAt, Expr::val(change.now().midnight()))
        .filter(member::Column::AccountId.eq(account))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Whether a member may be here at all, said to somebody who knows the password.
async fn may_sign_in(app: &App, member: &member::Model, account: &account::Model) -> Result<()> {
    if member.disabled_at.is_some() {
        return Err(Error::Forbidden("This account is switched off; ask those who run this server"));
    }
    if account.suspended_at.is_some() {
        return Err(Error::Forbidden("This account is suspended; ask those who run this server"));
    }
    if member.confirmed_at.is_none() && settings::confirms_email(app.db.reader()).await? {
        return Err(Error::Forbidden("Your e-mail address is not confirmed yet; open the link in the message you got"));
    }
    if member.approved_at.is_none() {
        return Err(Error::Forbidden("Your account waits for approval; please come back later"));
    }
    Ok(())
}

/// The member who is called `login`: an e-mail address, a username, or a handle of this server.
async fn called(app: &App, login: &str) -> Result<Option<(member::Model, account::Model)>> {
    let db = app.db.reader();
    if let Some(member) = members::by_email(db, &email_key(login)).await? {
        let account = accounts::find(db, member.account_id).await?;
        return Ok(Some((member, account)));
    }
    let Ok(handle) = login.parse::<Handle>() else { return Ok(None) };
    let here = handle.host.as_ref().is_none_or(|host| app.urls.is_ours(host));
    let Ok(username) = Username::local(handle.username.as_str()) else { return Ok(None) };
    let Some(account) = accounts::by_name(db, &username, None).await?.filter(|_| here) else { return Ok(None) };
    Ok(members::find(db, account.id).await?.map(|member| (member, account)))
}

/// Under which names wrong passwords are counted.
struct Counted {
    name: String,
    address: Option<String>,
}

impl Counted {
    fn of(login: &str, address: Option<IpAddr>) -> Self {
        Self {
            name: format!("sign-in name {login}"),
            address: address.map(|address| format!("sign-in from {}", household(address))),
        }
    }

    /// Counted before the password is looked at: many guesses at once are as many as one after the other.
    fn count(&self, app: &App) -> Result<()> {
        if !app.config.rate_limits.enabled {
            return Ok(());
        }
        if let Some(address) = &self.address {
            app.attempts.count(address, WRONG_FROM_ADDRESS, app.now())?;
        }
        app.attempts.count(&self.name, WRONG_FOR_NAME, app.now())
    }

    fn forgive(&self, app: &App) {
        app.attempts.forget(&self.name);
        if let Some(address) = &self.address {
            app.attempts.take_back(address);
        }
    }
}
