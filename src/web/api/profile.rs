//! One's own account: signing up, being greeted, changing the profile.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::accounts::{self, Newcomer, ProfileChange};
use crate::actions::{oauth, sign_up};
use crate::app::App;
use crate::domain::quote::QuoteChoice;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::{entity, json};
use crate::web::caller::{AppCaller, Caller, Profile, ReadAccounts, WriteAccounts};
use crate::web::middleware::ClientAddress;
use crate::web::params::{Params, text, word};

/// Somebody who wants to become a member.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignUp {
    username: Option<String>,
    email: Option<String>,
    password: Option<String>,
    agreement: Option<bool>,
    locale: Option<String>,
    reason: Option<String>,
    invite_code: Option<String>,
}

/// `POST /api/v1/accounts`
pub async fn create(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    caller: AppCaller<WriteAccounts>,
    Params(form): Params<SignUp>,
) -> Result<Response> {
    if caller.grant.member.is_some() {
        return Err(Error::Forbidden("This method requires an client credentials authentication"));
    }
    if form.agreement != Some(true) {
        return Err(Error::field("agreement", "ERR_ACCEPTED", "Agreement must be accepted"));
    }
    sign_up::count_attempt(&app, Some(address))?;
    let newcomer = Newcomer {
        username: form.username.unwrap_or_default(),
        email: form.email.unwrap_or_default(),
        password: form.password.unwrap_or_default(),
        reason: form.reason,
        invite: form.invite_code,
        locale: form.locale,
    };
    let joined = sign_up::sign_up(&app, newcomer).await?;
    let client = views::apps::one(&app.db, caller.grant.token.app_id).await?;
    let issued = oauth::issue(&app, joined.account, client.id, &client.scopes).await?;
    json(&entity::Token::new(&issued))
}

/// `GET /api/v1/accounts/verify_credentials`
pub async fn verify_credentials(State(app): State<App>, caller: Caller<Profile>) -> Result<Response> {
    let view = views::accounts::own(&app.db, caller.account).await?;
    json(&entity::CredentialAccount::new(&view, &app.urls))
}

/// `GET /api/v1/preferences`
pub async fn preferences(State(app): State<App>, caller: Caller<ReadAccounts>) -> Result<Response> {
    let view = views::accounts::own(&app.db, caller.account).await?;
    json(&entity::Preferences::new(&view))
}

/// What a member wants to change.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Changes {
    #[serde(deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    note: Option<String>,
    locked: Option<bool>,
    bot: Option<bool>,
    discoverable: Option<bool>,
    indexable: Option<bool>,
    hide_collections: Option<bool>,
    fields_attributes: Option<Vec<FieldChange>>,
    source: Source,
    avatar: Option<String>,
    header: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FieldChange {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source {
    #[serde(deserialize_with = "word")]
    privacy: Option<Visibility>,
    sensitive: Option<bool>,
    language: Option<String>,
    #[serde(deserialize_with = "word")]
    quote_policy: Option<QuoteChoice>,
}

/// `PATCH /api/v1/accounts/update_credentials`
pub async fn update_credentials(
    State(app): State<App>,
    caller: Caller<WriteAccounts>,
    Params(form): Params<Changes>,
) -> Result<Response> {
    if form.avatar.is_some() || form.header.is_some() {
        return Err(Error::field("avatar", "ERR_UNSUPPORTED", "Pictures cannot be uploaded to this server"));
    }
    let pair = |field: FieldChange| (field.name.unwrap_or_default(), field.value.unwrap_or_default());
    let wanted = ProfileChange {
        display_name: form.display_name,
        note: form.note,
        fields: form.fields_attributes.map(|fields| fields.into_iter().map(pair).collect()),
        locked: form.locked,
        bot: form.bot,
        discoverable: form.discoverable,
        indexable: form.indexable,
        hide_collections: form.hide_collections,
        default_visibility: form.source.privacy,
        default_sensitive: form.source.sensitive,
        default_language: form.source.language,
        default_quote_policy: form.source.quote_policy,
    };
    accounts::update_profile(&app, caller.account, wanted).await?;
    let view = views::accounts::own(&app.db, caller.account).await?;
    json(&entity::CredentialAccount::new(&view, &app.urls))
}
