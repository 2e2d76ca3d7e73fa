//! Finding people, posts and hashtags: by name, by handle, by address.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::domain::handle::Handle;
use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::federation::resolve::Found;
use crate::views;
use crate::views::AccountView;
use crate::views::statuses::StatusView;
use crate::web::pages::answer::{Onward, PageError};
use crate::web::pages::components::{self, Field, FieldKind, field};
use crate::web::pages::home::member_csrf;
use crate::web::pages::layout::{Layout, Place};
use crate::web::pages::people;
use crate::web::pages::post::{self, Pen};
use crate::web::pages::profile;
use crate::web::pages::scene::Scene;

/// How many people and hashtags are shown.
const MOST: u64 = 20;
/// The longest question, in bytes.
const LONGEST: usize = 2000;

/// `GET /search`
pub async fn page(scene: Scene) -> Result<Response, PageError> {
    let question = scene.query("q").map(|question| question.trim().to_owned()).unwrap_or_default();
    let results = if question.is_empty() || question.len() > LONGEST {
        Results::default()
    } else {
        // Only members send this server out to look for somebody.
        match exact(&scene, &question).await {
            Ok(Some(path)) => return Ok(Onward::to(path).into_response()),
            Ok(None) => known(&scene, &question).await?,
            Err(error) => Results { trouble: Some(trouble(&error)), ..known(&scene, &question).await? },
        }
    };
    let csrf = member_csrf(&scene);
    let pen = Pen::new(&scene, &csrf, "public");
    let main = html! {
        h1 { "Search" }
        (form(&question))
        @if !question.is_empty() { (listed(&scene, &pen, &results)) }
    };
    let layout = Layout { noindex: true, ..scene.layout("Search", Some(Place::Search), &csrf) };
    Ok(scene.show(layout.page(main)).into_response())
}

#[derive(Default)]
struct Results {
    people: Vec<AccountView>,
    tags: Vec<String>,
    trouble: Option<String>,
}

/// The page of the one thing a handle or an address names.
async fn exact(scene: &Scene, question: &str) -> Result<Option<String>> {
    if scene.session().is_none() {
        return Ok(None);
    }
    if question.starts_with("https://") || question.starts_with("http://") {
        return found(scene, question).await.map(|thing| Some(thing.path()));
    }
    let handle = question.parse::<Handle>().ok().filter(|handle| handle.host.is_some());
    let Some(handle) = handle else { return Ok(None) };
    let id = scene.web.federation.find_account(&handle).await?;
    Ok(Some(people::path(&views::accounts::one(&scene.app().db, id).await?)))
}

/// An account or a post, as the viewer may see it.
#[derive(Debug, Clone)]
pub enum Thing {
    /// An account.
    Account(AccountView),
    /// A post.
    Post(Box<StatusView>),
}

impl Thing {
    /// Its page here.
    pub fn path(&self) -> String {
        match self {
            Self::Account(account) => people::path(account),
            Self::Post(view) => post::path(view.original()),
        }
    }
}

/// What a handle or an address names, fetched when it is not known yet.
pub async fn found(scene: &Scene, text: &str) -> Result<Thing> {
    let federation = &scene.web.federation;
    let text = text.trim();
    let thing = match text.parse::<Handle>() {
        Ok(handle) => Found::Account(federation.find_account(&handle).await?),
        Err(_) => federation.find_url(text).await?,
    };
    match thing {
        Found::Account(id) => account(scene, id).await,
        Found::Status(id) => {
            let view = views::statuses::one(&scene.app().db, scene.viewer(), id).await?;
            Ok(Thing::Post(Box::new(view)))
        }
    }
}

async fn account(scene: &Scene, id: AccountId) -> Result<Thing> {
    let account = views::accounts::one(&scene.app().db, id).await?;
    if account.suspended_at.is_some() { Err(Error::NotFound("account")) } else { Ok(Thing::Account(account)) }
}

async fn known(scene: &Scene, question: &str) -> Result<Results> {
    let db = &scene.app().db;
    let people = views::search::accounts(db, question, MOST, 0).await?;
    let people = people.into_iter().filter(|account| account.suspended_at.is_none()).collect();
    let tags = views::search::tags(db, question, MOST, 0).await?.into_iter().map(|tag| tag.name).collect();
    Ok(Results { people, tags, trouble: None })
}

fn trouble(error: &Error) -> String {
    match error {
        Error::NotFound(_) | Error::Invalid(_) => "There is nobody and nothing by this name or address.".to_owned(),
        Error::Remote { host, .. } => format!("{host} did not answer as it should. Try again later."),
        error if error.is_ours() => {
            crate::web::error::log(error);
            "Something went wrong on our side.".to_owned()
        }
        other => format!("{other}."),
    }
}

fn form(question: &str) -> Markup {
    html! {
        form.inline-form method="get" action="/search" role="search" {
            (field(&Field {
                label: "Who or what are you looking for?",
                name: "q",
                value: question,
                kind: FieldKind::Search,
                hint: Some("A name, a hashtag, a handle such as @ann@example.org, or the address of a profile or post"),
                maxlength: Some(2000),
                ..Field::default()
            }))
            button.button type="submit" { "Search" }
        }
    }
}

fn listed(scene: &Scene, pen: &Pen<'_>, results: &Results) -> Markup {
    let app = scene.app();
    html! {
        @if let Some(trouble) = &results.trouble { p role="status" { (trouble) } }
        @if results.people.is_empty() && results.tags.is_empty() && results.trouble.is_none() {
            (components::empty("search", "Nothing was found among what this server knows."))
        }
        @if !results.people.is_empty() {
            section { h2 { "People" } (people::list(&results.people, |_| html! {})) }
        }
        @if !results.tags.is_empty() {
            section {
                h2 { "Hashtags" }
                ul.tags { @for tag in &results.tags { li { a href=(app.urls.tag(tag)) { "#" bdi { (tag) } } } } }
            }
        }
        @if pen.viewer.account().is_none() {
            p.small.faded { "Members can also look for people and posts on other servers." }
        }
    }
}

/// What a thing looks like before somebody does something with it.
pub async fn shown(scene: &Scene, pen: &Pen<'_>, thing: &Thing) -> Result<Markup> {
    Ok(match thing {
        Thing::Post(view) => html! { div.posts { (pen.post(view)) } },
        Thing::Account(account) => {
            let relation = profile::relation(scene, account).await?;
            people::list(std::slice::from_ref(account), |account| {
                html! {
                    div.buttons { (profile::buttons(pen, account, &relation)) }
                }
            })
        }
    })
}
