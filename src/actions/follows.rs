//! Follows: asking, accepting, refusing, ending.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::actions::fanout;
use crate::actions::notify::{self, News};
use crate::app::{App, Change};
use crate::domain::account::Names;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, FollowId};
use crate::domain::job::Job;
use crate::domain::notification::NotificationKind;
use crate::domain::policy;
use crate::error::{Error, Result};
use crate::store::entity::{account, follow};
use crate::store::{absences, accounts, follows, received};

/// How many posts of the person followed appear at home at once.
const BACKFILL: u64 = 20;
/// For how long a follow may be overtaken by its own end. Not for good, because some servers give the next follow the
/// same id.
const OVERTAKEN: Duration = Duration::from_secs(2 * 24 * 3600);

/// How long somebody must have been gone before they are taken out of the followers.
pub const ABSENT: Duration = Duration::from_secs(24 * 3600);

/// What a follower wants to see.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Whether boosts are shown; unchanged when nothing is said.
    pub reblogs: Option<bool>,
    /// Whether every post is notified; unchanged when nothing is said.
    pub notify: Option<bool>,
    /// Only posts in these languages; unchanged when nothing is said.
    pub languages: Option<Vec<String>>,
}

/// Follows somebody, or changes what is shown of somebody followed already.
pub async fn follow(app: &App, account: AccountId, target: AccountId, wishes: Wishes) -> Result<()> {
    let mut change = app.begin().await?;
    let blocked = accounts::blocked_either_way(change.tx(), account, target).await?;
    policy::may_follow(account, target, blocked)?;
    let target = accounts::find(change.tx(), target).await?;
    if !target.takes_part() {
        return Err(Error::NotFound("account"));
    }
    if target.moved_to_id.is_some() {
        return Err(Error::Forbidden("This account has moved; follow the new one"));
    }
    if let Some(known) = follows::find(change.tx(), account, target.id).await? {
        adjust(&change, known, wishes).await?;
        return change.commit().await;
    }
    let follower = accounts::find(change.tx(), account).await?;
    let id: FollowId = app.id();
    let uri = app.urls.follow(account, id);
    let accepted = target.host.is_none() && !target.locked;
    insert(&mut change, id, &follower, &target, &uri, accepted, wishes).await?;
    if target.host.is_some() {
        change.record(Event::FollowRequested { account, target: target.id, follow: id, uri }).await?;
    }
    change.commit().await
}

/// Takes in a follow of a member by somebody elsewhere.
pub async fn receive(app: &App, follower: AccountId, target: AccountId, uri: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let target = accounts::find(change.tx(), target).await?;
    let follower = accounts::find(change.tx(), follower).await?;
    let blocked = accounts::blocked_either_way(change.tx(), follower.id, target.id).await?;
    if target.host.is_none() && target.suspended_at.is_some() {
        // Whoever is gone says nothing more.
        return Ok(());
    }
    let is_here = target.host.is_none() && target.takes_part() && target.moved_to_id.is_none();
    if !is_here || blocked || follower.id == target.id {
        refuse(&mut change, target.id, follower.id, uri).await?;
        return change.commit().await;
    }
    if let Some(known) = follows::find(change.tx(), follower.id, target.id).await? {
        // Asked again: the other side may have lost our answer, and knows the follow by its newest id.
        let accepted = known.accepted;
        let mut known = known.into_active_model();
        known.uri = Set(uri.to_owned());
        known.update(change.tx()).await?;
        if accepted {
            accept_aloud(&mut change, target.id, follower.id, uri).await?;
        }
        return change.commit().await;
    }
    let taken_back = received::buried_by(change.tx(), uri, follower.id).await?;
    if taken_back.is_some_and(|moment| change.now().since(moment) < OVERTAKEN)
        || follows::by_uri(change.tx(), uri).await?.is_some()
    {
        return Ok(());
    }
    let id: FollowId = app.id();
    // Whoever is kept at arm's length has to ask.
    let accepted = !target.locked && follower.limited_at.is_none();
    insert(&mut change, id, &follower, &target, uri, accepted, Wishes::default()).await?;
    if accepted {
        accept_aloud(&mut change, target.id, follower.id, uri).await?;
    }
    change.commit().await
}

/// Lets somebody follow who has asked.
pub async fn accept(app: &App, account: AccountId, follower: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = pending(&change, follower, account).await?;
    let uri = known.uri.clone();
    let follower = make_accepted(&mut change, known).await?;
    let request = News { kind: NotificationKind::FollowRequest, from: follower.id, status: None };
    notify::withdraw(&mut change, account, request).await?;
    let target = accounts::find(change.tx(), account).await?;
    let news = News { kind: NotificationKind::Follow, from: follower.id, status: None };
    notify::tell(&mut change, &target, news).await?;
    if follower.host.is_some() {
        accept_aloud(&mut change, account, follower.id, &uri).await?;
    }
    change.commit().await
}

/// Does not let somebody follow who has asked.
pub async fn reject(app: &App, account: AccountId, follower: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = pending(&change, follower, account).await?;
    end(&mut change, known.clone()).await?;
    tell_refused(&mut change, known).await?;
    change.commit().await
}

/// Ends that somebody follows, without their doing.
pub async fn remove_follower(app: &App, account: AccountId, follower: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    if let Some(known) = follows::find(change.tx(), follower, account).await? {
        end(&mut change, known.clone()).await?;
        tell_refused(&mut change, known).await?;
    }
    change.commit().await
}

/// Ends following somebody, or takes back the wish to.
pub async fn unfollow(app: &App, account: AccountId, target: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    accounts::find(change.tx(), target).await?;
    if let Some(known) = follows::find(change.tx(), account, target).await? {
        unfollow_aloud(&mut change, known).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere has accepted a follow of a member.
pub async fn receive_accept(app: &App, target: AccountId, follow: FollowId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = follow::Entity::find_by_id(follow).one(change.tx()).await?;
    // Only the person followed can accept, and only what was asked for.
    let Some(known) = known.filter(|known| known.target_id == target && !known.accepted) else { return Ok(()) };
    make_accepted(&mut change, known).await?;
    change.enqueue(&Job::Backfill { account: target }).await?;
    change.commit().await
}

/// Takes in that somebody elsewhere refuses a follow of a member, or ends it.
pub async fn receive_reject(app: &App, target: AccountId, follow: FollowId) -> Result<()> {
    let mut change = app.begin().await?;
    let known = follow::Entity::find_by_id(follow).one(change.tx()).await?;
    let Some(known) = known.filter(|known| known.target_id == target) else { return Ok(()) };
    end(&mut change, known).await?;
    change.commit().await
}

/// Takes in that somebody elsewhere does not follow a member any more.
pub async fn receive_undo(app: &App, follower: AccountId, target: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    if let Some(known) = follows::find(change.tx(), follower, target).await? {
        end(&mut change, known).await?;
    }
    change.commit().await
}

/// Notes that the server of somebody elsewhere says that they are gone, for the first time or again.
pub async fn miss(app: &App, account: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    match absences::since(change.tx(), account).await? {
        None => absences::begin(change.tx(), account, change.now()).await?,
        Some(since) if change.now().since(since) < ABSENT => {}
        Some(_) => {
            // Nobody is told, because there is nobody to tell. Whoever comes back can follow anew.
            for known in follows::begun_by(change.tx(), account).await? {
                end(&mut change, known).await?;
            }
            absences::end(change.tx(), account).await?;
        }
    }
    change.commit().await
}

/// Notes that somebody elsewhere who was said to be gone is there.
pub async fn find_again(app: &App, account: AccountId) -> Result<()> {
    let change = app.begin().await?;
    absences::end(change.tx(), account).await?;
    change.commit().await
}

/// Ends a follow by a member and tells the other server.
pub(super) async fn unfollow_aloud(change: &mut Change, known: follow::Model) -> Result<()> {
    let target = accounts::find(change.tx(), known.target_id).await?;
    end(change, known.clone()).await?;
    fanout::withdraw(change, known.account_id, known.target_id).await?;
    if target.host.is_some() {
        let event = Event::Unfollowed { account: known.account_id, target: known.target_id, uri: known.uri };
        change.record(event).await?;
    }
    Ok(())
}

/// Ends a follow, whoever ends it: the row, the counters, the notifications.
pub(super) async fn end(change: &mut Change, known: follow::Model) -> Result<()> {
    follow::Entity::delete_by_id(known.id).exec(change.tx()).await?;
    if known.accepted {
        count(change, known.account_id, known.target_id, -1).await?;
    }
    for kind in [NotificationKind::Follow, NotificationKind::FollowRequest] {
        let news = News { kind, from: known.account_id, status: None };
        notify::withdraw(change, known.target_id, news).await?;
    }
    Ok(())
}

/// Tells a follower elsewhere that they do not follow.
pub(super) async fn tell_refused(change: &mut Change, known: follow::Model) -> Result<()> {
    let follower = accounts::find(change.tx(), known.account_id).await?;
    if follower.host.is_some() {
        return refuse(change, known.target_id, known.account_id, &known.uri).await;
    }
    fanout::withdraw(change, known.account_id, known.target_id).await
}

async fn adjust(change: &Change, known: follow::Model, wishes: Wishes) -> Result<()> {
    let mut known = known.into_active_model();
    if let Some(reblogs) = wishes.reblogs {
        known.show_reblogs = Set(reblogs);
    }
    if let Some(notify) = wishes.notify {
        known.notify = Set(notify);
    }
    if let Some(languages) = wishes.languages {
        known.languages = Set(Names(languages));
    }
    if known.is_changed() {
        known.update(change.tx()).await?;
    }
    Ok(())
}

async fn insert(
    change: &mut Change,
    id: FollowId,
    follower: &account::Model,
    target: &account::Model,
    uri: &str,
    accepted: bool,
    wishes: Wishes,
) -> Result<()> {
    let row = follow::ActiveModel {
        id: Set(id),
        account_id: Set(follower.id),
        target_id: Set(target.id),
        uri: Set(uri.to_owned()),
        accepted: Set(accepted),
        show_reblogs: Set(wishes.reblogs.unwrap_or(true)),
        notify: Set(wishes.notify.unwrap_or(false)),
        languages: Set(Names(wishes.languages.unwrap_or_default())),
        created_at: Set(change.now()),
    };
    follow::Entity::insert(row).exec_without_returning(change.tx()).await?;
    let kind = if accepted { NotificationKind::Follow } else { NotificationKind::FollowRequest };
    notify::tell(change, target, News { kind, from: follower.id, status: None }).await?;
    if accepted {
        count(change, follower.id, target.id, 1).await?;
        if follower.host.is_none() {
            fanout::backfill(change, follower.id, target.id, BACKFILL).await?;
        }
    }
    Ok(())
}

async fn make_accepted(change: &mut Change, known: follow::Model) -> Result<account::Model> {
    let (follower, target) = (known.account_id, known.target_id);
    let mut known = known.into_active_model();
    known.accepted = Set(true);
    known.update(change.tx()).await?;
    count(change, follower, target, 1).await?;
    let follower = accounts::find(change.tx(), follower).await?;
    if follower.host.is_none() {
        fanout::backfill(change, follower.id, target, BACKFILL).await?;
    }
    Ok(follower)
}

async fn pending(change: &Change, follower: AccountId, target: AccountId) -> Result<follow::Model> {
    let known = follows::find(change.tx(), follower, target).await?;
    known.filter(|known| !known.accepted).ok_or(Error::NotFound("follow request"))
}

async fn count(change: &mut Change, follower: AccountId, target: AccountId, by: i64) -> Result<()> {
    accounts::count(change.tx(), follower, account::Column::FollowingCount, by).await?;
    accounts::count(change.tx(), target, account::Column::FollowersCount, by).await?;
    change.touch_account(follower);
    change.touch_account(target);
    Ok(())
}

async fn accept_aloud(change: &mut Change, account: AccountId, follower: AccountId, uri: &str) -> Result<()> {
    change.record(Event::FollowAccepted { account, follower, uri: uri.to_owned() }).await
}

async fn refuse(change: &mut Change, account: AccountId, follower: AccountId, uri: &str) -> Result<()> {
    change.record(Event::FollowRejected { account, follower, uri: uri.to_owned() }).await
}
