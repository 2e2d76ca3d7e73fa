//! The runner: seeds, what is done to them, and what happens when something breaks.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How many inputs are tried when no time is given.
const TRIES: usize = 3_000;
/// How many inputs are kept because something new came of them.
const KEPT: usize = 2_000;
/// The longest input, in bytes.
const LONGEST: usize = 64 * 1024;

/// What often breaks readers, whatever they read.
const ODD: [&str; 48] = [
    "",
    " ",
    "\t",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{ad}",
    "\u{200b}",
    "ß",
    "İ",
    "ﬀ",
    "e\u{301}",
    "👩‍👩‍👧",
    "\\u0000",
    "\\ud800",
    "%",
    "%00",
    "%2f",
    "%2e%2e",
    "..",
    "//",
    "\\",
    "@",
    ":",
    ":0",
    ":65536",
    "#",
    "?",
    "<",
    ">",
    "&",
    "&lt;",
    "\"",
    "'",
    "`",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "{",
    "}",
    "[",
    "]",
    "null",
    "-1",
    "18446744073709551616",
    "1e400",
];

/// Numbers that look random, and are the same for the same seed.
pub struct Dice(u64);

impl Dice {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }

    fn odds(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// Tries `target` on what can be made of `seeds` with `words`.
///
/// What the target returns says what came of an input, roughly; inputs of which something new came are worked on too.
pub fn fuzz(name: &str, seeds: &[Vec<u8>], words: &[&str], target: impl Fn(&[u8]) -> u64) {
    let seconds = setting("OUTLOUD_FUZZ_SECONDS");
    let of_name = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let chance = if seconds.is_some() { RandomState::new().hash_one(name) } else { of_name };
    let seed = setting("OUTLOUD_FUZZ_SEED").unwrap_or(chance).max(1);
    println!("{name}: OUTLOUD_FUZZ_SEED={seed}");
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut dice = Dice(seed);
    let mut known: Vec<Vec<u8>> = seeds.to_vec();
    let mut seen: HashSet<u64> = HashSet::new();
    let mut tries = 0;
    for input in seeds {
        seen.insert(attempt(name, input, &target));
    }
    while until.map_or(tries < TRIES, |until| Instant::now() < until) {
        let input = changed(&known, words, &mut dice);
        tries += 1;
        if seen.insert(attempt(name, &input, &target)) && known.len() < KEPT {
            known.push(input);
        }
    }
    println!("{name}: {tries} inputs, {} outcomes, {} worth keeping", seen.len(), known.len());
}

#[expect(clippy::disallowed_methods, reason = "says how long to try, and from where")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn attempt(name: &str, input: &[u8], target: &impl Fn(&[u8]) -> u64) -> u64 {
    match catch_unwind(AssertUnwindSafe(|| target(input))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
            std::fs::write(&file, input).unwrap();
            eprintln!("{} breaks on {:?}", name, String::from_utf8_lossy(&input[..input.len().min(2000)]));
            eprintln!("the input is in {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
}

/// One of `known`, changed in a few places.
fn changed(known: &[Vec<u8>], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    let mut input = dice.one(known).clone();
    for _ in 0..=dice.below(4) {
        input = match serde_json::from_slice::<Value>(&input) {
            Ok(mut document) if !dice.odds(4) => {
                let donor = serde_json::from_slice(dice.one(known).as_slice()).unwrap_or(Value::Null);
                change_document(&mut document, &donor, words, dice);
                document.to_string().into_bytes()
            }
            _ => change_bytes(input, dice.one(known).as_slice(), words, dice),
        };
        input.truncate(LONGEST);
    }
    input
}

fn change_bytes(mut input: Vec<u8>, donor: &[u8], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(input.len() + 1);
    let end = (at + dice.below(dice.0 as usize % 40 + 1)).min(input.len());
    match dice.below(8) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 => input.insert(at, dice.below(256) as u8),
        2 => drop(input.drain(at..end)),
        3 => {
            let piece = input[at..end].to_vec();
            let many = if dice.odds(20) { dice.below(2_000) } else { dice.below(4) };
            let piece = piece.repeat(many);
            input.splice(at..at, piece);
        }
        4 => {
            let from = dice.below(donor.len() + 1);
            let to = (from + dice.below(60)).min(donor.len());
            input.splice(at..end, donor[from..to].iter().copied());
        }
        5 => input.truncate(at),
        6 => drop(input.splice(at..end, dice.one(&ODD).bytes())),
        _ if words.is_empty() => drop(input.splice(at..at, dice.one(&ODD).bytes())),
        _ => drop(input.splice(at..at, dice.one(words).bytes())),
    }
    input
}

/// Changes one place of a document: what stands there becomes something else, something more, or nothing.
fn change_document(document: &mut Value, donor: &Value, words: &[&str], dice: &mut Dice) {
    let inside = match document {
        Value::Array(items) if !items.is_empty() && !dice.odds(4) => {
            let at = dice.below(items.len());
            items.get_mut(at)
        }
        Value::Object(members) if !members.is_empty() && !dice.odds(5) => {
            let at = dice.below(members.len());
            members.values_mut().nth(at)
        }
        _ => None,
    };
    if let Some(inside) = inside {
        return change_document(inside, donor, words, dice);
    }
    let old = document.take();
    let word = if words.is_empty() || dice.odds(3) { *dice.one(&ODD) } else { *dice.one(words) };
    *document = match (dice.below(9), old) {
        (0, old) => Value::Array(vec![old.clone(), part_of(donor, dice), old]),
        (1, old) => Value::Object([("id".to_owned(), old)].into_iter().collect()),
        (2, Value::Object(mut members)) => {
            let at = dice.below(members.len());
            if let Some(name) = members.keys().nth(at).cloned() {
                let value = members.remove(&name);
                if dice.odds(2) {
                    members.insert(word.to_owned(), value.unwrap_or_default());
                }
            }
            Value::Object(members)
        }
        (3, Value::Object(mut members)) => {
            members.insert(word.to_owned(), part_of(donor, dice));
            Value::Object(members)
        }
        (4, Value::String(text)) => {
            let changed = change_bytes(text.into_bytes(), word.as_bytes(), words, dice);
            Value::String(String::from_utf8_lossy(&changed).into_owned())
        }
        (5, Value::String(text)) => Value::String(format!("{text}{word}")),
        (6, mut old) => {
            for _ in 0..dice.below(40) {
                old = Value::Array(vec![old]);
            }
            old
        }
        (7, _) => Value::String(word.to_owned()),
        (_, _) => part_of(donor, dice),
    };
}

/// Some part of a document.
fn part_of(document: &Value, dice: &mut Dice) -> Value {
    let inside = match document {
        Value::Array(items) if !dice.odds(4) => items.get(dice.below(items.len())),
        Value::Object(members) if !dice.odds(4) => members.values().nth(dice.below(members.len())),
        _ => None,
    };
    inside.map_or_else(|| document.clone(), |inside| part_of(inside, dice))
}

/// A short number for an outcome, such as a kind of error or which members were understood.
pub fn outcome(of: impl std::hash::Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    of.hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// All documents in `tests/fixtures`: what other software really sends.
pub fn fixtures() -> Vec<Value> {
    let mut files = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"), &mut files);
    files.sort();
    let read = files.iter().map(|file| serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()).unwrap());
    let documents: Vec<Value> = read
        .flat_map(|case| {
            let sent = case.get("sent").or_else(|| case.get("activities")).cloned().unwrap_or_default();
            let listed = |value: Value| if let Value::Array(items) = value { items } else { vec![value] };
            let documents = case.get("documents").cloned().unwrap_or_default();
            listed(sent).into_iter().chain(listed(documents)).collect::<Vec<_>>()
        })
        .filter(Value::is_object)
        .collect();
    assert!(documents.len() > 150, "the fixtures are somewhere else");
    documents
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
}
