//! JSON from other servers, read within limits.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::RemoteError;

/// How deep arrays and objects may be nested.
const DEEPEST: usize = 32;
/// How many items one array or object may have.
const LONGEST: usize = 10_000;

/// Reads a JSON document; refuses what is nested too deeply or has too many items in one place.
pub fn parse(body: &[u8]) -> Result<Value, RemoteError> {
    let value = serde_json::from_slice(body).map_err(|_| unusable("not JSON"))?;
    if is_within_limits(&value, DEEPEST) { Ok(value) } else { Err(unusable("JSON beyond the limits")) }
}

/// Whether no object in a JSON document names a member twice: readers do not agree on which of the two counts.
pub fn names_once(body: &[u8]) -> bool {
    serde_json::from_slice::<NamesOnce>(body).is_ok()
}

/// Anything, as long as it names nothing twice.
struct NamesOnce;

impl<'de> Deserialize<'de> for NamesOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for NamesOnce {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names: HashSet<String> = HashSet::new();
        while let Some(name) = members.next_key()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member is named twice"));
            }
            members.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Recursion is safe here: the parser has already stopped at 128 levels.
fn is_within_limits(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => {
            levels > 0 && items.len() <= LONGEST && items.iter().all(|item| is_within_limits(item, levels - 1))
        }
        Value::Object(members) => {
            levels > 0 && members.len() <= LONGEST && members.values().all(|value| is_within_limits(value, levels - 1))
        }
        _ => true,
    }
}

fn unusable(why: &str) -> RemoteError {
    RemoteError::Unusable(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        assert!(parse(nested(DEEPEST).as_bytes()).is_ok());
        assert!(parse(nested(DEEPEST + 1).as_bytes()).is_err());
        assert!(parse(nested(100_000).as_bytes()).is_err());
        let objects = format!("{}1{}", r#"{"a":"#.repeat(DEEPEST + 1), "}".repeat(DEEPEST + 1));
        assert!(parse(objects.as_bytes()).is_err());
    }

    #[test]
    fn arrays_end_at_the_limit() {
        let ones = |count: usize| format!("[{}]", vec!["1"; count].join(","));
        assert!(parse(ones(LONGEST).as_bytes()).is_ok());
        assert!(parse(ones(LONGEST + 1).as_bytes()).is_err());
    }

    #[test]
    fn a_member_named_twice_is_noticed_wherever_it_is() {
        for text in [r#"{"a":1,"b":[{"a":null}],"c":{"a":"x","b":1.5}}"#, "[]", r#""a""#, "true"] {
            assert!(names_once(text.as_bytes()), "{text}");
        }
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#, r#"{"a":{"b":1},"c":2,"a":{}}"#, "{"] {
            assert!(!names_once(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_was_sent_does_not_show_in_the_error() {
        let error = parse(b"<p>secret</p>").expect_err("is not JSON");
        assert!(!error.to_string().contains("secret"));
    }
}
