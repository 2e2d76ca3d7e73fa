//! The gate for signed requests: what can be refused without a key is refused without a key.

use std::collections::BTreeMap;
use std::time::SystemTime;

use axum::http::HeaderMap;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use url::Url;

use super::key::PublicKey;
use super::parameters::Parameters;
use super::text::{sha256, signing_text};
use crate::domain::handle::Host;
use crate::domain::moment::Moment;

/// The longest `Signature` header that is read, in bytes.
const LONGEST_HEADER: usize = 8 * 1024;
const LONGEST_KEY_ID: usize = 2048;
/// The longest signature, made with a key of 8192 bits, in bytes.
const LONGEST_SIGNATURE: usize = 1024;
/// How old a request may be, in seconds.
const OLDEST: i64 = 60 * 60;
/// How far ahead of ours the clock of a peer may be, in seconds.
const AHEAD: i64 = 5 * 60;
/// What means something to us, and would mean two things if it came twice.
const SINGLE: [&str; 5] = ["host", "date", "digest", "signature", "content-type"];

/// Peers differ in whether they fill base64 up.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The parts of a request that a signature speaks about.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path and query, as they stand in the request.
    pub path_and_query: &'a str,
    /// Host and port in the request line, as HTTP/2 sends them in place of a `Host` header.
    pub authority: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, where there is one.
    pub body: Option<&'a [u8]>,
    /// The hosts of this node.
    pub hosts: &'a [Host],
    /// The time.
    pub now: Moment,
}

/// Why a signed request is refused before any key is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no `Signature` header.
    #[error("the request is not signed")]
    Missing,
    /// The header cannot be read.
    #[error("the signature cannot be read")]
    Malformed,
    /// A kind of signature that is not checked here.
    #[error("this kind of signature is not understood")]
    Unsupported,
    /// A header that matters was sent more than once.
    #[error("a signed header was sent more than once")]
    Repeated,
    /// The signature leaves out what it has to cover.
    #[error("the signature does not cover enough")]
    NotCovered,
    /// The request was signed for another server.
    #[error("the request is signed for another host")]
    WrongHost,
    /// Too old, expired, or from the future.
    #[error("the signature is not valid at this time")]
    OutOfTime,
    /// The digest does not belong to the body.
    #[error("the digest does not match the body")]
    Digest,
    /// An algorithm that is not accepted.
    #[error("the algorithm is not accepted")]
    Algorithm,
}

impl Refusal {
    /// One word for it, the same in every version.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature-missing",
            Self::Malformed => "signature-malformed",
            Self::Unsupported => "signature-unsupported",
            Self::Repeated => "signature-header-repeated",
            Self::NotCovered => "signature-not-covering",
            Self::WrongHost => "signature-wrong-host",
            Self::OutOfTime => "signature-out-of-time",
            Self::Digest => "signature-digest-mismatch",
            Self::Algorithm => "signature-algorithm",
        }
    }
}

/// How a signature is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
}

/// A signature that passed the gate: only the key is still to say whether it is genuine.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The key it claims to be made with.
    pub key_id: Url,
    /// What may have been signed; for GET also the target without its query, as some peers sign it.
    pub signing_strings: Vec<String>,
    /// The signature itself.
    pub signature: Vec<u8>,
    /// How it is checked.
    pub algorithm: Algorithm,
}

impl Claim {
    /// Whether the signature was made with the private half of `key`.
    pub fn verify(&self, key: &PublicKey) -> bool {
        self.signing_strings.iter().any(|text| key.verifies(self.algorithm, text, &self.signature))
    }
}

/// Reads the signature of a request and refuses whatever no key could make good.
///
/// Nothing here goes out, waits or costs more than a hash of the body.
pub fn parse(parts: &Parts<'_>) -> Result<Claim, Refusal> {
    if parts.headers.contains_key("signature-input") {
        // Another scheme; trying this one on the same request would let its sender choose the weaker of two.
        return Err(Refusal::Unsupported);
    }
    let header = parts.only("signature")?.ok_or(Refusal::Missing)?;
    if header.len() > LONGEST_HEADER {
        return Err(Refusal::Malformed);
    }
    let parameters = Parameters::parse(header)?;
    for name in SINGLE.into_iter().chain(parameters.names.iter().map(String::as_str)) {
        parts.only(name)?;
    }
    let algorithm = algorithm(parameters.algorithm.as_deref())?;
    check_coverage(parts, &parameters)?;
    check_host(parts)?;
    check_time(parts, &parameters)?;
    if parts.has_body() {
        check_digest(parts)?;
    }
    Ok(Claim {
        key_id: key_id(&parameters.key_id)?,
        signing_strings: signing_strings(parts, &parameters)?,
        signature: signature(&parameters.signature)?,
        algorithm,
    })
}

impl<'a> Parts<'a> {
    /// The value of a header that may be there once.
    fn only(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next();
        if values.next().is_some() {
            return Err(Refusal::Repeated);
        }
        first.map(|value| value.to_str().map(str::trim).map_err(|_| Refusal::Malformed)).transpose()
    }

    /// The host the request was sent to, in the spelling that was signed.
    fn host(&self) -> Result<&'a str, Refusal> {
        match (self.only("host")?, self.authority) {
            (Some(host), None) | (None, Some(host)) => Ok(host),
            (Some(host), Some(authority)) if same_host(host, authority) => Ok(host),
            _ => Err(Refusal::WrongHost),
        }
    }

    fn has_body(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD")
    }
}

fn same_host(one: &str, other: &str) -> bool {
    one.parse::<Host>().is_ok_and(|one| other.parse::<Host>().is_ok_and(|other| one == other))
}

/// The label only rules out: which kind of key it is shows in the key.
fn algorithm(label: Option<&str>) -> Result<Algorithm, Refusal> {
    match label {
        None | Some("hs2019" | "rsa-sha256") => Ok(Algorithm::RsaSha256),
        Some("rsa-sha512") => Ok(Algorithm::RsaSha512),
        Some(_) => Err(Refusal::Algorithm),
    }
}

fn check_coverage(parts: &Parts<'_>, parameters: &Parameters) -> Result<(), Refusal> {
    let has_time = parameters.covers("date") || (parameters.covers("(created)") && parameters.created.is_some());
    let has_digest = !parts.has_body() || parameters.covers("digest");
    let has_target = parameters.covers("(request-target)") && parameters.covers("host");
    if has_time && has_digest && has_target { Ok(()) } else { Err(Refusal::NotCovered) }
}

fn check_host(parts: &Parts<'_>) -> Result<(), Refusal> {
    let host: Host = parts.host()?.parse().map_err(|_| Refusal::WrongHost)?;
    if parts.hosts.contains(&host) { Ok(()) } else { Err(Refusal::WrongHost) }
}

fn check_time(parts: &Parts<'_>, parameters: &Parameters) -> Result<(), Refusal> {
    let now = parts.now.0.div_euclid(1000);
    let is_current = |then: i64| then >= now.saturating_sub(OLDEST) && then <= now.saturating_add(AHEAD);
    let seconds = |seconds: u64| i64::try_from(seconds).map_err(|_| Refusal::OutOfTime);

    if parameters.covers("date") {
        let date = parts.only("date")?.ok_or(Refusal::NotCovered)?;
        if !is_current(seconds(parse_date(date).ok_or(Refusal::OutOfTime)?)?) {
            return Err(Refusal::OutOfTime);
        }
    }
    if let Some(created) = parameters.created
        && !is_current(seconds(created)?)
    {
        return Err(Refusal::OutOfTime);
    }
    if let Some(expires) = parameters.expires
        && seconds(expires)? < now
    {
        return Err(Refusal::OutOfTime);
    }
    Ok(())
}

/// A date in the one form HTTP still writes; the older two are refused by writing it again.
fn parse_date(text: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    (httpdate::fmt_http_date(date) == text).then_some(since.as_secs())
}

/// Takes the one SHA-256 of the list; other algorithms may stand beside it.
fn check_digest(parts: &Parts<'_>) -> Result<(), Refusal> {
    let list = parts.only("digest")?.ok_or(Refusal::NotCovered)?;
    let mut known = list.split(',').filter_map(|item| {
        let (name, value) = item.trim().split_once('=')?;
        name.eq_ignore_ascii_case("sha-256").then_some(value)
    });
    let (Some(claimed), None) = (known.next(), known.next()) else { return Err(Refusal::Digest) };
    let claimed = BASE64.decode(claimed).map_err(|_| Refusal::Digest)?;
    let actual = sha256(parts.body.unwrap_or_default());
    if bool::from(actual.as_slice().ct_eq(&claimed)) { Ok(()) } else { Err(Refusal::Digest) }
}

fn key_id(text: &str) -> Result<Url, Refusal> {
    if text.len() > LONGEST_KEY_ID {
        return Err(Refusal::Malformed);
    }
    let url = Url::parse(text).map_err(|_| Refusal::Malformed)?;
    let is_plain = url.has_host() && url.username().is_empty() && url.password().is_none();
    if is_plain && matches!(url.scheme(), "https" | "http") { Ok(url) } else { Err(Refusal::Malformed) }
}

fn signature(text: &str) -> Result<Vec<u8>, Refusal> {
    let bytes = BASE64.decode(text).map_err(|_| Refusal::Malformed)?;
    if bytes.is_empty() || bytes.len() > LONGEST_SIGNATURE { Err(Refusal::Malformed) } else { Ok(bytes) }
}

fn signing_strings(parts: &Parts<'_>, parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let mut targets = vec![parts.path_and_query];
    if !parts.has_body()
        && let Some((path, _)) = parts.path_and_query.split_once('?')
    {
        targets.push(path);
    }
    let names: Vec<&str> = parameters.names.iter().map(String::as_str).collect();
    let values = values(parts, parameters)?;
    let text = |target| signing_text(parts.method, target, &names, values.clone()).ok_or(Refusal::NotCovered);
    targets.into_iter().map(text).collect()
}

/// The values of everything that is covered.
fn values(parts: &Parts<'_>, parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let mut values = BTreeMap::new();
    for name in &parameters.names {
        let value = match name.as_str() {
            "(request-target)" => continue,
            "(created)" => parameters.created.map(|seconds| seconds.to_string()),
            "(expires)" => parameters.expires.map(|seconds| seconds.to_string()),
            "host" => Some(parts.host()?.to_owned()),
            name => parts.only(name)?.map(str::to_owned),
        };
        values.insert(name.clone(), value.ok_or(Refusal::NotCovered)?);
    }
    Ok(values)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
