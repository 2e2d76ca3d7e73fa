//! How many fetches run at once: few per host, not too many in all.

use std::convert::Infallible;
use std::sync::Arc;

use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::RemoteError;

const PER_HOST: usize = 4;
const IN_ALL: usize = 64;
/// Hosts remembered at once; a host forgotten while it is busy gets a fresh count, never a wrong one for others.
const HOSTS: usize = 4096;

/// Lets fetches through.
pub(super) struct Gate {
    hosts: Cache<String, Arc<Semaphore>>,
    all: Arc<Semaphore>,
}

/// The right to fetch, given back when dropped.
pub(super) struct Turn {
    _host: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { hosts: Cache::new(HOSTS), all: Arc::new(Semaphore::new(IN_ALL)) }
    }

    /// Waits for a turn with `host`; first in its own line, so that a slow host holds up nobody else.
    pub(super) async fn wait_for(&self, host: &str) -> Result<Turn, RemoteError> {
        let Ok(line) = self.hosts.get_or_insert_with(host, || Ok::<_, Infallible>(Arc::new(Semaphore::new(PER_HOST))));
        let host = line.acquire_owned().await.map_err(closed)?;
        let all = self.all.clone().acquire_owned().await.map_err(closed)?;
        Ok(Turn { _host: host, _all: all })
    }
}

fn closed(_: tokio::sync::AcquireError) -> RemoteError {
    RemoteError::Unreachable("no more fetches are let through".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_busy_host_holds_up_itself_alone() {
        let gate = Gate::new();
        let mut turns = Vec::new();
        for _ in 0..PER_HOST {
            turns.push(gate.wait_for("busy.test").await.expect("has room"));
        }
        let waiting = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(waiting, gate.wait_for("busy.test")).await.is_err());
        assert!(gate.wait_for("idle.test").await.is_ok());
        turns.pop();
        assert!(gate.wait_for("busy.test").await.is_ok());
    }
}
