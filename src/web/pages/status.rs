//! `/@ann/1234`: a post with what it answers and what answers it.

use std::collections::{HashMap, HashSet};

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::domain::html;
use crate::domain::id::StatusId;
use crate::domain::text;
use crate::error::Error;
use crate::views;
use crate::views::statuses::{StatusView, Thread};
use crate::web::activitypub;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::home::member_csrf;
use crate::web::pages::layout::Layout;
use crate::web::pages::people;
use crate::web::pages::post::{self, Pen, outside_link};
use crate::web::pages::profile::{host_of, interact_form};
use crate::web::pages::scene::Scene;

/// How many replies one page shows.
const MOST_REPLIES: usize = 300;
/// How deep replies are set in; deeper ones stand below each other.
const DEEPEST: usize = 12;
/// How much of a post describes the page elsewhere, in characters.
const DESCRIPTION: usize = 200;

/// `GET /@{name}/{id}`
pub async fn page(scene: Scene, Path((name, id)): Path<(String, String)>) -> Result<Response, PageError> {
    let app = scene.app();
    let id: StatusId = id.parse().map_err(|_| Error::NotFound("status"))?;
    if activitypub::wanted(&scene.headers) {
        return Ok(activitypub::status_document(&scene.web, &scene.headers, &scene.uri, scene.from(), id)
            .await
            .into_response());
    }
    let view = views::statuses::one(&app.db, scene.viewer(), id).await?;
    let path = post::path(view.original());
    if view.reblog.is_some() || scene.uri.path() != path {
        return redirected(&view, &name, path);
    }
    let thread = views::statuses::thread(&app.db, scene.viewer(), id).await?;
    scene.web.federation.fill_thread(scene.viewer(), id).await?;
    Ok(draw(&scene, &view, &thread).into_response())
}

/// A boost leads to what it boosts, another spelling of the name to the right one; another name to nothing.
fn redirected(view: &StatusView, name: &str, path: String) -> Result<Response, PageError> {
    let same = people::handle(&view.author).trim_start_matches('@').eq_ignore_ascii_case(name)
        || view.author.host.is_none()
            && view.author.username.key() == name.split('@').next().unwrap_or_default().to_lowercase();
    if same { Ok(Onward::to(path).into_response()) } else { Err(Error::NotFound("status").into()) }
}

fn draw(scene: &Scene, view: &StatusView, thread: &Thread) -> Shown {
    let csrf = member_csrf(scene);
    let pen = Pen::new(scene, &csrf, "thread");
    let name = people::name(&view.author);
    let row = view.row();
    let visitor = scene.session().is_none();
    let main = html! {
        h1.visually-hidden { "Post by " bdi { (name) } }
        @if thread.ancestors.is_empty() && row.in_reply_to_uri.is_some() {
            p.missing { "This answers a post that is not here, or not for you." }
        }
        @if !thread.ancestors.is_empty() {
            div.ancestors { @for ancestor in &thread.ancestors { (pen.post(ancestor)) } }
        }
        (pen.focused(view))
        @if !row.local { (elsewhere(view)) }
        @if visitor {
            section.remote-follow aria-label="Answer from your own server" {
                (interact_form(&row.uri, "Like, boost or answer from your own server", None))
            }
        }
        (replies(&pen, view, thread))
        @if thread.unreachable > 0 {
            p.missing {
                (thread.unreachable) " " (post::plural(i64::from(thread.unreachable), "post of this thread", "posts of this thread"))
                " could not be fetched from other servers."
            }
        }
    };
    let layout = Layout {
        canonical: Some(post::original_url(view).to_owned()),
        alternate_activity_json: Some(row.uri.clone()),
        description: Some(description(view)).filter(|description| !description.is_empty()),
        noindex: !row.local || !view.author.indexable || !row.visibility.is_open(),
        ..scene.layout(format!("{name}: {}", title(view)), None, &csrf)
    };
    let page = scene.show(layout.page(main)).of_document(&row.uri);
    if visitor { page.leading_away() } else { page }
}

fn elsewhere(view: &StatusView) -> Markup {
    let url = post::original_url(view);
    html! {
        p.small.faded {
            "This post lives on another server, which may know more replies. "
            (outside_link(url, &format!("Open it on {}", host_of(url))))
        }
    }
}

fn replies(pen: &Pen<'_>, view: &StatusView, thread: &Thread) -> Markup {
    let shown = &thread.descendants[..thread.descendants.len().min(MOST_REPLIES)];
    let missing = thread.descendants.len() - shown.len();
    let known: HashSet<StatusId> = shown.iter().map(|reply| reply.row().id).collect();
    let mut below: HashMap<StatusId, Vec<&StatusView>> = HashMap::new();
    for reply in shown {
        // What answers something that is not shown stands with the first replies.
        let parent = reply.row().in_reply_to_id.filter(|parent| known.contains(parent)).unwrap_or(view.row().id);
        below.entry(parent).or_default().push(reply);
    }
    html! {
        section.replies aria-label="Replies" {
            @if let Some(first) = below.get(&view.row().id) {
                h2 { "Replies" }
                (level(pen, first, &below, 1))
            }
            @if missing > 0 { p.missing { (missing) " more replies are not shown here." } }
        }
    }
}

/// One level of the tree; below the deepest one, replies stand under each other.
fn level(pen: &Pen<'_>, replies: &[&StatusView], below: &HashMap<StatusId, Vec<&StatusView>>, depth: usize) -> Markup {
    html! {
        ol {
            @for reply in replies {
                li {
                    (pen.post(reply))
                    @if depth < DEEPEST {
                        @if let Some(next) = below.get(&reply.row().id) { (level(pen, next, below, depth + 1)) }
                    }
                }
                @if depth >= DEEPEST {
                    @for deeper in everything_below(reply, below) { li { (pen.post(deeper)) } }
                }
            }
        }
    }
}

fn everything_below<'a>(reply: &StatusView, below: &HashMap<StatusId, Vec<&'a StatusView>>) -> Vec<&'a StatusView> {
    let mut found = Vec::new();
    let mut open = vec![reply.row().id];
    while let Some(id) = open.pop() {
        for next in below.get(&id).into_iter().flatten() {
            found.push(*next);
            open.push(next.row().id);
        }
    }
    found
}

/// What a post is about, as far as everybody may read it at once.
fn title(view: &StatusView) -> String {
    let row = view.row();
    let text = if !row.title.is_empty() {
        row.title.clone()
    } else if !row.spoiler_text.is_empty() {
        row.spoiler_text.clone()
    } else {
        html::to_text(&row.content)
    };
    let excerpt = text::excerpt(&text, 60);
    if excerpt.is_empty() { "a post".to_owned() } else { excerpt }
}

fn description(view: &StatusView) -> String {
    let row = view.row();
    let text = if row.spoiler_text.is_empty() { html::to_text(&row.content) } else { row.spoiler_text.clone() };
    text::excerpt(&text, DESCRIPTION)
}
