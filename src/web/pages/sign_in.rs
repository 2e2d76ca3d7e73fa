//! Signing in and out.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::actions::sessions::{self, SignIn};
use crate::domain::settings::Registration;
use crate::error::Error;
use crate::web::pages::answer::{Onward, PageError, Shown, with_next};
use crate::web::pages::components::{Field, FieldKind, Flash, FlashKind, csrf_input, field, flash};
use crate::web::pages::layout::{Layout, Place};
use crate::web::pages::posted::{MemberPosted, Posted};
use crate::web::pages::scene::{self, Scene};
use crate::web::pages::session;

/// `GET /login`; `next` is where the way leads afterwards, `again` asks also those who are signed in.
pub async fn page(scene: Scene) -> Response {
    let next = next(scene.query("next"));
    if scene.session().is_some() && scene.query("again").is_none() {
        return Onward::to(next).into_response();
    }
    draw(&scene, &next, "", None).into_response()
}

/// `POST /login`
pub async fn sign_in(Posted { scene, form }: Posted) -> Result<Response, PageError> {
    let app = scene.app();
    let next = next(form.filled("next").map(str::to_owned));
    let wanted = SignIn {
        login: form.get("login").to_owned(),
        password: form.get("password").to_owned(),
        user_agent: scene::user_agent(&scene),
        address: scene.address,
    };
    match sessions::sign_in(app, wanted).await {
        Ok((secret, _)) => {
            end_old(&scene).await?;
            Ok(Onward::to(next).with_cookies(session::begin(app, &secret)).into_response())
        }
        Err(error @ (Error::Unauthenticated(_) | Error::Forbidden(_))) => {
            let page = draw(&scene, &next, form.get("login"), Some(&format!("{error}.")));
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /logout`
pub async fn sign_out(MemberPosted { scene, .. }: MemberPosted) -> Result<Onward, PageError> {
    end_old(&scene).await?;
    let app = scene.app();
    Ok(Onward::to("/").saying(app, "You are signed out.").with_cookies(session::end(app)))
}

/// `GET /auth/sign_in`, where apps for Mastodon send people.
pub async fn elsewhere(scene: Scene) -> Onward {
    Onward::to(format!("/login?{}", with_next(&next(scene.query("next")))))
}

/// The session a browser came with ends when it gets another one.
async fn end_old(scene: &Scene) -> Result<(), PageError> {
    if let Some(secret) = session::secret(scene.app(), &scene.headers) {
        sessions::sign_out(scene.app(), &secret).await?;
    }
    Ok(())
}

fn next(wanted: Option<String>) -> String {
    wanted.filter(|path| session::local_path(path).is_some()).unwrap_or_else(|| "/".to_owned())
}

fn draw(scene: &Scene, next: &str, login: &str, trouble: Option<&str>) -> Shown {
    let csrf = scene.csrf();
    let main = html! {
        h1 { "Sign in" }
        @if let Some(text) = trouble { (flash(&Flash { kind: FlashKind::Problem, text: text.to_owned() })) }
        form.form method="post" action="/login" {
            (csrf_input(&csrf))
            input type="hidden" name="next" value=(next);
            (field(&Field {
                label: "Username or e-mail address",
                name: "login",
                value: login,
                autocomplete: Some("username"),
                maxlength: Some(320),
                ..Field::default()
            }))
            (field(&Field {
                label: "Password",
                name: "password",
                kind: FieldKind::Password,
                autocomplete: Some("current-password"),
                ..Field::default()
            }))
            div.buttons { button.button.primary type="submit" { "Sign in" } }
        }
        @if scene.settings.registration != Registration::Closed {
            p.small { "No account yet? " a href="/join" { "How to join" } }
        }
    };
    let layout = Layout { noindex: true, ..scene.layout("Sign in", Some(Place::SignIn), &csrf) };
    scene.show(layout.page(main))
}
