//! Timelines: home, this server, a hashtag.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::domain::page::Page;
use crate::domain::text::Tag;
use crate::error::Error;
use crate::views;
use crate::views::sessions::SessionView;
use crate::views::timelines::From;
use crate::web::pages::answer::{PageError, Shown};
use crate::web::pages::compose::{self, Typed};
use crate::web::pages::layout::{Layout, Place, icon};
use crate::web::pages::post::Pen;
use crate::web::pages::scene::{Scene, SignedIn};

/// `GET /home`
pub async fn home(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    show(&scene, &me).await
}

/// What a member follows, with a sheet to write on above it.
pub async fn show(scene: &Scene, me: &SessionView) -> Result<Shown, PageError> {
    let app = scene.app();
    let page = scene.page();
    let posts = views::timelines::home(&app.db, me.account.id, app.now(), &page).await?;
    let csrf = scene.csrf();
    let pen = Pen::new(scene, &csrf, "home");
    let nothing = "Nothing here yet. Follow somebody by pasting their handle into the search, or write something.";
    let main = html! {
        h1 { "Home" }
        @if is_newest(&page) { (compose::sheet(scene, &Typed::new(me), &[], Some("/home"))) }
        (pen.list(&posts, nothing))
    };
    Ok(scene.show(scene.layout("Home", Some(Place::Home), &csrf).page(main)))
}

/// `GET /local`
pub async fn local(scene: Scene) -> Result<Shown, PageError> {
    let app = scene.app();
    let posts = views::timelines::public(&app.db, scene.viewer(), From::Here, false, app.now(), &scene.page()).await?;
    let csrf = member_csrf(&scene);
    let pen = Pen::new(&scene, &csrf, "public");
    let main = html! {
        h1 { "Posts of members" }
        (pen.list(&posts, "Nobody has posted anything yet."))
    };
    let layout = Layout {
        canonical: Some(app.urls.at("/local")),
        ..scene.layout("Posts of members", Some(Place::Local), &csrf)
    };
    Ok(scene.show(layout.page(main)))
}

/// `GET /tags/{name}`
pub async fn tag(scene: Scene, Path(name): Path<String>) -> Result<Response, PageError> {
    let app = scene.app();
    let tag = Tag::parse(&name).ok_or(Error::NotFound("tag"))?;
    let url = app.urls.tag(&tag.key);
    if tag.key != name {
        return Ok(Redirect::to(&url).into_response());
    }
    let posts =
        views::timelines::tag(&app.db, scene.viewer(), &tag.key, From::Everywhere, app.now(), &scene.page()).await?;
    let csrf = member_csrf(&scene);
    let pen = Pen::new(&scene, &csrf, "public");
    let feed = format!("{url}/feed.atom");
    let title = format!("#{}", tag.display);
    let main = html! {
        div.page-head { h1 dir="auto" { bdi { (title) } } (feed_link(&feed)) }
        (pen.list(&posts, "There are no posts with this hashtag here."))
    };
    let layout = Layout {
        feeds: vec![(format!("Posts with {title}"), feed)],
        canonical: Some(url),
        noindex: true,
        ..scene.layout(title, None, &csrf)
    };
    Ok(scene.show(layout.page(main)).into_response())
}

/// A link to a feed, in words.
pub fn feed_link(url: &str) -> Markup {
    html! { a href=(url) type="application/atom+xml" { (icon("feed")) " Feed" } }
}

/// What forms on a page carry, where only members see forms: visitors get no cookie for reading.
pub fn member_csrf(scene: &Scene) -> String {
    scene.session().map(|_| scene.csrf()).unwrap_or_default()
}

fn is_newest(page: &Page) -> bool {
    page.max_id.is_none() && page.min_id.is_none()
}
