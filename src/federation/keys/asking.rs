//! How often other servers are asked for keys: asking costs the server asked, and whoever answers fills our tables.
//!
//! Counted per registrable domain, because whoever owns one has as many hosts as they like.

use std::time::Duration;

use quick_cache::sync::Cache;

use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::domain::origin::RemoteId;

/// How long to wait before the same key is fetched again.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// How many keys of one domain may be looked for in vain in a minute.
const IN_VAIN: u32 = 30;
/// How many hosts of one domain may be asked in an hour. Services that run servers for others have many, and seldom
/// so many that speak to us for the first time.
const HOSTS: usize = 300;
/// How many keys and domains are remembered.
const REMEMBERED: usize = 4_000;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Who was asked lately.
#[derive(Debug)]
pub(super) struct Asking {
    keys: Cache<String, Moment>,
    sites: Cache<String, Site>,
}

/// What was asked of one domain.
#[derive(Debug, Clone, Default)]
struct Site {
    minute: i64,
    in_vain: u32,
    hour: i64,
    hosts: Vec<Host>,
}

/// Whether a key may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may.
    Now,
    /// It was a moment ago; there is nothing new to learn.
    AskedLately,
    /// Too many of this domain were; after which time there may be room again.
    TooMany(Duration),
}

impl Asking {
    /// Nobody was asked yet.
    pub(super) fn new() -> Self {
        Self { keys: Cache::new(REMEMBERED), sites: Cache::new(REMEMBERED) }
    }

    /// Whether a key may be fetched now; asking counts.
    pub(super) fn turn(&self, id: &RemoteId, now: Moment) -> Turn {
        if self.keys.get(id.as_str()).is_some_and(|last| now.since(last) < PAUSE) {
            return Turn::AskedLately;
        }
        let Some(host) = id.host() else { return Turn::AskedLately };
        let mut site = self.sites.get(host.site()).unwrap_or_default();
        let (minute, hour) = (now.0 / MINUTE, now.0 / HOUR);
        if site.minute != minute {
            (site.minute, site.in_vain) = (minute, 0);
        }
        if site.hour != hour {
            (site.hour, site.hosts) = (hour, Vec::new());
        }
        if site.in_vain >= IN_VAIN {
            return Turn::TooMany(Duration::from_secs(60));
        }
        if !site.hosts.contains(&host) {
            if site.hosts.len() >= HOSTS {
                return Turn::TooMany(Duration::from_secs(3600));
            }
            site.hosts.push(host.clone());
        }
        site.in_vain += 1;
        self.sites.insert(host.site().to_owned(), site);
        self.keys.insert(id.as_str().to_owned(), now);
        Turn::Now
    }

    /// Gives its place back: whoever names keys at random must not use up what honest ones need.
    pub(super) fn was_found(&self, id: &RemoteId) {
        if let Some(host) = id.host()
            && let Some(mut site) = self.sites.get(host.site())
        {
            site.in_vain = site.in_vain.saturating_sub(1);
            self.sites.insert(host.site().to_owned(), site);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::origin::Borders;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn key(text: &str) -> RemoteId {
        Borders::new(Vec::new(), false).remote(text).expect("an id")
    }

    #[test]
    fn keys_looked_for_in_vain_are_counted_for_the_whole_domain() {
        let asking = Asking::new();
        for number in 0..IN_VAIN {
            let id = key(&format!("https://s{}.evil.test/{number}", number % 10));
            assert_eq!(asking.turn(&id, NOW), Turn::Now);
        }
        assert!(matches!(asking.turn(&key("https://other.evil.test/"), NOW), Turn::TooMany(_)));
        assert_eq!(asking.turn(&key("https://evil.other.test/"), NOW), Turn::Now);
        assert_eq!(asking.turn(&key("https://s1.evil.test/new"), NOW + Duration::from_secs(60)), Turn::Now);
    }

    #[test]
    fn no_domain_brings_ever_more_hosts() {
        let asking = Asking::new();
        let mut answered = 0;
        for number in 0..10_000 {
            let id = key(&format!("https://s{number}.evil.test/key"));
            if asking.turn(&id, NOW) == Turn::Now {
                answered += 1;
                asking.was_found(&id);
            }
        }
        assert_eq!(answered, HOSTS);
        assert_eq!(asking.turn(&key("https://s1.evil.test/another"), NOW), Turn::Now);
        // Names under a public suffix belong to different people.
        for number in 0..100 {
            let id = key(&format!("https://s{number}.github.io/key"));
            assert_eq!(asking.turn(&id, NOW), Turn::Now, "{number}");
        }
    }
}
