//! How times, addresses and handles are written, without making strings of them first.

use chrono::{Datelike, Timelike};
use serde::{Serialize, Serializer};

use crate::domain::handle::{Host, Username};
use crate::domain::moment::Moment;

/// A point in time, `2026-11-21T10:00:00.000Z`: apps insist on three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Moment);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = self.0.datetime();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        write_day(&mut text, &time);
        write(&mut text[11..13], time.hour());
        write(&mut text[14..16], time.minute());
        write(&mut text[17..19], time.second());
        write(&mut text[20..23], time.timestamp_subsec_millis());
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// A day, `2026-11-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub Moment);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = *b"0000-00-00";
        write_day(&mut text, &self.0.datetime());
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

fn write_day(text: &mut [u8], time: &impl Datelike) {
    write(&mut text[0..4], u32::try_from(time.year()).unwrap_or(0));
    write(&mut text[5..7], time.month());
    write(&mut text[8..10], time.day());
}

/// Writes the last digits of a number.
fn write(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// An address, given whole or in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link<'a> {
    /// The whole address.
    Whole(&'a str),
    /// The address of the server, and a path.
    Below(&'a str, &'a str),
}

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(address) => serializer.serialize_str(address),
            Self::Below(base, path) => serializer.collect_str(&format_args!("{base}{path}")),
        }
    }
}

/// A handle as apps know it: the name alone for our own people.
#[derive(Debug, Clone, Copy)]
pub struct Acct<'a> {
    /// The name.
    pub username: &'a Username,
    /// The server, unless it is this one.
    pub host: Option<&'a Host>,
}

impl Serialize for Acct<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.host {
            Some(host) => serializer.collect_str(&format_args!("{}@{host}", self.username)),
            None => serializer.serialize_str(self.username.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_clock_writes_them() {
        for millis in [0, 1, 999, 1_795_255_200_123, 951_782_400_000, 4_102_444_799_999] {
            let moment = Moment(millis);
            let written = serde_json::to_value(Time(moment)).expect("is written");
            assert_eq!(written, moment.millis());
            assert_eq!(serde_json::to_value(Day(moment)).expect("is written"), moment.day());
        }
    }
}
