//! How often somebody may ask, counted in windows of time that begin at the same moment for everybody.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use quick_cache::sync::Cache;

use crate::app::App;
use crate::app::attempts::{Rate, household};
use crate::domain::id::{AccountId, TokenId};
use crate::domain::moment::Moment;
use crate::web::caller::Identity;

/// How many counters are kept; beyond it those unused for longest are forgotten.
const MOST: usize = 100_000;

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

    fn add(&self, bucket: Bucket, who: Who, rate: Rate, now: Moment) -> Standing {
        let length = i64::try_from(rate.window.as_millis()).unwrap_or(i64::MAX).max(1);
        let window = now.0.div_euclid(length);
        // Half of the number says which window is meant, so that nobody has to tidy up.
        let tag = u64::from(u32::try_from(window.rem_euclid(1 << 32)).unwrap_or_default()) << 32;
        let counter = self.counter((bucket, who));
        let step = |seen: u64| if seen & !0xffff_ffff == tag { seen.checked_add(1) } else { Some(tag | 1) };
        let seen = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step).unwrap_or(tag);
        let before = if seen & !0xffff_ffff == tag { u32::try_from(seen & 0xffff_ffff).unwrap_or(u32::MAX) } else { 0 };
        Standing {
            limit: rate.count,
            remaining: rate.count.saturating_sub(before.saturating_add(1)),
            reset: Moment(window.saturating_add(1).saturating_mul(length)),
            exceeded: before >= rate.count,
        }
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
