//! Signed requests as peers send them and as attackers change them.

use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA512, RsaKeyPair};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use super::claim::LONGEST_SIGNATURE;
use super::*;
use crate::app::crypto::SigningKey;
use crate::domain::moment::Moment;

const KEY_ID: &str = "https://good.test/users/alice#main-key";
const BODY: &[u8] = br#"{"type":"Like"}"#;

static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));

fn public_key() -> PublicKey {
    PublicKey::from_der(PAIR.public_key().as_ref()).expect("a key")
}

fn signer() -> Signer {
    let der: Pkcs8V1Der<'_> = PAIR.as_der().expect("a private key");
    Signer::new(KEY_ID, Arc::new(SigningKey::from_pkcs8(der.as_ref()).expect("a key")))
}

fn now() -> Moment {
    Moment::parse("2026-11-21T10:00:00Z").expect("a moment")
}

fn date(seconds: i64) -> String {
    let at = u64::try_from(now().0 / 1000 + seconds).expect("after 1970");
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at))
}

/// A request on its way to us, correct until somebody changes it.
struct Request {
    method: &'static str,
    target: &'static str,
    authority: Option<&'static str>,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Request {
    fn post() -> Self {
        Self::signed("POST", "/inbox", Some(BODY))
    }

    fn get(target: &'static str) -> Self {
        Self::signed("GET", target, None)
    }

    fn signed(method: &'static str, target: &'static str, body: Option<&[u8]>) -> Self {
        let url = Url::parse(&format!("https://node.test{target}")).expect("a URL");
        let mut headers: HeaderMap =
            signer().sign_headers(method, &url, body, now()).expect("signs").into_iter().collect();
        headers.insert("host", HeaderValue::from_static("node.test"));
        headers.insert("content-type", HeaderValue::from_static("application/activity+json"));
        Self { method, target, authority: None, headers, body: body.map(<[u8]>::to_vec) }
    }

    /// A request that covers `names`, properly signed whatever they are; `parameters` are added to the header.
    fn covering(method: &'static str, names: &[&str], parameters: &str) -> Self {
        let mut request = Self::signed(method, "/inbox", (method == "POST").then_some(BODY));
        request.sign(names, parameters);
        request
    }

    fn sign(&mut self, names: &[&str], parameters: &str) {
        let parameter = |name: &str| {
            let rest = parameters.split_once(&format!("{name}="))?.1;
            rest.split(',').next().map(|value| value.trim_matches('"').to_owned())
        };
        let lines: Vec<String> = names
            .iter()
            .map(|name| match *name {
                "(request-target)" => format!("{name}: {} {}", self.method.to_lowercase(), self.target),
                "(created)" => format!("{name}: {}", parameter("created").unwrap_or_default()),
                "(expires)" => format!("{name}: {}", parameter("expires").unwrap_or_default()),
                name => format!("{name}: {}", self.headers.get(name).map_or("", |v| v.to_str().expect("ASCII"))),
            })
            .collect();
        let mut signature = vec![0; PAIR.public_modulus_len()];
        let text = lines.join("\n");
        let rng = SystemRandom::new();
        if parameters.contains("rsa-sha512") {
            PAIR.sign(&RSA_PKCS1_SHA512, &rng, text.as_bytes(), &mut signature).expect("signs");
        } else {
            let padding = &aws_lc_rs::signature::RSA_PKCS1_SHA256;
            PAIR.sign(padding, &rng, text.as_bytes(), &mut signature).expect("signs");
        }
        let signature = BASE64_STANDARD.encode(signature);
        let comma = if parameters.is_empty() { "" } else { "," };
        let header =
            format!(r#"keyId="{KEY_ID}"{comma}{parameters},headers="{}",signature="{signature}""#, names.join(" "));
        self.set("signature", &header);
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(HeaderName::from_static(name), value.parse().expect("a header value"));
    }

    fn add(&mut self, name: &'static str, value: &str) {
        self.headers.append(HeaderName::from_static(name), value.parse().expect("a header value"));
    }

    fn parse(&self) -> Result<Claim, Refusal> {
        let hosts = ["node.test".parse().expect("a host")];
        parse(&Parts {
            method: self.method,
            scheme: "https",
            path_and_query: self.target,
            authority: self.authority,
            headers: &self.headers,
            body: self.body.as_deref(),
            hosts: &hosts,
            now: now(),
        })
    }

    fn refusal(&self) -> Option<Refusal> {
        self.parse().err()
    }

    fn is_genuine(&self) -> bool {
        self.parse().is_ok_and(|claim| claim.verify(&public_key()))
    }
}

const POST: [&str; 4] = ["(request-target)", "host", "date", "digest"];

#[test]
fn what_we_sign_is_what_we_accept() {
    let request = Request::post();
    let header = request.headers["signature"].to_str().expect("ASCII");
    let expected =
        format!(r#"keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature=""#);
    assert!(header.starts_with(&expected), "{header}");
    assert_eq!(request.headers["date"], "Sat, 21 Nov 2026 10:00:00 GMT");
    let claim = request.parse().expect("passes");
    assert_eq!(claim.key_id.as_str(), KEY_ID);
    assert_eq!(
        claim.signing_strings,
        [format!(
            "(request-target): post /inbox\nhost: node.test\ndate: Sat, 21 Nov 2026 10:00:00 GMT\ndigest: {}",
            request.headers["digest"].to_str().expect("ASCII")
        )]
    );
    assert!(claim.verify(&public_key()));
}

#[test]
fn what_we_fetch_is_signed_without_a_digest() {
    let request = Request::get("/users/ann?page=1");
    assert!(!request.headers.contains_key("digest"));
    assert!(request.headers["signature"].to_str().expect("ASCII").contains(r#"headers="(request-target) host date""#));
    assert!(request.is_genuine());
}

#[test]
fn ports_are_signed_as_they_are_sent() {
    let url = Url::parse("http://node.test:3000/inbox?x").expect("a URL");
    let mut request = Request::post();
    request.headers = signer().sign_headers("POST", &url, Some(BODY), now()).expect("signs").into_iter().collect();
    request.set("host", "node.test:3000");
    request.target = "/inbox?x";
    let hosts = ["node.test:3000".parse().expect("a host")];
    let parts = Parts {
        method: "POST",
        scheme: "http",
        path_and_query: request.target,
        authority: None,
        headers: &request.headers,
        body: Some(BODY),
        hosts: &hosts,
        now: now(),
    };
    assert!(parse(&parts).expect("passes").verify(&public_key()));
}

#[test]
fn missing_and_unreadable_signatures_are_refused() {
    let mut request = Request::post();
    request.headers.remove("signature");
    assert_eq!(request.refusal(), Some(Refusal::Missing));
    request.set("authorization", r#"Signature keyId="k",headers="date",signature="s""#);
    assert_eq!(request.refusal(), Some(Refusal::Missing));
    for garbage in ["", "garbage", "keyId=", &"a".repeat(10 * 1024), &format!("keyId=\"{}\"", "a".repeat(10 * 1024))] {
        request.set("signature", garbage);
        assert_eq!(request.refusal(), Some(Refusal::Malformed), "{garbage:.20}");
    }
    request.headers.insert("signature", HeaderValue::from_bytes(b"\xff\xfe").expect("a header value"));
    assert_eq!(request.refusal(), Some(Refusal::Malformed));
}

#[test]
fn signatures_that_are_no_signatures_are_refused() {
    let good = Request::post().headers["signature"].to_str().expect("ASCII").to_owned();
    let head = good.split("signature=").next().expect("has a head");
    for signature in ["", "!", &BASE64_STANDARD.encode([0; LONGEST_SIGNATURE + 1])] {
        let mut request = Request::post();
        request.set("signature", &format!(r#"{head}signature="{signature}""#));
        assert_eq!(request.refusal(), Some(Refusal::Malformed), "{signature:.20}");
    }
    let mut request = Request::post();
    request.set("signature", &format!(r#"{head}signature="{}""#, BASE64_STANDARD.encode([0; 256])));
    assert!(!request.parse().expect("passes the gate").verify(&public_key()));
}

#[test]
fn a_key_has_to_be_named_by_a_plain_url() {
    for key_id in ["", "alice", "acct:alice@good.test", "ftp://good.test/k", "https://u:p@good.test/k", "data:,x"] {
        let mut request = Request::post();
        let header = request.headers["signature"].to_str().expect("ASCII").replace(KEY_ID, key_id);
        request.set("signature", &header);
        assert_eq!(request.refusal(), Some(Refusal::Malformed), "{key_id}");
    }
}

#[test]
fn headers_that_come_twice_are_refused() {
    for name in ["host", "date", "digest", "signature", "content-type"] {
        for other in ["other", ""] {
            let mut request = Request::post();
            request.add(name, other);
            assert_eq!(request.refusal(), Some(Refusal::Repeated), "{name}");
        }
        let mut request = Request::post();
        let same = request.headers[name].to_str().expect("ASCII").to_owned();
        request.add(name, &same);
        assert_eq!(request.refusal(), Some(Refusal::Repeated), "{name}");
    }
    let mut request = Request::post();
    request.set("x-other", "one");
    request.sign(&["(request-target)", "host", "date", "digest", "x-other"], "");
    assert!(request.is_genuine());
    request.add("x-other", "two");
    assert_eq!(request.refusal(), Some(Refusal::Repeated));
}

#[test]
fn the_digest_has_to_be_signed_and_to_match() {
    let sha256 = Request::post().headers["digest"].to_str().expect("ASCII").to_owned();
    let wrong = format!("SHA-256={}", BASE64_STANDARD.encode([0; 32]));
    let other = sha256.replace("SHA-256=", "SHA-512=");
    for (digest, verdict) in [
        (sha256.as_str(), None),
        (&sha256.replace("SHA", "sha"), None),
        (&format!("SHA-512=x,{sha256}"), None),
        (&format!("{sha256} , md5=x"), None),
        (&wrong, Some(Refusal::Digest)),
        (&other, Some(Refusal::Digest)),
        (&format!("{sha256},{wrong}"), Some(Refusal::Digest)),
        (&format!("{wrong},{sha256}"), Some(Refusal::Digest)),
        ("SHA-256=!", Some(Refusal::Digest)),
        ("SHA-256=", Some(Refusal::Digest)),
        ("SHA-256", Some(Refusal::Digest)),
        ("", Some(Refusal::Digest)),
    ] {
        let mut request = Request::post();
        request.set("digest", digest);
        request.sign(&POST, "");
        assert_eq!(request.refusal(), verdict, "{digest}");
    }
    let mut absent = Request::post();
    absent.headers.remove("digest");
    assert_eq!(absent.refusal(), Some(Refusal::NotCovered));
    let unsigned = Request::covering("POST", &["(request-target)", "host", "date"], "");
    assert_eq!(unsigned.refusal(), Some(Refusal::NotCovered));
}

#[test]
fn another_body_does_not_pass_under_the_same_signature() {
    for body in [Some(b"{}".to_vec()), Some(Vec::new()), None] {
        let mut request = Request::post();
        request.body = body;
        assert_eq!(request.refusal(), Some(Refusal::Digest));
    }
    let mut empty = Request::signed("POST", "/inbox", Some(b""));
    assert!(empty.is_genuine());
    empty.body = None;
    assert!(empty.is_genuine());
}

#[test]
fn a_signature_has_to_cover_what_matters() {
    for left_out in POST {
        let names: Vec<&str> = POST.into_iter().filter(|name| *name != left_out).collect();
        assert_eq!(Request::covering("POST", &names, "").refusal(), Some(Refusal::NotCovered), "{left_out}");
        if left_out != "digest" {
            let names: Vec<&str> = names.into_iter().filter(|name| *name != "digest").collect();
            assert_eq!(Request::covering("GET", &names, "").refusal(), Some(Refusal::NotCovered), "{left_out}");
        }
    }
    assert_eq!(Request::covering("POST", &[], "").refusal(), Some(Refusal::NotCovered));
    let absent = Request::covering("POST", &["(request-target)", "host", "date", "digest", "x-absent"], "");
    assert_eq!(absent.refusal(), Some(Refusal::NotCovered));
    let created = ["(request-target)", "host", "(created)", "digest"];
    assert_eq!(Request::covering("POST", &created, "").refusal(), Some(Refusal::NotCovered));
}

#[test]
fn any_order_of_the_names_is_accepted() {
    let orders = [["digest", "date", "host", "(request-target)"], ["date", "(request-target)", "digest", "host"]];
    for names in orders {
        assert!(Request::covering("POST", &names, "").is_genuine());
    }
    assert!(
        Request::covering("POST", &["(request-target)", "host", "date", "digest", "content-type"], "").is_genuine()
    );
}

#[test]
fn requests_signed_for_another_host_or_path_are_refused() {
    for host in ["evil.test", "node.test.evil.test", "node.test:8443", "node.test@evil.test", "", "user@node.test"] {
        let mut request = Request::post();
        request.set("host", host);
        request.sign(&POST, "");
        request.set("x-forwarded-host", "node.test");
        assert_eq!(request.refusal(), Some(Refusal::WrongHost), "{host}");
    }
    let mut absent = Request::post();
    absent.headers.remove("host");
    assert_eq!(absent.refusal(), Some(Refusal::WrongHost));
    let mut elsewhere = Request::post();
    elsewhere.target = "/users/ann/inbox";
    assert!(!elsewhere.is_genuine());
    let mut fetched = Request::post();
    fetched.method = "PUT";
    assert!(!fetched.is_genuine());
}

#[test]
fn our_host_may_be_spelled_in_other_ways() {
    for host in ["NODE.test", "node.test.", "node.test:443"] {
        let mut request = Request::post();
        request.set("host", host);
        request.sign(&POST, "");
        assert!(request.is_genuine(), "{host}");
    }
}

#[test]
fn the_request_line_and_the_host_header_have_to_agree() {
    let mut request = Request::post();
    request.authority = Some("node.test");
    assert!(request.is_genuine());
    request.headers.remove("host");
    assert!(request.is_genuine());
    request.authority = Some("evil.test");
    assert_eq!(request.refusal(), Some(Refusal::WrongHost));
    let mut request = Request::post();
    request.authority = Some("evil.test");
    assert_eq!(request.refusal(), Some(Refusal::WrongHost));
    request.authority = Some("node.test");
    request.set("host", "evil.test");
    assert_eq!(request.refusal(), Some(Refusal::WrongHost));
}

#[test]
fn dates_have_to_be_near_and_in_the_one_form() {
    for (seconds, verdict) in [
        (0, None),
        (-3600, None),
        (300, None),
        (-3601, Some(Refusal::OutOfTime)),
        (301, Some(Refusal::OutOfTime)),
        (-2 * 3600, Some(Refusal::OutOfTime)),
        (-13 * 3600, Some(Refusal::OutOfTime)),
        (600, Some(Refusal::OutOfTime)),
    ] {
        let mut request = Request::post();
        request.set("date", &date(seconds));
        request.sign(&POST, "");
        assert_eq!(request.refusal(), verdict, "{seconds}");
    }
    for text in [
        "garbage",
        "",
        "Saturday, 21-Nov-26 10:00:00 GMT",
        "Sat Nov 21 10:00:00 2026",
        "Sun, 21 Nov 2026 10:00:00 GMT",
        "Sat, 21 Nov 2026 10:00:00 UTC",
        "2026-11-21T10:00:00Z",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ] {
        let mut request = Request::post();
        request.set("date", text);
        request.sign(&POST, "");
        assert_eq!(request.refusal(), Some(Refusal::OutOfTime), "{text}");
    }
    let mut absent = Request::post();
    absent.headers.remove("date");
    assert_eq!(absent.refusal(), Some(Refusal::NotCovered));
}

#[test]
fn created_and_expires_stand_in_for_a_date() {
    let names = ["(request-target)", "(created)", "(expires)", "host", "digest"];
    let now = now().0 / 1000;
    let parameters = |created: i64, expires: i64| format!("algorithm=\"hs2019\",created={created},expires={expires}");
    assert!(Request::covering("POST", &names, &parameters(now, now + 30)).is_genuine());
    assert!(Request::covering("POST", &names, &format!("created=\"{now}\",expires=\"{}\"", now + 30)).is_genuine());
    for (created, expires) in [(now + 301, now + 900), (now - 3601, now + 30), (now, now - 1)] {
        let request = Request::covering("POST", &names, &parameters(created, expires));
        assert_eq!(request.refusal(), Some(Refusal::OutOfTime), "{created} {expires}");
    }
}

#[test]
fn timestamps_beyond_calculation_are_refused_and_nothing_breaks() {
    for parameter in [
        "created=18446744073709551615",
        "created=9223372036854775807",
        "created=18446744073709551616",
        "created=1e9",
        "created=-1",
        "created=\"\"",
        "expires=-1",
        "expires=18446744073709551615",
        "expires=9223372036854775807",
        "expires=soon",
    ] {
        for names in [POST.as_slice(), &["(request-target)", "host", "(created)", "(expires)", "date", "digest"]] {
            let request = Request::covering("POST", names, parameter);
            assert_eq!(request.refusal(), Some(Refusal::OutOfTime), "{parameter}");
        }
    }
}

#[test]
fn algorithms_are_ruled_out_by_their_label_and_chosen_by_the_key() {
    for label in ["rsa-sha256", "hs2019", "RSA-SHA256", "rsa-sha512"] {
        assert!(Request::covering("POST", &POST, &format!("algorithm=\"{label}\"")).is_genuine(), "{label}");
    }
    assert!(Request::covering("POST", &POST, "").is_genuine());
    for label in ["hmac-sha256", "hmac-sha512", "rsa-sha1", "none", "", "ecdsa-sha256", "rsa-sha384"] {
        let request = Request::covering("POST", &POST, &format!("algorithm=\"{label}\""));
        assert_eq!(request.refusal(), Some(Refusal::Algorithm), "{label}");
    }
    assert!(!Request::covering("POST", &POST, "algorithm=\"ed25519\"").is_genuine());
    let mut relabelled = Request::post();
    let header = relabelled.headers["signature"].to_str().expect("ASCII").replace("rsa-sha256", "rsa-sha512");
    relabelled.set("signature", &header);
    assert!(!relabelled.is_genuine());
}

#[test]
fn the_query_may_be_left_out_of_a_fetch_and_of_nothing_else() {
    let names = ["(request-target)", "host", "date"];
    let mut fetch = Request::get("/followers");
    fetch.sign(&names, "");
    fetch.target = "/followers?page=2";
    assert!(fetch.is_genuine());
    fetch.target = "/following?page=2";
    assert!(!fetch.is_genuine());
    let mut post = Request::post();
    post.target = "/inbox?x=1";
    assert!(!post.is_genuine());
}

#[test]
fn b21_of_two_kinds_of_signatures_the_newer_decides_alone() {
    let mut request = Request::post();
    request.set("signature-input", r#"sig1=("@method");created=1;keyid="k""#);
    assert_eq!(request.refusal(), Some(Refusal::NotCovered));
}

#[test]
fn a_changed_header_spoils_the_signature() {
    let mut request = Request::post();
    request.set("date", &date(1));
    assert!(!request.parse().expect("passes the gate").verify(&public_key()));
}

#[test]
fn keys_do_not_show_in_logs() {
    assert_eq!(format!("{:?}", public_key()), "PublicKey(..)");
    assert_eq!(format!("{:?}", signer()), format!("Signer {{ key_id: {KEY_ID:?}, .. }}"));
}
