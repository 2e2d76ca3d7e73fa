//! Actors as other servers describe them, and as we describe ours.

use activitypub_federation::protocol::helpers::deserialize_skip_error;
use activitypub_federation::protocol::public_key::PublicKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::federation::protocol::note::{Image, Tag};
use crate::federation::protocol::shape::{self, Ids, Link};

/// An actor of another server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// Its id.
    pub id: String,
    /// What sort of actor.
    #[serde(rename = "type", deserialize_with = "shape::kind")]
    pub kind: String,
    /// The name before the host.
    #[serde(default, deserialize_with = "shape::text")]
    pub preferred_username: Option<String>,
    /// The name shown.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
    /// The biography as HTML.
    #[serde(default, deserialize_with = "shape::text")]
    pub summary: Option<String>,
    /// Pages for people.
    #[serde(default, deserialize_with = "shape::links")]
    pub url: Vec<Link>,
    /// Where activities for it go.
    #[serde(default)]
    pub inbox: Ids,
    /// Its activities.
    #[serde(default)]
    pub outbox: Ids,
    /// Its followers.
    #[serde(default)]
    pub followers: Ids,
    /// Whom it follows.
    #[serde(default)]
    pub following: Ids,
    /// Its pinned posts.
    #[serde(default)]
    pub featured: Ids,
    /// Addresses of its whole server.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub endpoints: Endpoints,
    /// Its keys for signing requests; members of another shape are left out.
    #[serde(default, deserialize_with = "shape::list")]
    pub public_key: Vec<Key>,
    /// Its keys for signing what it says (FEP-521a); references and members of another shape are left out.
    #[serde(default, deserialize_with = "shape::list")]
    pub assertion_method: Vec<ForeignMultikey>,
    /// What its server is able to do (FEP-844e).
    #[serde(default)]
    pub generator: Value,
    /// The picture.
    #[serde(default, deserialize_with = "shape::list")]
    pub icon: Vec<Image>,
    /// The banner.
    #[serde(default, deserialize_with = "shape::list")]
    pub image: Vec<Image>,
    /// Name and value pairs.
    #[serde(default, deserialize_with = "shape::list")]
    pub attachment: Vec<Property>,
    /// Custom emoji.
    #[serde(default, deserialize_with = "shape::list")]
    pub tag: Vec<Tag>,
    /// Whether it approves followers itself.
    #[serde(default, deserialize_with = "shape::flag")]
    pub manually_approves_followers: Option<bool>,
    /// Whether it may be shown in directories.
    #[serde(default, deserialize_with = "shape::flag")]
    pub discoverable: Option<bool>,
    /// Whether its public posts may be searched.
    #[serde(default, deserialize_with = "shape::flag")]
    pub indexable: Option<bool>,
    /// Whether its owner has died.
    #[serde(default, deserialize_with = "shape::flag")]
    pub memorial: Option<bool>,
    /// Other ids of the same person.
    #[serde(default)]
    pub also_known_as: Ids,
    /// Where the person goes on.
    #[serde(default)]
    pub moved_to: Ids,
    /// When it came to be.
    #[serde(default, deserialize_with = "shape::text")]
    pub published: Option<String>,
}

/// Addresses of a whole server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    /// Where activities for anybody on the server go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_inbox: Option<String>,
}

/// A public key as it hangs on an actor, or stands alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// Its id.
    pub id: String,
    /// The actor it belongs to.
    #[serde(default)]
    pub owner: Ids,
    /// The key in PEM.
    pub public_key_pem: String,
}

/// A key for proofs as it hangs on an actor.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignMultikey {
    /// Its id.
    pub id: String,
    /// The actor it belongs to.
    #[serde(default)]
    pub controller: Ids,
    /// The key in multibase.
    pub public_key_multibase: String,
}

/// A key for proofs of ours (FEP-521a).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Multikey {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    controller: String,
    public_key_multibase: String,
}

impl Multikey {
    /// A key, its owner, the key itself in multibase.
    pub fn new(id: &str, controller: &str, public: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: "Multikey",
            controller: controller.to_owned(),
            public_key_multibase: public.to_owned(),
        }
    }
}

/// What this server is able to do (FEP-844e).
#[derive(Debug, Clone, Serialize)]
pub struct Generator {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    implements: Vec<Capability>,
}

#[derive(Debug, Clone, Serialize)]
struct Capability {
    href: &'static str,
    name: &'static str,
}

/// The specification of HTTP Message Signatures, as capabilities name it.
pub const RFC_9421: &str = "https://datatracker.ietf.org/doc/html/rfc9421";

impl Generator {
    /// This server, which speaks through the actor with this `id`.
    pub fn new(id: String) -> Self {
        let implements = vec![Capability { href: RFC_9421, name: "RFC-9421: HTTP Message Signatures" }];
        Self { id, kind: "Application", implements }
    }
}

/// A name and what it says, on a profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Property {
    /// `PropertyValue`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name, plain text.
    pub name: String,
    /// The value as HTML.
    pub value: String,
}

/// An actor of ours.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnActor {
    /// Its id.
    pub id: String,
    /// What sort of actor.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name before the host.
    pub preferred_username: String,
    /// The whole handle (FEP-2c59).
    pub webfinger: String,
    /// The name shown.
    pub name: String,
    /// The biography as HTML.
    pub summary: String,
    /// The page for people.
    pub url: String,
    /// Where activities for it go.
    pub inbox: String,
    /// Its activities.
    pub outbox: String,
    /// Its followers.
    pub followers: String,
    /// Whom it follows.
    pub following: String,
    /// Its pinned posts.
    pub featured: String,
    /// The hashtags on its profile.
    pub featured_tags: String,
    /// What it likes, of which nothing is told.
    pub liked: String,
    /// Addresses of this server.
    pub endpoints: Endpoints,
    /// Its key for signing requests.
    pub public_key: PublicKey,
    /// Its keys for signing what it says.
    pub assertion_method: Vec<Multikey>,
    /// What this server is able to do.
    pub generator: Generator,
    /// Name and value pairs.
    pub attachment: Vec<Property>,
    /// Custom emoji.
    pub tag: Vec<Value>,
    /// Whether it approves followers itself.
    pub manually_approves_followers: bool,
    /// Whether it may be shown in directories.
    pub discoverable: bool,
    /// Whether its public posts may be searched.
    pub indexable: bool,
    /// Other ids of the same person.
    pub also_known_as: Vec<String>,
    /// Where the person goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// When it came to be.
    pub published: String,
    /// When it was last changed.
    pub updated: String,
}
