//! How each server wants requests to be signed, as far as it has shown.
//!
//! Nearly everybody reads draft-cavage, so that goes first. Who refuses it is asked again in another way ("double
//! knock"), and what opened the door is tried first for a week.

use std::time::Duration;

use quick_cache::sync::Cache;

use crate::domain::moment::Moment;

/// For how long it is remembered what opened a door.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// For how long a server that opened to nothing is not asked in several ways again.
const CLOSED: Duration = Duration::from_secs(24 * 3600);
/// How many servers are remembered.
const HOSTS: usize = 10_000;

/// One way of signing a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// draft-cavage-http-signatures-12.
    Cavage,
    /// The same, with the query left out of what is signed, as some peers verify it.
    CavageWithoutQuery,
    /// RFC 9421.
    Message,
}

/// What each server has shown.
pub(super) struct Manners(Cache<String, Shown>);

#[derive(Clone, Copy)]
struct Shown {
    /// What opened the door; nothing did, when it is none.
    opened: Option<Manner>,
    at: Moment,
}

impl Manners {
    pub(super) fn new() -> Self {
        Self(Cache::new(HOSTS))
    }

    /// The ways in which to ask `host`, best first.
    pub(super) fn of(&self, host: &str, has_query: bool, now: Moment) -> Vec<Manner> {
        let usual = [Manner::Cavage, Manner::CavageWithoutQuery, Manner::Message];
        let mut manners: Vec<Manner> =
            usual.into_iter().filter(|manner| has_query || *manner != Manner::CavageWithoutQuery).collect();
        match self.0.get(host) {
            Some(Shown { opened: Some(first), at }) if now.since(at) < REMEMBERED => {
                // A stable sort: the rest keeps its order.
                manners.sort_by_key(|manner| *manner != first);
            }
            Some(Shown { opened: None, at }) if now.since(at) < CLOSED => manners.truncate(1),
            _ => {}
        }
        manners
    }

    /// Notes what opened the door after something else had not, or that nothing did.
    pub(super) fn note(&self, host: &str, opened: Option<Manner>, now: Moment) {
        self.0.insert(host.to_owned(), Shown { opened, at: now });
    }

    /// Notes that a server says of itself that it reads RFC 9421, unless something else is known to open the door.
    pub(super) fn reads_messages(&self, host: &str, now: Moment) {
        if self.0.get(host).is_none_or(|shown| shown.opened.is_none()) {
            self.note(host, Some(Manner::Message), now);
        }
    }
}

/// Whether a status may mean that the signature was not understood.
pub(super) fn may_be_misunderstood(status: u16) -> bool {
    matches!(status, 400 | 401 | 403)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    #[test]
    fn what_opened_the_door_goes_first_for_a_week() {
        let manners = Manners::new();
        assert_eq!(manners.of("a.test", false, NOW), [Manner::Cavage, Manner::Message]);
        manners.note("a.test", Some(Manner::Message), NOW);
        assert_eq!(manners.of("a.test", false, NOW), [Manner::Message, Manner::Cavage]);
        assert_eq!(manners.of("b.test", true, NOW)[0], Manner::Cavage);
        assert_eq!(manners.of("a.test", false, NOW + REMEMBERED)[0], Manner::Cavage);
    }

    #[test]
    fn a_closed_door_is_knocked_at_once() {
        let manners = Manners::new();
        manners.note("a.test", None, NOW);
        assert_eq!(manners.of("a.test", true, NOW), [Manner::Cavage]);
        assert_eq!(manners.of("a.test", true, NOW + CLOSED).len(), 3);
    }

    #[test]
    fn what_was_seen_counts_more_than_what_is_said() {
        let manners = Manners::new();
        manners.reads_messages("a.test", NOW);
        assert_eq!(manners.of("a.test", false, NOW)[0], Manner::Message);
        manners.note("b.test", Some(Manner::Cavage), NOW);
        manners.reads_messages("b.test", NOW);
        assert_eq!(manners.of("b.test", false, NOW)[0], Manner::Cavage);
    }
}
