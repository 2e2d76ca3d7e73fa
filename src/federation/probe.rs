//! Looking at another server step by step, for whoever wonders why it cannot be reached.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::domain::handle::{Handle, Host};
use crate::domain::origin::{Id, RemoteId};
use crate::domain::text;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::{Accept, Budget};
use crate::federation::protocol::actor::Actor;
use crate::federation::signature::PublicKey;
use crate::federation::{translate, webfinger};
use crate::store::received;
use crate::views::queues;

/// One step, and what came of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, or what is wrong and at whom, in plain words.
    pub says: String,
}

/// Steps that were taken, in order.
#[derive(Debug, Default)]
struct Walk(Vec<Step>);

impl Walk {
    fn good(&mut self, name: &'static str, says: impl Into<String>) {
        self.0.push(Step { name, ok: true, says: says.into() });
    }

    fn bad(&mut self, name: &'static str, says: impl Into<String>) {
        self.0.push(Step { name, ok: false, says: says.into() });
    }
}

impl Federation {
    /// Walks from a handle or an address to an inbox; nothing is stored or sent.
    pub async fn probe(&self, whom: &str) -> Result<Vec<Step>> {
        let mut walk = Walk::default();
        let mut budget = Budget::for_discovery();
        let id = match self.borders.read(whom.trim()) {
            Ok(Id::Remote(id)) => Some(id),
            Ok(Id::Local(_)) => return Err(Error::invalid("That is an address of this server")),
            Err(_) => {
                let handle: Handle =
                    whom.trim().parse().map_err(|_| Error::invalid("That is neither a handle nor an address"))?;
                self.probe_handle(&handle, &mut walk, &mut budget).await?
            }
        };
        if let Some(id) = id {
            self.probe_actor(&id, &mut walk, &mut budget).await?;
        }
        Ok(walk.0)
    }

    async fn probe_handle(&self, handle: &Handle, walk: &mut Walk, budget: &mut Budget) -> Result<Option<RemoteId>> {
        let host =
            handle.host.clone().ok_or_else(|| Error::invalid("The handle needs a server, as in @ann@example.org"))?;
        if self.app.urls.is_ours(&host) {
            return Err(Error::invalid("That is a handle of this server"));
        }
        self.probe_block(&host, walk).await?;
        match self.finger(&handle.username, &host, budget).await {
            Ok(answer) => match webfinger::actor_of(&answer).map(|actor| self.borders.remote(actor.as_str())) {
                Some(Ok(actor)) => {
                    walk.good("WebFinger", format!("{host} says that @{}@{host} is {actor}", handle.username));
                    Ok(Some(actor))
                }
                _ => {
                    walk.bad("WebFinger", format!("{host} answers, but names no ActivityPub actor for this handle"));
                    Ok(None)
                }
            },
            Err(error) => {
                walk.bad("WebFinger", format!("{host} {}", why(&error)));
                Ok(None)
            }
        }
    }

    async fn probe_block(&self, host: &Host, walk: &mut Walk) -> Result<()> {
        if received::is_blocked(self.app.db.reader(), host).await? {
            walk.bad("Block", format!("{host} is shut out here: `outloud domain unblock {host}` lets it in again"));
        }
        Ok(())
    }

    async fn probe_actor(&self, id: &RemoteId, walk: &mut Walk, budget: &mut Budget) -> Result<()> {
        let signer = self.signer(self.instance_actor).await?;
        let host = id.host().ok_or_else(|| Error::invalid("an address without a host"))?;
        let fetched = self.remote.get_json(id.url(), Accept::Activity, Some(&signer), self.app.now(), budget).await;
        let document = match fetched {
            Ok((_, document)) => {
                walk.good("Fetch", format!("{host} answers our signed request for {id}"));
                document
            }
            Err(error) => {
                walk.bad("Fetch", format!("{host} {}", why(&error)));
                return Ok(());
            }
        };
        if document.get("id").and_then(Value::as_str) != Some(id.as_str()) {
            walk.bad("Actor", format!("The document at {id} calls itself {}", document["id"]));
        }
        let Ok(actor) = Actor::deserialize(&document) else {
            walk.bad("Actor", format!("What {host} answers is no actor"));
            return Ok(());
        };
        self.probe_key(&actor, walk);
        match translate::actor::account(actor, &self.borders) {
            Ok(account) => {
                walk.good("Actor", format!("It is @{}, a {:?}", account.username, account.kind));
                let inbox = account.shared_inbox_url.unwrap_or(account.inbox_url);
                self.probe_inbox(&inbox, walk).await?;
            }
            Err(error) => walk.bad("Actor", format!("It cannot be used: {error}")),
        }
        self.probe_deliveries(&host, walk).await
    }

    fn probe_key(&self, actor: &Actor, walk: &mut Walk) {
        if actor.public_key.is_empty() {
            walk.bad("Key", "The actor names no key, so nothing it sends can be checked");
        }
        for key in &actor.public_key {
            match PublicKey::from_pem(&key.public_key_pem) {
                Ok(_) => walk.good("Key", format!("{} can be used", key.id)),
                Err(error) => walk.bad("Key", format!("{} cannot be used: {error}", key.id)),
            }
        }
    }

    /// Whether somebody is there: an inbox answers a GET with a refusal, which is an answer.
    async fn probe_inbox(&self, inbox: &str, walk: &mut Walk) -> Result<()> {
        let url = Url::parse(inbox).map_err(Error::internal)?;
        let signer = self.signer(self.instance_actor).await?;
        match self.remote.get(&url, Accept::Activity, Some(&signer), self.app.now()).await {
            Err(error @ Error::Remote { source: RemoteError::Unreachable(_) | RemoteError::Refused(_), .. }) => {
                walk.bad("Inbox", format!("{inbox} {}", why(&error)));
            }
            Err(Error::Forbidden(_)) => walk.bad("Inbox", format!("{inbox} is on a server that is shut out here")),
            _ => walk.good("Inbox", format!("Somebody answers at {inbox}")),
        }
        Ok(())
    }

    async fn probe_deliveries(&self, host: &Host, walk: &mut Walk) -> Result<()> {
        if let Some(people) = queues::new_keys(&self.app.db, host, self.app.now()).await? {
            let says = "since yesterday: the name may belong to somebody else now";
            walk.bad("Owner", format!("All {people} people of {host} we have looked at have other keys {says}"));
        }
        let waiting = queues::deliveries_to(&self.app.db, host).await?.len();
        match queues::server(&self.app.db, host).await? {
            Some(server) if server.failures > 0 => {
                let times = text::plural(i64::from(server.failures), "time", "times in a row");
                let says =
                    format!("{host} did not answer {} {times}; deliveries that wait: {waiting}", server.failures);
                walk.bad("Deliveries", says);
            }
            _ => {
                walk.good("Deliveries", format!("{host} is not in trouble; deliveries that wait: {waiting}"));
            }
        }
        Ok(())
    }
}

/// What went wrong, for somebody who knows networks but not our words.
fn why(error: &Error) -> String {
    match error {
        Error::Remote { source, .. } => match source {
            RemoteError::Refused(what) => format!("may not be asked from here ({what})"),
            RemoteError::Gone(status) => format!("answers that it is not there (status {status})"),
            RemoteError::Status { status: 401 | 403, .. } => {
                "refuses our signature, or has shut this server out".to_owned()
            }
            RemoteError::Status { status, .. } => format!("answers with status {status}"),
            RemoteError::Unreachable(what) => format!("cannot be reached: {what}"),
            RemoteError::Unusable(what) => format!("answers something that cannot be used: {what}"),
        },
        other => format!("was not asked: {other}"),
    }
}
