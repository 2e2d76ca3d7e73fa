//! Accounts, and what they are to each other.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::domain::handle::{Host, Username};
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::page::{Page, Paged};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::store::bodies;
use crate::store::entity::{block, follow, member, mute};
use crate::store::{Db, accounts, members, page as paging};
use crate::views::AccountView;

/// What somebody is to the viewer.
#[derive(Debug, Clone, Default)]
pub struct Relationship {
    /// The viewer follows them.
    pub following: bool,
    /// The viewer sees their boosts at home.
    pub showing_reblogs: bool,
    /// The viewer is told of every post.
    pub notifying: bool,
    /// The viewer sees only posts in these languages.
    pub languages: Vec<String>,
    /// They follow the viewer.
    pub followed_by: bool,
    /// The viewer blocks them.
    pub blocking: bool,
    /// They block the viewer.
    pub blocked_by: bool,
    /// The viewer mutes them.
    pub muting: bool,
    /// The viewer mutes their notifications.
    pub muting_notifications: bool,
    /// When the mute ends.
    pub muting_expires_at: Option<Moment>,
    /// The viewer has asked to follow them.
    pub requested: bool,
    /// They have asked to follow the viewer.
    pub requested_by: bool,
}

/// A member as they see themselves.
#[derive(Debug, Clone)]
pub struct MemberView {
    /// Their account.
    pub account: AccountView,
    /// Their settings.
    pub member: member::Model,
    /// How many ask to follow them.
    pub follow_requests: u64,
}

/// One account; of somebody who waits to be let in there is nothing to show.
pub async fn one(db: &Db, id: AccountId) -> Result<AccountView> {
    let mut found = bodies::accounts(db, &[id]).await?;
    found.remove(&id).filter(|account| !account.pending).ok_or(Error::NotFound("account"))
}

/// Where somebody has moved to.
pub async fn new_home(db: &Db, account: &AccountView) -> Result<Option<AccountView>> {
    match account.moved_to_id {
        Some(target) => Ok(several(db, &[target]).await?.pop()),
        None => Ok(None),
    }
}

/// The accounts with these ids, in the order asked for; unknown ones are left out.
pub async fn several(db: &Db, ids: &[AccountId]) -> Result<Vec<AccountView>> {
    let found = bodies::accounts(db, ids).await?;
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).filter(|account| !account.pending).collect())
}

/// The account with this name; without a host, of this server.
pub async fn by_name(db: &Db, username: &Username, host: Option<&Host>) -> Result<AccountView> {
    let found = accounts::by_name(db.reader(), username, host).await?;
    found.filter(|account| !account.pending).map(AccountView::new).ok_or(Error::NotFound("account"))
}

/// The account whose actor has this id.
pub async fn by_uri(db: &Db, uri: &str) -> Result<Option<AccountView>> {
    Ok(accounts::by_uri(db.reader(), uri).await?.filter(|account| !account.pending).map(AccountView::new))
}

/// A member with what only they may see.
pub async fn own(db: &Db, id: AccountId) -> Result<MemberView> {
    use sea_orm::PaginatorTrait;

    let member = members::find(db.reader(), id).await?.ok_or(Error::NeedsUser)?;
    let requests = follow::Entity::find()
        .filter(follow::Column::TargetId.eq(id))
        .filter(follow::Column::Accepted.eq(false))
        .count(db.reader())
        .await?;
    let account = bodies::accounts(db, &[id]).await?.remove(&id).ok_or(Error::NeedsUser)?;
    Ok(MemberView { account, member, follow_requests: requests })
}

/// Who follows `id`, newest first; nobody when that is hidden from the viewer.
pub async fn followers(db: &Db, viewer: Viewer, id: AccountId, page: &Page) -> Result<Paged<AccountView>> {
    let account = one(db, id).await?;
    let query =
        follow::Entity::find().filter(follow::Column::TargetId.eq(id)).filter(follow::Column::Accepted.eq(true));
    let hidden = account.hide_collections && viewer.account() != Some(id);
    connected(db, query, |follow| follow.account_id, hidden, page).await
}

/// Whom `id` follows, newest first; nobody when that is hidden from the viewer.
pub async fn following(db: &Db, viewer: Viewer, id: AccountId, page: &Page) -> Result<Paged<AccountView>> {
    let account = one(db, id).await?;
    let query =
        follow::Entity::find().filter(follow::Column::AccountId.eq(id)).filter(follow::Column::Accepted.eq(true));
    let hidden = account.hide_collections && viewer.account() != Some(id);
    connected(db, query, |follow| follow.target_id, hidden, page).await
}

/// Who asks to follow a member, newest first.
pub async fn follow_requests(db: &Db, id: AccountId, page: &Page) -> Result<Paged<AccountView>> {
    let query =
        follow::Entity::find().filter(follow::Column::TargetId.eq(id)).filter(follow::Column::Accepted.eq(false));
    connected(db, query, |follow| follow.account_id, false, page).await
}

/// Whom a member blocks, newest first.
pub async fn blocked(db: &Db, id: AccountId, page: &Page) -> Result<Paged<AccountView>> {
    let mut query = block::Entity::find().filter(block::Column::AccountId.eq(id));
    paging::narrow(QuerySelect::query(&mut query), (block::Entity, block::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    people(db, rows.iter().map(|row| (row.id.0, row.target_id)).collect(), page).await
}

/// Whom a member mutes, newest first, with when it ends.
pub async fn muted(db: &Db, id: AccountId, now: Moment, page: &Page) -> Result<Paged<(AccountView, Option<Moment>)>> {
    let mut query = mute::Entity::find().filter(mute::Column::AccountId.eq(id)).filter(in_force(now));
    paging::narrow(QuerySelect::query(&mut query), (mute::Entity, mute::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    let ends: HashMap<AccountId, Option<Moment>> = rows.iter().map(|row| (row.target_id, row.expires_at)).collect();
    let paged = people(db, rows.iter().map(|row| (row.id.0, row.target_id)).collect(), page).await?;
    let items = paged.items.iter().map(|account| (account.clone(), ends.get(&account.id).copied().flatten())).collect();
    Ok(paged.with(items))
}

/// What each of `ids` is to `viewer`, in the order asked for: three statements.
pub async fn relationships(
    db: &Db,
    viewer: AccountId,
    ids: &[AccountId],
    now: Moment,
) -> Result<Vec<(AccountId, Relationship)>> {
    let mut found: HashMap<AccountId, Relationship> = HashMap::with_capacity(ids.len());
    let listed = || ids.iter().copied();
    let follows =
        follow::Entity::find().filter(either_way((follow::Column::AccountId, follow::Column::TargetId), viewer, ids));
    for row in follows.all(db.reader()).await? {
        if row.account_id == viewer {
            let relation = found.entry(row.target_id).or_default();
            relation.following = row.accepted;
            relation.requested = !row.accepted;
            relation.showing_reblogs = row.accepted && row.show_reblogs;
            relation.notifying = row.accepted && row.notify;
            relation.languages = row.languages.0;
        } else {
            let relation = found.entry(row.account_id).or_default();
            relation.followed_by = row.accepted;
            relation.requested_by = !row.accepted;
        }
    }
    let blocks =
        block::Entity::find().filter(either_way((block::Column::AccountId, block::Column::TargetId), viewer, ids));
    for row in blocks.all(db.reader()).await? {
        if row.account_id == viewer {
            found.entry(row.target_id).or_default().blocking = true;
        } else {
            found.entry(row.account_id).or_default().blocked_by = true;
        }
    }
    let mutes = mute::Entity::find()
        .filter(mute::Column::AccountId.eq(viewer))
        .filter(mute::Column::TargetId.is_in(listed()))
        .filter(in_force(now));
    for row in mutes.all(db.reader()).await? {
        let relation = found.entry(row.target_id).or_default();
        relation.muting = true;
        relation.muting_notifications = row.notifications;
        relation.muting_expires_at = row.expires_at;
    }
    Ok(ids.iter().map(|id| (*id, found.remove(id).unwrap_or_default())).collect())
}

/// Members who may be listed, most recently active first.
pub async fn members(db: &Db, limit: u64) -> Result<Vec<AccountView>> {
    use crate::store::entity::account;

    let members = member::Entity::find().select_only().column(member::Column::AccountId).into_query();
    let rows = account::Entity::find()
        .filter(account::Column::Id.in_subquery(members))
        .filter(account::Column::Discoverable.eq(true))
        .filter(account::Column::SuspendedAt.is_null())
        .filter(account::Column::Pending.eq(false))
        .order_by_desc(account::Column::LastStatusAt)
        .limit(limit)
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().map(AccountView::new).collect())
}

fn either_way<C: ColumnTrait>(columns: (C, C), viewer: AccountId, ids: &[AccountId]) -> Condition {
    let (by, of) = columns;
    Condition::any()
        .add(Condition::all().add(by.eq(viewer)).add(of.is_in(ids.iter().copied())))
        .add(Condition::all().add(of.eq(viewer)).add(by.is_in(ids.iter().copied())))
}

fn in_force(now: Moment) -> Condition {
    Condition::any().add(mute::Column::ExpiresAt.is_null()).add(mute::Column::ExpiresAt.gt(now))
}

async fn connected(
    db: &Db,
    mut query: sea_orm::Select<follow::Entity>,
    side: impl Fn(&follow::Model) -> AccountId,
    hidden: bool,
    page: &Page,
) -> Result<Paged<AccountView>> {
    if hidden {
        return Ok(Paged { items: Vec::new(), bounds: None });
    }
    paging::narrow(QuerySelect::query(&mut query), (follow::Entity, follow::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    people(db, rows.iter().map(|row| (row.id.0, side(row))).collect(), page).await
}

async fn people(db: &Db, cursors: Vec<(i64, AccountId)>, page: &Page) -> Result<Paged<AccountView>> {
    let ids: Vec<AccountId> = cursors.iter().map(|(_, id)| *id).collect();
    let accounts = bodies::accounts(db, &ids).await?;
    let paged = Paged::new(cursors, page.limit);
    let items = paged.items.iter().filter_map(|id| accounts.get(id).cloned()).collect();
    Ok(paged.with(items))
}
