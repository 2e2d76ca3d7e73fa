//! The gate for what other servers send.
//!
//! Cheap checks come first: signature header, digest, shape, blocks. Nothing goes out before they pass, and only
//! then is a key fetched that is not known. What is genuine is stored as it came, and worked off later.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use serde::Deserialize;

use crate::app::attempts::household;
use crate::app::crypto;
use crate::domain::job::{Envelope, Job};
use crate::domain::origin::{RemoteId, has_odd_signs};
use crate::error::{Error, Result};
use crate::federation::http::parse_document;
use crate::federation::keys::Known;
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::shape;
use crate::federation::signature::{self, Claim, Fit, Parts, PublicKey};
use crate::federation::{Federation, hearsay, relay};
use crate::store::{accounts, received};

/// A request to an inbox, or a fetch that says who asks.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path and query, as they stand in the request.
    pub path_and_query: &'a str,
    /// Host and port of the request line, as HTTP/2 has it.
    pub authority: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, where there is one.
    pub body: Option<&'a [u8]>,
    /// Where it comes from.
    pub from: IpAddr,
    /// The member whose own inbox it is.
    pub inbox_of: Option<&'a str>,
}

/// How open something is that others read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// To everybody.
    Open,
    /// To everybody, unless the server asks for signatures.
    AsConfigured,
}

const UNSIGNED: Error = Error::Unauthenticated("The request is not signed in a way that can be checked");
const SOMEBODY_ELSE: Error = Error::Unauthenticated("The activity was signed by somebody else than its actor");
const BLOCKED: Error = Error::Forbidden("This server has nothing to do with yours");

impl Federation {
    /// Takes an activity in. What is answered without an error is safe: stored, or of no interest to anybody here.
    pub async fn take_in(&self, request: Request<'_>) -> Result<()> {
        let claim = self.claim(&request)?;
        let body = request.body.unwrap_or_default();
        let document = parse_document(body).map_err(|_| Error::invalid("The body is not JSON that can be read"))?;
        let activity = Activity::deserialize(&document).map_err(|_| Error::invalid("The body is not an activity"))?;
        let actor = activity.actor.only().ok_or_else(|| Error::invalid("An activity has exactly one actor"))?;
        let actor = self.borders.remote(actor)?;
        if activity.id.as_deref().is_some_and(has_odd_signs) {
            return Err(Error::invalid("The id of an activity is no address"));
        }
        let key = self.borders.remote(claim.key_id.as_str()).map_err(|_| UNSIGNED)?;
        self.refuse_server(&key).await?;
        self.refuse_server(&actor).await?;
        if self.is_gone_stranger(&activity, &actor).await? {
            return Ok(());
        }
        let bearer = if key.shares_origin(&actor) {
            match self.verify(|key| claim.fits(key), &key, request.from).await {
                // Whoever is gone took their key along: what they delete is looked at where it was.
                Err(Error::Unauthenticated(_)) if activity.kind == "Delete" && self.has_left(&actor).await? => {
                    return self.take_hint(&activity, &actor).await;
                }
                verified => {
                    let verified = verified?;
                    self.heard_from_server_of(&key).await?;
                    Some(verified)
                }
            }
        } else {
            None
        };
        if let Some(bearer) = bearer.as_ref().filter(|bearer| bearer.owner_uri == actor.as_str()) {
            // Whatever is left in somebody's own inbox is for them.
            if request.inbox_of.is_none() && !self.may_concern_us(&activity, bearer.owner).await? {
                return Ok(());
            }
            self.hear_of_followers(&actor, bearer.owner, request.headers).await?;
            return self.store(&activity, &actor, (&claim.signature, false), &request).await;
        }
        // Hints are taken from those whose keys are known already: nobody is asked for the sake of a stranger.
        let bearer = match bearer {
            None => self.known_key(key.as_str()).await?.filter(|known| claim.verify(&known.key)),
            known => known,
        };
        let relayed = match &bearer {
            Some(bearer) => self.brings(bearer.owner).await?,
            None => false,
        };
        if let Some(signature) = self.proven(&document, &activity, &actor, &request).await? {
            return self.store(&activity, &actor, (&signature, relayed), &request).await;
        }
        if bearer.is_none() || !hearsay::may_be_a_hint(&activity) {
            return Err(SOMEBODY_ELSE);
        }
        if relayed && activity.kind == "Create" && relay::is_for_everybody(&activity) {
            return self.take_hint_of_relay(&activity, &actor).await;
        }
        self.take_hint(&activity, &actor).await
    }

    /// Who signed a fetch; nobody when it is not signed, an error when it is signed badly.
    pub async fn who_asks(&self, request: Request<'_>) -> Result<Option<Arc<Known>>> {
        if !["signature", "signature-input"].iter().any(|name| request.headers.contains_key(*name)) {
            return Ok(None);
        }
        let claim = self.claim(&request)?;
        let key = self.borders.remote(claim.key_id.as_str()).map_err(|_| UNSIGNED)?;
        self.refuse_server(&key).await?;
        let known = self.verify(|key| claim.fits(key), &key, request.from).await?;
        self.heard_from_server_of(&key).await?;
        Ok(Some(known))
    }

    fn claim(&self, request: &Request<'_>) -> Result<Claim> {
        let hosts = [self.app.urls.host().clone(), self.app.urls.handle_host().clone()];
        let parts = Parts {
            method: request.method,
            scheme: self.app.urls.scheme(),
            path_and_query: request.path_and_query,
            authority: request.authority,
            headers: request.headers,
            body: request.body,
            hosts: &hosts,
            now: self.app.now(),
        };
        signature::parse(&parts).map_err(|refusal| {
            tracing::debug!(code = refusal.code(), "refused a signature: {refusal}");
            UNSIGNED
        })
    }

    /// The key that made the signature. A key that does not fit is fetched again once: it may have been replaced.
    pub(super) async fn verify(
        &self,
        fits: impl Fn(&PublicKey) -> Fit,
        id: &RemoteId,
        from: IpAddr,
    ) -> Result<Arc<Known>> {
        if let Some(known) = self.known_key(id.as_str()).await? {
            match fits(&known.key) {
                Fit::Made => return Ok(known),
                // Another key may have come in its place, but not one of another kind.
                Fit::OtherKind => return Err(UNSIGNED),
                Fit::NotMade => {}
            }
        }
        // Looking for a key costs us, and the server that is named, whether or not the signature is worth anything.
        let (limits, seeker) = (&self.app.config.rate_limits, format!("keys for {}", household(from)));
        if limits.enabled {
            self.app.attempts.count(&seeker, limits.bad_signatures, self.app.now())?;
        }
        let fetched = self.fetch_key(id).await.map_err(|error| {
            tracing::debug!(key = %id, %error, "a key could not be fetched");
            match error {
                Error::TooMany { .. } => error,
                _ if error.is_ours() => error,
                _ => UNSIGNED,
            }
        })?;
        let known = fetched.filter(|known| fits(&known.key) == Fit::Made).ok_or(UNSIGNED)?;
        self.app.attempts.take_back(&seeker);
        Ok(known)
    }

    /// Fails when a request is signed, well or badly, in the name of a server this one has nothing to do with; and, where
    /// nobody reads without a name, when it is not signed well.
    pub async fn refuse_reader(&self, request: Request<'_>, reading: Reading) -> Result<()> {
        if reading == Reading::AsConfigured && self.app.config.federation.authorized_fetch {
            return self.who_asks(request).await?.map(|_| ()).ok_or(UNSIGNED);
        }
        let Ok(claim) = self.claim(&request) else { return Ok(()) };
        match self.borders.remote(claim.key_id.as_str()) {
            Ok(key) => self.refuse_server(&key).await,
            Err(_) => Ok(()),
        }
    }

    async fn heard_from_server_of(&self, key: &RemoteId) -> Result<()> {
        match key.host() {
            Some(host) => self.heard_from(&host).await,
            None => Ok(()),
        }
    }

    async fn refuse_server(&self, id: &RemoteId) -> Result<()> {
        let host = id.host().ok_or(UNSIGNED)?;
        if received::is_blocked(self.app.db.reader(), &host).await? { Err(BLOCKED) } else { Ok(()) }
    }

    /// Whether somebody we never heard of says that they are gone, which servers tell the whole world.
    async fn is_gone_stranger(&self, activity: &Activity, actor: &RemoteId) -> Result<bool> {
        if activity.kind != "Delete" || shape::id_of(&activity.object) != Some(actor.as_str()) {
            return Ok(false);
        }
        Ok(accounts::by_uri(self.app.db.reader(), actor.as_str()).await?.is_none())
    }

    async fn store(
        &self,
        activity: &Activity,
        actor: &RemoteId,
        (signature, relayed): (&[u8], bool),
        request: &Request<'_>,
    ) -> Result<()> {
        let body = std::str::from_utf8(request.body.unwrap_or_default())
            .map_err(|_| Error::invalid("The body is not UTF-8"))?;
        self.refuse_flood(actor).await?;
        // Misskey calls a follow after its two ends, so the next one has the id of the last: only the very same request
        // counts once.
        let repeats = matches!(activity.kind.as_str(), "Follow" | "Accept" | "Reject" | "Block" | "Undo");
        let key = |name: &str| crypto::token_hash(&format!("{actor}\n{name}"));
        let (mut change, now) = (self.app.begin().await?, self.app.now());
        if repeats && !received::note(change.tx(), &key(&crypto::hex(signature)), now).await? {
            return Ok(());
        }
        // Some servers send activities without an id; then it is the body that must not count twice.
        let again = !received::note(change.tx(), &key(activity.id.as_deref().unwrap_or(body)), now).await?;
        if !again || repeats {
            let left_with = request.inbox_of.map(str::to_owned);
            let (signer, body) = (actor.as_str().to_owned(), body.to_owned());
            let envelope = Envelope { signer, body, again, left_with, relayed };
            change.enqueue(&Job::Receive(envelope)).await?;
        }
        change.commit().await
    }
}
