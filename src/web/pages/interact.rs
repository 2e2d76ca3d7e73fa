//! Doing something here with what lives elsewhere, and elsewhere with what lives here.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;

use crate::app::attempts::{Rate, household};
use crate::domain::handle::Handle;
use crate::error::{Error, Problem};
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{error_for, errors_summary};
use crate::web::pages::home::member_csrf;
use crate::web::pages::landing::plain;
use crate::web::pages::layout::Layout;
use crate::web::pages::post::Pen;
use crate::web::pages::posted::{Posted, Uncommitted};
use crate::web::pages::profile::{self, interact_form};
use crate::web::pages::scene::{Scene, SignedIn};
use crate::web::pages::search::{self, Thing};

/// The longest address somebody can come with, in bytes.
const LONGEST: usize = 2000;
/// How often one address may ask to be led to another server.
const RATE: Rate = Rate { count: 30, window: Duration::from_secs(5 * 60) };

/// `GET /authorize_interaction`: shows what somebody comes with; nothing is done before they press a button.
pub async fn authorize(SignedIn { scene, .. }: SignedIn) -> Result<Shown, PageError> {
    let uri = scene.query("uri").filter(|uri| uri.len() <= LONGEST);
    let uri = uri.ok_or_else(|| Error::invalid("The address of a profile or post is missing"))?;
    let thing = match search::found(&scene, &uri).await {
        Ok(thing) => thing,
        Err(Error::NotFound(_) | Error::Invalid(_) | Error::Remote { .. }) => return Ok(nothing(&scene)),
        Err(other) => return Err(other.into()),
    };
    let csrf = scene.csrf();
    let pen = Pen::new(&scene, &csrf, "public");
    let title = match &thing {
        Thing::Account(account) if profile::relation(&scene, account).await?.following => "You follow them already",
        Thing::Account(_) => "Do you want to follow?",
        Thing::Post(_) => "What would you like to do?",
    };
    let main = html! {
        h1 { (title) }
        (search::shown(&scene, &pen, &thing).await?)
        p { a href=(thing.path()) { "See more" } }
    };
    let layout = Layout { noindex: true, ..scene.layout(title, None, &csrf) };
    Ok(scene.show(layout.page(main)))
}

/// The address is somebody else's word: that nothing is found there is not our trouble.
fn nothing(scene: &Scene) -> Shown {
    let main = plain(
        "Nothing was found",
        "There is no profile or post at this address, it is not for you, or its server does not answer at the moment.",
    );
    let csrf = scene.csrf();
    let layout = Layout { noindex: true, ..scene.layout("Nothing was found", None, &csrf) };
    scene.show(layout.page(main)).status(StatusCode::NOT_FOUND)
}

/// `GET /interact`: asks for the server somebody is at home on.
pub async fn ask(scene: Scene) -> Result<Response, PageError> {
    let uri = address(&scene.query("uri").unwrap_or_default())?;
    if scene.session().is_some() {
        let path = format!("/authorize_interaction?{}", crate::web::pages::post::pair("uri", &uri));
        return Ok(Onward::to(path).into_response());
    }
    Ok(page(&scene, &uri, &[]).into_response())
}

/// `POST /interact`: leads somebody to their own server.
///
/// The form changes nothing here and visitors get no cookie for reading, so only its source is checked.
pub async fn lead(Uncommitted(Posted { scene, form }): Uncommitted) -> Result<Response, PageError> {
    let uri = address(form.get("uri"))?;
    count(&scene)?;
    let outcome = match form.get("handle").parse::<Handle>() {
        Ok(handle) if handle.host.is_some() => scene.web.federation.interaction_page(&handle, &uri).await,
        _ => Err(Error::invalid("This is not a whole handle; it looks like @you@example.org")),
    };
    match outcome {
        Ok(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(Redirect::to(&url).into_response()),
        Ok(_) => Err(Error::invalid("Your server does not say where to go").into()),
        Err(error @ (Error::NotFound(_) | Error::Invalid(_) | Error::Remote { .. })) => {
            let description = match error {
                Error::NotFound(_) => "There is nobody with this handle".to_owned(),
                other => other.to_string(),
            };
            let problem = Problem { field: "handle", code: "ERR_INVALID", description };
            Ok(page(&scene, &uri, &[problem]).status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// Every form makes this server ask another one, so nobody may send many.
fn count(scene: &Scene) -> Result<(), Error> {
    let app = scene.app();
    match scene.address.filter(|_| app.config.rate_limits.enabled) {
        Some(address) => app.attempts.count(&format!("interact from {}", household(address)), RATE, app.now()),
        None => Ok(()),
    }
}

/// The address of something on the web, as the pages with the form name it.
fn address(uri: &str) -> Result<String, PageError> {
    let web = uri.starts_with("https://") || uri.starts_with("http://");
    if !web || uri.len() > LONGEST || uri.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid("The address of a profile or post is missing").into());
    }
    Ok(uri.to_owned())
}

fn page(scene: &Scene, uri: &str, problems: &[Problem]) -> Shown {
    let csrf = member_csrf(scene);
    let main = html! {
        h1 { "Continue on your own server" }
        (errors_summary(problems))
        (interact_form(uri, "Where do you have your account?", error_for(problems, "handle")))
    };
    let layout = Layout { noindex: true, ..scene.layout("Continue on your own server", None, &csrf) };
    scene.show(layout.page(main)).leading_away()
}
