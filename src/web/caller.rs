//! Who is asking: a member through an app, an app alone, or nobody.
//!
//! What a handler takes in its signature is the permission it needs: `Caller<ReadStatuses>`.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::actions::oauth;
use crate::app::{App, crypto};
use crate::domain::account::Role;
use crate::domain::id::{AccountId, AppId, TokenId};
use crate::domain::scope::Scopes;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::views;
use crate::views::members::Grant;
use crate::web::Web;

/// The longest token anybody could hold.
const LONGEST_TOKEN: usize = 512;

const BAD_TOKEN: Error = Error::Unauthenticated("The access token is invalid");
const OUTSIDE: Error = Error::Forbidden("This action is outside the authorized scopes");
const UNCONFIRMED: Error = Error::Forbidden("Your login is missing a confirmed e-mail address");
const PENDING: Error = Error::Forbidden("Your login is currently pending approval");
const DISABLED: Error = Error::Forbidden("Your login is currently disabled");

/// What a token must be good for.
pub trait Scope: Send + Sync + 'static {
    /// One of these is enough, as is a wider one; without any, every token is.
    const ANY_OF: &'static [&'static str];
}

macro_rules! scopes {
    ($($name:ident = [$($scope:literal),+ $(,)?];)+) => {$(
        #[doc = concat!("Good for ", $("`", $scope, "` ",)+ "or everything that includes it.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Scope for $name {
            const ANY_OF: &'static [&'static str] = &[$($scope),+];
        }
    )+};
}

/// Good for anything: every token is.
#[derive(Debug, Clone, Copy)]
pub struct AnyScope;

impl Scope for AnyScope {
    const ANY_OF: &'static [&'static str] = &[];
}

scopes! {
    Profile = ["profile", "read:accounts"];
    ReadAccounts = ["read:accounts"];
    ReadBlocks = ["read:blocks"];
    ReadFilters = ["read:filters"];
    ReadFollows = ["read:follows"];
    ReadMutes = ["read:mutes"];
    ReadNotifications = ["read:notifications"];
    ReadSearch = ["read:search"];
    ReadStatuses = ["read:statuses"];
    WriteAccounts = ["write:accounts"];
    WriteBlocks = ["write:blocks"];
    WriteFavourites = ["write:favourites"];
    WriteFilters = ["write:filters"];
    WriteFollows = ["write:follows"];
    WriteMutes = ["write:mutes"];
    WriteNotifications = ["write:notifications"];
    WriteReports = ["write:reports"];
    WriteStatuses = ["write:statuses"];
}

/// A member whose token is good for `S`.
#[derive(Debug, Clone)]
pub struct Caller<S> {
    /// Their account.
    pub account: AccountId,
    /// What they may do.
    pub role: Role,
    /// The token they came with.
    pub token: TokenId,
    /// The app that holds it.
    pub app: AppId,
    scope: PhantomData<S>,
}

/// A member whose token is good for `S`, or a visitor; a token that is not good is refused also here.
#[derive(Debug, Clone)]
pub struct MaybeCaller<S>(Option<Caller<S>>);

/// An app whose token is good for `S`, with or without a member behind it.
#[derive(Debug, Clone)]
pub struct AppCaller<S> {
    /// What is behind the token.
    pub grant: Arc<Grant>,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    /// The member as somebody who looks.
    pub fn viewer(&self) -> Viewer {
        Viewer::Member(self.account)
    }
}

impl<S> MaybeCaller<S> {
    /// Whoever it is as somebody who looks.
    pub fn viewer(&self) -> Viewer {
        self.account().map_or(Viewer::Anyone, Viewer::Member)
    }

    /// The account of the member.
    pub fn account(&self) -> Option<AccountId> {
        self.0.as_ref().map(|caller| caller.account)
    }
}

impl<S: Scope> FromRequestParts<Web> for Caller<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self> {
        match identify(&web.app, parts).await? {
            Identity::Somebody(grant) => member(&web.app, &grant).await,
            Identity::Nobody | Identity::Unknown => Err(BAD_TOKEN),
        }
    }
}

impl<S: Scope> FromRequestParts<Web> for MaybeCaller<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self> {
        match identify(&web.app, parts).await? {
            Identity::Nobody => Ok(Self(None)),
            Identity::Unknown => Err(BAD_TOKEN),
            Identity::Somebody(grant) if grant.member.is_none() => {
                covers::<S>(&grant)?;
                Ok(Self(None))
            }
            Identity::Somebody(grant) => Ok(Self(Some(member(&web.app, &grant).await?))),
        }
    }
}

impl<S: Scope> FromRequestParts<Web> for AppCaller<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self> {
        match identify(&web.app, parts).await? {
            Identity::Somebody(grant) => {
                covers::<S>(&grant)?;
                Ok(Self { grant, scope: PhantomData })
            }
            Identity::Nobody | Identity::Unknown => Err(BAD_TOKEN),
        }
    }
}

/// What a request says about who is asking.
#[derive(Debug, Clone)]
pub enum Identity {
    /// Nothing.
    Nobody,
    /// A token that we know.
    Somebody(Arc<Grant>),
    /// A token that we do not know.
    Unknown,
}

/// Finds out who is asking, once per request.
pub async fn identify(app: &App, parts: &mut Parts) -> Result<Identity> {
    if let Some(known) = parts.extensions.get::<Identity>() {
        return Ok(known.clone());
    }
    let identity = match token(parts) {
        None => Identity::Nobody,
        Some(token) if token.len() > LONGEST_TOKEN => Identity::Unknown,
        Some(token) => match views::members::by_token(&app.db, crypto::token_hash(&token)).await? {
            Some(grant) => Identity::Somebody(grant),
            None => Identity::Unknown,
        },
    };
    parts.extensions.insert(identity.clone());
    Ok(identity)
}

/// The token in the header, or in the address as old clients send it.
fn token(parts: &Parts) -> Option<String> {
    if let Some(header) = parts.headers.get(AUTHORIZATION) {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
    }
    let query = parts.uri.query()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let is_token = |name: &str| matches!(name, "access_token" | "bearer_token");
    pairs.find(|(name, value)| is_token(name) && !value.is_empty()).map(|(_, value)| value.into_owned())
}

fn covers<S: Scope>(grant: &Grant) -> Result<()> {
    let granted: Scopes = grant.token.scopes.parse().unwrap_or_default();
    if S::ANY_OF.is_empty() || granted.cover(S::ANY_OF) { Ok(()) } else { Err(OUTSIDE) }
}

/// The member behind a token, if they may act at all.
async fn member<S: Scope>(app: &App, grant: &Grant) -> Result<Caller<S>> {
    covers::<S>(grant)?;
    let Some(member) = &grant.member else { return Err(Error::NeedsUser) };
    if member.confirmed_at.is_none() && views::instance::settings(&app.db).await?.confirm_email {
        return Err(UNCONFIRMED);
    }
    if member.approved_at.is_none() {
        return Err(PENDING);
    }
    let account = views::accounts::one(&app.db, member.account_id).await?;
    if member.disabled_at.is_some() || account.suspended_at.is_some() {
        return Err(DISABLED);
    }
    note_use(app, grant, account.id).await;
    let (token, app) = (grant.token.id, grant.token.app_id);
    Ok(Caller { account: account.id, role: member.role, token, app, scope: PhantomData })
}

/// Writes down once a day that the member was here.
async fn note_use(app: &App, grant: &Grant, account: AccountId) {
    let today = app.now().midnight();
    if grant.token.last_used_at.is_some_and(|last| last >= today) {
        return;
    }
    // Nobody is turned away because a note could not be written.
    if let Err(error) = oauth::used(app, grant.token.id, Some(account)).await {
        tracing::warn!(%error, "could not note that a member was here: {error}");
    }
}
