//! What one root cause may cost, however many documents it leads to.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::domain::handle::Host;
use crate::error::RemoteError;

/// How many hosts of one registrable domain one cause leads to: whoever owns the domain has as many as they like.
const HOSTS_OF_ONE_DOMAIN: usize = 10;

/// The allowance of one root cause: handed down by `&mut`, so that everything it leads to shares it.
///
/// Not `Clone`, because a copy would double the allowance.
#[derive(Debug)]
pub struct Budget {
    fetches: u32,
    bytes: usize,
    depth: u32,
    deadline: Instant,
    asked: HashMap<String, Vec<Host>>,
}

impl Budget {
    /// An allowance: requests, bytes, levels of documents that lead to documents, and time.
    pub fn new(fetches: u32, bytes: usize, depth: u32, time: Duration) -> Self {
        Self { fetches, bytes, depth, deadline: Instant::now() + time, asked: HashMap::new() }
    }

    /// Enough to find out who or what something is: an actor, a post with its author, a short thread.
    pub fn for_discovery() -> Self {
        Self::new(20, 4 * 1024 * 1024, 4, Duration::from_secs(30))
    }

    /// Enough for one document behind redirects, each asked for twice.
    pub(super) fn for_one_document() -> Self {
        Self::new(8, super::LARGEST_DOCUMENT, 1, Duration::from_secs(60))
    }

    /// Goes one level deeper: from a document to one it names.
    pub fn descend(&mut self) -> Result<(), RemoteError> {
        self.depth = self.depth.checked_sub(1).ok_or_else(used_up)?;
        Ok(())
    }

    /// Comes back from [`Budget::descend`].
    pub fn ascend(&mut self) {
        self.depth = self.depth.saturating_add(1);
    }

    /// Whether another request may be made.
    pub fn is_used_up(&self) -> bool {
        self.fetches == 0 || self.bytes == 0 || Instant::now() >= self.deadline
    }

    pub(super) fn take_fetch(&mut self, url: &Url) -> Result<(), RemoteError> {
        if self.is_used_up() {
            return Err(used_up());
        }
        if let Some(host) = Host::of(url) {
            let hosts = self.asked.entry(host.site().to_owned()).or_default();
            if !hosts.contains(&host) {
                if hosts.len() >= HOSTS_OF_ONE_DOMAIN {
                    return Err(RemoteError::Refused("this lookup leads to too many hosts of one domain".to_owned()));
                }
                hosts.push(host);
            }
        }
        self.fetches -= 1;
        Ok(())
    }

    pub(super) fn take_bytes(&mut self, count: usize) -> Result<(), RemoteError> {
        match self.bytes.checked_sub(count) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => {
                self.bytes = 0;
                Err(used_up())
            }
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }
}

fn used_up() -> RemoteError {
    RemoteError::Refused("the allowance of this lookup is used up".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> Url {
        Url::parse(&format!("https://{host}/")).expect("a URL")
    }

    #[test]
    fn requests_run_out() {
        let (mut budget, url) = (Budget::new(2, 100, 1, Duration::from_secs(60)), at("good.test"));
        assert!(budget.take_fetch(&url).is_ok());
        assert!(budget.take_fetch(&url).is_ok());
        assert!(budget.is_used_up());
        assert!(budget.take_fetch(&url).is_err());
    }

    #[test]
    fn hosts_of_one_domain_run_out_and_others_do_not() {
        let mut budget = Budget::new(1000, 100, 1, Duration::from_secs(60));
        let taken = (0..100).filter(|number| budget.take_fetch(&at(&format!("s{number}.evil.test"))).is_ok()).count();
        assert_eq!(taken, HOSTS_OF_ONE_DOMAIN);
        assert!(budget.take_fetch(&at("s3.evil.test")).is_ok());
        assert!((0..100).all(|number| budget.take_fetch(&at(&format!("s{number}.test"))).is_ok()));
    }

    #[test]
    fn bytes_run_out_and_end_the_fetching() {
        let mut budget = Budget::new(9, 100, 1, Duration::from_secs(60));
        assert!(budget.take_bytes(60).is_ok());
        assert!(budget.take_bytes(60).is_err());
        assert!(budget.take_fetch(&at("good.test")).is_err());
    }

    #[test]
    fn depth_runs_out_and_comes_back() {
        let mut budget = Budget::new(9, 100, 1, Duration::from_secs(60));
        assert!(budget.descend().is_ok());
        assert!(budget.descend().is_err());
        budget.ascend();
        assert!(budget.descend().is_ok());
    }

    #[test]
    fn time_runs_out() {
        assert!(Budget::new(9, 100, 1, Duration::ZERO).take_fetch(&at("good.test")).is_err());
    }
}
