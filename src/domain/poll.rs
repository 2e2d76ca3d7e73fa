//! Polls: what can be asked, and when an answer counts.

use std::time::Duration;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::domain::moment::Moment;
use crate::domain::text;
use crate::error::{Error, Result};

/// The shortest time a poll of a member stays open.
pub const SHORTEST: Duration = Duration::from_secs(300);
/// The longest time a poll of a member stays open: a month.
pub const LONGEST: Duration = Duration::from_secs(2_629_746);
/// How many answers of a foreign poll are read; one with more is no poll.
pub const MOST_OPTIONS: usize = 50;
/// The longest answer of a foreign poll that is kept, in graphemes.
pub const LONGEST_OPTION: usize = 500;

/// One answer, and how many chose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    /// What it says, plain text.
    pub title: String,
    /// How many chose it.
    pub votes: i64,
}

/// All answers of a poll, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Options(pub Vec<PollOption>);

impl Options {
    /// Answers nobody has chosen yet.
    pub fn fresh(titles: impl IntoIterator<Item = String>) -> Self {
        Self(titles.into_iter().map(|title| PollOption { title, votes: 0 }).collect())
    }

    /// Whether two polls offer the same answers in the same order.
    pub fn offer_the_same(&self, other: &Self) -> bool {
        self.titles().eq(other.titles())
    }

    /// What can be chosen.
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|option| option.title.as_str())
    }

    /// All votes together.
    pub fn votes(&self) -> i64 {
        self.0.iter().fold(0, |sum, option| sum.saturating_add(option.votes))
    }
}

/// What a member wants to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// The answers as typed.
    pub options: Vec<String>,
    /// How long the poll stays open.
    pub open_for: Duration,
    /// Whether one may choose several.
    pub multiple: bool,
    /// Whether the counts are shown only when it is over.
    pub hide_totals: bool,
}

impl Ask {
    /// The same with its answers trimmed, or what is wrong with it: `most` answers of `longest` characters.
    pub fn checked(mut self, most: u32, longest: u32) -> Result<Self> {
        let wrong = |what: String| Err(Error::field("poll", "ERR_INVALID", format!("Poll options {what}")));
        self.options = self.options.iter().map(|option| option.trim().to_owned()).collect();
        self.options.retain(|option| !option.is_empty());
        if self.options.len() < 2 {
            return wrong("must have more than one item".to_owned());
        }
        if self.options.len() > most as usize {
            return wrong(format!("can't contain more than {most} items"));
        }
        if self.options.iter().any(|option| text::length("", option) > longest as usize) {
            return wrong(format!("cannot be longer than {longest} characters each"));
        }
        let mut seen = std::collections::HashSet::new();
        if !self.options.iter().all(|option| seen.insert(option.as_str())) {
            return wrong("contain duplicate items".to_owned());
        }
        if self.open_for < SHORTEST {
            return Err(Error::field("poll", "ERR_INVALID", "Poll duration is too soon"));
        }
        if self.open_for > LONGEST {
            return Err(Error::field("poll", "ERR_INVALID", "Poll duration is too far into the future"));
        }
        Ok(self)
    }
}

/// Whether a poll that ends then is over.
pub fn is_over(ends_at: Option<Moment>, now: Moment) -> bool {
    ends_at.is_some_and(|end| end <= now)
}

/// The choices of a voter, each once and all of them there, or what is wrong with them.
pub fn choices(wanted: &[i32], options: usize, multiple: bool) -> Result<Vec<i32>> {
    let mut choices = wanted.to_vec();
    choices.sort_unstable();
    choices.dedup();
    let exist = |choice: &i32| usize::try_from(*choice).is_ok_and(|choice| choice < options);
    if choices.is_empty() || !choices.iter().all(exist) {
        return Err(Error::field("choices", "ERR_INVALID", "The chosen vote option does not exist"));
    }
    if choices.len() > 1 && !multiple {
        return Err(Error::field("choices", "ERR_INVALID", "Only one option can be chosen"));
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(options: &[&str], seconds: u64) -> Result<Ask> {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Ask { options, open_for: Duration::from_secs(seconds), ..Ask::default() }.checked(4, 10)
    }

    #[test]
    fn a_poll_needs_several_different_short_answers_and_some_time() {
        assert_eq!(ask(&[" Tea ", "Coffee", ""], 300).expect("fine").options, ["Tea", "Coffee"]);
        for (options, seconds) in [
            (&["Tea"][..], 300),
            (&["1", "2", "3", "4", "5"], 300),
            (&["Tea", "much too long a name"], 300),
            (&["Tea", "Tea "], 300),
            (&["Tea", "Coffee"], 299),
            (&["Tea", "Coffee"], 2_629_747),
        ] {
            assert!(ask(options, seconds).is_err(), "{options:?} {seconds}");
        }
    }

    #[test]
    fn choices_exist_and_are_one_unless_several_are_asked_for() {
        assert_eq!(choices(&[1, 0, 1], 2, true).expect("fine"), [0, 1]);
        assert_eq!(choices(&[1], 2, false).expect("fine"), [1]);
        for (wanted, multiple) in [(&[][..], true), (&[2], true), (&[-1], true), (&[0, 1], false)] {
            assert!(choices(wanted, 2, multiple).is_err(), "{wanted:?}");
        }
    }
}
