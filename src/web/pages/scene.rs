//! What every page needs to know before it is drawn: the server, who looks, and from where.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use url::form_urlencoded;

use crate::app::App;
use crate::domain::moment::Moment;
use crate::domain::page::Page;
use crate::domain::settings::Settings;
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::views;
use crate::views::notifications::Wanted;
use crate::views::sessions::SessionView;
use crate::web::Web;
use crate::web::middleware::ClientAddress;
use crate::web::pages::answer::{self, PageError, Shown};
use crate::web::pages::frame::Slot;
use crate::web::pages::layout::{Layout, Member, Nav, Place};
use crate::web::pages::session::{self, Visitor};

/// How many posts are on a page.
pub const PAGE_LENGTH: u64 = 25;
/// Unread notifications are counted up to here.
const MOST_UNREAD: u64 = 100;

/// What a page is drawn with.
#[derive(Clone)]
pub struct Scene {
    /// The room the page is in.
    pub web: Web,
    /// What administrators have set.
    pub settings: Settings,
    /// The address that was asked for.
    pub uri: Uri,
    /// What the browser sent along.
    pub headers: HeaderMap,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
    visitor: Arc<Visitor>,
    unread: u64,
}

impl FromRequestParts<Web> for Scene {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let scene = Self::of(parts, web).await?;
        if let Some(slot) = parts.extensions.get::<Slot>() {
            slot.fill(&scene);
        }
        Ok(scene)
    }
}

impl Scene {
    /// Where the request comes from, as other servers are counted.
    pub fn from(&self) -> IpAddr {
        self.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    async fn of(parts: &Parts, web: &Web) -> Result<Self> {
        let app = &web.app;
        let visitor = Visitor::of(app, &parts.headers).await?;
        let unread = match visitor.session() {
            Some(session) => {
                let reader = session.account.id;
                views::notifications::unread(&app.db, reader, &Wanted::default(), MOST_UNREAD).await?
            }
            None => 0,
        };
        Ok(Self {
            web: web.clone(),
            settings: views::instance::settings(&app.db).await?,
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            visitor: Arc::new(visitor),
            unread,
        })
    }

    /// The node.
    pub fn app(&self) -> &App {
        &self.web.app
    }

    /// The time by the clock of the node.
    pub fn now(&self) -> Moment {
        self.web.app.now()
    }

    /// Who looks.
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// The session, if somebody is signed in.
    pub fn session(&self) -> Option<&Arc<SessionView>> {
        self.visitor.session()
    }

    /// As whom the views are asked.
    pub fn viewer(&self) -> Viewer {
        self.visitor.viewer()
    }

    /// What forms on this page carry.
    pub fn csrf(&self) -> String {
        self.visitor.csrf()
    }

    /// The path and query that were asked for.
    pub fn here(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    /// One parameter of the address, unless it is empty.
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        let found = pairs.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
    }

    /// Which part of a list is asked for.
    pub fn page(&self) -> Page {
        let number = |name: &str| self.query(name).and_then(|text| text.parse().ok());
        Page { max_id: number("max_id"), min_id: number("min_id"), since_id: None, limit: PAGE_LENGTH }
    }

    /// The frame of a page, with the way through the server that fits who looks.
    pub fn layout<'a>(&'a self, title: impl Into<String>, place: Option<Place>, csrf: &'a str) -> Layout<'a> {
        let nav = match self.session() {
            Some(session) => Nav::Member(Member {
                name: name_of(&session.account.display_name, session.account.username.as_str()),
                username: session.account.username.as_str(),
                current: place,
                unread: self.unread,
                csrf,
            }),
            None => Nav::Visitor { current: place },
        };
        Layout { nav, flash: self.visitor.flash().cloned(), ..Layout::new(&self.settings.name, title) }
    }

    /// The answer that shows a page drawn with this scene.
    pub fn show(&self, page: Markup) -> Shown {
        Shown::new(page, self.visitor.cookies(self.app()), self.session().is_some())
    }
}

/// The name somebody shows, or what stands for it.
pub fn name_of<'a>(display_name: &'a str, username: &'a str) -> &'a str {
    if display_name.is_empty() { username } else { display_name }
}

/// A page for members alone; visitors are asked to sign in and come back.
pub struct SignedIn {
    /// What the page is drawn with.
    pub scene: Scene,
    /// Who is signed in.
    pub me: Arc<SessionView>,
}

impl FromRequestParts<Web> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let scene = Scene::from_request_parts(parts, web).await.map_err(IntoResponse::into_response)?;
        match scene.session().cloned() {
            Some(me) => Ok(Self { scene, me }),
            None => Err(answer::to_sign_in(if parts.method == Method::GET { scene.here() } else { "/" })),
        }
    }
}

/// What the browser calls itself, for the list of sessions.
pub fn user_agent(scene: &Scene) -> String {
    session::user_agent(&scene.headers)
}
