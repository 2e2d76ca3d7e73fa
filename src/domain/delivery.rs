//! How a delivery fares.

use std::time::Duration;

use crate::domain::account::words;

words! {
    /// How far a delivery is.
    DeliveryState {
        /// It will be tried.
        Waiting = "waiting",
        /// The other server took it.
        Delivered = "delivered",
        /// The other server will never take it.
        Refused = "refused",
        /// It was tried long enough.
        Expired = "expired",
        /// A later activity made it pointless before it was sent.
        Superseded = "superseded",
    }
}

/// How long a delivery is worth trying; whoever was away for longer has missed it.
pub const LIFETIME: Duration = Duration::from_secs(5 * 24 * 3600);
/// The longest wait between two tries.
pub const LONGEST_WAIT: Duration = BACKOFF[BACKOFF.len() - 1];

/// How long to wait after the n-th failed try: four days in all.
const BACKOFF: [Duration; 9] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(3 * 3600),
    Duration::from_secs(8 * 3600),
    Duration::from_secs(12 * 3600),
    Duration::from_secs(24 * 3600),
    Duration::from_secs(48 * 3600),
];

/// How long to wait after `attempts` failed tries, or nothing when it was tried often enough.
///
/// `jitter` between 0 and 1 spreads the tries by a fifth in both directions.
pub fn backoff(attempts: u32, jitter: f64) -> Option<Duration> {
    let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
    let base = BACKOFF.get(index)?;
    Some(base.mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0)))
}
