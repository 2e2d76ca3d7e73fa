//! The text a signature is over, and the digest of a body.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http_signature_normalization::verify::ParsedHeader;

/// Longer than any date the gate lets through is old: the library compares with the clock of the machine, and is not
/// to decide by it. Short enough that no sum overflows.
const NEVER: Duration = Duration::from_secs(1 << 40);

/// The text to be signed: one line for each name, in the order given.
///
/// Names are lower-case and each has its value, except `(request-target)`, which is made here. `(created)` and
/// `(expires)` come as plain values, because as parameters the library would hold them against the machine's clock.
pub(super) fn signing_text(
    method: &str,
    target: &str,
    names: &[&str],
    mut values: BTreeMap<String, String>,
) -> Option<String> {
    let header = format!(r#"keyId="-",headers="{}",signature="-""#, names.join(" "));
    let header: ParsedHeader = header.parse().ok()?;
    let unvalidated = header.into_unvalidated(method, target, &mut values, HashSet::new()).ok()?;
    Some(unvalidated.validate(NEVER).ok()?.signing_string().to_owned())
}

/// SHA-256 of a body.
pub(super) fn sha256(body: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, body).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_come_in_the_order_given() {
        let values = values(&[("host", "node.test"), ("date", "Sun, 01 Jan 1995 00:00:00 GMT"), ("(created)", "7")]);
        let names = ["(request-target)", "host", "(created)", "date"];
        assert_eq!(
            signing_text("POST", "/inbox?a=b", &names, values).as_deref(),
            Some(
                "(request-target): post /inbox?a=b\nhost: node.test\n(created): 7\ndate: Sun, 01 Jan 1995 00:00:00 GMT"
            )
        );
    }

    #[test]
    fn the_clock_of_the_machine_does_not_matter() {
        for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "garbage"] {
            let values = values(&[("date", date), ("(expires)", "1")]);
            assert!(signing_text("GET", "/", &["date", "(expires)"], values).is_some(), "{date}");
        }
    }

    #[test]
    fn a_name_without_a_value_makes_no_text() {
        assert_eq!(signing_text("GET", "/", &["host"], BTreeMap::new()), None);
    }
}
