//! Apps, and what they are given to speak for members: codes and tokens.
//!
//! Secrets, codes and tokens are stored as their SHA-256 alone.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::actions::sessions;
use crate::app::{App, Change, crypto};
use crate::domain::id::{AccountId, AppId, TokenId};
use crate::domain::moment::Moment;
use crate::domain::scope::Scopes;
use crate::error::{Error, Result};
use crate::store::entity::{app, auth_code, token};
use crate::store::{accounts, members};

mod codes;
mod registration;

pub use codes::{AuthorizeRequest, Exchange, authorize, exchange, is_challenge};
pub use registration::{NewApp, OUT_OF_BAND, RegisteredApp, register_app};

/// Why an app does not get what it asks for, in the words of OAuth.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The app is unknown, or its secret is wrong.
    #[error(
        "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
    )]
    InvalidClient,
    /// The code is unknown, used, too old, or was made for something else.
    #[error(
        "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
    )]
    InvalidGrant,
    /// More is asked for than the app was registered with.
    #[error("The requested scope is invalid, unknown, or malformed.")]
    InvalidScope,
    /// The token belongs to another app.
    #[error("You are not authorized to revoke this token")]
    UnauthorizedClient,
    /// The request cannot be used; the text says why.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// Something else went wrong.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sea_orm::DbErr> for Refusal {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::Failed(source.into())
    }
}

/// How an app proves who it is.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its public name.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// A token as it is handed out; it is never shown again.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token itself.
    pub token: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Moment,
}

/// Gives an app a token for itself, without a member behind it.
pub async fn client_token(app: &App, client: &Client, scopes: Scopes) -> Result<IssuedToken, Refusal> {
    let change = app.begin().await?;
    let client = authenticate(&change, client).await?;
    check_scopes(&client, &scopes)?;
    let issued = insert(&change, client.id, None, &scopes, None).await?;
    change.commit().await?;
    Ok(issued)
}

/// Gives an app a token for a member who has consented by other means, such as signing up through it.
pub async fn issue(app: &App, account: AccountId, client: AppId, scopes: &Scopes) -> Result<IssuedToken> {
    let change = app.begin().await?;
    members::find(change.tx(), account).await?.ok_or(Error::NotFound("member"))?;
    let issued = insert(&change, client, Some(account), scopes, None).await?;
    change.commit().await?;
    Ok(issued)
}

/// Ends a token at the wish of its app; one that is not known is as good as ended.
pub async fn revoke(app: &App, client: &Client, token: &str) -> Result<(), Refusal> {
    let mut change = app.begin().await?;
    let client = authenticate(&change, client).await?;
    let known =
        token::Entity::find().filter(token::Column::TokenHash.eq(crypto::token_hash(token))).one(change.tx()).await?;
    let Some(known) = known else { return Ok(()) };
    if known.app_id != client.id {
        return Err(Refusal::UnauthorizedClient);
    }
    token::Entity::delete_by_id(known.id).exec(change.tx()).await?;
    change.touch_grants();
    Ok(change.commit().await?)
}

/// Takes back everything a member has allowed an app.
pub async fn withdraw(app: &App, account: AccountId, client: AppId) -> Result<()> {
    let mut change = app.begin().await?;
    token::Entity::delete_many()
        .filter(token::Column::AccountId.eq(account))
        .filter(token::Column::AppId.eq(client))
        .exec(change.tx())
        .await?;
    auth_code::Entity::delete_many()
        .filter(auth_code::Column::AccountId.eq(account))
        .filter(auth_code::Column::AppId.eq(client))
        .exec(change.tx())
        .await?;
    change.touch_grants();
    change.commit().await
}

/// Takes back every token of a member, as when the password was lost.
pub async fn withdraw_all(app: &App, account: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    token::Entity::delete_many().filter(token::Column::AccountId.eq(account)).exec(change.tx()).await?;
    auth_code::Entity::delete_many().filter(auth_code::Column::AccountId.eq(account)).exec(change.tx()).await?;
    change.touch_grants();
    change.commit().await
}

/// Notes that a token was used today; asked for once a day.
pub async fn used(app: &App, token: TokenId, account: Option<AccountId>) -> Result<()> {
    let mut change = app.begin().await?;
    token::Entity::update_many()
        .col_expr(token::Column::LastUsedAt, Expr::val(app.now().midnight()))
        .filter(token::Column::Id.eq(token))
        .exec(change.tx())
        .await?;
    if let Some(account) = account {
        sessions::note_activity(&change, account).await?;
    }
    change.touch_grants();
    change.commit().await
}

/// The app that proves who it is.
async fn authenticate(change: &Change, client: &Client) -> Result<app::Model, Refusal> {
    let known = by_client_id(change, &client.id).await?;
    let given = crypto::token_hash(&client.secret);
    known.filter(|app| crypto::is_same(&app.secret_hash, &given)).ok_or(Refusal::InvalidClient)
}

async fn by_client_id(change: &Change, client_id: &str) -> Result<Option<app::Model>> {
    Ok(app::Entity::find().filter(app::Column::ClientId.eq(client_id)).one(change.tx()).await?)
}

/// An app gets at most what it was registered with.
fn check_scopes(client: &app::Model, asked: &Scopes) -> Result<(), Refusal> {
    let registered: Scopes = client.scopes.parse().map_err(Error::internal)?;
    if registered.include(asked) { Ok(()) } else { Err(Refusal::InvalidScope) }
}

/// Whether a member may be spoken for.
async fn may_act(change: &Change, account: AccountId) -> Result<bool> {
    let Some(member) = members::find(change.tx(), account).await? else { return Ok(false) };
    let account = accounts::find(change.tx(), account).await?;
    Ok(member.disabled_at.is_none() && account.suspended_at.is_none())
}

async fn insert(
    change: &Change,
    client: AppId,
    account: Option<AccountId>,
    scopes: &Scopes,
    code_hash: Option<String>,
) -> Result<IssuedToken> {
    let token = crypto::random_token();
    let row = token::ActiveModel {
        id: Set(change.app().id()),
        token_hash: Set(crypto::token_hash(&token)),
        app_id: Set(client),
        account_id: Set(account),
        scopes: Set(scopes.to_string()),
        code_hash: Set(code_hash),
        created_at: Set(change.now()),
        last_used_at: Set(None),
    };
    token::Entity::insert(row).exec_without_returning(change.tx()).await?;
    Ok(IssuedToken { token, scopes: scopes.clone(), created_at: change.now() })
}
