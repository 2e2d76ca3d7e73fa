//! The gate for signed requests: what can be refused without a key is refused without a key.

use std::time::SystemTime;

use axum::http::HeaderMap;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use url::Url;

use super::key::{Algorithm, Fit, PublicKey};
use crate::domain::handle::Host;
use crate::domain::moment::Moment;

/// The longest header about a signature that is read, in bytes.
pub(super) const LONGEST_HEADER: usize = 8 * 1024;
const LONGEST_KEY_ID: usize = 2048;
/// The longest signature, made with a key of 8192 bits, in bytes.
pub(super) const LONGEST_SIGNATURE: usize = 1024;
/// How old a request may be, in seconds.
const OLDEST: i64 = 60 * 60;
/// How far ahead of ours the clock of a peer may be, in seconds.
const AHEAD: i64 = 5 * 60;
/// Peers differ in whether they fill base64 up.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The parts of a request that a signature speaks about.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// How others reach this node: `https`, or `http` in development.
    pub scheme: &'a str,
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

/// A signature that passed the gate: only the key is still to say whether it is genuine.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The key it claims to be made with.
    pub key_id: Url,
    /// What may have been signed; for GET also the target without its query, as some peers sign it.
    pub signing_strings: Vec<String>,
    /// The signature itself.
    pub signature: Vec<u8>,
    /// How it says it was made; which kind of key it is shows in the key.
    pub algorithm: Algorithm,
}

impl Claim {
    /// Whether the signature was made with the private half of `key`.
    pub fn verify(&self, key: &PublicKey) -> bool {
        self.fits(key) == Fit::Made
    }

    /// Whether the signature was made with the private half of `key`, or could have been.
    pub fn fits(&self, key: &PublicKey) -> Fit {
        let texts: Vec<&[u8]> = self.signing_strings.iter().map(String::as_bytes).collect();
        key.fits(self.algorithm, &texts, &self.signature)
    }
}

impl<'a> Parts<'a> {
    /// The value of a header that may be there once.
    pub(super) fn only(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next();
        if values.next().is_some() {
            return Err(Refusal::Repeated);
        }
        first.map(|value| value.to_str().map(str::trim).map_err(|_| Refusal::Malformed)).transpose()
    }

    /// The host the request was sent to, in the spelling that was signed.
    pub(super) fn host(&self) -> Result<&'a str, Refusal> {
        match (self.only("host")?, self.authority) {
            (Some(host), None) | (None, Some(host)) => Ok(host),
            (Some(host), Some(authority)) if same_host(host, authority) => Ok(host),
            _ => Err(Refusal::WrongHost),
        }
    }

    pub(super) fn has_body(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD")
    }
}

fn same_host(one: &str, other: &str) -> bool {
    one.parse::<Host>().is_ok_and(|one| other.parse::<Host>().is_ok_and(|other| one == other))
}

pub(super) fn check_host(parts: &Parts<'_>) -> Result<(), Refusal> {
    let host: Host = parts.host()?.parse().map_err(|_| Refusal::WrongHost)?;
    if parts.hosts.contains(&host) { Ok(()) } else { Err(Refusal::WrongHost) }
}

/// Refuses what is too old, from the future, or has ended. `dated` says whether the `Date` header is covered.
pub(super) fn check_time(
    parts: &Parts<'_>,
    dated: bool,
    created: Option<u64>,
    expires: Option<u64>,
) -> Result<(), Refusal> {
    let now = parts.now.0.div_euclid(1000);
    let is_current = |then: i64| then >= now.saturating_sub(OLDEST) && then <= now.saturating_add(AHEAD);
    let seconds = |seconds: u64| i64::try_from(seconds).map_err(|_| Refusal::OutOfTime);

    if dated {
        let date = parts.only("date")?.ok_or(Refusal::NotCovered)?;
        if !is_current(seconds(parse_date(date).ok_or(Refusal::OutOfTime)?)?) {
            return Err(Refusal::OutOfTime);
        }
    }
    if let Some(created) = created
        && !is_current(seconds(created)?)
    {
        return Err(Refusal::OutOfTime);
    }
    if let Some(expires) = expires
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

pub(super) fn key_id(text: &str) -> Result<Url, Refusal> {
    if text.len() > LONGEST_KEY_ID {
        return Err(Refusal::Malformed);
    }
    let url = Url::parse(text).map_err(|_| Refusal::Malformed)?;
    let is_plain = url.has_host() && url.username().is_empty() && url.password().is_none();
    if is_plain && matches!(url.scheme(), "https" | "http") { Ok(url) } else { Err(Refusal::Malformed) }
}

/// The bytes of a signature, unless no key makes so many.
pub(super) fn signature(bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if bytes.is_empty() || bytes.len() > LONGEST_SIGNATURE { Err(Refusal::Malformed) } else { Ok(bytes) }
}

/// Whether two digests are the same.
pub(super) fn is_same_digest(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}
