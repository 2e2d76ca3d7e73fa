//! Apps, tokens and what members have chosen for their apps.

use serde::Serialize;

use crate::actions::oauth::{IssuedToken, RegisteredApp};
use crate::domain::id::AppId;
use crate::domain::quote::QuoteChoice;
use crate::domain::scope::Scopes;
use crate::domain::visibility::Visibility;
use crate::views::accounts::MemberView;
use crate::views::apps::AppView;

/// An app, as the holder of its token sees it.
#[derive(Debug, Serialize)]
pub struct Application<'a> {
    id: AppId,
    name: &'a str,
    website: Option<&'a str>,
    scopes: Vec<&'a str>,
    redirect_uri: String,
    redirect_uris: &'a [String],
    /// Web push is not offered; the key must be a text all the same.
    vapid_key: &'static str,
}

impl<'a> Application<'a> {
    /// Prints an app.
    pub fn new(app: &'a AppView) -> Self {
        Self::told(app.id, &app.name, app.website.as_deref(), &app.scopes, &app.redirect_uris)
    }

    fn registered(app: &'a RegisteredApp) -> Self {
        Self::told(app.id, &app.name, app.website.as_deref(), &app.scopes, &app.redirect_uris)
    }

    fn told(
        id: AppId,
        name: &'a str,
        website: Option<&'a str>,
        scopes: &'a Scopes,
        redirect_uris: &'a [String],
    ) -> Self {
        let (scopes, redirect_uri) = (scopes.iter().collect(), redirect_uris.join("\n"));
        Self { id, name, website, scopes, redirect_uri, redirect_uris, vapid_key: "" }
    }
}

/// An app that was just registered, with its secret.
#[derive(Debug, Serialize)]
pub struct RegisteredApplication<'a> {
    #[serde(flatten)]
    application: Application<'a>,
    client_id: &'a str,
    client_secret: &'a str,
    client_secret_expires_at: u64,
}

impl<'a> RegisteredApplication<'a> {
    /// Prints an app with its secret, which never runs out.
    pub fn new(app: &'a RegisteredApp) -> Self {
        Self {
            application: Application::registered(app),
            client_id: &app.client_id,
            client_secret: &app.client_secret,
            client_secret_expires_at: 0,
        }
    }
}

/// A token, the one time it is shown.
#[derive(Debug, Serialize)]
pub struct Token<'a> {
    access_token: &'a str,
    token_type: &'static str,
    scope: String,
    created_at: i64,
}

impl<'a> Token<'a> {
    /// Prints a token; the time is in seconds.
    pub fn new(issued: &'a IssuedToken) -> Self {
        Self {
            access_token: &issued.token,
            token_type: "Bearer",
            scope: issued.scopes.to_string(),
            created_at: issued.created_at.0 / 1000,
        }
    }
}

/// What a member has chosen; apps ask when they start.
#[derive(Debug, Serialize)]
pub struct Preferences<'a> {
    #[serde(rename = "posting:default:visibility")]
    visibility: Visibility,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: Option<&'a str>,
    #[serde(rename = "posting:default:quote_policy")]
    quote_policy: QuoteChoice,
    #[serde(rename = "reading:expand:media")]
    media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    spoilers: bool,
    #[serde(rename = "reading:autoplay:gifs")]
    gifs: bool,
}

impl<'a> Preferences<'a> {
    /// Prints what a member has chosen.
    pub fn new(view: &'a MemberView) -> Self {
        Self {
            visibility: view.member.default_visibility,
            sensitive: view.member.default_sensitive,
            language: view.member.default_language.as_deref(),
            quote_policy: view.member.default_quote_policy,
            media: "default",
            spoilers: false,
            gifs: false,
        }
    }
}
