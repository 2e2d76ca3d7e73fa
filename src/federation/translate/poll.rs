//! Polls: a `Question` with `oneOf` or `anyOf`.

use serde_json::Value;

use crate::domain::moment::Moment;
use crate::domain::poll::{LONGEST_OPTION, MOST_OPTIONS, Options, PollOption, is_over};
use crate::domain::remote::RemotePoll;
use crate::domain::text;
use crate::federation::protocol::note::{Answer, Note, OwnAnswer, OwnNote, Votes};
use crate::views::statuses::StatusView;

/// The poll in a post, if it is one that can be voted in.
pub(super) fn of(note: &Note) -> Option<RemotePoll> {
    let multiple = note.one_of.is_empty();
    let answers = if multiple { &note.any_of } else { &note.one_of };
    if note.kind != "Question" || answers.is_empty() || answers.len() > MOST_OPTIONS {
        return None;
    }
    let options: Vec<PollOption> = answers.iter().filter_map(option).collect();
    // Answers that cannot be told apart cannot be chosen.
    let mut titles: Vec<&str> = options.iter().map(|option| option.title.as_str()).collect();
    titles.sort_unstable();
    titles.dedup();
    if titles.len() < answers.len() {
        return None;
    }
    let ends_at = note.end_time.as_deref().and_then(Moment::parse);
    // Some write when it has ended, some that it has, some when it will.
    let closed = note.closed.as_str().and_then(Moment::parse);
    let is_closed = note.closed == Value::Bool(true);
    let published = note.published.as_deref().and_then(Moment::parse);
    Some(RemotePoll {
        options: Options(options),
        multiple,
        voters_count: note.voters_count.as_i64().map(|voters| voters.max(0)),
        ends_at: closed.or(ends_at).or(published.filter(|_| is_closed)),
    })
}

fn option(answer: &Answer) -> Option<PollOption> {
    let title = text::clean(answer.name.as_deref()?, LONGEST_OPTION);
    let votes = answer.replies.get("totalItems").and_then(Value::as_i64).unwrap_or(0).max(0);
    (!title.is_empty()).then_some(PollOption { title, votes })
}

/// Makes a post of ours the question that it is.
pub(super) fn ask(note: OwnNote, view: &StatusView, now: Moment) -> OwnNote {
    let Some(poll) = &view.body.poll else { return note };
    let over = is_over(poll.ends_at, now);
    let shown = over || !poll.hide_totals;
    let answers = poll.options.0.iter().map(|option| OwnAnswer {
        kind: "Note",
        name: option.title.clone(),
        replies: Votes { kind: "Collection", total_items: if shown { option.votes } else { 0 } },
    });
    let (one_of, any_of) =
        if poll.multiple { (Vec::new(), answers.collect()) } else { (answers.collect(), Vec::new()) };
    OwnNote {
        kind: "Question",
        one_of,
        any_of,
        end_time: poll.ends_at.map(Moment::seconds),
        closed: poll.ends_at.filter(|_| over).map(Moment::seconds),
        voters_count: poll.voters_count,
        ..note
    }
}
