//! The page on which a member decides whether an app may speak for them.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::actions::oauth::{self, AuthorizeRequest, OUT_OF_BAND, Refusal};
use crate::app::crypto;
use crate::domain::scope::Scopes;
use crate::error::Error;
use crate::views;
use crate::views::apps::AppView;
use crate::views::sessions::SessionView;
use crate::web::oauth::{scopes, token};
use crate::web::pages::PageError;
use crate::web::pages::answer::{Onward, Shown, to_sign_in, with_next};
use crate::web::pages::components::csrf_input;
use crate::web::pages::layout::{Layout, Nav, icon};
use crate::web::pages::posted::{Form, MemberPosted};
use crate::web::pages::scene::{Scene, SignedIn, name_of};

/// The parameters an app sends people here with, in the order they are handed on.
const PARAMETERS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
];

/// What an app asks for, as it was sent.
#[derive(Debug, Clone, Default)]
struct Asked(Vec<(&'static str, String)>);

impl Asked {
    fn in_address(scene: &Scene) -> Self {
        Self::read(|name| scene.query(name))
    }

    fn in_form(form: &Form) -> Self {
        Self::read(|name| form.filled(name).map(str::to_owned))
    }

    fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Self(PARAMETERS.into_iter().filter_map(|name| Some((name, get(name)?))).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The address that asks the same again.
    fn address(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("/oauth/authorize?{query}")
    }
}

/// What an app asks for, checked.
struct Request {
    client: AppView,
    redirect_uri: String,
    scopes: Scopes,
    code_challenge: Option<String>,
}

/// `GET /oauth/authorize`
pub async fn ask(scene: Scene) -> Result<Response, PageError> {
    let asked = Asked::in_address(&scene);
    let request = match check(&scene, &asked).await? {
        Ok(request) => request,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let Some(me) = scene.session().cloned() else { return Ok(to_sign_in(&asked.address())) };
    if scene.query("force_login").is_some_and(|word| is_true(&word)) {
        return Ok(sign_in_again(&asked).into_response());
    }
    Ok(consent(&scene, &me, &asked, &request).leading_away().into_response())
}

/// `POST /oauth/authorize`: the member has decided.
pub async fn decide(MemberPosted { scene, me, form }: MemberPosted) -> Result<Response, PageError> {
    let asked = Asked::in_form(&form);
    let request = match check(&scene, &asked).await? {
        Ok(request) => request,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.get("decision") == "deny" {
        return refused(&request.redirect_uri, asked.get("state"), DENIED).map_err(PageError);
    }
    let wanted = AuthorizeRequest {
        client_id: request.client.client_id,
        redirect_uri: request.redirect_uri.clone(),
        scopes: request.scopes,
        code_challenge: request.code_challenge,
    };
    let code = oauth::authorize(scene.app(), me.account.id, wanted).await.map_err(trouble)?;
    if request.redirect_uri == OUT_OF_BAND {
        return Ok(found(&format!("/oauth/authorize/native?{}", query(&[("code", &code)]))));
    }
    let answer = [("code", code.as_str())].into_iter().chain(asked.get("state").map(|state| ("state", state)));
    Ok(found(&with_query(&request.redirect_uri, &answer.collect::<Vec<_>>())))
}

/// `DELETE /oauth/authorize`: the member does not want to.
pub async fn deny(MemberPosted { scene, form, .. }: MemberPosted) -> Result<Response, PageError> {
    let in_form = Asked::in_form(&form);
    let asked = if in_form.0.is_empty() { Asked::in_address(&scene) } else { in_form };
    match check(&scene, &asked).await? {
        Ok(request) => refused(&request.redirect_uri, asked.get("state"), DENIED).map_err(PageError),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `GET /oauth/authorize/native`: the code, to be copied into the app.
///
/// Only codes of the member who looks are shown: a link with somebody else's would sign the app in as them.
pub async fn native(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    let app = scene.app();
    let code = scene.query("code").unwrap_or_default();
    let waits = views::apps::is_waiting_code(&app.db, me.account.id, &crypto::token_hash(&code), app.now()).await?;
    if !waits {
        return Err(Error::invalid("This code is too old or was used; start again in the app").into());
    }
    let main = html! {
        h1 { "Copy this code into the app" }
        p.token { code { (code) } }
        p { "It works once, within ten minutes. Show it to nobody else." }
    };
    let layout = Layout { nav: Nav::Bare, noindex: true, ..scene.layout("Your code", None, "") };
    Ok(scene.show(layout.page(main)))
}

/// Why an app is sent away, in the words of OAuth.
struct Reason(&'static str, &'static str);

const DENIED: Reason = Reason("access_denied", "The resource owner or authorization server denied the request.");

/// The request, or the answer that goes to the app at once.
///
/// What is wrong with the app or its address is told to the person alone: nobody is sent to an address that is not
/// registered.
async fn check(scene: &Scene, asked: &Asked) -> Result<Result<Request, Response>, PageError> {
    let client = views::apps::by_client_id(&scene.app().db, asked.get("client_id").unwrap_or_default()).await?;
    let client = client.ok_or_else(|| Error::invalid("This server does not know the app; start again in the app"))?;
    let redirect_uri = asked.get("redirect_uri").unwrap_or_default().to_owned();
    if !client.redirect_uris.contains(&redirect_uri) {
        return Err(Error::invalid("The app wants the answer sent to an address it has not registered").into());
    }
    match details(asked, &client) {
        Ok((scopes, code_challenge)) => Ok(Ok(Request { client, redirect_uri, scopes, code_challenge })),
        Err(reason) => Ok(Err(refused(&redirect_uri, asked.get("state"), reason)?)),
    }
}

fn details(asked: &Asked, client: &AppView) -> Result<(Scopes, Option<String>), Reason> {
    if asked.get("response_type") != Some("code") {
        let why = "The authorization server does not support this response type.";
        return Err(Reason("unsupported_response_type", why));
    }
    if asked.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Reason("invalid_request", "The authorization server does not support this response mode."));
    }
    let scopes: Option<Scopes> = asked.get("scope").unwrap_or(token::DEFAULT_SCOPE).parse().ok();
    let scopes = scopes.filter(|scopes| client.scopes.include(scopes) && scopes.iter().next().is_some());
    let scopes = scopes.ok_or(Reason("invalid_scope", "The requested scope is invalid, unknown, or malformed."))?;
    let challenge = asked.get("code_challenge").map(str::to_owned);
    if let Some(challenge) = &challenge
        && (asked.get("code_challenge_method") != Some("S256") || !oauth::is_challenge(challenge))
    {
        return Err(Reason("invalid_request", "The code challenge method must be S256."));
    }
    Ok((scopes, challenge))
}

/// Tells the app that it gets nothing, and why; without an address to tell it at, the person reads it.
fn refused(redirect_uri: &str, state: Option<&str>, Reason(error, why): Reason) -> Result<Response, Error> {
    if redirect_uri == OUT_OF_BAND {
        return match error {
            "access_denied" => Ok(Onward::to("/").into_response()),
            _ => Err(Error::invalid(why)),
        };
    }
    let answer = [("error", error), ("error_description", why)];
    let answer = answer.into_iter().chain(state.map(|state| ("state", state)));
    Ok(found(&with_query(redirect_uri, &answer.collect::<Vec<_>>())))
}

fn sign_in_again(asked: &Asked) -> Onward {
    Onward::to(format!("/login?again=true&{}", with_next(&asked.address())))
}

fn found(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(error) => PageError(Error::internal(error)).into_response(),
    }
}

/// The address with more parameters, which stays otherwise as the app wrote it.
fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let joint = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{address}{joint}{}", query(pairs))
}

/// Spaces are written as `%20`, which every reader of addresses understands.
fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().replace('+', "%20")
}

fn is_true(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "true" | "1" | "t" | "on" | "yes")
}

/// The page was checked a moment ago; what is refused now has changed meanwhile.
fn trouble(refusal: Refusal) -> PageError {
    PageError(match refusal {
        Refusal::Failed(error) => error,
        other => Error::invalid(other.to_string()),
    })
}

fn consent(scene: &Scene, me: &SessionView, asked: &Asked, request: &Request) -> Shown {
    let csrf = scene.csrf();
    let (account, client) = (&me.account, &request.client);
    let again = format!("{}&force_login=true", asked.address());
    let main = html! {
        div.consent {
            h1 { "May " bdi { (client.name) } " speak for you?" }
            p {
                "You are signed in as " b { bdi { (name_of(&account.display_name, account.username.as_str())) } }
                " (@" (account.username) "). " a href=(again) { "Use another account" }
            }
            p { bdi { (client.name) } " wants to:" }
            ul.grants { @for sentence in scopes::sentences(&request.scopes) { li { (icon("check")) span { (sentence) } } } }
            p.small.faded { (destination(request)) " You can take this back at any time under Settings, Apps." }
            form method="post" action="/oauth/authorize" {
                (csrf_input(&csrf))
                @for (name, value) in &asked.0 { input type="hidden" name=(name) value=(value); }
                div.buttons {
                    button.button.primary type="submit" name="decision" value="allow" { "Allow" }
                    button.button type="submit" name="decision" value="deny" { "Do not allow" }
                }
            }
        }
    };
    let layout = Layout { nav: Nav::Bare, noindex: true, ..scene.layout("Allow an app", None, &csrf) };
    scene.show(layout.page(main))
}

/// Where the way leads afterwards; anybody can call their app anything, but not their address.
fn destination(request: &Request) -> Markup {
    let url = url::Url::parse(&request.redirect_uri).ok();
    let web = url.as_ref().filter(|url| matches!(url.scheme(), "http" | "https")).and_then(|url| url.host_str());
    html! {
        @match (request.redirect_uri == OUT_OF_BAND, web) {
            (true, _) => "Afterwards you are shown a code to copy into the app.",
            (false, Some(host)) => { "Afterwards you are sent to " b { (host) } "." },
            (false, None) => "Afterwards an app on this device is opened.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_to_what_the_app_wrote() {
        let pairs = [("code", "a"), ("state", "x y+z&ä")];
        let query = "code=a&state=x%20y%2Bz%26%C3%A4";
        assert_eq!(with_query("https://a.test/b", &pairs), format!("https://a.test/b?{query}"));
        assert_eq!(with_query("https://a.test/b?c=d", &pairs), format!("https://a.test/b?c=d&{query}"));
        assert_eq!(with_query("https://a.test/b?", &pairs), format!("https://a.test/b?{query}"));
        assert_eq!(with_query("com.app.9:/token", &pairs), format!("com.app.9:/token?{query}"));
    }

    #[test]
    fn words_for_yes_are_read_in_any_case() {
        assert!(is_true("True") && is_true("1") && !is_true("False") && !is_true("0") && !is_true("None"));
    }
}
