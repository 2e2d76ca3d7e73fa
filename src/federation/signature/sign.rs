//! Signing what we send.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::http::header::{DATE, HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use super::message::Draft;
use super::text::{sha256, signing_text};
use crate::app::crypto::SigningKey;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};

const DIGEST: HeaderName = HeaderName::from_static("digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
/// 9999-12-31T23:59:59Z, the last second a `Date` header can say.
const LAST_DATE: u64 = 253_402_300_799;

/// Signs requests with one key.
#[derive(Clone)]
pub struct Signer {
    /// The id under which others find the public key.
    pub key_id: String,
    key: Arc<SigningKey>,
}

impl Signer {
    /// Signs with `key`, which others know as `key_id`.
    pub fn new(key_id: impl Into<String>, key: Arc<SigningKey>) -> Self {
        Self { key_id: key_id.into(), key }
    }

    /// The headers that make a request a signed one after RFC 9421.
    pub fn sign_message(
        &self,
        method: &str,
        url: &Url,
        body: Option<&[u8]>,
        now: Moment,
    ) -> Result<Vec<(HeaderName, HeaderValue)>> {
        let unsignable = || Error::internal("a request has no signature base");
        let draft = Draft::new(method, url, body, &self.key_id, now.0.div_euclid(1000)).ok_or_else(unsignable)?;
        let signature = Draft::signature(&self.key.sign(draft.base.as_bytes())?).ok_or_else(unsignable)?;
        let mut headers = vec![
            (DATE, header(http_date(now))?),
            (SIGNATURE_INPUT, header(draft.input)?),
            (SIGNATURE, header(signature)?),
        ];
        if let Some(digest) = draft.digest {
            headers.push((CONTENT_DIGEST, header(digest)?));
        }
        Ok(headers)
    }

    /// The headers that make a request a signed one after draft-cavage; `Host` is signed as the client sends it for `url`.
    ///
    /// With a body, its digest is among them. The order and the spelling are those every peer understands.
    pub fn sign_headers(
        &self,
        method: &str,
        url: &Url,
        body: Option<&[u8]>,
        now: Moment,
    ) -> Result<Vec<(HeaderName, HeaderValue)>> {
        let date = http_date(now);
        let digest = body.map(|body| format!("SHA-256={}", BASE64_STANDARD.encode(sha256(body))));

        let host = host_header(url).ok_or_else(|| Error::internal("a URL without a host cannot be signed for"))?;
        let mut values = BTreeMap::from([("host".to_owned(), host), ("date".to_owned(), date.clone())]);
        let mut names = vec!["(request-target)", "host", "date"];
        if let Some(digest) = &digest {
            values.insert("digest".to_owned(), digest.clone());
            names.push("digest");
        }
        let text = signing_text(method, &target(url), &names, values)
            .ok_or_else(|| Error::internal("a request has no signing text"))?;
        let signature = BASE64_STANDARD.encode(self.key.sign(text.as_bytes())?);
        let signature = format!(
            r#"keyId="{}",algorithm="rsa-sha256",headers="{}",signature="{signature}""#,
            self.key_id,
            names.join(" ")
        );

        let mut headers = vec![(DATE, header(date)?), (SIGNATURE, header(signature)?)];
        if let Some(digest) = digest {
            headers.push((DIGEST, header(digest)?));
        }
        Ok(headers)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

fn header(text: String) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(Error::internal)
}

fn http_date(now: Moment) -> String {
    let seconds = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0).min(LAST_DATE);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The `Host` header as the client writes it: the port only where it is not the usual one.
fn host_header(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
