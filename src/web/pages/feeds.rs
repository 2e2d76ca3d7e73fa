//! Atom feeds of people and hashtags: what everybody may read, for programs that read for somebody.

use atom_syndication::{Content, Entry, Feed, Generator, Link, Person, Text};
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::domain::html;
use crate::domain::moment::Moment;
use crate::domain::page::{Page, Paged};
use crate::domain::text::{self, Tag};
use crate::domain::visibility::Viewer;
use crate::error::Error;
use crate::views;
use crate::views::AccountView;
use crate::views::statuses::StatusView;
use crate::views::timelines::{From, OfAccount};
use crate::web::pages::answer::PageError;
use crate::web::pages::people;
use crate::web::pages::post;
use crate::web::pages::profile;
use crate::web::pages::scene::Scene;

/// How many posts a feed has.
const LENGTH: u64 = 20;
/// How long the title of an entry is, in characters.
const TITLE: usize = 80;

/// `GET /@{name}/feed.atom`
pub async fn of_person(scene: Scene, Path(name): Path<String>) -> Result<Response, PageError> {
    let app = scene.app();
    let account = profile::named(&scene, &name).await?;
    if account.host.is_some() || account.limited_at.is_some() {
        return Err(Error::NotFound("feed").into());
    }
    let wanted = OfAccount { exclude_replies: true, exclude_reblogs: true, ..OfAccount::default() };
    let page = Page::newest(LENGTH);
    let posts = views::timelines::account(&app.db, Viewer::Anyone, account.id, &wanted, &page).await?;
    let head = Head {
        id: app.urls.at(&format!("{}/feed.atom", people::path(&account))),
        title: format!("{} ({})", people::name(&account), people::handle(&account)),
        page: account.url.clone(),
        author: Some(account.clone()),
        since: account.created_at,
    };
    print(head, &posts)
}

/// `GET /tags/{name}/feed.atom`
pub async fn of_tag(scene: Scene, Path(name): Path<String>) -> Result<Response, PageError> {
    let app = scene.app();
    let tag = Tag::parse(&name).ok_or(Error::NotFound("tag"))?;
    let page = Page::newest(LENGTH);
    let posts = views::timelines::tag(&app.db, Viewer::Anyone, &tag.key, From::Everywhere, app.now(), &page).await?;
    let url = app.urls.tag(&tag.key);
    let head = Head {
        id: format!("{url}/feed.atom"),
        title: format!("#{} on {}", tag.display, scene.settings.name),
        page: url,
        author: None,
        since: Moment(0),
    };
    print(head, &posts)
}

/// What a feed says about itself.
struct Head {
    id: String,
    title: String,
    page: String,
    author: Option<AccountView>,
    /// What stands for the last change where there are no posts.
    since: Moment,
}

fn print(head: Head, posts: &Paged<StatusView>) -> Result<Response, PageError> {
    let entries: Vec<Entry> = posts.items.iter().map(entry).collect();
    let feed = Feed {
        title: Text::plain(printable(&head.title)),
        updated: entries
            .iter()
            .map(|entry| entry.updated)
            .max()
            .unwrap_or_else(|| head.since.datetime().fixed_offset()),
        authors: head.author.iter().map(person).collect(),
        links: vec![link("self", &head.id, "application/atom+xml"), link("alternate", &head.page, "text/html")],
        generator: Some(Generator { value: "outloud".to_owned(), ..Generator::default() }),
        id: head.id,
        entries,
        ..Feed::default()
    };
    let bytes = feed.write_to(Vec::new()).map_err(Error::internal)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/atom+xml; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok((headers, bytes).into_response())
}

fn entry(view: &StatusView) -> Entry {
    let post = view.original();
    let row = post.row();
    Entry {
        title: Text::plain(printable(&title(post))),
        id: row.uri.clone(),
        updated: row.edited_at.unwrap_or(row.created_at).datetime().fixed_offset(),
        published: Some(row.created_at.datetime().fixed_offset()),
        authors: vec![person(&post.author)],
        links: vec![link("alternate", post::original_url(post), "text/html")],
        summary: (!row.spoiler_text.is_empty()).then(|| Text::plain(printable(&row.spoiler_text))),
        content: Some(Content {
            lang: row.language.clone(),
            value: Some(printable(&content(post))),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// A warning stands before the post, as nothing here can be opened.
fn content(post: &StatusView) -> String {
    let row = post.row();
    let mut content = String::new();
    if !row.spoiler_text.is_empty() {
        content.push_str(&format!("<p><b>{}</b></p>", html::escape(&row.spoiler_text)));
    }
    content.push_str(&row.content);
    for media in &post.body.media {
        let Some(url) = media.remote_url.as_deref().filter(|url| url.starts_with("http")) else { continue };
        let text = if media.description.is_empty() { "Attachment" } else { &media.description };
        content.push_str(&format!("<p><a href=\"{}\">{}</a></p>", html::escape(url), html::escape(text)));
    }
    content
}

fn title(post: &StatusView) -> String {
    let row = post.row();
    let text = [row.title.as_str(), row.spoiler_text.as_str()].into_iter().find(|text| !text.is_empty());
    let text = text.map_or_else(|| html::to_text(&row.content), str::to_owned);
    let excerpt = text::excerpt(&text, TITLE);
    if excerpt.is_empty() { "A post".to_owned() } else { excerpt }
}

fn person(account: &AccountView) -> Person {
    Person { name: printable(people::name(account)), uri: Some(account.url.clone()), ..Person::default() }
}

fn link(rel: &str, href: &str, kind: &str) -> Link {
    Link { href: href.to_owned(), rel: rel.to_owned(), mime_type: Some(kind.to_owned()), ..Link::default() }
}

/// XML has no way to write most control characters.
fn printable(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_leave_its_place_in_a_feed() {
        let evil = "]]></content><script>\u{1}&amp;";
        let entry = Entry {
            title: Text::plain(printable(evil)),
            content: Some(Content {
                value: Some(printable(evil)),
                content_type: Some("html".to_owned()),
                ..Content::default()
            }),
            ..Entry::default()
        };
        let feed = Feed { entries: vec![entry], ..Feed::default() };
        let bytes = feed.write_to(Vec::new()).expect("is written");
        let read = Feed::read_from(bytes.as_slice()).expect("is valid");
        let content = read.entries[0].content.as_ref().and_then(|content| content.value.as_deref());
        assert_eq!(content, Some("]]></content><script>&amp;"));
        assert_eq!(read.entries[0].title.as_str(), "]]></content><script>&amp;");
    }
}
