//! HTTP Message Signatures (RFC 9421), in the one profile that is read and written here: a single signature over the
//! method, the target and, where there is a body, its `Content-Digest` (RFC 9530).
//!
//! What the RFC allows beyond that (parts of headers, several labels, derived responses) is refused, not ignored.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use sfv::{BareItem, DictSerializer, Dictionary, InnerList, Key, KeyRef, ListEntry, Parser, StringRef};
use url::Url;

use super::claim::{self, Claim, LONGEST_HEADER, Parts, Refusal};
use super::key::Algorithm;

/// The most parts of a request that a signature may cover.
const MOST_COMPONENTS: usize = 32;
/// The name under which our signatures stand.
const LABEL: &str = "sig1";

/// What a peer is asked to sign when it did not (FEP-844e, RFC 9421 section 5.1).
pub const CHALLENGE: &str = r#"sig1=("@method" "@target-uri" "content-digest");created;keyid"#;

/// Reads a signature and refuses whatever no key could make good.
pub(super) fn read(parts: &Parts<'_>) -> Result<Claim, Refusal> {
    let (label, covered) = only_input(parts)?;
    let names = names(&covered)?;
    let parameters = Parameters::read(&covered)?;
    check_coverage(parts, &names)?;
    let dated = names.contains(&"date");
    claim::check_time(parts, dated, Some(parameters.created), parameters.expires)?;
    if parts.has_body() {
        check_digest(parts)?;
    }
    let mut base = String::new();
    for name in &names {
        base.push_str(&line(name, &value(parts, name)?));
    }
    base.push_str(&last_line(&covered).ok_or(Refusal::Malformed)?);
    Ok(Claim {
        key_id: claim::key_id(parameters.key_id)?,
        signing_strings: vec![base],
        signature: signature(parts, &label)?,
        algorithm: parameters.algorithm,
    })
}

/// The one signature that is announced, under its label.
///
/// Its text must be written as the RFC writes it again: what can be read in two ways is refused.
fn only_input(parts: &Parts<'_>) -> Result<(Key, InnerList), Refusal> {
    let text = parts.only("signature-input")?.ok_or(Refusal::Missing)?;
    let mut inputs = dictionary(text)?.into_iter();
    let (Some((label, ListEntry::InnerList(covered))), None) = (inputs.next(), inputs.next()) else {
        return Err(Refusal::Unsupported);
    };
    let again = serialised(&covered).ok_or(Refusal::Malformed)?;
    if text.strip_prefix(label.as_str()).and_then(|rest| rest.strip_prefix('=')) == Some(again.as_str()) {
        Ok((label, covered))
    } else {
        Err(Refusal::Malformed)
    }
}

fn dictionary(text: &str) -> Result<Dictionary, Refusal> {
    if text.len() > LONGEST_HEADER {
        return Err(Refusal::Malformed);
    }
    Parser::new(text).parse().map_err(|_| Refusal::Malformed)
}

/// The names of what is covered: plain, in lower case, each once.
fn names(covered: &InnerList) -> Result<Vec<&str>, Refusal> {
    let mut names: Vec<&str> = Vec::with_capacity(covered.items.len());
    for item in &covered.items {
        let BareItem::String(name) = &item.bare_item else { return Err(Refusal::Malformed) };
        if !item.params.is_empty() {
            return Err(Refusal::Unsupported);
        }
        let name = name.as_str();
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        if !is_lower || names.contains(&name) || names.len() == MOST_COMPONENTS {
            return Err(Refusal::Malformed);
        }
        names.push(name);
    }
    Ok(names)
}

/// What a signature says of itself.
struct Parameters<'a> {
    key_id: &'a str,
    created: u64,
    expires: Option<u64>,
    algorithm: Algorithm,
}

impl<'a> Parameters<'a> {
    fn read(covered: &'a InnerList) -> Result<Self, Refusal> {
        let (mut key_id, mut created, mut expires, mut algorithm) = (None, None, None, Algorithm::OfKey);
        for (name, value) in &covered.params {
            match (name.as_str(), value) {
                ("keyid", BareItem::String(value)) => key_id = Some(value.as_str()),
                ("created", BareItem::Integer(value)) => created = Some(seconds(i64::from(*value))?),
                ("expires", BareItem::Integer(value)) => expires = Some(seconds(i64::from(*value))?),
                ("alg", BareItem::String(value)) => algorithm = named(value.as_str())?,
                // A nonce makes signatures differ, a tag says what for; neither changes what they mean here.
                ("nonce" | "tag", BareItem::String(_)) => {}
                _ => return Err(Refusal::Unsupported),
            }
        }
        let key_id = key_id.ok_or(Refusal::Malformed)?;
        Ok(Self { key_id, created: created.ok_or(Refusal::NotCovered)?, expires, algorithm })
    }
}

fn seconds(value: i64) -> Result<u64, Refusal> {
    u64::try_from(value).map_err(|_| Refusal::OutOfTime)
}

fn named(algorithm: &str) -> Result<Algorithm, Refusal> {
    match algorithm {
        "rsa-v1_5-sha256" => Ok(Algorithm::RsaSha256),
        "ed25519" => Ok(Algorithm::Ed25519),
        _ => Err(Refusal::Algorithm),
    }
}

fn check_coverage(parts: &Parts<'_>, names: &[&str]) -> Result<(), Refusal> {
    let covers = |name: &str| names.contains(&name);
    let has_query = parts.path_and_query.contains('?');
    let has_path = covers("@request-target") || (covers("@path") && (covers("@query") || !has_query));
    let has_target = covers("@target-uri") || (covers("@authority") && has_path);
    let has_digest = !parts.has_body() || covers("content-digest");
    if covers("@method") && has_target && has_digest { Ok(()) } else { Err(Refusal::NotCovered) }
}

/// Every digest that is understood must belong to the body, and one has to be.
fn check_digest(parts: &Parts<'_>) -> Result<(), Refusal> {
    let digests = dictionary(parts.only("content-digest")?.ok_or(Refusal::NotCovered)?)?;
    let body = parts.body.unwrap_or_default();
    let mut checked = 0;
    for (name, claimed) in &digests {
        let actual = match name.as_str() {
            "sha-256" => digest(&SHA256, body),
            "sha-512" => digest(&SHA512, body),
            _ => continue,
        };
        if !bytes(claimed).is_some_and(|claimed| claim::is_same_digest(actual.as_ref(), claimed)) {
            return Err(Refusal::Digest);
        }
        checked += 1;
    }
    if checked > 0 { Ok(()) } else { Err(Refusal::Digest) }
}

fn bytes(entry: &ListEntry) -> Option<&[u8]> {
    match entry {
        ListEntry::Item(item) => item.bare_item.as_byte_sequence(),
        ListEntry::InnerList(_) => None,
    }
}

fn signature(parts: &Parts<'_>, label: &Key) -> Result<Vec<u8>, Refusal> {
    let signatures = dictionary(parts.only("signature")?.ok_or(Refusal::Missing)?)?;
    match signatures.get(label).and_then(bytes) {
        Some(signature) if signatures.len() == 1 => claim::signature(signature.to_vec()),
        _ => Err(Refusal::Malformed),
    }
}

/// The value of one covered part of a request; the target is the one others know us by, not what a proxy makes of it.
fn value(parts: &Parts<'_>, name: &str) -> Result<String, Refusal> {
    let (path, query) = match parts.path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (parts.path_and_query, None),
    };
    Ok(match name {
        "@method" => parts.method.to_owned(),
        "@scheme" => parts.scheme.to_owned(),
        "@authority" => authority(parts)?,
        "@target-uri" => format!("{}://{}{}", parts.scheme, authority(parts)?, parts.path_and_query),
        "@request-target" => parts.path_and_query.to_owned(),
        "@path" => path.to_owned(),
        "@query" => format!("?{}", query.unwrap_or_default()),
        "host" => parts.host()?.to_owned(),
        name if name.starts_with('@') => return Err(Refusal::Unsupported),
        name => parts.only(name)?.ok_or(Refusal::NotCovered)?.to_owned(),
    })
}

/// The host in lower case, with its port where that is not the usual one.
fn authority(parts: &Parts<'_>) -> Result<String, Refusal> {
    let host = parts.host()?.to_ascii_lowercase();
    let usual = if parts.scheme == "https" { ":443" } else { ":80" };
    Ok(host.strip_suffix(usual).unwrap_or(&host).to_owned())
}

fn line(name: &str, value: &str) -> String {
    format!("\"{name}\": {value}\n")
}

fn last_line(covered: &InnerList) -> Option<String> {
    Some(format!("\"@signature-params\": {}", serialised(covered)?))
}

/// An inner list as it stands in a header.
fn serialised(covered: &InnerList) -> Option<String> {
    let mut dictionary = DictSerializer::new();
    let mut list = dictionary.inner_list(KeyRef::constant("x"));
    list.items(&covered.items);
    let _ = list.finish().parameters(&covered.params);
    dictionary.finish()?.strip_prefix("x=").map(str::to_owned)
}

/// What is to be signed of a request that we send, and the headers that go with it.
pub(super) struct Draft {
    /// What the signature is over.
    pub(super) base: String,
    /// `Signature-Input`.
    pub(super) input: String,
    /// `Content-Digest`, where there is a body.
    pub(super) digest: Option<String>,
}

impl Draft {
    /// Lays a request out for signing with an RSA key; nothing, when it cannot be put into words.
    pub(super) fn new(method: &str, url: &Url, body: Option<&[u8]>, key_id: &str, created: i64) -> Option<Self> {
        let mut url = url.clone();
        url.set_fragment(None);
        let digest = body.map(content_digest);
        let parts =
            [("@method", Some(method)), ("@target-uri", Some(url.as_str())), ("content-digest", digest.as_deref())];
        let mut base = String::new();
        let mut dictionary = DictSerializer::new();
        let mut list = dictionary.inner_list(KeyRef::constant(LABEL));
        for (name, value) in parts {
            if let Some(value) = value {
                base.push_str(&line(name, value));
                let _ = list.bare_item(StringRef::from_str(name).ok()?);
            }
        }
        let _ = list
            .finish()
            .parameter(KeyRef::constant("created"), sfv::Integer::try_from(created).ok()?)
            .parameter(KeyRef::constant("keyid"), StringRef::from_str(key_id).ok()?)
            .parameter(KeyRef::constant("alg"), StringRef::constant("rsa-v1_5-sha256"));
        let input = dictionary.finish()?;
        base.push_str(&format!("\"@signature-params\": {}", input.strip_prefix(LABEL)?.strip_prefix('=')?));
        Some(Self { base, input, digest })
    }

    /// `Signature`, once it is made.
    pub(super) fn signature(bytes: &[u8]) -> Option<String> {
        let mut dictionary = DictSerializer::new();
        let _ = dictionary.bare_item(KeyRef::constant(LABEL), bytes);
        dictionary.finish()
    }
}

fn content_digest(body: &[u8]) -> String {
    let mut dictionary = DictSerializer::new();
    let _ = dictionary.bare_item(KeyRef::constant("sha-256"), digest(&SHA256, body).as_ref());
    dictionary.finish().unwrap_or_default()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
