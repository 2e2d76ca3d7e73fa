//! Forms as browsers send them: only those that came from a page of ours get as far as a handler.

use std::sync::Arc;

use axum::body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use crate::error::{Error, Result};
use crate::views::sessions::SessionView;
use crate::web::Web;
use crate::web::pages::answer::{self, PageError};
use crate::web::pages::scene::Scene;
use crate::web::pages::session;

/// The largest form that is read, in bytes.
const LARGEST: usize = 256 * 1024;
/// How many fields a form may have.
const MOST_FIELDS: usize = 100;

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).take(MOST_FIELDS).map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// What is in a field; nothing when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// What is in a field, unless there is nothing in it.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.trim().is_empty())
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name) == "true"
    }

    /// Everything in the fields of one name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A form that a browser sent from a page of ours, signed in or not.
pub struct Posted {
    /// What the answer is drawn with.
    pub scene: Scene,
    /// The fields.
    pub form: Form,
}

impl FromRequest<Web> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let Uncommitted(posted) = Uncommitted::from_request(request, web).await?;
        if !posted.scene.visitor().is_own_form(posted.form.get("csrf")) {
            let why = "The page with this form is too old; go back, load it again and send the form once more";
            return Err(PageError(Error::Forbidden(why)));
        }
        Ok(posted)
    }
}

/// A form that changes nothing here, so that it may come without the token of the browser; only not from another site.
pub struct Uncommitted(pub Posted);

impl FromRequest<Web> for Uncommitted {
    type Rejection = PageError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let scene = Scene::from_request_parts(&mut parts, web).await?;
        session::check_source(&web.app, &parts.headers)?;
        let body = body::to_bytes(body, LARGEST).await.map_err(|_| Error::TooLarge)?;
        Ok(Self(Posted { scene, form: Form::read(&body) }))
    }
}

/// A form of a member.
pub struct MemberPosted {
    /// What the answer is drawn with.
    pub scene: Scene,
    /// Who sent it.
    pub me: Arc<SessionView>,
    /// The fields.
    pub form: Form,
}

impl FromRequest<Web> for MemberPosted {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let Uncommitted(posted) = Uncommitted::from_request(request, web).await.map_err(IntoResponse::into_response)?;
        let Posted { scene, form } = posted;
        // Asked first: whoever was signed out meanwhile is told so, not that the form is old.
        let Some(me) = scene.session().cloned() else {
            return Err(answer::to_sign_in("/"));
        };
        if !scene.visitor().is_own_form(form.get("csrf")) {
            let why = "The page with this form is too old; go back, load it again and send the form once more";
            return Err(PageError(Error::Forbidden(why)).into_response());
        }
        Ok(Self { scene, me, form })
    }
}
