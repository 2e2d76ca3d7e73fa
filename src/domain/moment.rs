//! Points in time, and where "now" comes from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// Reads RFC 3339, such as `2026-11-21T10:00:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self(parsed.timestamp_millis()))
    }

    /// RFC 3339 in UTC with three decimals, as client apps want it.
    pub fn millis(self) -> String {
        self.datetime().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// RFC 3339 in UTC with whole seconds, as other servers want it.
    pub fn seconds(self) -> String {
        self.datetime().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// For people, to the minute, as `2026-11-22 19:00`.
    pub fn minutes(self) -> String {
        self.datetime().format("%Y-%m-%d %H:%M").to_string()
    }

    /// The day alone, `YYYY-MM-DD`, in UTC.
    pub fn day(self) -> String {
        self.datetime().format("%Y-%m-%d").to_string()
    }

    /// The start of the day, in UTC.
    pub fn midnight(self) -> Self {
        Self(self.0 - self.0.rem_euclid(86_400_000))
    }

    /// The same point in time as `chrono` writes it; the epoch when out of its range.
    pub fn datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// How long ago `earlier` was; nothing if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that stands until it is moved.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `moment`.
    pub fn standing_at(moment: Moment) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(moment.0)))
    }

    /// The time by this clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(Utc::now().timestamp_millis()),
            Self::Manual(now) => Moment(now.load(Ordering::SeqCst)),
        }
    }

    /// Turns a standing clock back; the machine's clock cannot be moved.
    pub fn turn_back(&self, duration: Duration) {
        if let Self::Manual(now) = self {
            now.fetch_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Moves a standing clock forward; the machine's clock cannot be moved.
    pub fn advance(&self, duration: Duration) {
        if let Self::Manual(now) = self {
            now.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
