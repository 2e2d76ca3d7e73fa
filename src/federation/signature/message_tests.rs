//! Signatures after RFC 9421 as peers make them and as attackers change them. B20 and B21 of the attack catalogue.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::super::{PublicKey, Signer, parse};
use super::*;
use crate::app::crypto::{ProofKey, SigningKey, generate_ed25519};
use crate::domain::moment::Moment;

const KEY_ID: &str = "https://good.test/users/alice#main-key";
const BODY: &[u8] = br#"{"type":"Like"}"#;
const INBOX: &str = "https://node.test/inbox";

static PAIR: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));

fn signing_key() -> Arc<SigningKey> {
    let der: Pkcs8V1Der<'_> = PAIR.as_der().expect("a private key");
    Arc::new(SigningKey::from_pkcs8(der.as_ref()).expect("a key"))
}

fn public_key() -> PublicKey {
    PublicKey::from_der(PAIR.public_key().as_ref()).expect("a key")
}

fn now() -> Moment {
    Moment::parse("2026-11-22T10:00:00Z").expect("a moment")
}

/// A delivery, correct until somebody changes it.
fn delivery() -> HeaderMap {
    signed("POST", INBOX, Some(BODY))
}

fn signed(method: &str, url: &str, body: Option<&[u8]>) -> HeaderMap {
    let url = Url::parse(url).expect("a URL");
    let signer = Signer::new(KEY_ID, signing_key());
    let mut headers: HeaderMap = signer.sign_message(method, &url, body, now()).expect("signs").into_iter().collect();
    set(&mut headers, "host", "node.test");
    headers
}

/// A delivery that covers `components` under `parameters`, properly signed whatever they are.
fn covering(components: &[(&str, &str)], parameters: &str) -> HeaderMap {
    let mut headers = delivery();
    let names: Vec<String> = components.iter().map(|(name, _)| name.to_string()).collect();
    let input = format!("({}){parameters}", names.join(" "));
    let mut base: String = components.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    base += &format!("\"@signature-params\": {input}");
    let signature = BASE64_STANDARD.encode(signing_key().sign(base.as_bytes()).expect("signs"));
    set(&mut headers, "signature-input", &format!("sig1={input}"));
    set(&mut headers, "signature", &format!("sig1=:{signature}:"));
    headers
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(HeaderName::from_static(name), value.parse().expect("a header value"));
}

fn read_as(method: &str, target: &str, headers: &HeaderMap, body: Option<&[u8]>) -> Result<Claim, Refusal> {
    let hosts = ["node.test".parse().expect("a host")];
    let (scheme, path_and_query, authority) = ("https", target, None);
    parse(&Parts { method, scheme, path_and_query, authority, headers, body, hosts: &hosts, now: now() })
}

fn refusal(headers: &HeaderMap) -> Option<Refusal> {
    read_as("POST", "/inbox", headers, Some(BODY)).err()
}

fn is_genuine(headers: &HeaderMap) -> bool {
    read_as("POST", "/inbox", headers, Some(BODY)).is_ok_and(|claim| claim.verify(&public_key()))
}

fn digest_of_body() -> String {
    content_digest(BODY)
}

#[test]
fn what_we_sign_is_what_we_accept() {
    let headers = delivery();
    let seconds = now().0 / 1000;
    assert_eq!(
        headers["signature-input"],
        format!(
            r#"sig1=("@method" "@target-uri" "content-digest");created={seconds};keyid="{KEY_ID}";alg="rsa-v1_5-sha256""#
        )
        .as_str()
    );
    assert!(is_genuine(&headers));
    let fetch = signed("GET", "https://node.test/users/1?page=2", None);
    let claim = read_as("GET", "/users/1?page=2", &fetch, None).expect("passes");
    assert!(claim.verify(&public_key()));
    assert!(!read_as("GET", "/users/1?page=3", &fetch, None).expect("passes").verify(&public_key()));
}

#[test]
fn other_ways_to_cover_the_whole_request_are_accepted() {
    let digest = digest_of_body();
    let seconds = now().0 / 1000;
    let parameters = format!(";created={seconds};keyid=\"{KEY_ID}\"");
    let method = (r#""@method""#, "POST");
    let content = (r#""content-digest""#, digest.as_str());
    for target in [
        vec![(r#""@target-uri""#, INBOX)],
        vec![(r#""@authority""#, "node.test"), (r#""@path""#, "/inbox")],
        vec![(r#""@authority""#, "node.test"), (r#""@path""#, "/inbox"), (r#""@query""#, "?")],
        vec![(r#""@authority""#, "node.test"), (r#""@request-target""#, "/inbox")],
        vec![(r#""@target-uri""#, INBOX), (r#""host""#, "node.test"), (r#""@scheme""#, "https")],
    ] {
        let components: Vec<(&str, &str)> = [method, content].into_iter().chain(target).collect();
        assert!(is_genuine(&covering(&components, &parameters)), "{components:?}");
    }
    let all = [method, (r#""@target-uri""#, INBOX), content];
    for more in [";nonce=\"abc\"", ";tag=\"activitypub\"", &format!(";expires={}", seconds + 60)] {
        assert!(is_genuine(&covering(&all, &format!("{parameters}{more}"))), "{more}");
    }
}

#[test]
fn what_covers_too_little_is_refused() {
    let digest = digest_of_body();
    let parameters = format!(";created={};keyid=\"{KEY_ID}\"", now().0 / 1000);
    let (method, target, content) =
        ((r#""@method""#, "POST"), (r#""@target-uri""#, INBOX), (r#""content-digest""#, digest.as_str()));
    for components in [
        vec![],
        vec![target, content],
        vec![method, content],
        vec![method, target],
        vec![method, content, (r#""@authority""#, "node.test")],
        vec![method, content, (r#""@path""#, "/inbox")],
    ] {
        assert_eq!(refusal(&covering(&components, &parameters)), Some(Refusal::NotCovered), "{components:?}");
    }
}

#[test]
fn tricks_with_components_and_labels_are_refused() {
    let digest = digest_of_body();
    let parameters = format!(";created={};keyid=\"{KEY_ID}\"", now().0 / 1000);
    let (method, target, content) =
        ((r#""@method""#, "POST"), (r#""@target-uri""#, INBOX), (r#""content-digest""#, digest.as_str()));
    for odd in [
        (r#""@method";req"#, "POST"),
        (r#""content-digest";key="sha-256""#, "x"),
        (r#""content-digest";sf"#, digest.as_str()),
        (r#""@query-param";name="a""#, "b"),
        (r#""@status""#, "200"),
        (r#""Content-Digest""#, digest.as_str()),
        (r#""@method""#, "POST"),
    ] {
        let headers = covering(&[method, target, content, odd], &parameters);
        assert!(refusal(&headers).is_some(), "{odd:?}");
    }
    // Two labels: in the input, or in the signatures alone.
    let good = delivery();
    let text = |name: &str| good[name].to_str().expect("ASCII").to_owned();
    let mut two = good.clone();
    set(
        &mut two,
        "signature-input",
        &format!("{}, {}", text("signature-input"), text("signature-input").replace("sig1", "sig2")),
    );
    assert_eq!(refusal(&two), Some(Refusal::Unsupported));
    let mut two = good.clone();
    set(&mut two, "signature", &format!("{}, {}", text("signature"), text("signature").replace("sig1", "sig2")));
    assert_eq!(refusal(&two), Some(Refusal::Malformed));
    // What reads in two ways.
    for (from, to) in [(";created", "; created"), ("\"@method\" ", "\"@method\"  "), (";keyid=", ";keyid=\"x\";keyid=")]
    {
        let mut odd = good.clone();
        set(&mut odd, "signature-input", &text("signature-input").replace(from, to));
        assert_eq!(refusal(&odd), Some(Refusal::Malformed), "{to}");
    }
}

#[test]
fn times_and_algorithms_are_checked() {
    let digest = digest_of_body();
    let components = [(r#""@method""#, "POST"), (r#""@target-uri""#, INBOX), (r#""content-digest""#, digest.as_str())];
    let seconds = now().0 / 1000;
    let key = format!(";keyid=\"{KEY_ID}\"");
    for (parameters, refused) in [
        (format!(";created={}{key}", seconds - 3601), Refusal::OutOfTime),
        (format!(";created={}{key}", seconds + 301), Refusal::OutOfTime),
        (format!(";created=-1{key}"), Refusal::OutOfTime),
        (format!(";created=999999999999999{key}"), Refusal::OutOfTime),
        (format!(";created={seconds};expires={}{key}", seconds - 1), Refusal::OutOfTime),
        (key.clone(), Refusal::NotCovered),
        (format!(";created={seconds}"), Refusal::Malformed),
        (format!(";created=\"{seconds}\"{key}"), Refusal::Unsupported),
        (format!(";created={seconds}{key};alg=\"hmac-sha256\""), Refusal::Algorithm),
        (format!(";created={seconds}{key};alg=\"none\""), Refusal::Algorithm),
        (format!(";created={seconds}{key};other=1"), Refusal::Unsupported),
        (format!(";created={seconds};keyid=\"ftp://good.test/key\""), Refusal::Malformed),
    ] {
        assert_eq!(refusal(&covering(&components, &parameters)), Some(refused), "{parameters}");
    }
    // The label has to fit the key.
    let headers = covering(&components, &format!(";created={seconds}{key};alg=\"ed25519\""));
    assert!(!is_genuine(&headers));
}

#[test]
fn every_digest_that_is_understood_has_to_fit() {
    let right = digest_of_body();
    let sha512 = BASE64_STANDARD.encode(digest(&SHA512, BODY).as_ref());
    let wrong = BASE64_STANDARD.encode([0; 32]);
    let parameters = format!(";created={};keyid=\"{KEY_ID}\"", now().0 / 1000);
    let with = |value: &str| {
        let components = [(r#""@method""#, "POST"), (r#""@target-uri""#, INBOX), (r#""content-digest""#, value)];
        let mut headers = covering(&components, &parameters);
        set(&mut headers, "content-digest", value);
        headers
    };
    for fine in [right.clone(), format!("{right}, sha-512=:{sha512}:"), format!("sha-512=:{sha512}:, md5=:AA==:")] {
        assert!(is_genuine(&with(&fine)), "{fine}");
    }
    for bad in [
        format!("sha-256=:{wrong}:"),
        format!("{right}, sha-512=:{wrong}:"),
        "md5=:AA==:".to_owned(),
        "sha-256=1".to_owned(),
    ] {
        assert_eq!(refusal(&with(&bad)), Some(Refusal::Digest), "{bad}");
    }
    assert_eq!(read_as("POST", "/inbox", &delivery(), Some(b"other")).err(), Some(Refusal::Digest));
}

#[test]
fn ed25519_keys_sign_requests_too() {
    let pair = generate_ed25519().expect("a key");
    let key = ProofKey::from_pkcs8(pair.private_pkcs8.as_bytes()).expect("reads");
    let parameters = format!(";created={};keyid=\"{KEY_ID}\";alg=\"ed25519\"", now().0 / 1000);
    let digest = digest_of_body();
    let input = format!("(\"@method\" \"@target-uri\" \"content-digest\"){parameters}");
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": {INBOX}\n\"content-digest\": {digest}\n\"@signature-params\": {input}"
    );
    let mut headers = delivery();
    set(&mut headers, "signature-input", &format!("sig1={input}"));
    let signature = BASE64_STANDARD.encode(key.sign(base.as_bytes()));
    set(&mut headers, "signature", &format!("sig1=:{signature}:"));
    let claim = read_as("POST", "/inbox", &headers, Some(BODY)).expect("passes");
    assert!(claim.verify(&PublicKey::read(&pair.public).expect("a key")));
    assert!(!claim.verify(&public_key()));
}
