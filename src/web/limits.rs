//! How often somebody may ask, counted in windows of time that begin at the same moment for everybody.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use quick_cache::sync::Cache;

use crate::app::App;
use crate::app::attempts::Rate;
use crate::domain::id::{AccountId, TokenId};
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::web::caller::Identity;

/// How many counters are kept; beyond it those unused for longest are forgotten.
const MOST: usize = 100_000;
/// How many bits of an IPv6 address name a household rather than a machine.
const HOUSEHOLD: u32 = 64;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bucket {
    Account,
    Token,
    Anonymous,
    Paging,
    Media,
    Statuses,
    Deletes,
    Follows,
    Reports,
    SignUps,
    Apps,
    BadSignatures,
}

/// For whom it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Account(AccountId),
    Token(TokenId),
    Address(IpAddr),
}

/// Counts requests.
#[derive(Debug)]
pub struct Limits(Cache<(Bucket, Who), Arc<AtomicU64>>);

/// Where somebody stands in the window that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many requests the window has room for.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// When the next window opens.
    pub reset: Moment,
    /// Whether this request was one too many.
    pub exceeded: bool,
}

/// A request, as far as it matters for counting.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path.
    pub path: &'a str,
    /// What follows the question mark.
    pub query: &'a str,
    /// Who asks.
    pub identity: &'a Identity,
    /// From where.
    pub address: IpAddr,
}

impl Limits {
    /// Counters that all stand at zero.
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// Counts a request wherever it counts; the standing that leaves the least room.
    pub fn count(&self, asked: Asked<'_>, app: &App) -> Option<Standing> {
        let now = app.now();
        let standings = buckets(asked).into_iter().map(|(bucket, who)| self.add(bucket, who, rate(bucket, app), now));
        standings.min_by_key(|standing| (!standing.exceeded, standing.remaining))
    }

    /// Counts a signature that could not be checked: looking for its key costs us, and the server that was named.
    pub fn mistrust(&self, address: IpAddr, app: &App) {
        self.add(
            Bucket::BadSignatures,
            Who::Address(household(address)),
            app.config.rate_limits.bad_signatures,
            app.now(),
        );
    }

    /// Fails while too many signatures from an address could not be checked.
    pub fn trust(&self, address: IpAddr, app: &App) -> Result<()> {
        let (limits, now) = (&app.config.rate_limits, app.now());
        let standing = self.look(Bucket::BadSignatures, Who::Address(household(address)), limits.bad_signatures, now);
        let exceeded = limits.enabled && standing.remaining == 0;
        if exceeded { Err(Error::TooMany { retry_after: standing.wait(now) }) } else { Ok(()) }
    }

    fn add(&self, bucket: Bucket, who: Who, rate: Rate, now: Moment) -> Standing {
        let window = Window::at(now, rate);
        let tag = window.tag;
        let step = |seen: u64| if seen & !COUNT == tag { seen.checked_add(1) } else { Some(tag | 1) };
        let seen = self.counter((bucket, who)).fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(tag);
        let before = window.count(seen);
        window.standing(before.saturating_add(1), before >= rate.count)
    }

    fn look(&self, bucket: Bucket, who: Who, rate: Rate, now: Moment) -> Standing {
        let window = Window::at(now, rate);
        let count = window.count(self.counter((bucket, who)).load(Ordering::Relaxed));
        window.standing(count, count > rate.count)
    }

    fn counter(&self, key: (Bucket, Who)) -> Arc<AtomicU64> {
        if let Some(known) = self.0.get(&key) {
            return known;
        }
        let fresh = Arc::new(AtomicU64::new(0));
        self.0.insert(key, fresh.clone());
        fresh
    }
}

/// The half of a counter that counts; the other says for which window, so that nobody has to tidy up.
const COUNT: u64 = 0xffff_ffff;

/// The window that is open.
struct Window {
    tag: u64,
    limit: u32,
    reset: Moment,
}

impl Window {
    fn at(now: Moment, rate: Rate) -> Self {
        let length = i64::try_from(rate.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let number = now.0.div_euclid(length);
        let tag = u64::from(u32::try_from(number.rem_euclid(1 << 32)).unwrap_or_default()) << 32;
        Self { tag, limit: rate.count, reset: Moment(number.saturating_add(1).saturating_mul(length)) }
    }

    fn count(&self, seen: u64) -> u32 {
        if seen & !COUNT == self.tag { u32::try_from(seen & COUNT).unwrap_or(u32::MAX) } else { 0 }
    }

    fn standing(&self, count: u32, exceeded: bool) -> Standing {
        Standing { limit: self.limit, remaining: self.limit.saturating_sub(count), reset: self.reset, exceeded }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

impl Standing {
    /// How long until the next window opens.
    pub fn wait(&self, now: Moment) -> Duration {
        self.reset.since(now)
    }
}

fn buckets(asked: Asked<'_>) -> Vec<(Bucket, Who)> {
    let address = Who::Address(household(asked.address));
    let mut buckets = Vec::with_capacity(4);
    let account = match asked.identity {
        Identity::Somebody(grant) => {
            buckets.push((Bucket::Token, Who::Token(grant.token.id)));
            grant.member.as_ref().map(|member| Who::Account(member.account_id))
        }
        Identity::Nobody | Identity::Unknown => {
            buckets.push((Bucket::Anonymous, address));
            None
        }
    };
    buckets.extend(account.map(|account| (Bucket::Account, account)));
    if *asked.method == Method::GET && is_page(asked.query) {
        buckets.push((Bucket::Paging, address));
    }
    match special(asked.method, asked.path) {
        Some(bucket @ (Bucket::SignUps | Bucket::Apps)) => buckets.push((bucket, address)),
        Some(bucket) => buckets.extend(account.map(|account| (bucket, account))),
        None => {}
    }
    buckets
}

/// What is rarer than asking.
fn special(method: &Method, path: &str) -> Option<Bucket> {
    let mut parts = path.strip_prefix("/api/v")?.split('/').skip(1);
    let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
    match (method.as_str(), parts) {
        ("POST", [Some("media"), None, ..]) => Some(Bucket::Media),
        ("POST", [Some("statuses"), None, ..]) => Some(Bucket::Statuses),
        ("POST", [Some("statuses"), Some(_), Some("unreblog"), None]) => Some(Bucket::Deletes),
        ("DELETE", [Some("statuses"), Some(_), None, _]) => Some(Bucket::Deletes),
        ("POST", [Some("accounts"), Some(_), Some("follow"), None]) => Some(Bucket::Follows),
        ("POST", [Some("reports"), None, ..]) => Some(Bucket::Reports),
        ("POST", [Some("accounts"), None, ..]) => Some(Bucket::SignUps),
        ("POST", [Some("apps"), None, ..]) => Some(Bucket::Apps),
        _ => None,
    }
}

fn is_page(query: &str) -> bool {
    let is_cursor = |name: &str| matches!(name, "max_id" | "min_id" | "since_id" | "offset" | "page");
    query.split('&').any(|pair| is_cursor(pair.split('=').next().unwrap_or_default()))
}

/// Somebody with IPv6 has more addresses than they could ever use; all of them count as one.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - HOUSEHOLD);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

fn rate(bucket: Bucket, app: &App) -> Rate {
    let rates = &app.config.rate_limits;
    match bucket {
        Bucket::Account => rates.account,
        Bucket::Token => rates.token,
        Bucket::Anonymous => rates.anonymous,
        Bucket::Paging => rates.paging,
        Bucket::Media => rates.media,
        Bucket::Statuses => rates.statuses,
        Bucket::Deletes => rates.deletes,
        Bucket::Follows => rates.follows,
        Bucket::Reports => rates.reports,
        Bucket::SignUps => rates.sign_ups,
        Bucket::Apps => rates.apps,
        Bucket::BadSignatures => rates.bad_signatures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { count: 2, window: Duration::from_secs(60) };

    fn ann() -> Who {
        Who::Account(AccountId(1))
    }

    #[test]
    fn a_window_has_room_for_so_many_and_the_next_one_again() {
        let limits = Limits::new();
        let now = Moment(90_000);
        let first = limits.add(Bucket::Apps, ann(), RATE, now);
        assert_eq!(first, Standing { limit: 2, remaining: 1, reset: Moment(120_000), exceeded: false });
        assert!(!limits.add(Bucket::Apps, ann(), RATE, now).exceeded);
        assert!(limits.add(Bucket::Apps, ann(), RATE, Moment(119_999)).exceeded);
        assert!(!limits.add(Bucket::Media, ann(), RATE, now).exceeded);
        assert_eq!(limits.add(Bucket::Apps, ann(), RATE, Moment(120_000)).remaining, 1);
    }

    #[test]
    fn one_household_is_counted_once() {
        let near: IpAddr = "2001:db8:1:2::1".parse().expect("is an address");
        let same: IpAddr = "2001:db8:1:2:ffff::9".parse().expect("is an address");
        let other: IpAddr = "2001:db8:1:3::1".parse().expect("is an address");
        assert_eq!(household(near), household(same));
        assert_ne!(household(near), household(other));
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().expect("is an address");
        assert_eq!(household(mapped), IpAddr::from([192, 0, 2, 1]));
    }

    #[test]
    fn rare_things_are_recognised_by_their_path() {
        assert_eq!(special(&Method::POST, "/api/v1/statuses"), Some(Bucket::Statuses));
        assert_eq!(special(&Method::POST, "/api/v2/media"), Some(Bucket::Media));
        assert_eq!(special(&Method::DELETE, "/api/v1/statuses/5"), Some(Bucket::Deletes));
        assert_eq!(special(&Method::POST, "/api/v1/accounts/5/follow"), Some(Bucket::Follows));
        assert_eq!(special(&Method::POST, "/api/v1/statuses/5/favourite"), None);
        assert_eq!(special(&Method::GET, "/api/v1/statuses"), None);
    }

    #[test]
    fn a_page_is_known_by_its_cursor() {
        assert!(is_page("limit=20&max_id=5"));
        assert!(!is_page("limit=20&q=max_id"));
    }
}
