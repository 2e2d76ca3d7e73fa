//! The first start: the server gets its name, its purpose and its first member.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::actions::setup::{self, Setup};
use crate::app::App;
use crate::app::attempts::Rate;
use crate::error::{Error, Problem};
use crate::views;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{Field, FieldKind, csrf_input, error_for, errors_summary, field};
use crate::web::pages::join::account_fields;
use crate::web::pages::layout::{Layout, Nav};
use crate::web::pages::posted::Posted;
use crate::web::pages::scene::{self, Scene};
use crate::web::pages::session;

/// How often one address may be wrong about the token.
const WRONG: Rate = Rate { count: 30, window: Duration::from_secs(15 * 60) };

/// `GET /setup`; once somebody is a member, there is nothing here.
pub async fn page(scene: Scene) -> Result<Shown, PageError> {
    still_open(scene.app()).await?;
    let setup = empty(&scene);
    Ok(draw(&scene, &scene.query("token").unwrap_or_default(), &setup, &[]))
}

/// `POST /setup`
pub async fn complete(Posted { scene, form }: Posted) -> Result<Response, PageError> {
    let app = scene.app();
    still_open(app).await?;
    if let Some(address) = scene.address.filter(|_| app.config.rate_limits.enabled) {
        app.attempts.count(&format!("setup from {address}"), WRONG, app.now())?;
    }
    let text = |name: &str| form.get(name).to_owned();
    let wanted = Setup {
        name: text("name"),
        purpose: text("purpose"),
        username: text("username"),
        email: text("email"),
        password: text("password"),
    };
    match setup::complete(app, form.get("token"), wanted.clone(), &scene::user_agent(&scene)).await {
        Ok((secret, _)) => {
            let next = Onward::to("/home").saying(app, "This server is yours. Say hello!");
            Ok(next.with_cookies(session::begin(app, &secret)).into_response())
        }
        Err(Error::Validation(problems)) => {
            let page = draw(&scene, form.get("token"), &wanted, &problems);
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn still_open(app: &App) -> Result<(), PageError> {
    if views::instance::has_members(&app.db).await? { Err(Error::NotFound("setup").into()) } else { Ok(()) }
}

fn empty(scene: &Scene) -> Setup {
    let settings = &scene.settings;
    Setup {
        name: settings.name.clone(),
        purpose: settings.purpose.clone(),
        username: String::new(),
        email: String::new(),
        password: String::new(),
    }
}

fn draw(scene: &Scene, token: &str, typed: &Setup, problems: &[Problem]) -> Shown {
    let csrf = scene.csrf();
    let main = html! {
        h1 { "Set up this server" }
        div.prose {
            p {
                "It is known to the world as " b { (scene.app().urls.host().as_str()) }
                ". This can never be changed: if it is wrong, stop here and change the configuration."
            }
        }
        (errors_summary(problems))
        form.form method="post" action="/setup" {
            (csrf_input(&csrf))
            (field(&Field {
                label: "Token",
                name: "token",
                value: token,
                error: error_for(problems, "token"),
                hint: Some("The server wrote it into its log when it started"),
                autocomplete: Some("off"),
                ..Field::default()
            }))
            (field(&Field {
                label: "Name of the community",
                name: "name",
                value: &typed.name,
                error: error_for(problems, "name"),
                maxlength: Some(100),
                ..Field::default()
            }))
            (field(&Field {
                label: "What is it for?",
                name: "purpose",
                value: &typed.purpose,
                kind: FieldKind::Lines(3),
                error: error_for(problems, "purpose"),
                hint: Some("A sentence for those who come by"),
                optional: true,
                maxlength: Some(500),
                ..Field::default()
            }))
            h2 { "Your account" }
            (account_fields(&typed.username, &typed.email, problems))
            div.buttons { button.button.primary type="submit" { "Open the server" } }
        }
    };
    let layout = Layout { nav: Nav::Bare, noindex: true, ..scene.layout("Set up this server", None, &csrf) };
    scene.show(layout.page(main))
}
