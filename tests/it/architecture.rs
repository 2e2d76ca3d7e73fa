//! Who imports whom, and words that do not belong here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which rooms a room may enter; `domain` and `error` are known to all.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", &[] as &[&str]),
        ("error", &[]),
        ("config", &[]),
        ("telemetry", &[]),
        ("store", &["config"]),
        ("mail", &["config"]),
        ("app", &["config", "store", "mail"]),
        ("actions", &["app", "store"]),
        ("views", &["store"]),
        ("federation", &["app", "store", "actions", "views"]),
        ("jobs", &["app", "store", "actions", "views", "federation"]),
        ("web", &["app", "actions", "views", "federation"]),
    ])
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The rooms that a source names as `crate::room`.
fn rooms_named(source: &str) -> BTreeSet<String> {
    let named = source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| {
        line.match_indices("crate::").map(|(at, word)| {
            line[at + word.len()..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
        })
    });
    named.filter(|name| !name.is_empty()).collect()
}

#[test]
fn a_room_enters_only_the_rooms_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed = allowed();
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "the sources are somewhere else");
    let mut strangers = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        let Some(may) = allowed.get(room) else { continue };
        for named in rooms_named(&std::fs::read_to_string(&file).unwrap()) {
            let known = named == room || matches!(named.as_str(), "domain" | "error") || may.contains(&named.as_str());
            // Rooms alone count; macros and items of the crate itself have other names.
            if !known && (allowed.contains_key(named.as_str()) || named == "server") {
                strangers.push(format!("{} enters {named}", inside.display()));
            }
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "migration/src", "tests/it", "tests/fuzz"] {
        sources(&root.join(folder), &mut files);
    }
    let silent: Vec<_> =
        files.iter().filter(|file| !std::fs::read_to_string(file).unwrap().starts_with("//!")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// A test that is left out has not been passed: there is none.
#[test]
fn no_test_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "migration/src", "tests/it", "tests/fuzz"] {
        sources(&root.join(folder), &mut files);
    }
    let left_out = format!("#[{}", "ignore");
    files.retain(|file| std::fs::read_to_string(file).unwrap().contains(&left_out));
    assert!(files.is_empty(), "{files:?}");
}

/// A snapshot that no test asserts is not compared with anything.
#[test]
fn every_snapshot_is_asserted_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let tests: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut snapshots = Vec::new();
    for entry in std::fs::read_dir(root.join("snapshots")).unwrap() {
        snapshots.push(entry.unwrap().file_name().into_string().unwrap());
    }
    assert!(snapshots.len() > 50, "the snapshots are somewhere else");
    snapshots.retain(|name| name.strip_suffix(".snap").is_none_or(|name| !tests.contains(&format!("\"{name}\""))));
    assert!(snapshots.is_empty(), "{snapshots:?}");
}
