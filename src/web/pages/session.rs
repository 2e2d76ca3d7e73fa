//! Who looks at a page: the cookie of a session, and the token that shows a form came from a page of ours.
//!
//! The client API never reads cookies; everything that does is in this file.

use std::sync::{Arc, OnceLock};

use axum::http::header::{COOKIE, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, Uri};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::actions::sessions;
use crate::app::{App, crypto};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::views;
use crate::views::sessions::SessionView;
use crate::web::pages::components::{Flash, FlashKind};

/// The longest cookie value that is looked at, in bytes.
const LONGEST_VALUE: usize = 2048;
/// The longest path a browser is sent to, in bytes.
const LONGEST_PATH: usize = 8192;
/// The longest message of the last action that is kept, in characters.
const LONGEST_FLASH: usize = 300;
/// For how long a visitor may leave a form open.
const FORM_SECONDS: u64 = 86_400;
/// For how long the message of the last action waits for the next page.
const FLASH_SECONDS: u64 = 60;

/// Somebody who looks at a page, signed in or not.
#[derive(Debug)]
pub struct Visitor {
    session: Option<Arc<SessionView>>,
    /// The secret of the browser: the cookie of the session, or of the forms a visitor was shown.
    secret: Option<String>,
    /// A secret made for this answer, which has to take it along.
    fresh: OnceLock<String>,
    flash: Option<Flash>,
}

impl Visitor {
    /// Finds out who sent these headers.
    pub async fn of(app: &App, headers: &HeaderMap) -> Result<Self> {
        let jar = Jar::new(app);
        let flash = jar.read(headers, Name::Flash).and_then(|value| read_flash(&value));
        if let Some(cookie) = jar.read(headers, Name::Session)
            && let Some(session) = session(app, &cookie).await?
        {
            return Ok(Self { session: Some(session), secret: Some(cookie), fresh: OnceLock::new(), flash });
        }
        let secret = jar.read(headers, Name::Form).filter(|secret| secret.len() >= 43);
        Ok(Self { session: None, secret, fresh: OnceLock::new(), flash })
    }

    /// The session, if somebody is signed in.
    pub fn session(&self) -> Option<&Arc<SessionView>> {
        self.session.as_ref()
    }

    /// As whom the views are asked.
    pub fn viewer(&self) -> Viewer {
        self.session.as_ref().map_or(Viewer::Anyone, |session| Viewer::Member(session.account.id))
    }

    /// What the last action has to say.
    pub fn flash(&self) -> Option<&Flash> {
        self.flash.as_ref()
    }

    /// What the forms of this browser carry; a visitor gets a cookie to compare it with.
    pub fn csrf(&self) -> String {
        let secret = self.secret.as_deref().unwrap_or_else(|| self.fresh.get_or_init(crypto::random_token));
        csrf_of(secret)
    }

    /// Whether a form that carries `given` came from a page this browser was shown.
    pub fn is_own_form(&self, given: &str) -> bool {
        self.secret.as_deref().is_some_and(|secret| crypto::is_same(&csrf_of(secret), given))
    }

    /// The cookies that go with a page shown to this visitor.
    pub fn cookies(&self, app: &App) -> Vec<HeaderValue> {
        let jar = Jar::new(app);
        let form = self.fresh.get().map(|secret| jar.write(Name::Form, secret, FORM_SECONDS));
        let flash = self.flash.as_ref().map(|_| jar.remove(Name::Flash));
        form.into_iter().chain(flash).collect()
    }
}

fn csrf_of(secret: &str) -> String {
    crypto::token_hash(&format!("a form of the browser with {secret}"))
}

async fn session(app: &App, cookie: &str) -> Result<Option<Arc<SessionView>>> {
    let now = app.now();
    let Some(found) = views::sessions::by_cookie(&app.db, &crypto::token_hash(cookie), now).await? else {
        return Ok(None);
    };
    if found.session.last_used_at < now.midnight()
        && let Err(error) = sessions::seen(app, found.session.id, found.account.id).await
    {
        // Nobody is turned away because a note could not be written.
        tracing::warn!(%error, "could not note that a member was here: {error}");
    }
    Ok(Some(Arc::new(found)))
}

/// The cookie that begins a session; the secret of earlier forms ends with it.
pub fn begin(app: &App, secret: &str) -> Vec<HeaderValue> {
    let jar = Jar::new(app);
    vec![jar.write(Name::Session, secret, sessions::LASTS.as_secs()), jar.remove(Name::Form)]
}

/// The cookies that are gone after signing out.
pub fn end(app: &App) -> Vec<HeaderValue> {
    let jar = Jar::new(app);
    vec![jar.remove(Name::Session), jar.remove(Name::Form)]
}

/// The secret of the session among these headers, valid or not.
pub fn secret(app: &App, headers: &HeaderMap) -> Option<String> {
    Jar::new(app).read(headers, Name::Session)
}

/// The cookie that takes a message to the next page.
pub fn flash(app: &App, flash: &Flash) -> HeaderValue {
    let kind = match flash.kind {
        FlashKind::Done => 'd',
        FlashKind::Problem => 'p',
    };
    let text: String = flash.text.chars().take(LONGEST_FLASH).collect();
    let value = BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}{text}"));
    Jar::new(app).write(Name::Flash, &value, FLASH_SECONDS)
}

fn read_flash(value: &str) -> Option<Flash> {
    let whole = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    let kind = match whole.chars().next()? {
        'd' => FlashKind::Done,
        'p' => FlashKind::Problem,
        _ => return None,
    };
    Some(Flash { kind, text: whole[1..].to_owned() })
}

/// Refuses a form that another site has sent, as far as the browser tells.
///
/// Browsers that tell nothing are left to the token in the form.
pub fn check_source(app: &App, headers: &HeaderMap) -> Result<()> {
    let foreign = Err(Error::Forbidden("This form was sent by another website"));
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| !matches!(site, b"same-origin" | b"none")) {
        return foreign;
    }
    match headers.get(ORIGIN) {
        Some(origin) if origin.as_bytes() != app.urls.base().as_bytes() => foreign,
        _ => Ok(()),
    }
}

/// What the browser calls itself.
pub fn user_agent(headers: &HeaderMap) -> String {
    headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned()
}

/// A path of this server that a browser can be sent to; anything else, such as `//elsewhere`, is none.
pub fn local_path(text: &str) -> Option<&str> {
    let plain = text.len() <= LONGEST_PATH && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let local = text.starts_with('/') && !text.starts_with("//") && text.parse::<Uri>().is_ok();
    (plain && local).then_some(text)
}

/// The cookies of the pages.
#[derive(Clone, Copy)]
enum Name {
    Session,
    Form,
    Flash,
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Form => "form",
            Self::Flash => "flash",
        }
    }
}

/// Reads and writes cookies as the address of this server allows.
struct Jar {
    /// With HTTPS the browser is told that no other host, port or path may set the cookie.
    https: bool,
}

impl Jar {
    fn new(app: &App) -> Self {
        Self { https: app.urls.base().starts_with("https://") }
    }

    fn name(&self, name: Name) -> String {
        if self.https { format!("__Host-{}", name.as_str()) } else { name.as_str().to_owned() }
    }

    fn read(&self, headers: &HeaderMap, name: Name) -> Option<String> {
        let name = self.name(name);
        let pairs = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut values = pairs.flat_map(|pairs| pairs.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = values.find(|(known, _)| *known == name)?;
        (!value.is_empty() && value.len() <= LONGEST_VALUE).then(|| value.to_owned())
    }

    fn write(&self, name: Name, value: &str, seconds: u64) -> HeaderValue {
        let secure = if self.https { "; Secure" } else { "" };
        let cookie = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name(name));
        HeaderValue::try_from(cookie).expect("names, tokens and base64 are plain ASCII")
    }

    fn remove(&self, name: Name) -> HeaderValue {
        self.write(name, "", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_paths_of_this_server_alone() {
        for path in ["/", "/home?max_id=1#post-1", "/oauth/authorize?redirect_uri=https%3A%2F%2Fexample.org", "/@ann"] {
            assert_eq!(local_path(path), Some(path));
        }
        for path in ["", "home", "//evil.test", "/\\evil.test", "https://evil.test/", "/\tx", "/ä", "/a b", "\n/"] {
            assert_eq!(local_path(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_message_survives_its_way_through_the_browser() {
        let said = Flash { kind: FlashKind::Problem, text: "Grüße; \"<b>\"".to_owned() };
        let value = BASE64_URL_SAFE_NO_PAD.encode(format!("p{}", said.text));
        assert_eq!(read_flash(&value), Some(said));
        for value in ["", "!", "eA", "\u{e4}"] {
            assert_eq!(read_flash(value), None, "{value}");
        }
    }

    #[test]
    fn with_https_cookies_belong_to_this_host_alone() {
        let jar = Jar { https: true };
        let written = jar.write(Name::Session, "abc", 60);
        let written = written.to_str().expect("ASCII");
        assert_eq!(written, "__Host-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("session=forged; __Host-session=abc"));
        assert_eq!(jar.read(&headers, Name::Session).as_deref(), Some("abc"));
        assert_eq!(Jar { https: false }.read(&headers, Name::Session).as_deref(), Some("forged"));
    }

    #[test]
    fn a_form_carries_something_else_than_the_cookie() {
        assert_ne!(csrf_of("secret"), "secret");
        assert_ne!(csrf_of("secret"), csrf_of("other"));
    }
}
