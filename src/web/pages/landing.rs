//! What visitors meet first, and what they can read about the server.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::domain::page::Page;
use crate::domain::settings::Registration;
use crate::domain::visibility::Viewer;
use crate::views;
use crate::views::timelines::From;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components;
use crate::web::pages::home;
use crate::web::pages::layout::{Layout, Place};
use crate::web::pages::people;
use crate::web::pages::post::Pen;
use crate::web::pages::scene::Scene;

/// How many posts the front page shows.
const LIVING: u64 = 10;

/// `GET /`
pub async fn front(scene: Scene) -> Result<Response, PageError> {
    if let Some(me) = scene.session().cloned() {
        return Ok(home::show(&scene, &me).await?.into_response());
    }
    if !views::instance::has_members(&scene.app().db).await? {
        return Ok(Onward::to("/setup").into_response());
    }
    Ok(landing(&scene).await?.into_response())
}

async fn landing(scene: &Scene) -> Result<Shown, PageError> {
    let app = scene.app();
    let page = Page::newest(LIVING);
    let posts = views::timelines::public(&app.db, Viewer::Anyone, From::Here, false, app.now(), &page).await?;
    let settings = &scene.settings;
    let pen = Pen::new(scene, "", "public");
    let main = html! {
        section.hero {
            h1 { bdi { (settings.name) } }
            p dir="auto" { (purpose(&settings.purpose)) }
            div.buttons {
                @if settings.registration != Registration::Closed {
                    a.button.primary href="/join" { (join_label(settings.registration)) }
                }
                a.button href="/login" { "Sign in" }
                a.button href="/about" { "About" }
            }
        }
        section {
            h2 { "Lately" }
            @if posts.items.is_empty() {
                (components::empty("pencil", "Nobody has posted anything yet."))
            } @else {
                div.posts { @for post in &posts.items { (pen.post(post)) } }
                p { a.button href="/local" { "More posts" } }
            }
        }
    };
    let layout = Layout {
        description: Some(purpose(&settings.purpose).to_owned()),
        canonical: Some(app.urls.at("/")),
        ..scene.layout(settings.name.clone(), Some(Place::Landing), "")
    };
    Ok(scene.show(layout.page(main)))
}

/// `GET /about`
pub async fn about(scene: Scene) -> Result<Shown, PageError> {
    let app = scene.app();
    let counts = views::instance::counts(&app.db, app.now()).await?;
    let staff = views::instance::staff(&app.db).await?;
    let settings = &scene.settings;
    let main = html! {
        h1 { "About " bdi { (settings.name) } }
        div.prose {
            p dir="auto" { (purpose(&settings.purpose)) }
            p {
                (counted(counts.members, "member", "members")) ", " (counts.active_month)
                " of them here in the last month; " (counted(counts.statuses, "post", "posts"))
                ". This server knows people on " (counted(counts.servers, "other server", "other servers")) "."
            }
            h2 { "How to join" }
            p { (joining(settings.registration)) }
            @if settings.registration != Registration::Closed { p { a href="/join" { "Ask for an account" } } }
        }
        section {
            h2 { "Who runs this server" }
            (people::list(&staff, |_| html! {}))
        }
        div.prose {
            h2 { "What leaves this server" }
            p {
                "Public and quiet posts can be read by everybody on the web and are sent to the servers of those who \
                 follow their author. Posts for followers are sent to the servers of the followers. Posts for mentioned \
                 people are sent to the servers of these people. They are not encrypted: those who run a server can \
                 read what is on it."
            }
            h2 #help { "Help" }
            p { "Any app for Mastodon works here: enter " b { (app.urls.host().as_str()) } " as the server." }
            p {
                "To follow somebody from here with an account elsewhere, open their profile and tell us your handle. \
                 To follow somebody elsewhere, paste their handle or address into the search."
            }
            p { "For anything else, write to one of the people above." }
            h2 { "Software" }
            p { "outloud " (env!("CARGO_PKG_VERSION")) }
        }
    };
    let csrf = scene.session().map(|_| scene.csrf()).unwrap_or_default();
    let layout = Layout {
        canonical: Some(app.urls.at("/about")),
        ..scene.layout(format!("About {}", settings.name), Some(Place::About), &csrf)
    };
    Ok(scene.show(layout.page(main)))
}

/// The purpose of the community, or what can be said of any.
pub fn purpose(purpose: &str) -> &str {
    if purpose.is_empty() { "A community that shares what it works on while it works on it." } else { purpose }
}

fn join_label(registration: Registration) -> &'static str {
    match registration {
        Registration::Open => "Join",
        Registration::Approval => "Ask to join",
        Registration::Invite | Registration::Closed => "How to join",
    }
}

/// A number with its noun.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// How people become members, in a sentence.
pub fn joining(registration: Registration) -> &'static str {
    match registration {
        Registration::Open => "Everybody can join.",
        Registration::Approval => {
            "Everybody can ask to join. Those who run this server read what you write about yourself and let you in."
        }
        Registration::Invite => "You can join when a member invites you: open the link you were sent.",
        Registration::Closed => "Nobody can join at the moment.",
    }
}

/// A main part that says one thing.
pub fn plain(title: &str, sentence: &str) -> Markup {
    html! { h1 { (title) } div.prose { p { (sentence) } } }
}
