//! Signed requests, keys and proofs: what verifies was signed as it stands.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use outloud::app::crypto::{self, ProofKey, SigningKey};
use outloud::domain::handle::Host;
use outloud::domain::moment::Moment;
use outloud::federation::proof::{Proof, Prover};
use outloud::federation::signature::{self, Fit, Parts, PublicKey, Signer};
use serde_json::{Value, json};

use crate::runner::{fixtures, fuzz, outcome};

const NOW: Moment = Moment(1_793_534_400_000);
const TARGET: &str = "https://node.test/inbox?page=1";
const BODIES: [&str; 2] = [r#"{"type":"Follow"}"#, ""];

const WORDS: [&str; 30] = [
    "signature: ",
    "signature-input: ",
    "digest: SHA-256=",
    "content-digest: sha-256=:",
    "date: ",
    "host: node.test",
    "\n",
    "\n\n",
    "keyId=\"https://a.test/key\"",
    "algorithm=\"hs2019\"",
    "headers=\"(request-target) host date digest\"",
    "signature=\"",
    "(created)",
    "(expires)",
    "created=1793534400",
    "expires=1793534400",
    ";created=1793534400",
    ";keyid=\"https://a.test/key\"",
    ";alg=\"ed25519\"",
    ";sf",
    ";bs",
    ";key=\"a\"",
    ";req",
    ";tr",
    "\"@method\"",
    "\"@target-uri\"",
    "\"@query\"",
    "sig1=(",
    ")",
    ",",
];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A request as it stands in a file: method and target, headers, an empty line, the body.
fn written(headers: &[(HeaderName, HeaderValue)], body: &str) -> Vec<u8> {
    let mut text = "POST /inbox?page=1\n".to_owned();
    for (name, value) in headers {
        text += &format!("{name}: {}\n", value.to_str().unwrap());
    }
    (text + "\n" + body).into_bytes()
}

struct Read {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

fn read(input: &[u8]) -> Option<Read> {
    let end = input.windows(2).position(|two| two == b"\n\n")?;
    let mut lines = input[..end].split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let mut headers = HeaderMap::new();
    for line in lines.take(100) {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        headers.append(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    Some(Read { method: method.to_owned(), target: target.to_owned(), headers, body: input[end + 2..].to_vec() })
}

#[test]
fn a_request_that_verifies_was_signed() {
    let pair = runtime().block_on(crypto::generate_rsa()).unwrap();
    let key = Arc::new(SigningKey::from_pkcs8(pair.private_pkcs8.as_bytes()).unwrap());
    let public = PublicKey::read(&pair.public).unwrap();
    let signer = Signer::new("https://a.test/key", key);
    let target = url::Url::parse(TARGET).unwrap();
    let mut seeds = Vec::new();
    for body in BODIES {
        let host = (HeaderName::from_static("host"), HeaderValue::from_static("node.test"));
        for mut headers in [
            signer.sign_headers("POST", &target, Some(body.as_bytes()), NOW).unwrap(),
            signer.sign_message("POST", &target, Some(body.as_bytes()), NOW).unwrap(),
        ] {
            if !headers.iter().any(|(name, _)| name == "host") {
                headers.push(host.clone());
            }
            seeds.push(written(&headers, body));
        }
    }
    let hosts: Vec<Host> = vec!["node.test".parse().unwrap()];
    let verifies = |input: &[u8]| {
        let read = read(input)?;
        let parts = Parts {
            method: &read.method,
            scheme: "https",
            path_and_query: &read.target,
            authority: None,
            headers: &read.headers,
            body: Some(&read.body),
            hosts: &hosts,
            now: NOW,
        };
        Some(match signature::parse(&parts) {
            Ok(claim) if claim.verify(&public) => {
                assert!(read.method.eq_ignore_ascii_case("POST"), "{}", read.method);
                assert_eq!(read.target, "/inbox?page=1");
                assert!(BODIES.iter().any(|body| body.as_bytes() == read.body), "another body");
                1
            }
            Ok(claim) => outcome((format!("{:?}", claim.algorithm), claim.signing_strings.len())),
            Err(refusal) => outcome(refusal.code()),
        })
    };
    assert!(seeds.iter().all(|seed| verifies(seed) == Some(1)), "the seeds themselves verify");
    fuzz("signatures", &seeds, &WORDS, |input| verifies(input).unwrap_or(0));
}

#[test]
fn a_key_that_is_read_can_be_asked() {
    let (rsa, ed) = (runtime().block_on(crypto::generate_rsa()).unwrap(), crypto::generate_ed25519().unwrap());
    let words = [
        "-----BEGIN PUBLIC KEY-----",
        "-----END PUBLIC KEY-----",
        "-----BEGIN RSA PUBLIC KEY-----",
        "MIIB",
        "z6Mk",
        "z4MX",
        "u",
        "\n",
        "=",
    ];
    let seeds: Vec<Vec<u8>> = [&rsa.public, &ed.public].iter().map(|key| key.as_bytes().to_vec()).collect();
    fuzz("keys", &seeds, &words, |input| {
        let text = String::from_utf8_lossy(input);
        let read = |key: Result<PublicKey, signature::KeyError>| match key {
            Ok(key) => {
                let algorithms = [signature::Algorithm::Ed25519];
                let made = algorithms.iter().any(|algorithm| key.fits(*algorithm, &[b"text"], &[0; 64]) == Fit::Made);
                assert!(!made, "nothing signs with zeros");
                "a key".to_owned()
            }
            Err(error) => error.to_string(),
        };
        outcome([
            read(PublicKey::read(&text)),
            read(PublicKey::from_pem(&text)),
            read(PublicKey::from_multibase(&text)),
        ])
    });
}

#[test]
fn a_proof_that_verifies_is_of_this_document() {
    let pair = crypto::generate_ed25519().unwrap();
    let key = Arc::new(ProofKey::from_pkcs8(pair.private_pkcs8.as_bytes()).unwrap());
    let public = PublicKey::from_multibase(&pair.public).unwrap();
    let prover = Prover::new("https://a.test/users/a#ed25519-key", key);
    let odd = json!({"a": [1.0, 1e21, 0.1, -0.0, 9_007_199_254_740_993_u64], "\u{20ac}": "\r\u{1}", "\u{1f600}": null, "": {}});
    let documents: Vec<Value> =
        fixtures().into_iter().filter(|it| it.get("proof").is_none()).take(60).chain([odd]).collect();
    let proven: Vec<Value> =
        documents.iter().map(|it| serde_json::from_str(&prover.prove(it, NOW).unwrap()).unwrap()).collect();
    let canonical = |document: &Value| serde_json_canonicalizer::to_vec(document).unwrap();
    let known: std::collections::HashSet<Vec<u8>> = documents.iter().map(canonical).collect();
    let seeds: Vec<Vec<u8>> = proven.iter().map(|document| document.to_string().into_bytes()).collect();
    let words = [
        "proof",
        "proofValue",
        "created",
        "@context",
        "DataIntegrityProof",
        "eddsa-jcs-2022",
        "assertionMethod",
        "expires",
        "previousProof",
    ];
    let verified = std::cell::Cell::new(0);
    fuzz("proofs", &seeds, &words, |input| {
        let Ok(document) = outloud::federation::http::parse_document(input) else { return 0 };
        let Some(proof) = Proof::of(&document, NOW) else { return 1 };
        if proof.fits(&public) != Fit::Made {
            return 2;
        }
        verified.set(verified.get() + 1);
        let mut unproven = document;
        unproven.as_object_mut().unwrap().remove("proof");
        assert!(known.contains(&canonical(&unproven)), "a document that nobody signed");
        3
    });
    assert!(verified.get() >= documents.len() / 2, "only {} of the seeds were verified", verified.get());
}
