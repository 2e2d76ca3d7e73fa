//! From a handle or an address to a known account or status, fetching what is not known.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::actions::accounts as account_actions;
use crate::actions::statuses::{self as status_actions, Cause};
use crate::app::urls::Local;
use crate::domain::handle::{Handle, Host, Username};
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Job;
use crate::domain::origin::{Authentic, Id, RemoteId};
use crate::domain::{html, text};
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::{Accept, Budget, is_activity_media_type};
use crate::federation::protocol::actor::Actor;
use crate::federation::protocol::note::Note;
use crate::federation::protocol::shape;
use crate::federation::translate;
use crate::federation::webfinger;
use crate::store::entity::account;
use crate::store::{accounts, statuses};

/// After which time a profile is fetched again when somebody meets it.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// How many strangers named in one text are looked up.
const MOST_STRANGERS: usize = 10;

/// What an address stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An account.
    Account(AccountId),
    /// A status.
    Status(StatusId),
}

impl Federation {
    /// The account behind a handle, looked up on its server when it is not known here.
    pub async fn find_account(&self, handle: &Handle) -> Result<AccountId> {
        let host = handle.host.as_ref().filter(|host| !self.app.urls.is_ours(host));
        if let Some(known) = accounts::by_name(self.app.db.reader(), &handle.username, host).await? {
            self.refresh_if_stale(&known).await?;
            return Ok(known.id);
        }
        let host = host.ok_or(Error::NotFound("account"))?;
        let mut budget = Budget::for_discovery();
        let answer = self.finger(&handle.username, host, &mut budget).await?;
        let actor = webfinger::actor_of(&answer).ok_or(Error::NotFound("account"))?;
        let id = self.borders.remote(actor.as_str())?;
        Ok(self.account(&id, &mut budget).await?.id)
    }

    /// What an address stands for, fetched when it is not known here.
    pub async fn find_url(&self, address: &str) -> Result<Found> {
        match self.borders.read(address.trim())? {
            Id::Local(url) => self.find_local(url.as_str()).await,
            Id::Remote(id) => {
                if let Some(known) = accounts::by_address(self.app.db.reader(), id.as_str()).await? {
                    return Ok(Found::Account(known.id));
                }
                if let Some(known) = statuses::by_address(self.app.db.reader(), id.as_str()).await? {
                    return Ok(Found::Status(known.id));
                }
                self.fetch_anything(&id).await
            }
        }
    }

    /// Looks up those named in a text whom we do not know yet; those who cannot be found stay plain text.
    pub async fn find_mentioned(&self, text: &str) {
        let strangers = text::parse(text)
            .mentions
            .into_iter()
            .filter(|handle| handle.host.as_ref().is_some_and(|host| !self.app.urls.is_ours(host)));
        for handle in strangers.take(MOST_STRANGERS) {
            if let Err(error) = self.find_account(&handle).await {
                tracing::debug!(%handle, %error, "{handle} was named and not found");
            }
        }
    }

    /// The account with this id, known or fetched.
    pub async fn account(&self, id: &RemoteId, budget: &mut Budget) -> Result<account::Model> {
        if let Some(known) = accounts::by_uri(self.app.db.reader(), id.as_str()).await? {
            self.refresh_if_stale(&known).await?;
            return Ok(known);
        }
        self.fetch_account(id, budget).await
    }

    /// Fetches an account and stores what its server says of it.
    pub async fn fetch_account(&self, id: &RemoteId, budget: &mut Budget) -> Result<account::Model> {
        let (found_at, document) = self.fetch(id, budget).await?;
        let id = self.own_id(&document)?;
        // A document under another id is worth one look at that id, and nothing else.
        let (found_at, document) =
            if without_fragment(id.url()) == found_at { (found_at, document) } else { self.fetch(&id, budget).await? };
        self.take_account(document, &found_at, budget).await
    }

    /// Fetches a status and stores it, with its author.
    pub async fn fetch_status(&self, id: &RemoteId, budget: &mut Budget) -> Result<StatusId> {
        self.fetch_status_because(Cause::Fetched, id, budget).await
    }

    /// The same for a cause that decides what is kept.
    pub(super) async fn fetch_status_because(
        &self,
        cause: Cause,
        id: &RemoteId,
        budget: &mut Budget,
    ) -> Result<StatusId> {
        if let Some(known) = statuses::by_uri(self.app.db.reader(), id.as_str()).await? {
            return Ok(known.id);
        }
        let (found_at, document) = self.fetch(id, budget).await?;
        let id = self.own_id(&document)?;
        let (found_at, document) =
            if without_fragment(id.url()) == found_at { (found_at, document) } else { self.fetch(&id, budget).await? };
        self.take_status(cause, document, &found_at, budget).await
    }

    /// Fetches a profile again.
    pub async fn refresh(&self, account: AccountId) -> Result<()> {
        let known = accounts::find(self.app.db.reader(), account).await?;
        if known.host.is_none() {
            return Ok(());
        }
        let id = self.borders.remote(&known.uri)?;
        self.fetch_account(&id, &mut Budget::for_discovery()).await?;
        Ok(())
    }

    async fn find_local(&self, address: &str) -> Result<Found> {
        let db = self.app.db.reader();
        match self.app.urls.read(address) {
            Some(Local::Account(id)) => Ok(Found::Account(accounts::find(db, id).await?.id)),
            Some(Local::Status(_, id) | Local::StatusPage(_, id)) => Ok(Found::Status(id)),
            Some(Local::Profile(name)) => {
                let handle: Handle = name.parse().map_err(|_| Error::NotFound("account"))?;
                let host = handle.host.as_ref().filter(|host| !self.app.urls.is_ours(host));
                let known = accounts::by_name(db, &handle.username, host).await?;
                known.map(|account| Found::Account(account.id)).ok_or(Error::NotFound("account"))
            }
            Some(Local::Front) | None => Err(Error::NotFound("address")),
        }
    }

    async fn fetch_anything(&self, id: &RemoteId) -> Result<Found> {
        let mut budget = Budget::for_discovery();
        let fetched = match self.fetch(id, &mut budget).await {
            Err(Error::Remote { source: RemoteError::Unusable(_), .. }) => {
                self.fetch_behind_page(id, &mut budget).await
            }
            fetched => fetched,
        };
        let (mut found_at, mut document) = fetched?;
        let own = self.own_id(&document)?;
        if without_fragment(own.url()) != found_at {
            (found_at, document) = self.fetch(&own, &mut budget).await?;
        }
        match shape::type_of(&document) {
            Some(kind) if translate::actor::is_actor(kind) => {
                Ok(Found::Account(self.take_account(document, &found_at, &mut budget).await?.id))
            }
            Some(kind) if translate::note::is_post(kind) => {
                Ok(Found::Status(self.take_status(Cause::Fetched, document, &found_at, &mut budget).await?))
            }
            _ => Err(Error::NotFound("address")),
        }
    }

    /// What a page says of itself where its ActivityPub is; it is followed once, and on the same server.
    async fn fetch_behind_page(&self, id: &RemoteId, budget: &mut Budget) -> Result<(Url, Value)> {
        let page = self.remote.get(id.url(), Accept::Html, None, self.app.now()).await?;
        let text = String::from_utf8_lossy(&page.body);
        let href = html::alternate(&text, is_activity_media_type).ok_or(Error::NotFound("address"))?;
        let other = page.url.join(&href).map_err(|_| Error::NotFound("address"))?;
        let other = self.borders.remote(other.as_str())?;
        if Some(&other) == Some(id) || !other.shares_origin(id) {
            return Err(Error::NotFound("address"));
        }
        self.fetch(&other, budget).await
    }

    async fn take_account(&self, document: Value, found_at: &Url, budget: &mut Budget) -> Result<account::Model> {
        let actor = Actor::deserialize(document).map_err(|_| unusable(found_at, "not an actor"))?;
        if !translate::actor::is_actor(&actor.kind) {
            return Err(unusable(found_at, "not an actor"));
        }
        if translate::actor::reads_messages(&actor)
            && let Some(host) = Host::of(found_at)
        {
            self.remote.reads_messages(&host, self.app.now());
        }
        let mut said = translate::actor::account(actor, &self.borders)?;
        let username: Username = said.username.clone();
        (said.host, said.confirmed) = self.true_host(&username, &said.uri, budget).await?;
        let id = said.uri.clone();
        let account = account_actions::receive(&self.app, Authentic::by_fetch(said, found_at)?).await?;
        self.keys.forget_those_of(&id);
        Ok(account)
    }

    async fn take_status(
        &self,
        cause: Cause,
        document: Value,
        found_at: &Url,
        budget: &mut Budget,
    ) -> Result<StatusId> {
        let note = Note::deserialize(document).map_err(|_| unusable(found_at, "not a post"))?;
        let author = self.borders.remote(note.attributed_to.first().unwrap_or_default())?;
        let author = self.account(&author, budget).await?;
        let said = translate::note::status(note, (&author).into(), &self.borders)?;
        let said = Authentic::by_fetch(said, found_at)?;
        let stored = status_actions::receive(&self.app, &author, said, cause).await?;
        stored.ok_or(Error::NotFound("status"))
    }

    pub(super) async fn fetch(&self, id: &RemoteId, budget: &mut Budget) -> Result<(Url, Value)> {
        let host = id.host().ok_or_else(|| Error::invalid("an address without a host"))?;
        let signer = self.signer(self.instance_actor).await?;
        let (found_at, document) =
            self.remote.get_json(id.url(), Accept::Activity, Some(&signer), self.app.now(), budget).await?;
        if shape::type_of(&document) == Some("Tombstone") {
            return Err(Error::remote(host.as_str(), RemoteError::Gone(410)));
        }
        Ok((found_at, document))
    }

    fn own_id(&self, document: &Value) -> Result<RemoteId> {
        let id =
            document.get("id").and_then(Value::as_str).ok_or_else(|| Error::invalid("a document without an id"))?;
        self.borders.remote(id)
    }

    async fn refresh_if_stale(&self, known: &account::Model) -> Result<()> {
        let stale = known.fetched_at.is_some_and(|fetched| self.app.now().since(fetched) > STALE);
        if known.host.is_some() && stale {
            let mut change = self.app.begin().await?;
            change.enqueue(&Job::RefreshAccount { account: known.id }).await?;
            change.commit().await?;
        }
        Ok(())
    }
}

fn without_fragment(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    url
}

fn unusable(url: &Url, why: &str) -> Error {
    Error::remote(url.host_str().unwrap_or_default(), RemoteError::Unusable(why.to_owned()))
}
