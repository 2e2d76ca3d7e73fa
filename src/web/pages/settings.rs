//! What members decide about themselves: profile, password, where they are signed in, which apps speak for them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::actions::accounts::{self, ProfileChange};
use crate::actions::{oauth, sessions};
use crate::domain::account::ActorKind;
use crate::domain::html as markup;
use crate::domain::id::AppId;
use crate::error::{Error, Problem};
use crate::views;
use crate::views::sessions::SessionView;
use crate::web::oauth::scopes;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{
    Checkbox, Field, FieldKind, checkbox, csrf_input, date, empty, error_for, errors_summary, field,
};
use crate::web::pages::layout::Place;
use crate::web::pages::posted::{Form, MemberPosted};
use crate::web::pages::scene::{self, Scene, SignedIn};
use crate::web::pages::session;

/// `GET /settings`
pub async fn index(SignedIn { scene, .. }: SignedIn) -> Shown {
    let main = html! {
        h1 { "Settings" }
        ul.plain-list {
            li { a href="/settings/profile" { "Profile" } " – your name, what you say about yourself, who may follow" }
            li { a href="/settings/applications" { "Apps" } " – what you have allowed to speak for you" }
            li { a href="/settings/password" { "Password and sessions" } " – where you are signed in" }
        }
    };
    draw(&scene, "Settings", main)
}

/// `GET /settings/profile`
pub async fn profile(SignedIn { scene, me }: SignedIn) -> Shown {
    profile_page(&scene, &Profile::of(&me), &[])
}

/// `POST /settings/profile`
pub async fn change_profile(MemberPosted { scene, me, form }: MemberPosted) -> Result<Response, PageError> {
    let typed = Profile::read(&form);
    match accounts::update_profile(scene.app(), me.account.id, typed.change()).await {
        Ok(()) => {
            let said = Onward::to("/settings/profile").saying(scene.app(), "Your profile is changed.");
            Ok(said.into_response())
        }
        Err(Error::Validation(problems)) => {
            let page = profile_page(&scene, &typed, &problems);
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// What is in the form of the profile.
struct Profile {
    display_name: String,
    note: String,
    fields: Vec<(String, String)>,
    locked: bool,
    bot: bool,
    discoverable: bool,
    indexable: bool,
    hide_collections: bool,
}

impl Profile {
    fn of(me: &SessionView) -> Self {
        let account = &me.account;
        Self {
            display_name: account.display_name.clone(),
            note: account.note_source.clone().unwrap_or_default(),
            fields: account.fields.0.iter().map(|field| (field.name.clone(), markup::to_text(&field.value))).collect(),
            locked: account.locked,
            bot: account.kind == ActorKind::Service,
            discoverable: account.discoverable,
            indexable: account.indexable,
            hide_collections: account.hide_collections,
        }
    }

    fn read(form: &Form) -> Self {
        let pairs = form.all("field_name").zip(form.all("field_value"));
        Self {
            display_name: form.get("display_name").to_owned(),
            note: form.get("note").replace("\r\n", "\n"),
            fields: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            locked: form.ticked("locked"),
            bot: form.ticked("bot"),
            discoverable: form.ticked("discoverable"),
            indexable: form.ticked("indexable"),
            hide_collections: form.ticked("hide_collections"),
        }
    }

    fn change(&self) -> ProfileChange {
        ProfileChange {
            display_name: Some(self.display_name.clone()),
            note: Some(self.note.clone()),
            fields: Some(self.fields.clone()),
            locked: Some(self.locked),
            bot: Some(self.bot),
            discoverable: Some(self.discoverable),
            indexable: Some(self.indexable),
            hide_collections: Some(self.hide_collections),
            ..ProfileChange::default()
        }
    }
}

fn profile_page(scene: &Scene, typed: &Profile, problems: &[Problem]) -> Shown {
    let limits = &scene.app().config.limits;
    let tick = |label, name, checked, hint| checkbox(&Checkbox { label, name, checked, hint: Some(hint), error: None });
    let main = html! {
        h1 { "Profile" }
        (errors_summary(problems))
        form.form method="post" action="/settings/profile" {
            (csrf_input(&scene.csrf()))
            (field(&Field {
                label: "Name",
                name: "display_name",
                value: &typed.display_name,
                error: error_for(problems, "display_name"),
                optional: true,
                maxlength: Some(limits.display_name_characters),
                ..Field::default()
            }))
            (field(&Field {
                label: "About you",
                name: "note",
                value: &typed.note,
                kind: FieldKind::Lines(5),
                error: error_for(problems, "note"),
                optional: true,
                ..Field::default()
            }))
            (lines(typed, problems, limits.profile_fields as usize))
            (tick("I decide who may follow me", "locked", typed.locked, "Others ask, and you answer under Notifications."))
            (tick("Suggest me to others", "discoverable", typed.discoverable, "You may appear in lists of members."))
            (tick("My public posts may be found", "indexable", typed.indexable, "By search engines and by the search of apps."))
            (tick("Hide whom I follow", "hide_collections", typed.hide_collections, "And who follows you."))
            (tick("This is a bot", "bot", typed.bot, "Most of its posts are written by a program."))
            div.buttons { button.button.primary type="submit" { "Save" } }
        }
    };
    draw(scene, "Profile", main)
}

fn lines(typed: &Profile, problems: &[Problem], most: usize) -> Markup {
    html! {
        fieldset {
            legend { "Lines of your profile" }
            @if let Some(error) = error_for(problems, "fields") { p.field-error #field-fields { (error) } }
            @for number in 0..most {
                @let (name, value) = typed.fields.get(number).map_or(("", ""), |(name, value)| (name.as_str(), value.as_str()));
                div.inline-form {
                    div.field {
                        label for={ "field-name-" (number) } { "Label " (number + 1) }
                        input id={ "field-name-" (number) } name="field_name" type="text" value=(name) dir="auto";
                    }
                    div.field {
                        label for={ "field-value-" (number) } { "Text " (number + 1) }
                        input id={ "field-value-" (number) } name="field_value" type="text" value=(value) dir="auto";
                    }
                }
            }
        }
    }
}

/// `GET /settings/applications`
pub async fn apps(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    let allowed = views::apps::allowed(&scene.app().db, me.account.id).await?;
    let csrf = scene.csrf();
    let main = html! {
        h1 { "Apps" }
        @if allowed.is_empty() { (empty("info", "You have not allowed any app to speak for you.")) }
        @for app in &allowed {
            section {
                h2 { bdi { (app.app.name) } }
                p.small.faded {
                    "allowed since " (date(app.since))
                    @if let Some(day) = app.last_used_at { ", last used " (date(day)) }
                }
                ul { @for sentence in scopes::sentences(&app.scopes) { li { (sentence) } } }
                form method="post" action={ "/settings/applications/" (app.app.id) "/revoke" } {
                    (csrf_input(&csrf))
                    button.button.danger type="submit" {
                        "Take this back" span.visually-hidden { " from " bdi { (app.app.name) } }
                    }
                }
            }
        }
    };
    Ok(draw(&scene, "Apps", main))
}

/// `POST /settings/applications/{id}/revoke`
pub async fn revoke(Path(id): Path<String>, MemberPosted { scene, me, .. }: MemberPosted) -> Result<Onward, PageError> {
    let id: AppId = id.parse().map_err(|_| Error::NotFound("app"))?;
    oauth::withdraw(scene.app(), me.account.id, id).await?;
    Ok(Onward::to("/settings/applications").saying(scene.app(), "The app cannot speak for you any more."))
}

/// `GET /settings/password`
pub async fn password(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    password_page(&scene, &me, &[]).await
}

/// `POST /settings/password`: a new password ends every other session, and where it was lost, what apps were given.
pub async fn change_password(MemberPosted { scene, me, form }: MemberPosted) -> Result<Response, PageError> {
    let app = scene.app();
    let id = me.account.id;
    let changed = sessions::change_password(app, id, form.get("current"), form.get("password")).await;
    match changed {
        Ok(()) => {}
        Err(Error::Validation(problems)) => {
            let page = password_page(&scene, &me, &problems).await?;
            return Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
        }
        Err(other) => return Err(other.into()),
    }
    if form.ticked("apps") {
        oauth::withdraw_all(app, id).await?;
    }
    let secret = sessions::open(app, id, &scene::user_agent(&scene)).await?;
    let said =
        Onward::to("/settings/password").saying(app, "Your password is changed, and all other sessions are over.");
    Ok(said.with_cookies(session::begin(app, &secret)).into_response())
}

/// `POST /settings/sessions`: ends all sessions but this one.
pub async fn end_sessions(MemberPosted { scene, me, .. }: MemberPosted) -> Result<Onward, PageError> {
    let app = scene.app();
    sessions::sign_out_everywhere(app, me.account.id).await?;
    let secret = sessions::open(app, me.account.id, &scene::user_agent(&scene)).await?;
    let said = Onward::to("/settings/password").saying(app, "You are signed out everywhere else.");
    Ok(said.with_cookies(session::begin(app, &secret)))
}

async fn password_page(scene: &Scene, me: &SessionView, problems: &[Problem]) -> Result<Shown, PageError> {
    let csrf = scene.csrf();
    let open = views::sessions::of(&scene.app().db, me.account.id, scene.now()).await?;
    let secret = |label, name, autocomplete| {
        let error = error_for(problems, name);
        field(&Field {
            label,
            name,
            kind: FieldKind::Password,
            error,
            autocomplete: Some(autocomplete),
            ..Field::default()
        })
    };
    let main = html! {
        h1 { "Password and sessions" }
        (errors_summary(problems))
        form.form method="post" action="/settings/password" {
            (csrf_input(&csrf))
            (secret("Your password now", "current", "current-password"))
            (secret("New password", "password", "new-password"))
            (checkbox(&Checkbox {
                label: "Sign out all apps too",
                name: "apps",
                hint: Some("If somebody else may know your password"),
                ..Checkbox::default()
            }))
            div.buttons { button.button.primary type="submit" { "Change the password" } }
        }
        section {
            h2 { "Where you are signed in" }
            ul.plain-list {
                @for session in &open {
                    li {
                        bdi { @if session.user_agent.is_empty() { "Some browser" } @else { (session.user_agent) } }
                        p.small.faded {
                            "since " (date(session.created_at)) ", last used " (date(session.last_used_at))
                            @if session.id == me.session.id { " · this one" }
                        }
                    }
                }
            }
            @if open.len() > 1 {
                form method="post" action="/settings/sessions" {
                    (csrf_input(&csrf))
                    button.button type="submit" { "Sign out everywhere else" }
                }
            }
        }
    };
    Ok(draw(scene, "Password and sessions", main))
}

fn draw(scene: &Scene, title: &str, main: Markup) -> Shown {
    let csrf = scene.csrf();
    scene.show(scene.layout(title, Some(Place::Settings), &csrf).page(main))
}
