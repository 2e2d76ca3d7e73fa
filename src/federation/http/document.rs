//! JSON from other servers, read within limits.

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
    fn what_was_sent_does_not_show_in_the_error() {
        let error = parse(b"<p>secret</p>").expect_err("is not JSON");
        assert!(!error.to_string().contains("secret"));
    }
}
