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

/// The sources below a folder.
pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
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

/// The lines of our sources that are no comments, each with its file.
fn lines_of_sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut lines = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let said = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.extend(said.map(|line| (name.clone(), line.to_owned())));
    }
    lines
}

/// D17 of the attack catalogue: what lives as long as the node and grows with what others send has an end. Caches are
/// made with their size; whatever else is shared and can grow is named here, with what ends it.
#[test]
fn d17_whatever_grows_with_what_others_send_has_an_end() {
    let bounded = BTreeMap::from([
        ("app/attempts.rs", "`MOST` names, then the oldest go"),
        ("federation/silence.rs", "servers that members write to and that do not answer, as many as the table has"),
        ("server/connections.rs", "one entry for each open connection, of which there are `MOST`"),
        ("federation/http/resolve.rs", "a list that is given, and only in tests"),
    ]);
    let growing = ["HashMap<", "HashSet<", "BTreeMap<", "BTreeSet<", "Vec<", "VecDeque<"];
    let mut found = BTreeSet::new();
    for (file, line) in lines_of_sources() {
        let shared = ["Mutex<", "RwLock<"].iter().filter_map(|lock| line.split_once(lock)).any(|(_, inside)| {
            growing.iter().any(|kind| inside.starts_with(kind) || inside.contains(&format!("::{kind}")))
        });
        if shared || line.contains("DashMap") {
            found.insert(file);
        }
    }
    let known: BTreeSet<String> = bounded.keys().map(|&file| file.to_owned()).collect();
    assert_eq!(found, known);
}

/// B26 of the attack catalogue: the `rsa` crate takes a different time for different keys (RUSTSEC-2023-0071). It comes
/// in with another crate and is never called.
#[test]
fn b26_nothing_is_signed_or_checked_with_the_rsa_crate() {
    let calls: Vec<_> = lines_of_sources()
        .into_iter()
        .filter(|(_, line)| line.contains("rsa::Rsa") || line.contains("use rsa"))
        .collect();
    assert!(calls.is_empty(), "{calls:?}");
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(!manifest.lines().any(|line| line.starts_with("rsa ") || line.starts_with("rsa=")), "rsa is a dependency");
    assert!(!manifest.contains("panic = \"abort\""), "a panic must end what panicked, and not the node");
}
