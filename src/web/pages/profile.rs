//! `/@ann` and `/@ann@example.org`: who somebody is and what they wrote.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};

use crate::domain::handle::Handle;
use crate::domain::page::Paged;
use crate::domain::text::{self, Tag};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::views;
use crate::views::AccountView;
use crate::views::accounts::Relationship;
use crate::views::featured_tags::FeaturedTag;
use crate::views::statuses::StatusView;
use crate::views::timelines::OfAccount;
use crate::web::activitypub;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{Field, date, field};
use crate::web::pages::home::{feed_link, member_csrf};
use crate::web::pages::layout::{Layout, Place, icon};
use crate::web::pages::people::{self, Deed};
use crate::web::pages::post::{Pen, outside_link, plural};
use crate::web::pages::scene::Scene;

/// How much of a biography describes the page elsewhere, in characters.
const DESCRIPTION: usize = 200;

/// `GET /@{name}`
pub async fn page(scene: Scene, Path(name): Path<String>) -> Result<Response, PageError> {
    let account = named(&scene, &name).await?;
    if account.host.is_none() && activitypub::wanted(&scene.headers) {
        let document = activitypub::account_document(&scene.web, &scene.headers, &scene.uri, scene.from(), account.id);
        return Ok(document.await.into_response());
    }
    if scene.uri.path() != people::path(&account) {
        return Ok(Onward::to(people::path(&account)).into_response());
    }
    let relation = relation(&scene, &account).await?;
    let wanted = Wanted { with_replies: scene.query("replies").is_some(), tag: tag(&scene) };
    let posts = posts(&scene, &account, &relation, &wanted).await?;
    // Whoever has no post to show here shows no pinned one either.
    let first = wanted.is_everything() && scene.page().is_first() && !posts.items.is_empty();
    let pinned = match first {
        true => views::timelines::pinned(&scene.app().db, scene.viewer(), account.id).await?,
        false => Vec::new(),
    };
    let home = views::accounts::new_home(&scene.app().db, &account).await?;
    let featured = views::featured_tags::of(&scene.app().db, account.id).await?;
    let person = Person { account: &account, home: home.as_ref(), relation: &relation };
    let shown = Posts { pinned, featured, posts, wanted };
    Ok(draw(&scene, &person, &shown).into_response())
}

/// Whose profile is shown.
struct Person<'a> {
    account: &'a AccountView,
    home: Option<&'a AccountView>,
    relation: &'a Relationship,
}

/// Which posts are asked for.
struct Wanted {
    with_replies: bool,
    /// Only with this hashtag.
    tag: Option<Tag>,
}

impl Wanted {
    /// Whether it is the profile as such.
    fn is_everything(&self) -> bool {
        !self.with_replies && self.tag.is_none()
    }
}

/// What a profile shows besides who somebody is.
struct Posts {
    pinned: Vec<StatusView>,
    featured: Vec<FeaturedTag>,
    posts: Paged<StatusView>,
    wanted: Wanted,
}

fn tag(scene: &Scene) -> Option<Tag> {
    Tag::parse(&scene.query("tagged")?)
}

/// The account that a part of an address names, with or without its host.
pub async fn named(scene: &Scene, name: &str) -> Result<AccountView> {
    let app = scene.app();
    let handle: Handle = name.parse().map_err(|_| Error::NotFound("account"))?;
    let host = handle.host.as_ref().filter(|host| !app.urls.is_ours(host));
    let account = views::accounts::by_name(&app.db, &handle.username, host).await?;
    if account.suspended_at.is_some() { Err(Error::NotFound("account")) } else { Ok(account) }
}

/// What somebody is to the viewer.
pub async fn relation(scene: &Scene, account: &AccountView) -> Result<Relationship> {
    let Some(me) = scene.viewer().account() else { return Ok(Relationship::default()) };
    let app = scene.app();
    let mut found = views::accounts::relationships(&app.db, me, &[account.id], app.now()).await?;
    Ok(found.pop().map(|(_, relation)| relation).unwrap_or_default())
}

async fn posts(
    scene: &Scene,
    account: &AccountView,
    relation: &Relationship,
    wanted: &Wanted,
) -> Result<Paged<StatusView>> {
    let close = people::is_me(scene.viewer(), account) || relation.following;
    if relation.blocked_by || (account.limited_at.is_some() && !close) {
        return Ok(Paged { items: Vec::new(), bounds: None });
    }
    let wanted = OfAccount {
        exclude_replies: !wanted.with_replies && wanted.tag.is_none(),
        tagged: wanted.tag.as_ref().map(|tag| tag.key.clone()),
        ..OfAccount::default()
    };
    views::timelines::account(&scene.app().db, scene.viewer(), account.id, &wanted, &scene.page()).await
}

fn draw(scene: &Scene, person: &Person<'_>, shown: &Posts) -> Shown {
    let Person { account, home, relation } = *person;
    let Posts { pinned, featured, posts, wanted } = shown;
    let csrf = member_csrf(scene);
    let pen = Pen::new(scene, &csrf, "account");
    let local = account.host.is_none();
    let feed = scene.app().urls.at(&format!("{}/feed.atom", people::path(account)));
    let main = html! {
        div.banner {}
        div.profile-head { (people::picture(88)) div.buttons { (buttons(&pen, account, relation)) } }
        (names(&full_handle(scene, account), account, relation))
        @if let Some(home) = home { (moved(account, home)) }
        @if !local { (elsewhere(account)) }
        @if !account.note.is_empty() { div.bio dir="auto" { (PreEscaped(&account.note)) } }
        (fields(account))
        (counts(account))
        (hashtags(account, featured))
        @if scene.session().is_none() { (remote_follow(account)) }
        @if scene.session().is_some() && !people::is_me(scene.viewer(), account) { (ties(&pen, account, relation)) }
        (tabs(account, wanted))
        (pen.list_below(pinned, posts, nothing(account, relation)))
        @if local { p { (feed_link(&feed)) } }
    };
    let name = people::name(account);
    let place = people::is_me(scene.viewer(), account).then_some(Place::You);
    let layout = Layout {
        feeds: if local { vec![(format!("Posts of {name}"), feed)] } else { Vec::new() },
        canonical: Some(account.url.clone()),
        alternate_activity_json: Some(account.uri.clone()),
        description: Some(text::excerpt(&crate::domain::html::to_text(&account.note), DESCRIPTION))
            .filter(|description| !description.is_empty()),
        noindex: !local || !account.indexable || account.limited_at.is_some(),
        ..scene.layout(format!("{name} ({})", people::handle(account)), place, &csrf)
    };
    let page = scene.show(layout.page(main)).of_document(&account.uri);
    // The form for people from elsewhere leads to their own server.
    if scene.session().is_none() { page.leading_away() } else { page }
}

fn names(handle: &str, account: &AccountView, relation: &Relationship) -> Markup {
    html! {
        div.profile-names {
            h1 { bdi { (people::name(account)) } }
            p.handle {
                bdi { (handle) }
                @if account.kind == crate::domain::account::ActorKind::Service { " · bot" }
                @if account.locked { " · " (icon("lock")) " approves followers" }
                @if relation.followed_by { " · follows you" }
            }
        }
    }
}

/// The handle as somebody on another server has to write it.
fn full_handle(scene: &Scene, account: &AccountView) -> String {
    let host = account.host.as_ref().unwrap_or_else(|| scene.app().urls.handle_host());
    format!("@{}@{host}", account.username)
}

/// Whoever looks for somebody who has moved is led on.
fn moved(account: &AccountView, home: &AccountView) -> Markup {
    html! {
        div.notice {
            (icon("info"))
            p { bdi { (people::name(account)) } " has moved and goes on as " (people::link(home)) " (" bdi { (people::handle(home)) } ")." }
        }
    }
}

/// Copies of what lives elsewhere say so, with the true host.
fn elsewhere(account: &AccountView) -> Markup {
    let host = host_of(&account.url);
    html! {
        p.small.faded {
            "This profile lives on another server, and not everything on it may be here. "
            (outside_link(&account.url, &format!("Open it on {host}")))
        }
    }
}

/// The host an address leads to, in ASCII.
pub fn host_of(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "its own server".to_owned())
}

fn fields(account: &AccountView) -> Markup {
    html! {
        @if !account.fields.0.is_empty() {
            dl.fields {
                @for field in &account.fields.0 {
                    div { dt dir="auto" { (field.name) } dd dir="auto" { (PreEscaped(&field.value)) } }
                }
            }
        }
    }
}

fn counts(account: &AccountView) -> Markup {
    html! {
        ul.counts {
            li { b { (account.statuses_count) } " " (plural(account.statuses_count, "post", "posts")) }
            @if !account.hide_collections {
                li { b { (account.followers_count) } " " (plural(account.followers_count, "follower", "followers")) }
                li { b { (account.following_count) } " following" }
            }
            li { "here since " (date(account.created_at)) }
        }
    }
}

/// The hashtags somebody shows, each with how many posts carry it.
fn hashtags(account: &AccountView, featured: &[FeaturedTag]) -> Markup {
    html! {
        @if !featured.is_empty() {
            ul.counts aria-label="Hashtags" {
                @for tag in featured { li { a href=(tag.url(account)) { bdi { "#" (tag.display) } } " " (tag.uses) } }
            }
        }
    }
}

fn tabs(account: &AccountView, wanted: &Wanted) -> Markup {
    let path = people::path(account);
    html! {
        ul.tabs {
            li { a href=(path) aria-current=[wanted.is_everything().then_some("page")] { "Posts" } }
            li {
                a href={ (path) "?replies=1" } aria-current=[wanted.with_replies.then_some("page")] { "Posts and replies" }
            }
            @if let Some(tag) = &wanted.tag {
                li { a href={ (path) "?tagged=" (tag.key) } aria-current="page" { bdi { "#" (tag.display) } } }
            }
        }
    }
}

fn nothing(account: &AccountView, relation: &Relationship) -> &'static str {
    if relation.blocked_by {
        "You cannot see the posts of this person."
    } else if account.limited_at.is_some() {
        "The posts of this person are shown to their followers alone."
    } else {
        "There is nothing here yet."
    }
}

/// What a member can do first of all: follow, or stop to.
pub fn buttons(pen: &Pen<'_>, account: &AccountView, relation: &Relationship) -> Markup {
    let deed = |deed, label, primary| {
        people::button(account, &Deed { deed, label, primary, danger: false, csrf: pen.csrf, back: pen.back })
    };
    html! {
        @match pen.viewer {
            Viewer::Member(me) if me == account.id => a.button href="/settings/profile" { "Edit profile" },
            Viewer::Member(_) => {
                @if relation.blocking { (deed("unblock", "Unblock", false)) }
                @else if relation.following { (deed("unfollow", "Stop following", false)) }
                @else if relation.requested { (deed("unfollow", "Take back the request", false)) }
                @else if !relation.blocked_by {
                    (deed("follow", if account.locked { "Ask to follow" } else { "Follow" }, true))
                }
            },
            Viewer::Anyone | Viewer::Peer(_) => {},
        }
    }
}

/// What a member can do to keep somebody away, behind one more step.
fn ties(pen: &Pen<'_>, account: &AccountView, relation: &Relationship) -> Markup {
    let deed = |deed, label, danger| {
        people::button(account, &Deed { deed, label, primary: false, danger, csrf: pen.csrf, back: pen.back })
    };
    html! {
        details {
            summary.small { "Mute or block" }
            div.buttons {
                @if relation.muting { (deed("unmute", "Stop muting", false)) } @else { (deed("mute", "Mute", false)) }
                @if !relation.blocking { (deed("block", "Block", true)) }
                @if relation.followed_by { (deed("remove", "Remove as follower", true)) }
            }
        }
    }
}

/// Following from an account on another server.
fn remote_follow(account: &AccountView) -> Markup {
    html! {
        section.remote-follow aria-label="Follow from your own server" {
            (interact_form(&account.uri, "Follow from your own server", None))
        }
    }
}

/// The form that takes somebody to their own server, to do something with `uri` there.
pub fn interact_form(uri: &str, label: &str, error: Option<&str>) -> Markup {
    html! {
        form.inline-form method="post" action="/interact" {
            input type="hidden" name="uri" value=(uri);
            (field(&Field {
                label,
                name: "handle",
                error,
                hint: Some("Your handle, such as @you@example.org"),
                maxlength: Some(400),
                ..Field::default()
            }))
            button.button type="submit" { "Continue" }
        }
    }
}
