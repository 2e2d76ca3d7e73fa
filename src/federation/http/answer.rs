//! What comes back: statuses, media types, bodies within limits, and trouble on the way.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use tokio::time::timeout;
use url::Url;

use super::resolve::RefusedNetwork;
use super::{Accept, Budget, LARGEST_DOCUMENT};
use crate::domain::moment::Moment;
use crate::error::RemoteError;

/// How much of an answer nobody reads is taken off the wire, so that the connection can be used again.
const DRAINED: usize = 16 * 1024;
const DRAINING: Duration = Duration::from_secs(2);
/// The longest wait another server can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How much of an error from below goes to the log.
const LONGEST_CAUSE: usize = 200;

/// A document, and where it was found.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The address after all redirects, without a fragment.
    pub url: Url,
    /// The document, decompressed.
    pub body: Vec<u8>,
    /// Its media type with parameters, as it was sent.
    pub content_type: String,
}

/// How another server answered a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long it asks us to wait, at most a day.
    pub retry_after: Option<Duration>,
}

impl Answer {
    pub(super) fn of(response: &Response, now: Moment) -> Self {
        Self { status: response.status().as_u16(), retry_after: retry_after(response.headers(), now) }
    }
}

/// Refuses answers that are no success, or not of the kind asked for.
pub(super) fn check(response: &Response, accept: Accept, now: Moment) -> Result<(), RemoteError> {
    let status = response.status().as_u16();
    if matches!(status, 404 | 410) {
        return Err(RemoteError::Gone(status));
    }
    if !response.status().is_success() {
        return Err(RemoteError::Status { status, retry_after: retry_after(response.headers(), now) });
    }
    match content_type(response.headers()) {
        Some(content_type) if accept.takes(content_type) => Ok(()),
        _ => Err(RemoteError::Unusable("media type".to_owned())),
    }
}

/// Reads the body as long as it stays within the limit and the budget, both counted after decompression.
pub(super) async fn read(url: Url, mut response: Response, budget: &mut Budget) -> Result<Fetched, RemoteError> {
    let content_type = content_type(response.headers()).unwrap_or_default().to_owned();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(trouble)? {
        if body.len() + chunk.len() > LARGEST_DOCUMENT {
            return Err(RemoteError::Unusable("too large".to_owned()));
        }
        budget.take_bytes(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { url, body, content_type })
}

/// Takes what is left of a short answer off the wire; a long or slow one costs the connection.
pub(super) async fn drain(mut response: Response) {
    let reading = async {
        let mut left = DRAINED;
        while let Ok(Some(chunk)) = response.chunk().await {
            let Some(rest) = left.checked_sub(chunk.len()) else { break };
            left = rest;
        }
    };
    // Either way the answer is known already.
    let _ = timeout(DRAINING, reading).await;
}

/// What an error of the client means, without the URL it happened at.
pub(super) fn trouble(error: reqwest::Error) -> RemoteError {
    if causes(&error).any(|cause| cause.is::<RefusedNetwork>()) {
        return RemoteError::Refused("network".to_owned());
    }
    if error.is_timeout() {
        return RemoteError::Unreachable("not in time".to_owned());
    }
    // The client calls everything a decoding error that goes wrong while the body arrives.
    if error.is_decode() && !causes(&error).any(|cause| cause.is::<hyper::Error>()) {
        return RemoteError::Unusable("the body cannot be decompressed".to_owned());
    }
    if error.is_builder() {
        return RemoteError::Refused("no request can be made of the address".to_owned());
    }
    let deepest = causes(&error).last().map_or_else(|| "the request failed".to_owned(), ToString::to_string);
    RemoteError::Unreachable(deepest.chars().take(LONGEST_CAUSE).collect())
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The media type, unless there are several.
fn content_type(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let only = values.next().filter(|_| values.next().is_none())?;
    only.to_str().ok()
}

/// `Retry-After` in seconds or as a date; what makes no sense counts as not sent.
fn retry_after(headers: &HeaderMap, now: Moment) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().ok()?)
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let until = until.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        until.checked_sub(Duration::from_millis(u64::try_from(now.0).ok()?))?
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(text: &str) -> Option<Duration> {
        let now = Moment::parse("2026-11-21T10:00:00Z").expect("a moment");
        let value = text.parse().expect("a header value");
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), now)
    }

    #[test]
    fn waits_are_read_in_seconds_and_as_dates() {
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("0"), Some(Duration::ZERO));
        assert_eq!(wait("Sat, 21 Nov 2026 10:05:00 GMT"), Some(Duration::from_secs(300)));
    }

    #[test]
    fn waits_end_at_a_day() {
        assert_eq!(wait("86401"), Some(LONGEST_WAIT));
        assert_eq!(wait("18446744073709551615"), Some(LONGEST_WAIT));
        assert_eq!(wait("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LONGEST_WAIT));
    }

    #[test]
    fn waits_without_sense_are_ignored() {
        for text in ["", "-1", "soon", "1.5", "99999999999999999999999", "Sat, 21 Nov 2026 09:59:59 GMT", "1e9"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn several_media_types_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(content_type(&headers), None);
        headers.append(CONTENT_TYPE, "application/activity+json".parse().expect("a header value"));
        assert_eq!(content_type(&headers), Some("application/activity+json"));
        headers.append(CONTENT_TYPE, "text/html".parse().expect("a header value"));
        assert_eq!(content_type(&headers), None);
    }
}
