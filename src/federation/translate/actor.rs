//! Actors.

use activitypub_federation::protocol::public_key::PublicKey;
use serde_json::Value;
use url::Url;

use crate::app::Urls;
use crate::domain::account::{ActorKind, Field, Fields};
use crate::domain::handle::{Host, Username};
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::origin::{Borders, LONGEST_ID, RemoteId};
use crate::domain::remote::{Picture, RemoteAccount};
use crate::domain::{html, text};
use crate::error::{Error, Result};
use crate::federation::protocol::actor::{Actor, Endpoints, Generator, Multikey, OwnActor, Property, RFC_9421};
use crate::federation::protocol::note::Image;
use crate::federation::protocol::shape::{self, Ids};
use crate::federation::translate::{emojis, is_page_of, is_web};
use crate::store::entity::account_key;
use crate::views::AccountView;

/// The longest display name kept, in graphemes.
const LONGEST_NAME: usize = 200;
/// How many lines of a profile are kept.
const MOST_FIELDS: usize = 50;
/// How many other ids of the same person are kept.
const MOST_ALIASES: usize = 256;
/// The longest key kept, in bytes of its PEM form: 8192 bits of RSA need 1500.
const LONGEST_KEY: usize = 4096;
/// How many keys of one actor are kept.
const MOST_KEYS: usize = 10;

/// What another server says of one of its accounts, in our words.
///
/// The handle gets the host of the id; whether it may have another is found out elsewhere.
pub fn account(actor: Actor, borders: &Borders) -> Result<RemoteAccount> {
    let id = borders.remote(&actor.id)?;
    let host = id.host().ok_or_else(|| Error::invalid("an actor without a host"))?;
    let inbox_url = own(&actor.inbox, &id, borders).ok_or_else(|| Error::invalid("an actor without an inbox"))?;
    let username: Username = actor
        .preferred_username
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|_| Error::invalid("an actor without a usable name"))?;
    let signing = actor.public_key.iter().map(|key| (&key.id, &key.owner, &key.public_key_pem));
    let proving = actor.assertion_method.iter().map(|key| (&key.id, &key.controller, &key.public_key_multibase));
    let keys = signing
        .chain(proving)
        .filter(|(_, owner, _)| owner.0.is_empty() || owner.only() == Some(id.as_str()))
        .filter(|(key, ..)| borders.remote(key).is_ok_and(|key| key.shares_origin(&id)))
        .filter(|(.., public)| public.len() <= LONGEST_KEY)
        .take(MOST_KEYS)
        .map(|(key, _, public)| (key.clone(), public.clone()))
        .collect();
    let shared = Ids(actor.endpoints.shared_inbox.iter().cloned().collect());
    let page = shape::page_of(&actor.url).filter(|url| is_page_of(url, &id)).unwrap_or(&actor.id).to_owned();
    Ok(RemoteAccount {
        username,
        host,
        confirmed: false,
        url: page,
        kind: kind(&actor.kind),
        display_name: text::clean(actor.name.as_deref().unwrap_or_default(), LONGEST_NAME),
        note: html::sanitise(actor.summary.as_deref().unwrap_or_default()),
        fields: fields(&actor.attachment),
        emojis: emojis(&actor.tag),
        avatar: picture(&actor.icon),
        header: picture(&actor.image),
        inbox_url,
        shared_inbox_url: own(&shared, &id, borders),
        outbox_url: own(&actor.outbox, &id, borders),
        followers_url: own(&actor.followers, &id, borders),
        following_url: own(&actor.following, &id, borders),
        featured_url: own(&actor.featured, &id, borders),
        locked: actor.manually_approves_followers.unwrap_or(false),
        discoverable: actor.discoverable.unwrap_or(false),
        indexable: actor.indexable.unwrap_or(false),
        memorial: actor.memorial.unwrap_or(false),
        also_known_as: actor
            .also_known_as
            .0
            .into_iter()
            .filter(|id| id.len() <= LONGEST_ID)
            .take(MOST_ALIASES)
            .collect(),
        moved_to: actor.moved_to.only().map(str::to_owned),
        published: actor.published.as_deref().and_then(Moment::parse),
        keys,
        uri: id,
    })
}

/// Whether its server says that it reads signatures after RFC 9421 (FEP-844e).
pub fn reads_messages(actor: &Actor) -> bool {
    let named = |capability: &Value| capability.get("href").and_then(Value::as_str) == Some(RFC_9421);
    match actor.generator.get("implements") {
        Some(Value::Array(all)) => all.iter().any(named),
        Some(one) => named(one),
        None => false,
    }
}

/// Whether a type names an actor.
pub fn is_actor(kind: &str) -> bool {
    matches!(kind, "Person" | "Service" | "Group" | "Organization" | "Application")
}

/// An account of ours, as other servers read it.
pub fn own_actor(
    account: &AccountView,
    moved_to: Option<&AccountView>,
    keys: &[account_key::Model],
    instance_actor: AccountId,
    urls: &Urls,
) -> Result<OwnActor> {
    let signing = keys.iter().find(|key| !key.is_for_proofs()).ok_or(Error::NotFound("key"))?;
    let proving = keys.iter().filter(|key| key.is_for_proofs());
    let id = Url::parse(&account.uri).map_err(Error::internal)?;
    let of = |what: &str| urls.of_actor(account.id, what);
    Ok(OwnActor {
        id: account.uri.clone(),
        kind: type_name(account.kind),
        preferred_username: account.username.to_string(),
        webfinger: format!("{}@{}", account.username, urls.handle_host()),
        name: account.display_name.clone(),
        summary: account.note.clone(),
        url: account.url.clone(),
        inbox: account.inbox_url.clone(),
        outbox: of("outbox"),
        followers: of("followers"),
        following: of("following"),
        featured: of("collections/featured"),
        featured_tags: of("collections/tags"),
        liked: of("liked"),
        endpoints: Endpoints { shared_inbox: Some(urls.shared_inbox()) },
        public_key: PublicKey { id: signing.uri.clone(), owner: id, public_key_pem: signing.public.clone() },
        assertion_method: proving.map(|key| Multikey::new(&key.uri, &account.uri, &key.public)).collect(),
        generator: Generator::new(urls.actor(instance_actor)),
        attachment: account.fields.0.iter().map(property).collect(),
        tag: Vec::new(),
        manually_approves_followers: account.locked,
        discoverable: account.discoverable,
        indexable: account.indexable,
        also_known_as: account.also_known_as.0.clone(),
        moved_to: moved_to.map(|target| target.uri.clone()),
        published: account.created_at.midnight().seconds(),
        updated: account.updated_at.seconds(),
    })
}

fn property(field: &Field) -> Property {
    Property { kind: "PropertyValue".to_owned(), name: field.name.clone(), value: field.value.clone() }
}

fn kind(word: &str) -> ActorKind {
    match word {
        "Person" => ActorKind::Person,
        "Group" => ActorKind::Group,
        "Organization" => ActorKind::Organization,
        "Application" => ActorKind::Application,
        _ => ActorKind::Service,
    }
}

/// The type that stands for a sort of actor.
pub fn type_name(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Person => "Person",
        ActorKind::Service => "Service",
        ActorKind::Group => "Group",
        ActorKind::Organization => "Organization",
        ActorKind::Application => "Application",
    }
}

/// An address of the actor's own server, and of no other: somebody else's would be flooded in its name.
fn own(ids: &Ids, actor: &RemoteId, borders: &Borders) -> Option<String> {
    let id = borders.remote(ids.first()?).ok()?;
    let same_site = id.shares_origin(actor) || same_domain(id.host(), actor.host());
    same_site.then(|| id.as_str().to_owned())
}

fn same_domain(one: Option<Host>, other: Option<Host>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let without_www = |host: &Host| host.as_str().trim_start_matches("www.").to_owned();
    without_www(&one) == without_www(&other)
}

fn picture(images: &[Image]) -> Option<Picture> {
    let image = images.first()?;
    let url = shape::page_of(&image.url).filter(|url| is_web(url))?.to_owned();
    let description = image.summary.as_deref().or(image.name.as_deref()).unwrap_or_default();
    Some(Picture { url, description: text::clean(description, 1500) })
}

fn fields(properties: &[Property]) -> Fields {
    let fields = properties
        .iter()
        .filter(|property| property.kind == "PropertyValue")
        .map(|property| Field { name: text::clean(&property.name, 255), value: html::sanitise(&property.value) });
    Fields(fields.take(MOST_FIELDS).collect())
}
