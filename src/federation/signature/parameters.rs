//! The parameters of a `Signature` header, read tolerantly where peers differ and strictly where it matters.

use super::claim::Refusal;

/// The most names a signature may cover.
const MOST_NAMES: usize = 32;
/// Where timestamps end; the year is 36812, and sums of two such numbers still fit.
const END_OF_TIME: u64 = 1 << 40;

/// A `Signature` header, taken apart.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) key_id: String,
    pub(super) algorithm: Option<String>,
    /// What is signed, in lower case and in the order of the peer.
    pub(super) names: Vec<String>,
    pub(super) created: Option<u64>,
    pub(super) expires: Option<u64>,
    pub(super) signature: String,
}

impl Parameters {
    pub(super) fn parse(header: &str) -> Result<Self, Refusal> {
        let (mut key_id, mut algorithm, mut headers) = (None, None, None);
        let (mut created, mut expires, mut signature) = (None, None, None);
        let mut rest = header.trim();
        while !rest.is_empty() {
            let (name, value, more) = next_parameter(rest)?;
            let place = match name.to_ascii_lowercase().as_str() {
                "keyid" => Some(&mut key_id),
                "algorithm" => Some(&mut algorithm),
                "headers" => Some(&mut headers),
                "created" => Some(&mut created),
                "expires" => Some(&mut expires),
                "signature" => Some(&mut signature),
                _ => None,
            };
            if let Some(place) = place
                && place.replace(value).is_some()
            {
                return Err(Refusal::Malformed);
            }
            rest = more;
        }
        let (Some(key_id), Some(signature)) = (key_id, signature) else { return Err(Refusal::Malformed) };
        Ok(Self {
            key_id: key_id.to_owned(),
            algorithm: algorithm.map(str::to_ascii_lowercase),
            names: names(headers.ok_or(Refusal::NotCovered)?)?,
            created: created.map(timestamp).transpose()?,
            expires: expires.map(timestamp).transpose()?,
            signature: signature.to_owned(),
        })
    }

    pub(super) fn covers(&self, name: &str) -> bool {
        self.names.iter().any(|covered| covered == name)
    }
}

/// One `name="value"` or `name=value`, and what follows its comma.
fn next_parameter(text: &str) -> Result<(&str, &str, &str), Refusal> {
    let (name, rest) = text.split_once('=').ok_or(Refusal::Malformed)?;
    let (name, rest) = (name.trim(), rest.trim_start());
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Refusal::Malformed);
    }
    let (value, after) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(Refusal::Malformed)?,
        None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
    };
    if value.contains('\\') {
        return Err(Refusal::Malformed);
    }
    let after = after.trim_start();
    let more = match after.strip_prefix(',') {
        Some(more) => more.trim_start(),
        None if after.is_empty() => "",
        None => return Err(Refusal::Malformed),
    };
    Ok((name, value.trim(), more))
}

/// The list of what is signed. A name twice, or one that is no header name, has no meaning.
fn names(list: &str) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split_ascii_whitespace() {
        let name = name.to_ascii_lowercase();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let special = matches!(name.as_str(), "(request-target)" | "(created)" | "(expires)");
        if !(plain || special) || names.contains(&name) || names.len() == MOST_NAMES {
            return Err(Refusal::Malformed);
        }
        names.push(name);
    }
    Ok(names)
}

/// Seconds since 1970, digits alone, in a range with which one can calculate.
fn timestamp(text: &str) -> Result<u64, Refusal> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::OutOfTime);
    }
    text.parse().ok().filter(|seconds| *seconds < END_OF_TIME).ok_or(Refusal::OutOfTime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_may_write_parameters_in_their_own_ways() {
        for header in [
            r#"keyId="k",algorithm="rsa-sha256",headers="(request-target) host date",signature="c2ln""#,
            r#"keyId="k", algorithm="rsa-sha256", headers="(request-target) host date", signature="c2ln""#,
            r#"signature="c2ln" , headers="(Request-Target) Host Date" ,algorithm="RSA-SHA256",keyId = "k","#,
            r#"keyId=k,algorithm=rsa-sha256,headers="(request-target)  host date",signature=c2ln,other="a,b""#,
        ] {
            let parameters = Parameters::parse(header).expect(header);
            assert_eq!(parameters.key_id, "k");
            assert_eq!(parameters.algorithm.as_deref(), Some("rsa-sha256"));
            assert_eq!(parameters.names, ["(request-target)", "host", "date"]);
            assert_eq!(parameters.signature, "c2ln");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for header in [
            "",
            "garbage",
            "=",
            "\"",
            "keyId=\"k",
            r#"keyId="k"signature="s",headers="date""#,
            r#"keyId="k",keyId="l",headers="date",signature="s""#,
            r#"keyId="k",headers="date date",signature="s""#,
            r#"keyId="k",headers="date",signature="s",,"#,
            r#"keyId="k\",headers="date",signature="s""#,
            r#"keyId="k",headers="a,b",signature="s""#,
            r#"keyId="k",headers="(request-target) (other)",signature="s""#,
            r#"headers="date",signature="s""#,
            r#"keyId="k",headers="date""#,
            r#"keyId="k",signature="s""#,
            r#"sig1=:c2ln:"#,
        ] {
            assert!(Parameters::parse(header).is_err(), "{header}");
        }
    }

    #[test]
    fn timestamps_stay_within_what_can_be_calculated_with() {
        assert_eq!(timestamp("1402170695"), Ok(1_402_170_695));
        assert_eq!(timestamp("1099511627775"), Ok(END_OF_TIME - 1));
        for text in ["1099511627776", "18446744073709551615", "9223372036854775807", "-1", "1e9", "", "+1", "1.5"] {
            assert_eq!(timestamp(text), Err(Refusal::OutOfTime), "{text}");
        }
    }
}
