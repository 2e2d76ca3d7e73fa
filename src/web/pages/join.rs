//! Becoming a member: the form, invitations, and confirming an address.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::actions::accounts::Newcomer;
use crate::actions::{accounts, sessions, sign_up};
use crate::domain::settings::Registration;
use crate::error::{Error, Problem};
use crate::views;
use crate::views::AccountView;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{Field, FieldKind, csrf_input, error_for, errors_summary, field};
use crate::web::pages::landing::{joining, plain};
use crate::web::pages::layout::{Layout, Place};
use crate::web::pages::people;
use crate::web::pages::posted::{Form, Posted};
use crate::web::pages::scene::{self, Scene};
use crate::web::pages::session;

/// `GET /join`
pub async fn page(scene: Scene) -> Response {
    if scene.session().is_some() {
        return Onward::to("/").into_response();
    }
    draw(&scene, &Typed::default(), &[]).into_response()
}

/// `GET /invite/{code}`
pub async fn invited(scene: Scene, Path(code): Path<String>) -> Result<Response, PageError> {
    let app = scene.app();
    match views::invites::valid(&app.db, &code, app.now()).await? {
        Some(invite) => {
            let typed = Typed { invite: Some(code), by: invite.by, ..Typed::default() };
            Ok(draw(&scene, &typed, &[]).into_response())
        }
        None => {
            let main = plain("This invitation is not valid any more", "It may be used up or too old. Ask for another.");
            let layout = Layout { noindex: true, ..scene.layout("Invitation", Some(Place::Join), "") };
            Ok(scene.show(layout.page(main)).status(StatusCode::NOT_FOUND).into_response())
        }
    }
}

/// `POST /join`
pub async fn join(Posted { scene, form }: Posted) -> Result<Response, PageError> {
    let app = scene.app();
    let typed = Typed::read(&form);
    sign_up::count_attempt(app, scene.address)?;
    match sign_up::sign_up(app, typed.newcomer(form.get("password"))).await {
        Ok(joined) => welcome(&scene, joined).await,
        Err(Error::Validation(problems)) => {
            sign_up::forgive_attempt(app, scene.address);
            Ok(draw(&scene, &typed, &problems).status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /confirm/{code}`
pub async fn confirm(scene: Scene, Path(code): Path<String>) -> Result<Response, PageError> {
    confirmed(&scene, &code).await
}

/// `GET /confirm?code=…`
pub async fn confirm_by_query(scene: Scene) -> Result<Response, PageError> {
    confirmed(&scene, &scene.query("code").unwrap_or_default()).await
}

async fn confirmed(scene: &Scene, code: &str) -> Result<Response, PageError> {
    match accounts::confirm(scene.app(), code).await {
        Ok(_) => Ok(Onward::to("/login").saying(scene.app(), "Your address is confirmed.").into_response()),
        Err(Error::NotFound(_)) => {
            let sentence = "It was opened before, or it is not whole. If your address is confirmed, you can sign in.";
            let main = plain("This link does not confirm anything", sentence);
            let layout = Layout { noindex: true, ..scene.layout("Confirmation", None, "") };
            Ok(scene.show(layout.page(main)).status(StatusCode::NOT_FOUND).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// Those who may come in at once are signed in; the others are told what they wait for.
async fn welcome(scene: &Scene, joined: accounts::Joined) -> Result<Response, PageError> {
    let app = scene.app();
    let member = views::accounts::own(&app.db, joined.account).await?.member;
    if member.approved_at.is_some() && member.confirmed_at.is_some() {
        let secret = sessions::open(app, joined.account, &scene::user_agent(scene)).await?;
        let next = Onward::to("/home").saying(app, format!("Welcome to {}!", scene.settings.name));
        return Ok(next.with_cookies(session::begin(app, &secret)).into_response());
    }
    let main = html! {
        h1 { "Nearly there" }
        div.prose {
            @if member.confirmed_at.is_none() {
                p { "Please open the link in the message sent to " b { (member.email) } ". It confirms that the address is yours." }
            }
            @if member.approved_at.is_none() {
                p { "Those who run this server will read what you wrote and let you in. Then you can sign in." }
            }
        }
    };
    let layout = Layout { noindex: true, ..scene.layout("Nearly there", Some(Place::Join), "") };
    Ok(scene.show(layout.page(main)).into_response())
}

/// What is in the form; the password is never printed back.
#[derive(Debug, Default)]
struct Typed {
    username: String,
    email: String,
    reason: String,
    invite: Option<String>,
    by: Option<AccountView>,
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            username: text("username"),
            email: text("email"),
            reason: text("reason"),
            invite: form.filled("invite").map(str::to_owned),
            by: None,
        }
    }

    fn newcomer(&self, password: &str) -> Newcomer {
        Newcomer {
            username: self.username.clone(),
            email: self.email.clone(),
            password: password.to_owned(),
            reason: Some(self.reason.clone()).filter(|reason| !reason.trim().is_empty()),
            invite: self.invite.clone(),
            locale: None,
        }
    }
}

fn draw(scene: &Scene, typed: &Typed, problems: &[Problem]) -> Shown {
    let registration = scene.settings.registration;
    let is_open = match registration {
        Registration::Open | Registration::Approval => true,
        Registration::Invite => typed.invite.is_some(),
        Registration::Closed => false,
    };
    let csrf = if is_open { scene.csrf() } else { String::new() };
    let main = html! {
        h1 { "Join " bdi { (scene.settings.name) } }
        div.prose {
            @match (&typed.by, &typed.invite) {
                (Some(by), _) => p { (people::link(by)) " invites you." },
                (None, Some(_)) => p { "You are invited." },
                (None, None) => p { (joining(registration)) },
            }
        }
        @if is_open {
            (errors_summary(problems))
            (form(scene, typed, problems, &csrf))
        }
    };
    let layout = Layout { noindex: typed.invite.is_some(), ..scene.layout("Join", Some(Place::Join), &csrf) };
    scene.show(layout.page(main))
}

fn form(scene: &Scene, typed: &Typed, problems: &[Problem], csrf: &str) -> Markup {
    let asks_why = scene.settings.registration == Registration::Approval && typed.invite.is_none();
    html! {
        form.form method="post" action="/join" {
            (csrf_input(csrf))
            @if let Some(code) = &typed.invite { input type="hidden" name="invite" value=(code); }
            (account_fields(&typed.username, &typed.email, problems))
            @if asks_why {
                (field(&Field {
                    label: "Why do you want to join?",
                    name: "reason",
                    value: &typed.reason,
                    kind: FieldKind::Lines(4),
                    error: error_for(problems, "reason"),
                    hint: Some("A sentence or two about you and what you work on"),
                    maxlength: Some(2000),
                    ..Field::default()
                }))
            }
            div.buttons {
                button.button.primary type="submit" { @if asks_why { "Ask to join" } @else { "Join" } }
            }
        }
    }
}

/// What every new account needs: a name, an address, a password.
pub fn account_fields(username: &str, email: &str, problems: &[Problem]) -> Markup {
    html! {
        (field(&Field {
            label: "Username",
            name: "username",
            value: username,
            error: error_for(problems, "username"),
            hint: Some("Letters without accents, numbers and underscores. It cannot be changed later."),
            autocomplete: Some("username"),
            maxlength: Some(30),
            ..Field::default()
        }))
        (field(&Field {
            label: "E-mail address",
            name: "email",
            value: email,
            kind: FieldKind::Email,
            error: error_for(problems, "email"),
            hint: Some("Never shown to anybody but those who run this server"),
            autocomplete: Some("email"),
            maxlength: Some(254),
            ..Field::default()
        }))
        (field(&Field {
            label: "Password",
            name: "password",
            kind: FieldKind::Password,
            error: error_for(problems, "password"),
            hint: Some("At least 8 characters; a few words are better than one"),
            autocomplete: Some("new-password"),
            ..Field::default()
        }))
    }
}
