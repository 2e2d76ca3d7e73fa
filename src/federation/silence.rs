//! Servers that do not answer, remembered so that a sign of life of theirs is noticed without asking the database
//! about everybody who sends something.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::federation::Federation;
use crate::store::{deliveries, hosts};

/// How often a sign of life counts: a server that sends and cannot be reached is not tried with each activity of its.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// The servers whose breaker is open, each with the last sign of life that counted.
#[derive(Debug, Default)]
pub struct Silence(Mutex<HashMap<String, Option<Moment>>>);

impl Silence {
    /// Remembers a host; whether it was not known yet.
    fn add(&self, host: &str) -> bool {
        let mut known = self.lock();
        let is_new = !known.contains_key(host);
        known.entry(host.to_owned()).or_default();
        is_new
    }

    /// Forgets a host; whether it was known.
    fn remove(&self, host: &str) -> bool {
        self.lock().remove(host).is_some()
    }

    fn replace(&self, hosts: Vec<String>) {
        let mut known = self.lock();
        let before = std::mem::take(&mut *known);
        *known = hosts
            .into_iter()
            .map(|host| (before.get(&host).copied().flatten(), host))
            .map(|(at, host)| (host, at))
            .collect();
    }

    /// Whether a sign of life of `host` counts now; asking counts it.
    fn is_broken_by(&self, host: &str, now: Moment) -> bool {
        let mut known = self.lock();
        let Some(last) = known.get_mut(host) else { return false };
        // A clock that was set back must not make anybody wait.
        let counts = last.is_none_or(|last| last > now || now.since(last) >= PAUSE);
        if counts {
            *last = Some(now);
        }
        counts
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Option<Moment>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Federation {
    /// Learns who keeps silent, after a start or because another process has noticed it.
    pub async fn learn_who_is_silent(&self) -> Result<()> {
        self.silence.replace(hosts::left_alone(self.app.db.reader()).await?);
        Ok(())
    }

    /// Notes what became of deliveries: who answered, and who did not.
    pub(super) fn note_silence(&self, answering: &[String], silent: &[String]) {
        for host in answering.iter().filter(|host| self.silence.remove(host)) {
            tracing::info!(host, "{host} answers again");
        }
        for host in silent.iter().filter(|host| self.silence.add(host)) {
            tracing::info!(host, "{host} does not answer and is left alone for growing pauses");
        }
    }

    /// Notes that a server has sent something that it signed: if it was left alone, it is tried again.
    pub(super) async fn heard_from(&self, host: &Host) -> Result<()> {
        let now = self.app.now();
        if !self.silence.is_broken_by(host.as_str(), now) {
            return Ok(());
        }
        tracing::info!(%host, "{host} has sent something, so it is tried again");
        let mut change = self.app.begin().await?;
        hosts::showed_up(change.tx(), host.as_str(), now).await?;
        deliveries::hurry(change.tx(), &[host.as_str().to_owned()], now).await?;
        change.has_deliveries();
        change.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    #[test]
    fn a_sign_of_life_counts_once_in_a_while() {
        let silence = Silence::default();
        assert!(!silence.is_broken_by("a.test", NOW));
        silence.add("a.test");
        assert!(silence.is_broken_by("a.test", NOW));
        assert!(!silence.is_broken_by("a.test", NOW));
        silence.replace(vec!["a.test".to_owned()]);
        assert!(!silence.is_broken_by("a.test", NOW));
        assert!(silence.is_broken_by("a.test", NOW + PAUSE));
        silence.replace(Vec::new());
        assert!(!silence.is_broken_by("a.test", NOW + 2 * PAUSE));
    }
}
