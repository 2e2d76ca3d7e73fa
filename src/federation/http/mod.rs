//! The one client for everything remote: addresses, redirects, sizes, deadlines and budgets are decided here.
//! What an answer means does not live here, nor whether its author may say so.
//! Start reading at `Remote::get`; `target.rs` says what may be asked, `resolve.rs` where connections go.

mod answer;
mod budget;
mod document;
mod gate;
mod manners;
mod media;
mod resolve;
mod target;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use ipnet::IpNet;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::error::{Error, RemoteError, Result};
use crate::federation::addresses::AddressPolicy;
use crate::federation::followers;
use crate::federation::signature::Signer;
use crate::store::{Db, received};

pub use answer::{Answer, Fetched};
pub use budget::Budget;
pub use document::{names_once, parse as parse_document};
pub use media::{ACTIVITY, Accept, LD_JSON, is_activity_media_type};
pub use resolve::Resolver;

use gate::{Gate, Turn};
use manners::{Manner, Manners};
use resolve::CheckedResolver;
use target::Rules;

/// The largest document taken from another server, in bytes after decompression.
pub const LARGEST_DOCUMENT: usize = 1024 * 1024;
/// How many redirects are followed.
const REDIRECTS: usize = 3;
/// How long a connection may take to be made, and a peer may stay silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the client is built from.
#[derive(Debug, Clone)]
pub struct RemoteConfig {
    /// How this node introduces itself.
    pub user_agent: String,
    /// Networks that may be connected to although they are not public.
    pub addresses: Vec<IpNet>,
    /// Whether plain http and unusual ports may be used, as in development.
    pub allow_http: bool,
    /// The hosts of this node, which is never asked over the network.
    pub local_hosts: Vec<Host>,
    /// Who turns names into addresses.
    pub resolver: Resolver,
    /// How long one fetch with all its redirects, or one delivery, may take.
    pub timeout: Duration,
}

/// The one client for everything remote.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    rules: Arc<Rules>,
    shut_out: Option<Db>,
    gate: Arc<Gate>,
    manners: Arc<Manners>,
    timeout: Duration,
}

/// What is delivered to an inbox.
#[derive(Debug)]
pub struct Letter {
    /// The activity.
    pub body: Bytes,
    /// What it says of the followers of its author (FEP-8fcf).
    pub synchronization: Option<String>,
}

/// One fetch, as it was asked for.
struct Asked<'a> {
    accept: Accept,
    signer: Option<&'a Signer>,
    now: Moment,
}

impl Remote {
    /// Builds the client; fails when the system has no certificates to trust.
    ///
    /// Servers that are blocked in `db` are never fetched from; deliveries to them are left out where they are claimed.
    pub fn new(config: RemoteConfig, db: Option<Db>) -> Result<Self> {
        let addresses = AddressPolicy::new(config.addresses);
        let client = Client::builder()
            .user_agent(config.user_agent)
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .https_only(!config.allow_http)
            .dns_resolver(CheckedResolver::new(config.resolver, addresses.clone()))
            .timeout(config.timeout)
            .connect_timeout(PATIENCE.min(config.timeout))
            .read_timeout(PATIENCE.min(config.timeout))
            .pool_max_idle_per_host(2)
            .pool_idle_timeout(Duration::from_secs(30))
            .http2_max_header_list_size(64 * 1024)
            .build()
            .map_err(Error::internal)?;
        let rules = Rules { allow_http: config.allow_http, local_hosts: config.local_hosts, addresses };
        let gate = Arc::new(Gate::new());
        let manners = Arc::new(Manners::new());
        Ok(Self { client, rules: Arc::new(rules), shut_out: db, gate, manners, timeout: config.timeout })
    }

    /// Fetches what `url` names, following up to three redirects, and checks that it is of the kind asked for.
    pub async fn get(&self, url: &Url, accept: Accept, signer: Option<&Signer>, now: Moment) -> Result<Fetched> {
        self.fetch(url, &Asked { accept, signer, now }, &mut Budget::for_one_document()).await
    }

    /// Fetches a JSON document at the expense of `budget`; the address is the one it was found at in the end.
    pub async fn get_json(
        &self,
        url: &Url,
        accept: Accept,
        signer: Option<&Signer>,
        now: Moment,
        budget: &mut Budget,
    ) -> Result<(Url, Value)> {
        let fetched = self.fetch(url, &Asked { accept, signer, now }, budget).await?;
        let value = parse_document(&fetched.body).map_err(|error| Error::remote(name_of(&fetched.url), error))?;
        Ok((fetched.url, value))
    }

    /// Notes that a server says of itself that it reads signatures after RFC 9421 (FEP-844e).
    pub fn reads_messages(&self, host: &Host, now: Moment) {
        self.manners.reads_messages(host.as_str(), now);
    }

    /// Delivers a letter to an inbox, signed; every status is an answer, only silence is an error.
    ///
    /// Whoever does not understand one kind of signature is told again with another.
    pub async fn post(&self, inbox: &Url, letter: Letter, signer: &Signer, now: Moment) -> Result<Answer> {
        let Letter { body, synchronization } = letter;
        let mut inbox = inbox.clone();
        inbox.set_fragment(None);
        let host = name_of(&inbox);
        self.rules.check(&inbox).map_err(|error| Error::remote(&host, error))?;
        let knocking = async {
            let manners = self.manners.of(&host, false, now);
            let mut answered = None;
            for (knock, manner) in manners.iter().enumerate() {
                let signed = sign(signer, *manner, "POST", &inbox, Some(&body), now)?;
                let mut request = self.client.post(inbox.clone()).header(CONTENT_TYPE, ACTIVITY).headers(signed);
                if let Some(synchronization) = &synchronization {
                    request = request.header(followers::HEADER, synchronization);
                }
                let response = request.body(body.clone()).send().await.map_err(answer::trouble)?;
                let answer = Answer::of(&response, now);
                answer::drain(response).await;
                if !manners::may_be_misunderstood(answer.status) {
                    if knock > 0 {
                        self.manners.note(&host, Some(*manner), now);
                    }
                    return Ok(answer);
                }
                // The first answer is the one that counts when no other way is understood either.
                answered.get_or_insert(answer);
            }
            if manners.len() > 1 {
                self.manners.note(&host, None, now);
            }
            answered.ok_or_else(|| RemoteError::Refused("there is no way to sign the request".to_owned()))
        };
        within(Instant::now() + self.timeout, knocking).await.map_err(|error| Error::remote(&host, error))
    }

    /// Follows redirects by hand: each hop is checked, signed and paid for like the first.
    async fn fetch(&self, url: &Url, asked: &Asked<'_>, budget: &mut Budget) -> Result<Fetched> {
        let deadline = (Instant::now() + self.timeout).min(budget.deadline());
        let mut url = url.clone();
        url.set_fragment(None);
        for _ in 0..=REDIRECTS {
            self.refuse_blocked(&url).await?;
            let host = name_of(&url);
            let hop = within(deadline, self.hop(&url, asked, budget));
            match hop.await.map_err(|error| Error::remote(host, error))? {
                Hop::Arrived(fetched) => return Ok(fetched),
                Hop::Onward(next) => url = next,
            }
        }
        Err(Error::remote(name_of(&url), RemoteError::Unusable("too many redirects".to_owned())))
    }

    async fn refuse_blocked(&self, url: &Url) -> Result<()> {
        if let (Some(db), Some(host)) = (&self.shut_out, Host::of(url))
            && received::is_blocked(db.reader(), &host).await?
        {
            return Err(Error::Forbidden("This server has nothing to do with that one"));
        }
        Ok(())
    }

    async fn hop(&self, url: &Url, asked: &Asked<'_>, budget: &mut Budget) -> Result<Hop, RemoteError> {
        self.rules.check(url)?;
        let _turn: Turn = self.gate.wait_for(&name_of(url)).await?;
        let response = self.ask(url, asked, budget).await?;
        if let Some(next) = target::redirect(url, &response)? {
            return Ok(Hop::Onward(next));
        }
        answer::check(&response, asked.accept, asked.now)?;
        Ok(Hop::Arrived(answer::read(url.clone(), response, budget).await?))
    }

    /// Sends one GET; more when the peer does not understand how it is signed.
    async fn ask(&self, url: &Url, asked: &Asked<'_>, budget: &mut Budget) -> Result<Response, RemoteError> {
        let Some(signer) = asked.signer else { return self.send(url, HeaderMap::new(), asked, budget).await };
        let (host, now) = (name_of(url), asked.now);
        let manners = self.manners.of(&host, url.query().is_some(), now);
        for (knock, manner) in manners.iter().enumerate() {
            let signed = sign(signer, *manner, "GET", url, None, now)?;
            let response = self.send(url, signed, asked, budget).await?;
            let understood = !manners::may_be_misunderstood(response.status().as_u16());
            let is_last = knock + 1 == manners.len();
            if knock > 0 && (understood || is_last) {
                self.manners.note(&host, understood.then_some(*manner), now);
            }
            if understood || is_last {
                return Ok(response);
            }
            answer::drain(response).await;
        }
        Err(RemoteError::Refused("there is no way to sign the request".to_owned()))
    }

    async fn send(
        &self,
        url: &Url,
        signed: HeaderMap,
        asked: &Asked<'_>,
        budget: &mut Budget,
    ) -> Result<Response, RemoteError> {
        budget.take_fetch(url)?;
        let request = self.client.get(url.clone()).header(ACCEPT, asked.accept.header()).headers(signed);
        request.send().await.map_err(answer::trouble)
    }
}

/// The headers of a request that is signed in one way.
fn sign(
    signer: &Signer,
    manner: Manner,
    method: &str,
    url: &Url,
    body: Option<&[u8]>,
    now: Moment,
) -> Result<HeaderMap, RemoteError> {
    let headers = match manner {
        Manner::Cavage => signer.sign_headers(method, url, body, now),
        Manner::CavageWithoutQuery => {
            let mut bare = url.clone();
            bare.set_query(None);
            signer.sign_headers(method, &bare, body, now)
        }
        Manner::Message => signer.sign_message(method, url, body, now),
    };
    let headers = headers.map_err(|_| RemoteError::Refused("the request could not be signed".to_owned()))?;
    Ok(headers.into_iter().collect())
}

/// Where one request of a fetch led.
enum Hop {
    Arrived(Fetched),
    Onward(Url),
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("rules", &self.rules).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

async fn within<T>(deadline: Instant, work: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
    match timeout_at(deadline, work).await {
        Ok(done) => done,
        Err(_) => Err(RemoteError::Unreachable("not in time".to_owned())),
    }
}

/// The host of a URL, for errors and for counting.
fn name_of(url: &Url) -> String {
    url.host_str().unwrap_or("a server without a name").trim_end_matches('.').to_owned()
}
