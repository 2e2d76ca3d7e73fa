//! Everything that can show a post, to everybody who might look, for every sort of post: case H05 of the attack
//! catalogue. What is expected follows from one small rule, `world::may_read`.

mod table;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::json;

use table::{AS_DOCUMENT, AS_JSON, AS_PAGE, SILENT, SURFACES, Surface};
use world::{Post, Reader, World};

/// What is asked of one surface: once for all posts, or once for each.
fn questions<'a>(surface: &Surface, world: &'a World, reader: &Reader) -> Vec<(String, Option<&'a Post>)> {
    if surface.ask.contains("{NOTICE}") {
        return reader.notices.iter().map(|id| (surface.ask.replace("{NOTICE}", id), None)).collect();
    }
    let about_one = ["{ID}", "{URI}", "{URL}", "{POLL}", "{ANSWER}"].iter().any(|name| surface.ask.contains(name));
    if !about_one {
        return vec![(surface.ask.replace("{ANN}", &world.ann.id.to_string()), None)];
    }
    let of = |post: &'a Post| {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let ask = surface.ask.replace("{ANN}", &world.ann.id.to_string()).replace("{ID}", &post.id);
        let ask = ask.replace("{URI}", &encoded(&post.uri)).replace("{URL}", &encoded(&post.url));
        (ask.replace("{POLL}", &post.id).replace("{ANSWER}", &post.answer), Some(post))
    };
    let has_poll = |post: &&Post| post.asks || !surface.ask.contains("{POLL}");
    world.posts.iter().filter(has_poll).map(of).collect()
}

#[tokio::test]
async fn h05_every_post_is_seen_by_whom_it_is_for_and_by_nobody_else() {
    let mut world = World::begin().await;
    let mut wrong = Vec::new();
    let mut readers = std::mem::take(&mut world.readers);
    for reader in &mut readers {
        for surface in &SURFACES {
            if !reader.can_ask(surface.accept) {
                continue;
            }
            for (path, about) in questions(surface, &world, reader) {
                let (status, text) = reader.ask(&world, &path, surface.accept).await;
                let who = format!("{} at {path} as {}", reader.name, surface.accept);
                for post in world.posts.iter().filter(|post| !reader.may_find(post, surface.accept)) {
                    if text.contains(&post.needle) {
                        wrong.push(format!("{who} sees {}", post.needle));
                    }
                }
                let Some(post) = about else { continue };
                let may_read = reader.may_read(post);
                if surface.is_about_one() && !may_read && (200..300).contains(&status) {
                    wrong.push(format!("{who} learns that {} is there", post.needle));
                }
                if surface.shows_it && may_read && !text.contains(&post.needle) {
                    wrong.push(format!("{who} does not see {}: {status}", post.needle));
                }
            }
        }
        if reader.user.is_some() {
            wrong.extend(deeds(&world, reader).await);
        }
    }
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
}

/// What members try to do to posts that are not for them: as if the posts were not there.
async fn deeds(world: &World, reader: &Reader) -> Vec<String> {
    let Some(user) = &reader.user else { return Vec::new() };
    let filter = json!({"title": "mine", "context": ["home"]});
    let filter = user.send("/api/v2/filters", filter).await.ok()["id"].as_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    for post in world.posts.iter().filter(|post| !reader.may_read(post)) {
        let of = |what: &str| format!("/api/v1/statuses/{}/{what}", post.id);
        let mut tries: Vec<(Method, String, serde_json::Value)> = Vec::new();
        for verb in ["favourite", "unfavourite", "reblog", "unreblog", "pin", "unpin"] {
            tries.push((Method::POST, of(verb), json!({})));
        }
        tries.push((Method::DELETE, of("").trim_end_matches('/').to_owned(), json!({})));
        tries.push((Method::PUT, of("").trim_end_matches('/').to_owned(), json!({"status": "mine"})));
        tries.push((Method::POST, format!("/api/v1/polls/{}/votes", post.id), json!({"choices": [0]})));
        tries.push((Method::POST, "/api/v1/statuses".to_owned(), json!({"status": "x", "in_reply_to_id": post.id})));
        tries.push((Method::POST, format!("/api/v2/filters/{filter}/statuses"), json!({"status_id": post.id})));
        for (method, path, body) in tries {
            let answer = user.node.ask(method.clone(), &path, &user.token, Some(body)).await;
            if answer.status != 404 || answer.body.to_string().contains(&post.needle) {
                wrong.push(format!("{} may {method} {path} for {}: {}", reader.name, post.needle, answer.status));
            }
        }
    }
    wrong
}

/// The routes of a source that answer GET, as they are written there.
fn routes_in(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, call) in source.match_indices(".route(") {
        let rest = &source[at + call.len()..];
        let mut open = 1;
        let end = rest.char_indices().find(|(_, sign)| {
            open += i32::from(*sign == '(') - i32::from(*sign == ')');
            open == 0
        });
        let inside = &rest[..end.map_or(rest.len(), |(end, _)| end)];
        let (path, handler) = inside.split_once(',').unwrap();
        if handler.contains("get(") {
            found.push(path.trim().trim_matches('"').to_owned());
        }
    }
    found
}

/// A route that is new is shown to everybody, or it is written down that it shows no post.
#[test]
fn h05_every_route_that_answers_is_in_the_table() {
    let mut files = Vec::new();
    crate::architecture::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut files);
    let sources = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let routes: BTreeSet<String> = sources.flat_map(|source| routes_in(&source)).collect();
    assert!(routes.len() > 80 && routes.contains("/api/v1/statuses/{id}"), "{routes:?}");
    let listed: Vec<&str> = SURFACES.iter().map(|surface| surface.route).chain(SILENT).collect();
    let known: BTreeSet<String> = listed.iter().map(|&route| route.to_owned()).collect();
    let missing: Vec<&String> = routes.difference(&known).collect();
    assert!(missing.is_empty(), "not in tests/it/surface/table.rs: {missing:?}");
    let gone: Vec<&String> = known.difference(&routes).collect();
    assert!(gone.is_empty(), "no such routes: {gone:?}");
    let both: Vec<_> =
        SILENT.iter().filter(|silent| SURFACES.iter().any(|surface| surface.route == **silent)).collect();
    assert!(both.is_empty(), "{both:?}");
    for accept in [AS_JSON, AS_PAGE, AS_DOCUMENT] {
        assert!(SURFACES.iter().any(|surface| surface.accept == accept && surface.shows_it), "{accept}");
    }
}
