//! Proofs inside of documents (FEP-8b32, cryptosuite `eddsa-jcs-2022`): who says something shows in what is said,
//! whoever brings it.
//!
//! A proof that is of another kind, or for another purpose, is as good as none; only one that is wrong is an error of
//! its sender. Contexts are never fetched: what is signed are the bytes that are read here, not what they expand to.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::crypto::ProofKey;
use crate::domain::moment::Moment;
use crate::domain::multikey;
use crate::error::{Error, Result};
use crate::federation::signature::{Algorithm, Fit, PublicKey};

const SUITE: &str = "eddsa-jcs-2022";
/// The largest whole number that every reader of JSON gives back as it was written (RFC 7493, section 2.2).
const LARGEST_NUMBER: u64 = (1 << 53) - 1;
/// What makes readers of linked data find statements that readers of JSON do not see.
const HIDING: [&str; 4] = ["@graph", "@included", "@nest", "@reverse"];
/// How many bytes an Ed25519 signature has.
const SIGNATURE: usize = 64;
/// What means the same to everybody. A context that gives one of these another meaning is not to be trusted: others
/// would have read something else than what was signed.
const OURS: [&str; 18] = [
    "actor",
    "attributedTo",
    "audience",
    "bcc",
    "bto",
    "cc",
    "content",
    "id",
    "inReplyTo",
    "name",
    "object",
    "proof",
    "published",
    "summary",
    "tag",
    "target",
    "to",
    "type",
];

/// Signs what somebody says.
#[derive(Clone)]
pub struct Prover {
    /// The id under which others find the public key.
    key_id: String,
    key: Arc<ProofKey>,
}

impl Prover {
    /// Signs with `key`, which others know as `key_id`.
    pub fn new(key_id: impl Into<String>, key: Arc<ProofKey>) -> Self {
        Self { key_id: key_id.into(), key }
    }

    /// The document with a proof at its end.
    pub fn prove(&self, document: impl Serialize, now: Moment) -> Result<String> {
        let document = serde_json::to_string(&document)?;
        let Value::Object(read) = serde_json::from_str(&document)? else {
            return Err(Error::internal("only objects can be proven"));
        };
        let mut proof = json!({
            "type": "DataIntegrityProof",
            "cryptosuite": SUITE,
            "verificationMethod": self.key_id,
            "proofPurpose": "assertionMethod",
            "created": now.seconds(),
        });
        if let Some(context) = read.get("@context") {
            proof["@context"] = context.clone();
        }
        let text = text(&Value::Object(read), &proof).ok_or_else(|| Error::internal("no canonical form"))?;
        proof["proofValue"] = Value::from(multikey::encode_bytes(&self.key.sign(&text)));
        // The bytes before it stay as they are: members in the order in which they were written.
        let open = document.strip_suffix('}').ok_or_else(|| Error::internal("an object ends with a brace"))?;
        Ok(format!("{open},\"proof\":{proof}}}"))
    }
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// A proof that can be checked once the key is there.
#[derive(Debug)]
pub struct Proof {
    /// The key it claims to be made with.
    pub key_id: String,
    /// When it says it was made.
    pub created: Moment,
    /// The signature itself.
    pub signature: Vec<u8>,
    text: Vec<u8>,
}

impl Proof {
    /// The proof in a document, if there is one of the kind that is checked here.
    pub fn of(document: &Value, now: Moment) -> Option<Self> {
        if !means_one_thing(document) {
            return None;
        }
        let mut unproven = document.as_object()?.clone();
        let Value::Object(mut proof) = unproven.remove("proof")? else { return None };
        let signature = multikey::decode_bytes(proof.remove("proofValue")?.as_str()?, SIGNATURE)?;
        let says = |name: &str, value: &str| proof.get(name).and_then(Value::as_str) == Some(value);
        let is_ours = says("type", "DataIntegrityProof")
            && says("cryptosuite", SUITE)
            && says("proofPurpose", "assertionMethod")
            && !proof.contains_key("previousProof")
            && proof.get("@context").is_none_or(|context| unproven.get("@context") == Some(context));
        if !is_ours || has_ended(&proof, now) {
            return None;
        }
        let key_id = proof.get("verificationMethod")?.as_str()?.to_owned();
        let created = Moment::parse(proof.get("created")?.as_str()?)?;
        let text = text(&Value::Object(unproven), &Value::Object(proof))?;
        Some(Self { key_id, created, signature, text })
    }

    /// Whether it was made with the private half of `key`.
    pub fn fits(&self, key: &PublicKey) -> Fit {
        key.fits(Algorithm::Ed25519, &[&self.text], &self.signature)
    }
}

/// What is signed: the hash of the proof's own members, then that of the document without it.
fn text(document: &Value, proof: &Value) -> Option<Vec<u8>> {
    let hash = |value: &Value| {
        let canonical = serde_json_canonicalizer::to_vec(value).ok()?;
        Some(digest(&SHA256, &canonical))
    };
    Some([hash(proof)?.as_ref(), hash(document)?.as_ref()].concat())
}

fn has_ended(proof: &Map<String, Value>, now: Moment) -> bool {
    let Some(expires) = proof.get("expires") else { return false };
    expires.as_str().and_then(Moment::parse).is_none_or(|expires| expires < now)
}

/// Whether everybody reads the same in it: numbers that have one spelling only, no words with a new meaning, nothing
/// that readers of plain JSON miss. A signature over anything else would say less than it seems to.
fn means_one_thing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(means_one_thing),
        Value::Object(members) => members.iter().all(|(name, value)| match name.as_str() {
            "@context" => is_plain(value),
            name => !HIDING.contains(&name) && means_one_thing(value),
        }),
        Value::Number(number) => {
            let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            size.is_some_and(|size| size <= LARGEST_NUMBER)
        }
        _ => true,
    }
}

/// Whether a context leaves the words alone that are read here.
fn is_plain(context: &Value) -> bool {
    match context {
        Value::Array(parts) => parts.iter().all(is_plain),
        Value::Object(terms) => !terms.keys().any(|term| OURS.contains(&term.as_str()) || term.starts_with('@')),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::crypto::generate_ed25519;

    fn prover() -> (Prover, PublicKey) {
        let pair = generate_ed25519().expect("a key");
        let key = Arc::new(ProofKey::from_pkcs8(pair.private_pkcs8.as_bytes()).expect("reads"));
        (Prover::new("https://good.test/users/alice#ed25519-key", key), PublicKey::read(&pair.public).expect("a key"))
    }

    fn now() -> Moment {
        Moment::parse("2026-11-22T10:00:00Z").expect("a moment")
    }

    fn document() -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", {"toot": "http://joinmastodon.org/ns#"}],
            "id": "https://good.test/activities/1",
            "type": "Create",
            "actor": "https://good.test/users/alice",
            "object": {"content": "ä \u{1f600} </script>", "size": 15},
        })
    }

    fn proven(prover: &Prover) -> Value {
        serde_json::from_str(&prover.prove(document(), now()).expect("is proven")).expect("JSON")
    }

    #[test]
    fn what_is_proven_is_believed_and_keeps_its_bytes() {
        let (prover, key) = prover();
        let text = prover.prove(document(), now()).expect("is proven");
        let plain = document().to_string();
        assert!(text.starts_with(plain.strip_suffix('}').expect("an object")));
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let proof = Proof::of(&document, now()).expect("a proof");
        assert_eq!(proof.key_id, "https://good.test/users/alice#ed25519-key");
        assert_eq!(proof.fits(&key), Fit::Made);
        assert_eq!(proof.fits(&self::prover().1), Fit::NotMade);
    }

    #[test]
    fn whatever_is_changed_breaks_the_proof() {
        let (prover, key) = prover();
        let genuine = proven(&prover);
        for (pointer, value) in [
            ("/object/content", json!("other")),
            ("/actor", json!("https://evil.test/m")),
            ("/proof/created", json!("2026-11-22T10:00:01Z")),
            ("/proof/verificationMethod", json!("https://evil.test/m#key")),
        ] {
            let mut changed = genuine.clone();
            *changed.pointer_mut(pointer).expect("is there") = value;
            assert!(!Proof::of(&changed, now()).is_some_and(|proof| proof.fits(&key) == Fit::Made), "{pointer}");
        }
        let mut more = genuine;
        more["bto"] = json!("https://evil.test/m");
        assert!(!Proof::of(&more, now()).is_some_and(|proof| proof.fits(&key) == Fit::Made));
    }

    #[test]
    fn proofs_of_other_kinds_and_for_other_purposes_are_none() {
        let genuine = proven(&prover().0);
        for (member, value) in [
            ("cryptosuite", json!("mldsa44-jcs-2024")),
            ("proofPurpose", json!("authentication")),
            ("type", json!("RsaSignature2017")),
            ("@context", json!("https://www.w3.org/ns/activitystreams")),
            ("expires", json!("2026-11-22T09:00:00Z")),
            ("expires", json!(7)),
            ("previousProof", json!("urn:uuid:1")),
            ("proofValue", json!("z111")),
            ("proofValue", json!("z".repeat(1_000_000))),
            ("proofValue", Value::Null),
        ] {
            let mut changed = genuine.clone();
            changed["proof"][member] = value.clone();
            assert!(Proof::of(&changed, now()).is_none(), "{member}: {value}");
        }
        let mut several = genuine.clone();
        several["proof"] = json!([genuine["proof"], genuine["proof"]]);
        assert!(Proof::of(&several, now()).is_none());
    }

    #[test]
    fn what_readers_of_json_do_not_agree_on_is_not_proven() {
        let (prover, _) = prover();
        let with = |text: &str| {
            let mut odd = document();
            odd["object"]["size"] = serde_json::from_str(text).expect("JSON");
            let text = prover.prove(odd, now()).expect("is proven");
            Proof::of(&serde_json::from_str(&text).expect("JSON"), now()).is_some()
        };
        for number in ["1", "-1", "0", "9007199254740991", "[{\"a\":7}]"] {
            assert!(with(number), "{number}");
        }
        for odd in [
            "1.5",
            "-0",
            "1.0",
            "1e3",
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
            "[{\"a\":0.1}]",
            "{\"@graph\":[]}",
            "{\"@reverse\":{\"object\":{}}}",
            "{\"@context\":{\"content\":\"as:summary\"}}",
        ] {
            assert!(!with(odd), "{odd}");
        }
        for broken in ["1e400", "\"\\ud800\"", "\"\\udc00x\""] {
            assert!(serde_json::from_str::<Value>(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_context_that_gives_our_words_another_meaning_is_not_trusted() {
        for term in [json!({"actor": "as:attributedTo"}), json!({"foo": "x:y", "@vocab": "http://evil.test/"})] {
            let (prover, _) = prover();
            let mut twisted = document();
            twisted["@context"][1] = term;
            let text = prover.prove(twisted, now()).expect("is proven");
            assert!(Proof::of(&serde_json::from_str(&text).expect("JSON"), now()).is_none());
        }
    }
}
