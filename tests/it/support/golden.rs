//! Whole documents compared with the ones that were read and approved: `tests/it/snapshots`.

use std::collections::HashMap;

use serde_json::Value;

/// An id has eighteen digits; nothing else here has so many.
const DIGITS_OF_AN_ID: usize = 18;
/// Changes with every release.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Compares JSON with the snapshot of this name.
pub fn golden(name: &str, document: &Value) {
    golden_text(name, &format!("{document:#}"));
}

/// Compares a text with the snapshot of this name.
pub fn golden_text(name: &str, text: &str) {
    let text = stable(text);
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The same text where nothing changes that may: ids count up in the order of their appearance, so that a snapshot shows
/// which of them are the same and survives a change in how many there are; keys and the version stand for themselves.
fn stable(text: &str) -> String {
    let text = text
        .replace(&format!("\"{VERSION}\""), "\"{version}\"")
        .replace(&format!("outloud {VERSION})"), "outloud {version})");
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut stable = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        stable.push_str(before);
        if digits.len() == DIGITS_OF_AN_ID {
            let next = known.len() + 1;
            let number = known.entry(digits).or_insert(next);
            stable.push_str(&format!("{{{number}}}"));
        } else {
            stable.push_str(digits);
        }
        rest = after;
    }
    stable.push_str(rest);
    stable
}
