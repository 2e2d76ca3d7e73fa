//! Becoming a member, and what is kept of members beside their profile.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::actions::accounts::keys::FreshKeys;
use crate::actions::accounts::{insert_local, taken};
use crate::app::crypto;
use crate::app::{App, Change};
use crate::domain::account::{ActorKind, Role};
use crate::domain::handle::{Host, Username};
use crate::domain::id::{AccountId, InviteId};
use crate::domain::quote::QuoteChoice;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Problem, Result};
use crate::store::entity::{account, invite, member};
use crate::store::{accounts, members};

/// Names nobody may choose, because pages or mail live there or because they would be believed.
const RESERVED: [&str; 18] = [
    "about",
    "abuse",
    "admin",
    "administrator",
    "api",
    "auth",
    "explore",
    "inbox",
    "instance",
    "localhost",
    "oauth",
    "outloud",
    "postmaster",
    "root",
    "settings",
    "support",
    "system",
    "webmaster",
];

/// The shortest password.
const SHORTEST_PASSWORD: usize = 8;

/// Somebody who wants to become a member.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The name they choose.
    pub username: String,
    /// Where mail reaches them.
    pub email: String,
    /// The password they choose.
    pub password: String,
    /// Why they want to join.
    pub reason: Option<String>,
    /// The invitation they come with.
    pub invite: Option<String>,
    /// The language of the interface.
    pub locale: Option<String>,
}

/// On what terms somebody joins.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What they may do.
    pub role: Role,
    /// Whether the address needs no confirmation.
    pub confirmed: bool,
    /// Whether nobody needs to let them in.
    pub approved: bool,
    /// Whether names that would be believed may be chosen, as by whoever runs the server.
    pub any_name: bool,
}

/// A new member, and the code that confirms their address where that is asked for.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The account.
    pub account: AccountId,
    /// Sent to the address; whoever knows it reads its mail.
    pub confirm_code: Option<String>,
}

/// Makes an account on this server.
pub async fn join(app: &App, newcomer: Newcomer, terms: Terms) -> Result<Joined> {
    let username = check(app, &newcomer, terms).await?;
    // Hashing and keys take their time; nothing is locked meanwhile.
    let password_hash = crypto::hash_password(newcomer.password.clone()).await?;
    let keys = FreshKeys::make().await?;
    let mut change = app.begin().await?;
    let invite = spend_invite(&change, newcomer.invite.as_deref()).await?;
    let id = insert_local(&mut change, &username, ActorKind::Person, &keys, !terms.approved).await?;
    let confirm_code = (!terms.confirmed).then(crypto::random_token);
    let now = app.now();
    let row = member::ActiveModel {
        account_id: Set(id),
        email: Set(newcomer.email.trim().to_owned()),
        email_key: Set(email_key(&newcomer.email)),
        password_hash: Set(password_hash),
        role: Set(terms.role),
        reason: Set(newcomer.reason.filter(|reason| !reason.trim().is_empty())),
        invite_id: Set(invite),
        confirm_hash: Set(confirm_code.as_deref().map(crypto::token_hash)),
        confirmed_at: Set(terms.confirmed.then_some(now)),
        approved_at: Set(terms.approved.then_some(now)),
        disabled_at: Set(None),
        locale: Set(newcomer.locale.unwrap_or_else(|| "en".to_owned())),
        default_visibility: Set(Visibility::Public),
        default_sensitive: Set(false),
        default_language: Set(None),
        default_quote_policy: Set(QuoteChoice::Public),
        created_at: Set(now),
        last_active_at: Set(None),
    };
    member::Entity::insert(row).exec_without_returning(change.tx()).await.map_err(taken)?;
    change.commit().await?;
    Ok(Joined { account: id, confirm_code })
}

/// Confirms the address that belongs to `code`; the account.
pub async fn confirm(app: &App, code: &str) -> Result<AccountId> {
    let mut change = app.begin().await?;
    let found = member::Entity::find().filter(member::Column::ConfirmHash.eq(crypto::token_hash(code)));
    let member = found.one(change.tx()).await?.ok_or(Error::NotFound("confirmation"))?;
    let id = member.account_id;
    let mut member = member.into_active_model();
    member.confirmed_at = Set(Some(app.now()));
    member.confirm_hash = Set(None);
    member.update(change.tx()).await?;
    change.touch_grants();
    change.commit().await?;
    Ok(id)
}

/// Gives a member another role.
pub async fn set_role(app: &App, id: AccountId, role: Role) -> Result<()> {
    alter(app, id, |member| member.role = Set(role)).await
}

/// Gives a member another password.
pub async fn set_password(app: &App, id: AccountId, password: String) -> Result<()> {
    if let Some(problem) = password_problem(&password) {
        return Err(Error::Validation(vec![problem]));
    }
    let hash = crypto::hash_password(password).await?;
    alter(app, id, |member| member.password_hash = Set(hash)).await
}

/// Lets a member in who has asked, and takes their address as confirmed.
pub async fn approve(app: &App, id: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let now = change.now();
    let mut member = members::find(change.tx(), id).await?.ok_or(Error::NotFound("member"))?.into_active_model();
    member.approved_at = Set(Some(now));
    member.confirmed_at = Set(Some(now));
    member.confirm_hash = Set(None);
    member.update(change.tx()).await?;
    let shown = account::ActiveModel { id: Set(id), pending: Set(false), ..Default::default() };
    shown.update(change.tx()).await?;
    change.touch_account(id);
    change.touch_grants();
    change.commit().await
}

/// The form in which addresses are compared.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

async fn check(app: &App, newcomer: &Newcomer, terms: Terms) -> Result<Username> {
    let mut problems = Vec::new();
    let username = Username::local(&newcomer.username);
    match &username {
        Ok(name) if !terms.any_name && RESERVED.contains(&name.as_str()) => {
            problems.push(problem("username", "ERR_RESERVED", "Username is reserved"));
        }
        Ok(name) if accounts::by_name(app.db.reader(), name, None).await?.is_some() => {
            problems.push(problem("username", "ERR_TAKEN", "Username has already been taken"));
        }
        Ok(_) => {}
        Err(_) => problems.push(problem(
            "username",
            "ERR_INVALID",
            "Username must contain only letters, numbers and underscores, and at most 30 of them",
        )),
    }
    if !is_email(&newcomer.email) {
        problems.push(problem("email", "ERR_INVALID", "Email is not a valid address"));
    } else if members::by_email(app.db.reader(), &email_key(&newcomer.email)).await?.is_some() {
        problems.push(problem("email", "ERR_TAKEN", "Email has already been taken"));
    }
    problems.extend(password_problem(&newcomer.password));
    match (username, problems.is_empty()) {
        (Ok(username), true) => Ok(username),
        _ => Err(Error::Validation(problems)),
    }
}

fn problem(field: &'static str, code: &'static str, description: &str) -> Problem {
    Problem { field, code, description: description.to_owned() }
}

fn password_problem(password: &str) -> Option<Problem> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return Some(problem("password", "ERR_TOO_SHORT", "Password is too short (minimum is 8 characters)"));
    }
    if password.len() > 1024 {
        return Some(problem("password", "ERR_TOO_LONG", "Password is too long"));
    }
    None
}

/// Whether this can be an address for mail: one `@`, a plain local part, a host with a dot.
fn is_email(email: &str) -> bool {
    let email = email.trim();
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let Some((local, host)) = email.split_once('@') else { return false };
    email.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && host.contains('.')
        && !host.contains(':')
        && host.parse::<Host>().is_ok()
}

async fn spend_invite(change: &Change, code: Option<&str>) -> Result<Option<InviteId>> {
    let Some(code) = code else { return Ok(None) };
    let found = invite::Entity::find().filter(invite::Column::Code.eq(code)).one(change.tx()).await?;
    let valid = found.filter(|invite| {
        invite.expires_at.is_none_or(|end| end > change.now()) && invite.max_uses.is_none_or(|most| invite.uses < most)
    });
    let Some(invite) = valid else {
        return Err(Error::Validation(vec![problem("invite", "ERR_INVALID", "The invitation is not valid any more")]));
    };
    let (id, uses) = (invite.id, invite.uses + 1);
    let mut invite = invite.into_active_model();
    invite.uses = Set(uses);
    invite.update(change.tx()).await?;
    Ok(Some(id))
}

async fn alter(app: &App, id: AccountId, change_row: impl FnOnce(&mut member::ActiveModel)) -> Result<()> {
    let mut change = app.begin().await?;
    let member = members::find(change.tx(), id).await?.ok_or(Error::NotFound("member"))?;
    let mut row = member.into_active_model();
    change_row(&mut row);
    row.update(change.tx()).await?;
    change.touch_grants();
    change.commit().await
}
