//! An app introduces itself.

use sea_orm::{ActiveValue::Set, EntityTrait};
use url::Url;

use crate::app::{App, crypto};
use crate::domain::account::Names;
use crate::domain::id::AppId;
use crate::domain::moment::Moment;
use crate::domain::scope::Scopes;
use crate::domain::text;
use crate::error::{Error, Problem, Result};
use crate::store::entity::app;

/// The redirect address of apps that let people copy the code themselves.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// How many redirect addresses one app may have.
const MOST_REDIRECTS: usize = 20;
/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2000;
/// Schemes that run or show something in the browser instead of leading to an app.
const FORBIDDEN_SCHEMES: [&str; 7] = ["about", "blob", "data", "file", "filesystem", "javascript", "vbscript"];

/// An app as it introduces itself.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Its name for people.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scopes,
    /// Its home page.
    pub website: Option<String>,
}

/// An app as it was registered, with the secret that is never shown again.
#[derive(Debug, Clone)]
pub struct RegisteredApp {
    /// Its id.
    pub id: AppId,
    /// Its public name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Its name for people.
    pub name: String,
    /// Its home page.
    pub website: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scopes,
    /// When it was registered.
    pub created_at: Moment,
}

/// Registers an app; its redirect addresses are kept byte for byte.
pub async fn register_app(app: &App, wanted: NewApp) -> Result<RegisteredApp> {
    let wanted = check(wanted)?;
    let registered = RegisteredApp {
        id: app.id(),
        client_id: crypto::random_token(),
        client_secret: crypto::random_token(),
        name: wanted.name,
        website: wanted.website,
        redirect_uris: wanted.redirect_uris,
        scopes: wanted.scopes,
        created_at: app.now(),
    };
    let row = app::ActiveModel {
        id: Set(registered.id),
        client_id: Set(registered.client_id.clone()),
        secret_hash: Set(crypto::token_hash(&registered.client_secret)),
        name: Set(registered.name.clone()),
        website: Set(registered.website.clone()),
        redirect_uris: Set(Names(registered.redirect_uris.clone())),
        scopes: Set(registered.scopes.to_string()),
        created_at: Set(registered.created_at),
    };
    let change = app.begin().await?;
    app::Entity::insert(row).exec_without_returning(change.tx()).await?;
    change.commit().await?;
    Ok(registered)
}

fn check(wanted: NewApp) -> Result<NewApp> {
    let mut problems = Vec::new();
    let mut wrong = |field, code, description: &str| {
        problems.push(Problem { field, code, description: description.to_owned() });
    };
    let name = text::clean(&wanted.name, LONGEST_NAME);
    if name.is_empty() {
        wrong("name", "ERR_BLANK", "Application name can't be blank");
    } else if name != text::clean(&wanted.name, LONGEST_NAME + 1) {
        wrong("name", "ERR_TOO_LONG", "Application name is too long (maximum is 60 characters)");
    }
    let redirects = &wanted.redirect_uris;
    if redirects.is_empty() {
        wrong("redirect_uri", "ERR_BLANK", "Redirect URI can't be blank");
    } else if redirects.len() > MOST_REDIRECTS || !redirects.iter().all(|address| is_redirect(address)) {
        wrong("redirect_uri", "ERR_INVALID", "Redirect URI must be an absolute URI.");
    }
    let website = wanted.website.map(|website| website.trim().to_owned()).filter(|website| !website.is_empty());
    if website.as_deref().is_some_and(|website| !is_website(website)) {
        wrong("website", "ERR_INVALID", "Application website must be a valid URL");
    }
    if problems.is_empty() { Ok(NewApp { name, website, ..wanted }) } else { Err(Error::Validation(problems)) }
}

/// Whether codes may be sent to an address: absolute, without a fragment, of a scheme that leads to an app.
fn is_redirect(address: &str) -> bool {
    // Parsers drop spaces and line ends, browsers too: what is checked must be what is used.
    if address.len() > LONGEST_ADDRESS || !address.bytes().all(|byte| byte.is_ascii_graphic()) || address.contains('#')
    {
        return false;
    }
    let Ok(url) = Url::parse(address) else { return false };
    let web = matches!(url.scheme(), "http" | "https");
    address == OUT_OF_BAND || (!FORBIDDEN_SCHEMES.contains(&url.scheme()) && (!web || url.has_host()))
}

fn is_website(address: &str) -> bool {
    let fits = address.len() <= LONGEST_ADDRESS && !address.contains(char::is_control);
    fits && Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_of_all_kinds_can_be_sent_a_code() {
        for address in [
            OUT_OF_BAND,
            "https://elk.zone/api/mastodon.social/oauth/https%3A%2F%2Felk.zone",
            "http://localhost:4000/callback?x=1",
            "com.tapbots.Ivory.10217:/request_token",
            "icecubesapp://",
            "oauth2redirect://com.keylesspalace.tusky/",
        ] {
            assert!(is_redirect(address), "{address}");
        }
    }

    #[test]
    fn what_runs_or_hides_in_the_browser_is_no_redirect() {
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://example.org/1",
            "about:blank",
            "vbscript:x",
            "https://example.org/#code",
            "https://example.org/ä",
            "/callback",
            "callback",
            "",
            "https://",
        ] {
            assert!(!is_redirect(address), "{address}");
        }
    }

    #[test]
    fn a_website_is_a_page_of_the_web() {
        assert!(is_website("https://elk.zone"));
        assert!(!is_website("javascript:alert(1)") && !is_website("elk.zone") && !is_website("mailto:a@b.c"));
    }
}
