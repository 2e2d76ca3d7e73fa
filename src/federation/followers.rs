//! Keeping two servers of one mind about who follows whom (FEP-8fcf).
//!
//! Deliveries of posts for followers carry a digest over the followers on the server they go to. What others say this
//! way is a hint: it makes this server ask, at the actor's own server, and believe only what fits the hint.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use axum::http::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::actions::synchronisation;
use crate::app::attempts::Rate;
use crate::app::crypto;
use crate::domain::id::AccountId;
use crate::domain::job::Job;
use crate::domain::origin::{Origin, RemoteId};
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::collection::OrderedCollection;
use crate::federation::protocol::shape;
use crate::store::{accounts, deliveries::Address, follows};
use crate::views::AccountView;

/// The header of FEP-8fcf.
pub const HEADER: &str = "collection-synchronization";
/// How often the followers of one actor are compared.
const COMPARED: Rate = Rate { count: 1, window: Duration::from_secs(6 * 3600) };
/// How many followers of one actor are compared at most.
const MOST: usize = 10_000;
/// The longest header that is read, in bytes.
const LONGEST: usize = 8 * 1024;

/// The followers of somebody on one server, as far as a digest can say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    /// The digest over these ids, in whatever order.
    pub(super) fn over<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut digest = Self::default();
        ids.into_iter().for_each(|id| digest.add(id));
        digest
    }

    fn add(&mut self, id: &str) {
        self.0.iter_mut().zip(crypto::sha256(id.as_bytes())).for_each(|(sum, byte)| *sum ^= byte);
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crypto::hex(&self.0))
    }
}

impl Federation {
    /// Writes on each delivery what its server has to think about the followers of `author`.
    pub(super) async fn add_digests(&self, author: AccountId, addresses: &mut [Address]) -> Result<()> {
        let mut digests: HashMap<Origin, Digest> = HashMap::new();
        for follower in follows::elsewhere(self.app.db.reader(), author, "").await? {
            if let Some(origin) = origin_of(&follower) {
                digests.entry(origin).or_default().add(&follower);
            }
        }
        for address in addresses {
            let digest = origin_of(&address.inbox_url).map(|origin| digests.get(&origin).copied().unwrap_or_default());
            address.followers_digest = digest.map(|digest| digest.to_string());
        }
        Ok(())
    }

    /// The header of a delivery by `author` that carries this digest.
    pub(super) fn synchronization(&self, author: AccountId, digest: &str) -> String {
        let (followers, url) =
            (self.app.urls.of_actor(author, "followers"), self.app.urls.of_actor(author, "followers_synchronization"));
        format!("collectionId=\"{followers}\", url=\"{url}\", digest=\"{digest}\"")
    }

    /// The followers of a member who live where `reader` does.
    pub async fn followers_beside(&self, account: &AccountView, reader: &str) -> Result<OrderedCollection> {
        let origin = origin_of(reader);
        let beginning = Url::parse(reader).map(|reader| reader.origin().ascii_serialization()).unwrap_or_default();
        let followers = follows::elsewhere(self.app.db.reader(), account.id, &beginning).await?;
        let beside = followers.into_iter().filter(|id| origin.is_some() && origin_of(id) == origin).map(Value::from);
        Ok(self.listed(self.app.urls.of_actor(account.id, "followers_synchronization"), beside.collect()))
    }

    /// Has the followers of `actor` compared, later, when a delivery of theirs says something about them.
    pub(super) async fn hear_of_followers(
        &self,
        actor: &RemoteId,
        account: AccountId,
        headers: &HeaderMap,
    ) -> Result<()> {
        let Some(header) = headers.get(HEADER).and_then(|header| header.to_str().ok()) else { return Ok(()) };
        let Some(hint) = Hint::read(header) else { return Ok(()) };
        let Ok(url) = self.borders.remote(hint.url) else { return Ok(()) };
        let counted = || self.app.attempts.count(&format!("followers of {actor}"), COMPARED, self.app.now());
        if !url.shares_origin(actor) || counted().is_err() {
            return Ok(());
        }
        let mut change = self.app.begin().await?;
        let (collection, url, digest) = (hint.collection.to_owned(), hint.url.to_owned(), hint.digest);
        change.enqueue(&Job::CompareFollowers { account, collection, url, digest }).await?;
        change.commit().await
    }

    /// Compares who follows somebody, and makes it what their server says when that is what it told us of.
    pub async fn compare_followers(&self, account: AccountId, collection: &str, url: &str, digest: &str) -> Result<()> {
        let db = self.app.db.reader();
        let target = accounts::find(db, account).await?;
        if target.host.is_none() || target.suspended_at.is_some() || target.followers_url.as_deref() != Some(collection)
        {
            return Ok(());
        }
        let ours = follows::by_members(db, account).await?;
        let accepted = ours.iter().filter(|(follow, _)| follow.accepted).map(|(_, uri)| uri.as_str());
        if Digest::over(accepted).to_string() == digest {
            return Ok(());
        }
        let (actor, id) = (self.borders.remote(&target.uri)?, self.borders.remote(url)?);
        let mut budget = Budget::for_discovery();
        let read = async {
            let (found_at, document) = self.fetch(&id, &mut budget).await?;
            let is_list = matches!(shape::type_of(&document), Some("Collection" | "OrderedCollection"));
            // What is no list lists nobody, which is not to say that nobody follows.
            if !is_list || !self.borders.remote(found_at.as_str())?.shares_origin(&actor) {
                return Err(Error::invalid("not a list of followers at its owner's server"));
            }
            self.members_in(document, &actor, MOST, &mut budget).await
        };
        let members = match read.await {
            // It was a hint: when it leads nowhere, there is another next time.
            Err(error) if !error.is_transient() => return Ok(()),
            members => members?,
        };
        let listed: HashSet<String> = members.iter().filter_map(shape::id_of).map(str::to_owned).collect();
        if Digest::over(listed.iter().map(String::as_str)).to_string() != digest {
            return Ok(());
        }
        synchronisation::synchronise(&self.app, account, &listed).await
    }
}

/// What a header says.
struct Hint<'a> {
    collection: &'a str,
    url: &'a str,
    digest: String,
}

impl<'a> Hint<'a> {
    /// Reads `collectionId="…", url="…", digest="…"`, in any order.
    fn read(header: &'a str) -> Option<Self> {
        if header.len() > LONGEST {
            return None;
        }
        let mut parts = HashMap::new();
        let mut rest = header;
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"')?;
            parts.insert(name.trim_matches([' ', ',']), value);
            rest = after;
        }
        let digest = parts.get("digest")?.to_ascii_lowercase();
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then_some(Self { collection: parts.get("collectionId")?, url: parts.get("url")?, digest })
    }
}

fn origin_of(address: &str) -> Option<Origin> {
    Origin::of(&Url::parse(address).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_specification() {
        let followers = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"];
        let digest = Digest::over(followers);
        assert_eq!(digest, Digest::over(followers.into_iter().rev()));
        assert_eq!(digest.to_string(), "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f");
        assert_eq!(Digest::over([]).to_string(), "0".repeat(64));
        let one = Digest::over([followers[0]]).to_string();
        assert_eq!(one, crypto::hex(&crypto::sha256(followers[0].as_bytes())));
    }

    #[test]
    fn a_header_is_read_in_any_order_and_nothing_else_is() {
        let digest = "AB".repeat(32);
        let header = format!("url=\"https://a.test/u/s\",  digest=\"{digest}\", collectionId=\"https://a.test/u/f\"");
        let hint = Hint::read(&header).expect("it is a header");
        assert_eq!((hint.collection, hint.url), ("https://a.test/u/f", "https://a.test/u/s"));
        assert_eq!(hint.digest, "ab".repeat(32));
        for header in ["", "nonsense", "digest=\"12\", url=\"x\", collectionId=\"y\"", "digest=\"", "url=\"a\"\"=\"\"="]
        {
            assert!(Hint::read(header).is_none(), "{header}");
        }
    }
}
