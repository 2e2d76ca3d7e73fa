//! Answers of the pages: a page with the headers that guard it, a way on to another page, an error in plain words.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, LINK, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::app::App;
use crate::error::Error;
use crate::federation::http::ACTIVITY;
use crate::web::error;
use crate::web::pages::components::{Flash, FlashKind};
use crate::web::pages::layout::{Layout, Nav, icon};
use crate::web::pages::session;

/// Nothing runs, nothing is loaded from elsewhere, forms stay here, nobody puts the page into a frame.
const STRICT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self' data:; style-src 'self'; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'",
);
/// The same for pages whose form leads on to another site: browsers check the whole way a form takes.
const LEADING_AWAY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// A page on its way to a browser.
#[derive(Debug)]
pub struct Shown {
    status: StatusCode,
    page: Markup,
    cookies: Vec<HeaderValue>,
    personal: bool,
    leads_away: bool,
    document: Option<String>,
}

impl Shown {
    /// A page with the cookies that go with it; `personal` pages are for one pair of eyes.
    pub fn new(page: Markup, cookies: Vec<HeaderValue>, personal: bool) -> Self {
        Self { status: StatusCode::OK, page, cookies, personal, leads_away: false, document: None }
    }

    /// The same page with another status.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same page, with a form on it that leads on to another site.
    pub fn leading_away(self) -> Self {
        Self { leads_away: true, ..self }
    }

    /// The same page, which says that it can be had as ActivityPub as well, and where.
    pub fn of_document(self, uri: &str) -> Self {
        Self { document: Some(uri.to_owned()), ..self }
    }

    /// The same page with more cookies.
    pub fn with_cookies(mut self, cookies: Vec<HeaderValue>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let personal = self.personal || !self.cookies.is_empty();
        let mut response = (self.status, self.page).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, if self.leads_away { LEADING_AWAY } else { STRICT });
        let kept = if personal { "private, no-store" } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
        let link = self.document.map(|uri| format!(r#"<{uri}>; rel="alternate"; type="{ACTIVITY}""#));
        if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            headers.insert(LINK, link);
        }
        add_cookies(headers, self.cookies);
        response
    }
}

/// The headers that every answer of the pages has, whatever it shows.
pub fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, STRICT),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ] {
        headers.entry(name).or_insert(value);
    }
    headers.append(VARY, HeaderValue::from_static("accept, cookie"));
}

fn add_cookies(headers: &mut HeaderMap, cookies: Vec<HeaderValue>) {
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
}

/// A way on to another page of this server.
#[derive(Debug)]
pub struct Onward {
    path: String,
    cookies: Vec<HeaderValue>,
}

impl Onward {
    /// Leads to `path`, or to the front page when it is not one of ours.
    pub fn to(path: impl Into<String>) -> Self {
        let path = path.into();
        let path = if session::local_path(&path).is_some() { path } else { "/".to_owned() };
        Self { path, cookies: Vec::new() }
    }

    /// The next page says that it is done.
    pub fn saying(self, app: &App, text: impl Into<String>) -> Self {
        self.with(app, FlashKind::Done, text.into())
    }

    /// The next page says what went wrong.
    pub fn warning(self, app: &App, text: impl Into<String>) -> Self {
        self.with(app, FlashKind::Problem, text.into())
    }

    /// Takes cookies along.
    pub fn with_cookies(mut self, cookies: Vec<HeaderValue>) -> Self {
        self.cookies.extend(cookies);
        self
    }

    fn with(mut self, app: &App, kind: FlashKind, text: String) -> Self {
        self.cookies.push(session::flash(app, &Flash { kind, text }));
        self
    }
}

impl IntoResponse for Onward {
    fn into_response(self) -> Response {
        let location = HeaderValue::try_from(self.path).unwrap_or(HeaderValue::from_static("/"));
        let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
        add_cookies(response.headers_mut(), self.cookies);
        response
    }
}

/// To the page that asks who somebody is, and back to `path` from there.
pub fn to_sign_in(path: &str) -> Response {
    Onward::to(format!("/login?{}", with_next(path))).into_response()
}

/// The parameter that takes `path` along.
pub fn with_next(path: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish()
}

/// An error as a page.
#[derive(Debug)]
pub struct PageError(pub Error);

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        error_page(self.0)
    }
}

/// What went wrong, for the page that says so.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The status of the answer.
    pub status: StatusCode,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means and what can be done.
    pub sentence: String,
}

impl Failure {
    /// Somebody came with a method that the page does not know.
    pub fn wrong_method() -> Self {
        let sentence = "The page is there, but not for what your browser tried. Go back and try again.".to_owned();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, title: "This does not work", sentence }
    }

    /// What an error means to people.
    pub fn of(error: &Error) -> Self {
        let (title, sentence) = match error {
            Error::NotFound(_) => (
                "This page is not here",
                "It may be gone, the address may be mistyped, or it is not for everybody.".to_owned(),
            ),
            Error::Gone => ("This is gone", "Whoever it belonged to has taken it away for good.".to_owned()),
            Error::Forbidden(why) | Error::Conflict(why) => ("This does not work", with_stop(why)),
            Error::Invalid(_) | Error::Validation(_) => ("This cannot be used", with_stop(&error.to_string())),
            Error::Unauthenticated(_) | Error::NeedsUser => {
                ("Please sign in", "This page is for members who are signed in.".to_owned())
            }
            Error::TooLarge => ("This is too much", "What was sent is larger than this server takes.".to_owned()),
            Error::TooMany { retry_after } => {
                ("Please wait a little", format!("This was tried too often. Try again {}.", soon(*retry_after)))
            }
            Error::Remote { host, .. } => {
                ("The other server does not answer", format!("{host} did not answer as it should. Try again later."))
            }
            Error::Internal(_) | Error::Unavailable(_) => (
                "Something went wrong on our side",
                "It was written down for those who run this server. Try again in a moment.".to_owned(),
            ),
        };
        Self { status: error::status(error), title, sentence }
    }

    /// The main part of the page that says it.
    pub fn main(&self) -> Markup {
        html! {
            div.error-page {
                h1 { (icon("warning")) " " (self.title) }
                p { (self.sentence) }
                p { a.button href="/" { "To the front page" } }
            }
        }
    }
}

/// An error as a page in a bare frame; the frame of the server is put around it where it is known.
pub fn error_page(error: Error) -> Response {
    error::log(&error);
    let failure = Failure::of(&error);
    let layout = Layout { nav: Nav::Bare, noindex: true, ..Layout::new("outloud", failure.title) };
    let page = Shown::new(layout.page(failure.main()), Vec::new(), false).status(failure.status);
    let mut response = page.into_response();
    if let Error::TooMany { retry_after } = error {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    response.extensions_mut().insert(failure);
    response
}

fn with_stop(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?']) { sentence.to_owned() } else { format!("{sentence}.") }
}

fn soon(wait: std::time::Duration) -> String {
    match wait.as_secs().div_ceil(60) {
        0 | 1 => "in a minute".to_owned(),
        minutes if minutes < 120 => format!("in {minutes} minutes"),
        minutes => format!("in {} hours", minutes.div_ceil(60)),
    }
}
