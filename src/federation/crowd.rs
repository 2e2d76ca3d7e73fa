//! How much of what one server has sent may wait here: a flood is answered 429 and comes again later, from a server
//! that means it, and what others send finds its place.

use std::time::Duration;

use quick_cache::sync::Cache;

use crate::domain::job::Job;
use crate::domain::moment::Moment;
use crate::domain::origin::RemoteId;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::store::queue;

/// After how many activities of a server it is counted again how many of them wait.
const STEP: u32 = 256;
/// For how long a server that has sent too much is not listened to.
const PAUSE: Duration = Duration::from_secs(30);
/// How many servers are counted; one that is forgotten begins anew.
const SERVERS: usize = 4_000;

/// What came of each server lately.
#[derive(Debug)]
pub(super) struct Crowd(Cache<String, Came>);

#[derive(Debug, Clone, Copy)]
enum Came {
    /// So many since it was counted how many wait.
    Since(u32),
    /// Too many; nothing is taken until then.
    TooMany(Moment),
}

impl Crowd {
    /// Nothing came yet.
    pub(super) fn new() -> Self {
        Self(Cache::new(SERVERS))
    }
}

impl Federation {
    /// Fails when too much of the server of `sender` waits already.
    pub(super) async fn refuse_flood(&self, sender: &RemoteId) -> Result<()> {
        let lanes = Job::lanes_of(&sender.url().origin().ascii_serialization());
        let (now, most) = (self.app.now(), self.app.config.federation.most_waiting);
        match self.crowd.0.get(&lanes) {
            Some(Came::TooMany(until)) if until > now => return Err(Error::TooMany { retry_after: until.since(now) }),
            Some(Came::Since(count)) if count < STEP.min(most) => {
                self.crowd.0.insert(lanes, Came::Since(count + 1));
                return Ok(());
            }
            _ => {}
        }
        if queue::count_waiting(self.app.db.reader(), &lanes).await? < u64::from(most) {
            self.crowd.0.insert(lanes, Came::Since(1));
            return Ok(());
        }
        tracing::warn!(lanes, "more than {most} activities of one server wait; no more are taken for a moment");
        self.crowd.0.insert(lanes, Came::TooMany(now + PAUSE));
        Err(Error::TooMany { retry_after: PAUSE })
    }
}
