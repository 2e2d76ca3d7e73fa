//! How often something was tried lately: sign-ins, sign-ups. Remembered by this process, forgotten when it ends.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::crypto;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};

pub use crate::config::Rate;

/// How many bits of an IPv6 address name a household rather than a machine.
const HOUSEHOLD: u32 = 64;
/// How many names are remembered; beyond it, those that end soonest are forgotten.
const MOST: usize = 20_000;

/// Counts attempts under names such as an address.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    ends: Moment,
}

impl Attempts {
    /// Counts one more attempt under `name`, or refuses because there were too many.
    pub fn count(&self, name: &str, rate: Rate, now: Moment) -> Result<()> {
        let mut windows = self.lock();
        make_room(&mut windows, now);
        let fresh = Window { count: 0, ends: now + rate.window };
        let window = windows.entry(crypto::token_hash(name)).or_insert(fresh);
        if window.ends <= now {
            *window = fresh;
        }
        if window.count >= rate.count {
            return Err(Error::TooMany { retry_after: window.ends.since(now) });
        }
        window.count += 1;
        Ok(())
    }

    /// Takes back one attempt, because it was no trouble.
    pub fn take_back(&self, name: &str) {
        if let Some(window) = self.lock().get_mut(&crypto::token_hash(name)) {
            window.count = window.count.saturating_sub(1);
        }
    }

    /// Forgets all attempts under `name`.
    pub fn forget(&self, name: &str) {
        self.lock().remove(&crypto::token_hash(name));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        // Whoever panicked while counting left numbers behind that are still numbers.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody with IPv6 has more addresses than they could ever use; all of them count as one.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let mask = u128::MAX << (128 - HOUSEHOLD);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

fn make_room(windows: &mut HashMap<String, Window>, now: Moment) {
    if windows.len() < MOST {
        return;
    }
    windows.retain(|_, window| window.ends > now);
    if windows.len() < MOST {
        return;
    }
    let mut ends: Vec<Moment> = windows.values().map(|window| window.ends).collect();
    ends.sort_unstable();
    let middle = ends[ends.len() / 2];
    windows.retain(|_, window| window.ends > middle);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate { count: 2, window: Duration::from_secs(60) };

    #[test]
    fn the_third_attempt_waits_until_the_window_ends() {
        let attempts = Attempts::default();
        let start = Moment(1_000_000);
        assert!(attempts.count("ann", RATE, start).is_ok());
        assert!(attempts.count("ann", RATE, start).is_ok());
        let refused = attempts.count("ann", RATE, start + Duration::from_secs(20));
        assert!(matches!(refused, Err(Error::TooMany { retry_after }) if retry_after == Duration::from_secs(40)));
        assert!(attempts.count("bob", RATE, start).is_ok());
        assert!(attempts.count("ann", RATE, start + Duration::from_secs(60)).is_ok());
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
    fn what_is_taken_back_or_forgotten_does_not_count() {
        let attempts = Attempts::default();
        for _ in 0..10 {
            assert!(attempts.count("ann", RATE, Moment(1)).is_ok());
            attempts.take_back("ann");
        }
        assert!(attempts.count("ann", RATE, Moment(1)).is_ok());
        assert!(attempts.count("ann", RATE, Moment(1)).is_ok());
        attempts.forget("ann");
        assert!(attempts.count("ann", RATE, Moment(1)).is_ok());
    }

    #[test]
    fn no_more_names_are_kept_than_there_is_room_for() {
        let attempts = Attempts::default();
        for number in 0..=MOST {
            let now = Moment(i64::try_from(number).unwrap_or(0));
            assert!(attempts.count(&number.to_string(), RATE, now).is_ok());
        }
        assert!(attempts.lock().len() <= MOST);
    }
}
