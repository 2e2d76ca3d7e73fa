//! The JSON-LD context of everything we send: the same everywhere, so that others can keep it.

use std::sync::LazyLock;

use activitypub_federation::protocol::context::WithContext;
use serde::Serialize;
use serde_json::{Value, json};

static CONTEXT: LazyLock<Value> = LazyLock::new(|| {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/data-integrity/v1",
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/fep/844e",
        {
            "toot": "http://joinmastodon.org/ns#",
            "schema": "http://schema.org#",
            "Hashtag": "as:Hashtag",
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
            "discoverable": "toot:discoverable",
            "featured": {"@id": "toot:featured", "@type": "@id"},
            "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
            "indexable": "toot:indexable",
            "movedTo": {"@id": "as:movedTo", "@type": "@id"},
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "sensitive": "as:sensitive",
            "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
            "quoteUri": "http://fedibird.com/ns#quoteUri",
            "quoteUrl": "as:quoteUrl",
            "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
            "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "gts": "https://gotosocial.org/ns#",
            "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
            "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
            "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
            "votersCount": "toot:votersCount",
            "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger"
        }
    ])
});

/// Puts the context in front of a document.
pub fn with_context<T: Serialize>(document: T) -> WithContext<T> {
    WithContext::new(document, CONTEXT.clone())
}
