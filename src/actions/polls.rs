//! Polls: voting, counting, closing.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::actions::notify::{self, News};
use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Job;
use crate::domain::notification::NotificationKind;
use crate::domain::poll::{self, Ask, Options};
use crate::domain::remote::RemotePoll;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::store::entity::{poll as table, poll_vote, status};
use crate::store::{accounts, polls, statuses, visibility};

/// How often other servers are told new counts.
const TELLING: Duration = Duration::from_secs(180);
/// How long after the end we ask a foreign poll for its result, so that its server has counted.
const AFTER_THE_END: Duration = Duration::from_secs(60);

/// A poll of a member.
pub(super) fn asked(status: &status::Model, ask: &Ask) -> table::Model {
    table::Model {
        status_id: status.id,
        options: Options::fresh(ask.options.iter().cloned()),
        multiple: ask.multiple,
        hide_totals: ask.hide_totals,
        voters_count: Some(0),
        ends_at: Some(status.created_at + ask.open_for),
        told_at: None,
    }
}

/// A poll of another server.
pub(super) fn told(status: StatusId, said: &RemotePoll) -> table::Model {
    table::Model {
        status_id: status,
        options: said.options.clone(),
        multiple: said.multiple,
        hide_totals: false,
        voters_count: said.voters_count,
        ends_at: said.ends_at,
        told_at: None,
    }
}

/// Stores a new poll.
pub(super) async fn insert(change: &mut Change, status: &status::Model, poll: table::Model) -> Result<()> {
    table::Entity::insert(poll.clone().into_active_model().reset_all()).exec_without_returning(change.tx()).await?;
    if status.local {
        await_end(change, &poll).await?;
    }
    Ok(())
}

async fn await_end(change: &mut Change, poll: &table::Model) -> Result<()> {
    let Some(end) = poll.ends_at else { return Ok(()) };
    change.enqueue_at(&Job::ClosePoll { status: poll.status_id }, end).await
}

/// A member votes. In their own poll nobody does, in any other once.
pub async fn vote(app: &App, account: AccountId, id: StatusId, wanted: &[i32]) -> Result<()> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    let mut poll = polls::hold(change.tx(), status.id).await?.ok_or(Error::NotFound("poll"))?;
    let refuse = |why: &str| Err(Error::field("poll", "ERR_INVALID", why));
    if status.account_id == account {
        return refuse("You cannot vote in your own polls");
    }
    if poll::is_over(poll.ends_at, app.now()) {
        return refuse("The poll has already ended");
    }
    if !polls::votes_of(change.tx(), id, account).await?.is_empty() {
        return refuse("You have already voted on this poll");
    }
    let choices = poll::choices(wanted, poll.options.0.len(), poll.multiple)?;
    for choice in &choices {
        cast(&change, &mut poll, account, *choice).await?;
    }
    poll.voters_count = poll.voters_count.map(|voters| voters.saturating_add(1));
    if status.local {
        tell_counts(&mut change, status.id).await?;
    } else {
        for choice in choices {
            change.record(Event::Voted { account, status: id, choice }).await?;
        }
        if let Some(end) = poll.ends_at {
            change.enqueue_at(&Job::ClosePoll { status: id }, end + AFTER_THE_END).await?;
        }
    }
    keep(&mut change, poll).await?;
    change.commit().await
}

/// Takes in that somebody elsewhere votes in a poll of a member; what does not count is left out.
pub async fn receive_vote(app: &App, voter: AccountId, id: StatusId, title: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(status) = statuses::by_id(change.tx(), id).await?.filter(|status| status.local) else { return Ok(()) };
    let may_see = visibility::find(change.tx(), Viewer::Peer(voter), id).await.is_ok();
    let Some(mut poll) = polls::hold(change.tx(), id).await?.filter(|_| may_see) else { return Ok(()) };
    let position = poll.options.titles().position(|known| known == title);
    let Some(position) = position.and_then(|position| i32::try_from(position).ok()) else { return Ok(()) };
    let before = polls::votes_of(change.tx(), id, voter).await?;
    let counts_again = poll.multiple && !before.contains(&position);
    if poll::is_over(poll.ends_at, app.now()) || !(before.is_empty() || counts_again) {
        return Ok(());
    }
    cast(&change, &mut poll, voter, position).await?;
    if before.is_empty() {
        poll.voters_count = poll.voters_count.map(|voters| voters.saturating_add(1));
    }
    tell_counts(&mut change, status.id).await?;
    keep(&mut change, poll).await?;
    change.commit().await
}

async fn cast(change: &Change, poll: &mut table::Model, voter: AccountId, position: i32) -> Result<()> {
    let row = poll_vote::ActiveModel {
        status_id: Set(poll.status_id),
        account_id: Set(voter),
        position: Set(position),
        created_at: Set(change.now()),
    };
    poll_vote::Entity::insert(row).exec_without_returning(change.tx()).await?;
    let option = usize::try_from(position).ok().and_then(|position| poll.options.0.get_mut(position));
    if let Some(option) = option {
        option.votes = option.votes.saturating_add(1);
    }
    Ok(())
}

async fn keep(change: &mut Change, poll: table::Model) -> Result<()> {
    let id = poll.status_id;
    poll.into_active_model().reset_all().update(change.tx()).await?;
    change.touch_status(id);
    Ok(())
}

/// Other servers hear of new counts now and then, not of each vote.
async fn tell_counts(change: &mut Change, status: StatusId) -> Result<()> {
    let at = change.now() + TELLING;
    change.enqueue_at(&Job::TellPollCounts { status }, at).await
}

/// Takes in what the server of a poll says of it: other counts, another end, other answers.
pub(super) async fn receive(change: &mut Change, status: &status::Model, said: Option<&RemotePoll>) -> Result<()> {
    let known = polls::hold(change.tx(), status.id).await?;
    match (known, said) {
        (None, None) => Ok(()),
        (None, Some(said)) => insert(change, status, told(status.id, said)).await,
        (Some(_), None) => {
            table::Entity::delete_by_id(status.id).exec(change.tx()).await?;
            change.touch_status(status.id);
            Ok(())
        }
        (Some(known), Some(said)) => {
            if !known.options.offer_the_same(&said.options) || known.multiple != said.multiple {
                forget_votes(change, status.id).await?;
            }
            let told_at = known.told_at;
            keep(change, table::Model { told_at, ..told(status.id, said) }).await
        }
    }
}

/// A member asks something else, or no longer asks: what was voted before is void.
pub(super) async fn ask_again(change: &mut Change, status: &status::Model, ask: Option<&Ask>) -> Result<bool> {
    let known = polls::hold(change.tx(), status.id).await?;
    match (known, ask) {
        (None, None) => Ok(false),
        (None, Some(ask)) => {
            let poll = table::Model { ends_at: Some(change.now() + ask.open_for), ..asked(status, ask) };
            insert(change, status, poll).await?;
            Ok(true)
        }
        (Some(_), None) => {
            table::Entity::delete_by_id(status.id).exec(change.tx()).await?;
            Ok(true)
        }
        (Some(known), Some(ask)) => {
            let poll = table::Model { ends_at: Some(change.now() + ask.open_for), ..asked(status, ask) };
            let asks_the_same = known.options.offer_the_same(&poll.options) && known.multiple == poll.multiple;
            if asks_the_same {
                return Ok(false);
            }
            forget_votes(change, status.id).await?;
            await_end(change, &poll).await?;
            keep(change, poll).await?;
            Ok(true)
        }
    }
}

async fn forget_votes(change: &Change, status: StatusId) -> Result<()> {
    poll_vote::Entity::delete_many().filter(poll_vote::Column::StatusId.eq(status)).exec(change.tx()).await?;
    Ok(())
}

/// Tells other servers the counts of a poll of a member.
pub async fn publish_counts(app: &App, id: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(status) = statuses::by_id(change.tx(), id).await? else { return Ok(()) };
    if status.local && status.federated && polls::find(change.tx(), id).await?.is_some() {
        change.record(Event::PollCounted { account: status.account_id, status: id }).await?;
    }
    change.commit().await
}

/// A poll has ended: whoever took part hears of it, and other servers hear the result.
pub async fn close(app: &App, id: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(status) = statuses::by_id(change.tx(), id).await? else { return Ok(()) };
    let Some(mut poll) = polls::hold(change.tx(), id).await? else { return Ok(()) };
    if !poll::is_over(poll.ends_at, app.now()) {
        // It was prolonged meanwhile.
        await_end(&mut change, &poll).await?;
        return change.commit().await;
    }
    if poll.told_at.replace(app.now()).is_some() {
        return Ok(());
    }
    let news = News { kind: NotificationKind::Poll, from: status.account_id, status: Some(id) };
    for voter in polls::voters(change.tx(), id).await? {
        notify::tell(&mut change, &voter, news).await?;
    }
    if status.local {
        let author = accounts::find(change.tx(), status.account_id).await?;
        notify::tell_of_own(&mut change, &author, news).await?;
        if status.federated {
            change.record(Event::PollCounted { account: status.account_id, status: id }).await?;
        }
    }
    keep(&mut change, poll).await?;
    change.commit().await
}
