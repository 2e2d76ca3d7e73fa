//! What others did that concerns a member, and who asks to follow them.

use maud::{Markup, html};

use crate::actions::markers;
use crate::domain::html as markup;
use crate::domain::notification::NotificationKind;
use crate::domain::page::Page;
use crate::domain::severity::Severance;
use crate::domain::text;
use crate::error::Result;
use crate::views;
use crate::views::AccountView;
use crate::views::notifications::{NotificationView, Wanted};
use crate::views::sessions::SessionView;
use crate::web::pages::answer::{Onward, PageError, Shown};
use crate::web::pages::components::{self, csrf_input, time};
use crate::web::pages::layout::{Place, icon};
use crate::web::pages::people::{self, Deed};
use crate::web::pages::post::{self, Pen, plural};
use crate::web::pages::posted::MemberPosted;
use crate::web::pages::scene::{Scene, SignedIn};

/// The name of the list in the table that says how far somebody has read.
const TIMELINE: &str = "notifications";
/// How many requests to follow are shown at once.
const MOST_REQUESTS: u64 = 40;
/// How much of a post is shown, in characters.
const EXCERPT: usize = 200;

/// `GET /notifications`
pub async fn page(SignedIn { scene, me }: SignedIn) -> Result<Shown, PageError> {
    let app = scene.app();
    let reader = me.account.id;
    let list = views::notifications::list(&app.db, reader, &Wanted::default(), &scene.page()).await?;
    let requests = views::accounts::follow_requests(&app.db, reader, &Page::newest(MOST_REQUESTS)).await?.items;
    let read = read_up_to(&scene, &me).await?;
    let csrf = scene.csrf();
    let pen = Pen::new(&scene, &csrf, "notifications");
    let newest = list.items.first().map(|item| item.row.id.0).filter(|newest| *newest > read);
    let main = html! {
        div.page-head {
            h1 { "Notifications" }
            @if let Some(newest) = newest { (mark_form(&csrf, newest)) }
        }
        @if !requests.is_empty() { (follow_requests(&pen, &requests)) }
        @if list.items.is_empty() {
            (components::empty("bell", "Nothing has happened yet that concerns you."))
        } @else {
            ul.notifications { @for item in &list.items { (entry(&pen, item, read)) } }
            (pen.pages(&list))
        }
    };
    Ok(scene.show(scene.layout("Notifications", Some(Place::Notifications), &csrf).page(main)))
}

/// `POST /notifications`: everything up to the newest one shown is read.
pub async fn mark(MemberPosted { scene, me, form }: MemberPosted) -> Result<Onward, PageError> {
    let newest: i64 = form.get("newest").parse().unwrap_or(0);
    if newest > read_up_to(&scene, &me).await? {
        markers::set(scene.app(), me.account.id, &[(TIMELINE, newest.to_string())]).await?;
    }
    Ok(Onward::to("/notifications"))
}

async fn read_up_to(scene: &Scene, me: &SessionView) -> Result<i64> {
    let marks = views::notifications::markers(&scene.app().db, me.account.id, &[TIMELINE.to_owned()]).await?;
    Ok(marks.first().and_then(|mark| mark.last_read_id.parse().ok()).unwrap_or(0))
}

fn mark_form(csrf: &str, newest: i64) -> Markup {
    html! {
        form method="post" action="/notifications" {
            (csrf_input(csrf))
            input type="hidden" name="newest" value=(newest);
            button.button type="submit" { (icon("check")) "I have read these" }
        }
    }
}

fn follow_requests(pen: &Pen<'_>, requests: &[AccountView]) -> Markup {
    html! {
        section aria-labelledby="requests" {
            h2 #requests { "They ask to follow you" }
            (people::list(requests, |account| html! {
                div.buttons {
                    (people::button(account, &Deed {
                        deed: "accept", label: "Accept", primary: true, danger: false, csrf: pen.csrf, back: pen.back,
                    }))
                    (people::button(account, &Deed {
                        deed: "reject", label: "Refuse", primary: false, danger: false, csrf: pen.csrf, back: pen.back,
                    }))
                }
            }))
        }
    }
}

fn entry(pen: &Pen<'_>, item: &NotificationView, read: i64) -> Markup {
    let (drawing, what) = what(item.row.kind);
    html! {
        li.new[item.row.id.0 > read] {
            span.kind { (icon(drawing)) }
            div {
                p {
                    @match &item.row.severance {
                        Some(severance) => (lost(severance)),
                        None => { (people::link(&item.from)) " " (what) },
                    }
                    " " (time(item.row.created_at, pen.now))
                    @if item.row.id.0 > read { span.visually-hidden { " (new)" } }
                }
                @if let Some(status) = &item.status {
                    @match item.row.kind {
                        NotificationKind::Mention | NotificationKind::Status | NotificationKind::Quote => (pen.post(status)),
                        _ => p.excerpt { a href=(post::path(status.original())) { (excerpt(status)) } },
                    }
                }
            }
        }
    }
}

fn lost(severance: &Severance) -> Markup {
    let Severance { domain, followers, following } = severance;
    html! {
        "This server has nothing to do with " bdi { (domain) } " any more. You lost "
        (followers) " " (plural(*followers, "follower", "followers")) " there and follow "
        (following) " " (plural(*following, "person", "people")) " less."
    }
}

fn excerpt(status: &views::statuses::StatusView) -> String {
    let row = status.original().row();
    let text = if row.spoiler_text.is_empty() { markup::to_text(&row.content) } else { row.spoiler_text.clone() };
    let excerpt = text::excerpt(&text, EXCERPT);
    if excerpt.is_empty() { "the post".to_owned() } else { excerpt }
}

fn what(kind: NotificationKind) -> (&'static str, &'static str) {
    match kind {
        NotificationKind::Mention => ("mail", "wrote to you"),
        NotificationKind::Status => ("pencil", "posted"),
        NotificationKind::Reblog => ("boost", "boosted your post"),
        NotificationKind::Follow => ("person", "follows you"),
        NotificationKind::FollowRequest => ("lock", "asks to follow you"),
        NotificationKind::Favourite => ("heart", "likes your post"),
        NotificationKind::Poll => ("check", "ran a poll that has ended"),
        NotificationKind::Update => ("pencil", "edited a post you boosted"),
        NotificationKind::Quote => ("reply", "quoted your post"),
        NotificationKind::QuotedUpdate => ("pencil", "edited a post you quoted"),
        NotificationKind::SeveredRelationships => ("warning", "lost followers"),
    }
}
