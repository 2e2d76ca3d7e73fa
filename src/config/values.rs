//! How single settings are written: rates, networks, and values that may be left empty.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// So many times in so much time, written `300/5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many times.
    pub count: u32,
    /// In how much time.
    pub window: Duration,
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let (count, window) = text.split_once('/').ok_or(BadRate)?;
        let count = count.trim().parse::<u32>().map_err(|_| BadRate)?;
        let window = seconds(window.trim()).ok_or(BadRate)?;
        if count == 0 || window == 0 { Err(BadRate) } else { Ok(Self { count, window: Duration::from_secs(window) }) }
    }
}

fn seconds(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?.parse::<u32>().ok()?;
    Some(u64::from(number) * unit)
}

/// Not a rate.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be a rate such as 300/5m, with s, m, h or d as the unit of time")]
pub struct BadRate;

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A time of at most half a minute, written `20s`.
pub fn short_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let read = seconds(text.trim()).filter(|seconds| (1..=30).contains(seconds));
    read.map(Duration::from_secs).ok_or_else(|| de::Error::custom("must be a time from 1s to 30s"))
}

/// A value with a text form.
pub fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.trim().parse().map_err(|error| not_usable(&text, &error))
}

/// A value with a text form; an empty text means that it is not given.
pub fn if_given<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(Some).map_err(|error| not_usable(&text, &error))
}

fn not_usable<E: de::Error>(text: &str, error: &impl fmt::Display) -> E {
    E::custom(format_args!("is `{text}`: {error}"))
}

/// A yes or no; `auto` leaves the choice to us.
pub fn automatic<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    deserializer.deserialize_bool(YesNoAuto)
}

struct YesNoAuto;

impl Visitor<'_> for YesNoAuto {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or \"auto\"")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Some(yes))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.trim() {
            "" | "auto" => Ok(None),
            other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
        }
    }
}

/// Networks, as a list or with commas between them; a single address is a network of one.
pub fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    deserializer.deserialize_any(Networks)
}

struct Networks;

impl<'de> Visitor<'de> for Networks {
    type Value = Vec<IpNet>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of networks such as 10.0.0.0/8")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut networks = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            networks.push(network(text.trim())?);
        }
        Ok(networks)
    }
}

fn network<E: de::Error>(text: &str) -> Result<IpNet, E> {
    let whole = text.parse::<IpNet>().ok();
    whole
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        .ok_or_else(|| E::custom(format_args!("holds `{text}`, which is not a network such as 10.0.0.0/8")))
}
