//! Polls.

use serde::Serialize;

use crate::domain::id::StatusId;
use crate::domain::moment::Moment;
use crate::domain::poll::is_over;
use crate::views::statuses::StatusView;
use crate::web::api::entity::CustomEmoji;
use crate::web::api::entity::account::emojis;
use crate::web::api::entity::print::Time;

/// A poll as one reader sees it.
#[derive(Debug, Serialize)]
pub struct Poll<'a> {
    id: StatusId,
    expires_at: Option<Time>,
    expired: bool,
    multiple: bool,
    votes_count: i64,
    voters_count: Option<i64>,
    options: Vec<Choice<'a>>,
    emojis: Vec<CustomEmoji<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_votes: Option<&'a [i32]>,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    title: &'a str,
    votes_count: Option<i64>,
}

impl<'a> Poll<'a> {
    /// Prints the poll of a status, if it has one.
    pub fn of(view: &'a StatusView, now: Moment) -> Option<Self> {
        let poll = view.body.poll.as_ref()?;
        let expired = is_over(poll.ends_at, now);
        let shown = expired || !poll.hide_totals;
        let choice = |option: &'a crate::domain::poll::PollOption| Choice {
            title: &option.title,
            votes_count: shown.then_some(option.votes),
        };
        Some(Self {
            id: poll.status_id,
            expires_at: poll.ends_at.map(Time),
            expired,
            multiple: poll.multiple,
            votes_count: poll.options.votes(),
            voters_count: poll.voters_count,
            options: poll.options.0.iter().map(choice).collect(),
            emojis: emojis(&view.row().emojis.0),
            // Whoever asks has the answers before them like those who have chosen.
            voted: view.marks.map(|marks| marks.own || !view.chosen.is_empty()),
            own_votes: view.marks.map(|_| view.chosen.as_slice()),
        })
    }
}
