//! Ids that sort by time: 48 bits of milliseconds, 16 bits of counter.

use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::moment::Moment;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// A string of decimal digits in JSON.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(pub i64);

        impl $name {
            /// When the thing came to be, as the id says.
            pub fn moment(self) -> Moment {
                Moment(self.0 >> 16)
            }
        }

        impl From<Minted> for $name {
            fn from(minted: Minted) -> Self {
                Self(minted.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                digits(deserializer).map(Self)
            }
        }
    )+};
}

ids! {
    /// Names an account, local or remote.
    AccountId,
    /// Names a status; a boost has one of its own.
    StatusId,
    /// Names a follow, asked for or accepted.
    FollowId,
    /// Names a favourite.
    FavouriteId,
    /// Names a notification.
    NotificationId,
    /// Names a hashtag.
    TagId,
    /// Names an app registered by a client.
    AppId,
    /// Names an access token.
    TokenId,
    /// Names a browser session.
    SessionId,
    /// Names a filter.
    FilterId,
    /// Names a keyword of a filter.
    FilterKeywordId,
    /// Names a status picked by a filter.
    FilterStatusId,
    /// Names a report.
    ReportId,
    /// Names a media attachment.
    MediaId,
    /// Names a custom emoji.
    EmojiId,
    /// Names an activity of ours that is delivered.
    ActivityId,
    /// Names one delivery of an activity to one inbox.
    DeliveryId,
    /// Names a job.
    JobId,
    /// Names an invitation to sign up.
    InviteId,
    /// Names a block, a mute or another relation between two accounts.
    RelationId,
    /// Names a revision of a status.
    RevisionId,
    /// Names a domain block.
    DomainBlockId,
    /// Names a hashtag on a profile.
    FeaturedTagId,
    /// Names a relay.
    RelayId,
}

fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Digits;

    impl serde::de::Visitor<'_> for Digits {
        type Value = i64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an id in decimal digits")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<i64, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<i64, E> {
            Ok(number)
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<i64, E> {
            number.try_into().map_err(E::custom)
        }
    }

    deserializer.deserialize_any(Digits)
}

/// Makes ids that grow.
#[derive(Debug)]
pub struct IdMint {
    seed: u16,
    last: AtomicI64,
    counter: AtomicU16,
}

impl IdMint {
    /// A mint that starts every millisecond at `seed`, so that two processes on one database rarely meet.
    pub fn new(seed: u16) -> Self {
        // The counter of `at` starts as far from that of `now` as it can.
        Self { seed, last: AtomicI64::new(0), counter: AtomicU16::new(seed ^ 0x8000) }
    }

    /// An id for something that happens now, larger than every id made here before.
    pub fn now<T: From<Minted>>(&self, now: Moment) -> T {
        let floor = (now.0 << 16) | i64::from(self.seed);
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = floor.max(last + 1);
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Minted(next).into(),
                Err(seen) => last = seen,
            }
        }
    }

    /// An id for something that happened at `then`, which may be long ago.
    pub fn at<T: From<Minted>>(&self, then: Moment) -> T {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed);
        Minted((then.0.max(1) << 16) | i64::from(counter)).into()
    }
}

/// A fresh number out of the mint, on its way to become an id.
#[derive(Debug, Clone, Copy)]
pub struct Minted(i64);
