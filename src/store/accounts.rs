//! Accounts by the names they are known under.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::domain::handle::{Host, Username};
use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::multikey;
use crate::domain::quote::QuoteState;
use crate::error::{Error, Result};
use crate::store::entity::{account, account_key, block, favourite, follow, mute, status};

/// The account, or "not found".
pub async fn find(db: &impl ConnectionTrait, id: AccountId) -> Result<account::Model> {
    account::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound("account"))
}

/// The account whose actor has this id.
pub async fn by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<account::Model>> {
    Ok(account::Entity::find().filter(account::Column::Uri.eq(uri)).one(db).await?)
}

/// The account with this address, whether it is its id or its page.
pub async fn by_address(db: &impl ConnectionTrait, address: &str) -> Result<Option<account::Model>> {
    if let Some(known) = by_uri(db, address).await? {
        return Ok(Some(known));
    }
    Ok(account::Entity::find().filter(account::Column::Url.eq(address)).one(db).await?)
}

/// The accounts whose actors have these ids, in no order; without those who wait to be let in.
pub async fn by_uris(db: &impl ConnectionTrait, uris: &[String]) -> Result<Vec<account::Model>> {
    if uris.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = account::Column::Uri.is_in(uris.iter().map(String::as_str));
    Ok(account::Entity::find().filter(wanted).filter(account::Column::Pending.eq(false)).all(db).await?)
}

/// The account with this name; without a host, of this server.
pub async fn by_name(
    db: &impl ConnectionTrait,
    username: &Username,
    host: Option<&Host>,
) -> Result<Option<account::Model>> {
    let named = Condition::all().add(account::Column::UsernameKey.eq(username.key()));
    let named = match host {
        Some(host) => named.add(account::Column::Host.eq(host.as_str())),
        None => named.add(account::Column::Host.is_null()),
    };
    Ok(account::Entity::find().filter(named).one(db).await?)
}

/// The accounts with these names, in the form in which names are compared, in no order; without those who wait to be
/// let in.
pub async fn by_names(db: &impl ConnectionTrait, names: &[(String, Option<String>)]) -> Result<Vec<account::Model>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut any = Condition::any();
    for (username, host) in names {
        let host = match host {
            Some(host) => account::Column::Host.eq(host.as_str()),
            None => account::Column::Host.is_null(),
        };
        any = any.add(Condition::all().add(account::Column::UsernameKey.eq(username.as_str())).add(host));
    }
    Ok(account::Entity::find().filter(any).filter(account::Column::Pending.eq(false)).all(db).await?)
}

/// The accounts with these ids, in no order.
pub async fn all(db: &impl ConnectionTrait, ids: &[AccountId]) -> Result<Vec<account::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(account::Entity::find().filter(account::Column::Id.is_in(ids.iter().copied())).all(db).await?)
}

/// Accounts whose name begins with `text`, members of this server first.
pub async fn search(db: &impl ConnectionTrait, text: &str, limit: u64, offset: u64) -> Result<Vec<account::Model>> {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let begins = sea_orm::sea_query::LikeExpr::new(format!("{escaped}%")).escape('\\');
    let lowered = Expr::expr(Func::lower(Expr::col(account::Column::DisplayName)));
    let query = account::Entity::find()
        .filter(
            Condition::any()
                .add(Expr::col(account::Column::UsernameKey).like(begins.clone()))
                .add(lowered.like(begins)),
        )
        .filter(account::Column::SuspendedAt.is_null())
        .filter(account::Column::Pending.eq(false))
        .filter(account::Column::Kind.ne(crate::domain::account::ActorKind::Application))
        .order_by_asc(Expr::col(account::Column::Host).is_not_null())
        .order_by_desc(account::Column::FollowersCount)
        .order_by_asc(account::Column::Id)
        .limit(limit)
        .offset(offset);
    Ok(query.all(db).await?)
}

/// Where every server that is known wants to be told: each inbox once, shared ones where there are some.
pub async fn inboxes(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let inboxes = account::Entity::find()
        .select_only()
        .expr_as(shared_or_own(), "inbox")
        .distinct()
        .filter(account::Column::Host.is_not_null())
        .filter(account::Column::SuspendedAt.is_null());
    Ok(inboxes.into_tuple::<String>().all(db).await?)
}

/// The inbox to tell many people of one server at.
pub(super) fn shared_or_own() -> SimpleExpr {
    Expr::expr(Func::coalesce([
        Expr::col((account::Entity, account::Column::SharedInboxUrl)),
        Expr::col((account::Entity, account::Column::InboxUrl)),
    ]))
}

/// The keys of an account.
pub async fn keys(db: &impl ConnectionTrait, id: AccountId) -> Result<Vec<account_key::Model>> {
    Ok(account_key::Entity::find().filter(account_key::Column::AccountId.eq(id)).all(db).await?)
}

/// How many people of a host have new keys, when everybody has who was known for longer and looked at since yesterday.
///
/// A few may have their reasons; from three on it is worth a word.
pub async fn all_with_new_keys(db: &impl ConnectionTrait, host: &Host, now: Moment) -> Result<Option<u64>> {
    const FEWEST: u64 = 3;
    let yesterday = now - Duration::from_secs(24 * 3600);
    let key_from = |before: bool| {
        let created = Expr::col((account_key::Entity, account_key::Column::CreatedAt));
        let mut key = Query::select();
        key.expr(Expr::val(1))
            .from(account_key::Entity)
            .and_where(
                Expr::col((account_key::Entity, account_key::Column::AccountId))
                    .equals((account::Entity, account::Column::Id)),
            )
            .and_where(if before { created.lt(yesterday) } else { created.gte(yesterday) });
        Expr::exists(key)
    };
    let looked_at = account::Entity::find()
        .filter(account::Column::IdHost.eq(host.as_str()))
        .filter(account::Column::Id.lt(AccountId(yesterday.0 << 16)))
        .filter(account::Column::FetchedAt.gte(yesterday));
    let renewed = looked_at.clone().filter(key_from(false)).filter(key_from(true).not()).count(db).await?;
    if renewed < FEWEST { Ok(None) } else { Ok((renewed == looked_at.count(db).await?).then_some(renewed)) }
}

/// Local accounts that have no key to prove what they say with.
pub async fn without_proof_key(db: &impl ConnectionTrait) -> Result<Vec<AccountId>> {
    let mut with = Query::select();
    with.column(account_key::Column::AccountId)
        .from(account_key::Entity)
        .and_where(account_key::Column::Public.starts_with(multikey::BASE58.to_string()));
    let query = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Host.is_null())
        .filter(account::Column::Id.not_in_subquery(with));
    Ok(query.into_tuple().all(db).await?)
}

/// The key with this id and its owner.
pub async fn key(db: &impl ConnectionTrait, uri: &str) -> Result<Option<(account_key::Model, account::Model)>> {
    let Some(key) = account_key::Entity::find_by_id(uri).one(db).await? else { return Ok(None) };
    let Some(owner) = account::Entity::find_by_id(key.account_id).one(db).await? else { return Ok(None) };
    Ok(Some((key, owner)))
}

/// Whether one of the two blocks the other.
pub async fn blocked_either_way(db: &impl ConnectionTrait, one: AccountId, other: AccountId) -> Result<bool> {
    let pair = |by: AccountId, of: AccountId| {
        Condition::all().add(block::Column::AccountId.eq(by)).add(block::Column::TargetId.eq(of))
    };
    let found = block::Entity::find().filter(Condition::any().add(pair(one, other)).add(pair(other, one)));
    Ok(found.one(db).await?.is_some())
}

/// Whether `reader` does not want to hear of what `from` does: blocked, muted, or kept at arm's length and not followed.
///
/// Costs one statement.
pub async fn is_unwelcome(db: &impl ConnectionTrait, reader: AccountId, from: AccountId, now: Moment) -> Result<bool> {
    let blocks = Condition::any()
        .add(block::Column::AccountId.eq(reader).and(block::Column::TargetId.eq(from)))
        .add(block::Column::AccountId.eq(from).and(block::Column::TargetId.eq(reader)));
    let blocks = Query::select().expr(Expr::val(1)).from(block::Entity).cond_where(blocks).take();
    let mutes = Query::select()
        .expr(Expr::val(1))
        .from(mute::Entity)
        .and_where(mute::Column::AccountId.eq(reader))
        .and_where(mute::Column::TargetId.eq(from))
        .and_where(mute::Column::Notifications.eq(true))
        .cond_where(in_force(now))
        .take();
    let follows = Query::select()
        .expr(Expr::val(1))
        .from(follow::Entity)
        .and_where(follow::Column::AccountId.eq(reader))
        .and_where(follow::Column::TargetId.eq(from))
        .and_where(follow::Column::Accepted.eq(true))
        .take();
    let limited = Query::select()
        .expr(Expr::val(1))
        .from(account::Entity)
        .and_where(Expr::col((account::Entity, account::Column::Id)).eq(from))
        .and_where(account::Column::LimitedAt.is_not_null())
        .and_where(Expr::exists(follows).not())
        .take();
    let any = Condition::any().add(Expr::exists(blocks)).add(Expr::exists(mutes)).add(Expr::exists(limited));
    let query = Query::select().expr(Expr::val(1)).cond_where(any).take();
    Ok(db.query_one(&query).await?.is_some())
}

/// Those of `others` who block `account` or are blocked by it.
pub async fn blocked_among(
    db: &impl ConnectionTrait,
    account: AccountId,
    others: &[AccountId],
) -> Result<HashSet<AccountId>> {
    if others.is_empty() {
        return Ok(HashSet::new());
    }
    let by = block::Column::AccountId.eq(account).and(block::Column::TargetId.is_in(others.iter().copied()));
    let of = block::Column::TargetId.eq(account).and(block::Column::AccountId.is_in(others.iter().copied()));
    let blocks = block::Entity::find().filter(by.or(of)).all(db).await?;
    Ok(blocks.into_iter().flat_map(|block| [block.account_id, block.target_id]).collect())
}

/// The block that began with this activity.
pub async fn block_by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<block::Model>> {
    Ok(block::Entity::find().filter(block::Column::Uri.eq(uri)).one(db).await?)
}

/// The blocks of `target` by members.
pub async fn blocks_of(db: &impl ConnectionTrait, target: AccountId) -> Result<Vec<block::Model>> {
    let found = block::Entity::find().filter(block::Column::TargetId.eq(target));
    Ok(found.filter(block::Column::AccountId.in_subquery(members())).all(db).await?)
}

/// The mutes of `target` that hold at `now`.
pub async fn mutes_of(db: &impl ConnectionTrait, target: AccountId, now: Moment) -> Result<Vec<mute::Model>> {
    Ok(mute::Entity::find().filter(mute::Column::TargetId.eq(target)).filter(in_force(now)).all(db).await?)
}

/// The accounts of this server.
fn members() -> SelectStatement {
    Query::select().column(account::Column::Id).from(account::Entity).and_where(account::Column::Host.is_null()).take()
}

fn in_force(now: Moment) -> Condition {
    Condition::any().add(mute::Column::ExpiresAt.is_null()).add(mute::Column::ExpiresAt.gt(now))
}

/// The mute of `target` by `account` that holds at `now`.
pub async fn mute(
    db: &impl ConnectionTrait,
    account: AccountId,
    target: AccountId,
    now: Moment,
) -> Result<Option<mute::Model>> {
    let found = mute::Entity::find()
        .filter(mute::Column::AccountId.eq(account))
        .filter(mute::Column::TargetId.eq(target))
        .filter(in_force(now));
    Ok(found.one(db).await?)
}

/// Adds to one of the counters of an account.
pub async fn count(db: &impl ConnectionTrait, id: AccountId, counter: account::Column, by: i64) -> Result<()> {
    account::Entity::update_many()
        .col_expr(counter, Expr::col(counter).add(by))
        .filter(account::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// What loses something when an account goes.
#[derive(Debug, Default)]
pub struct Touched {
    /// Accounts that followed it or were followed by it.
    pub accounts: Vec<AccountId>,
    /// Statuses it wrote, liked, boosted or answered, and those that answer or boost its own.
    pub statuses: Vec<StatusId>,
}

/// Takes an account out of the counters of everything it had to do with, before its row is deleted.
pub async fn forget_traces(db: &impl ConnectionTrait, id: AccountId) -> Result<Touched> {
    let follows = follow::Entity::find()
        .filter(Condition::any().add(follow::Column::AccountId.eq(id)).add(follow::Column::TargetId.eq(id)))
        .filter(follow::Column::Accepted.eq(true))
        .all(db)
        .await?;
    let followed: Vec<_> = follows.iter().filter(|row| row.account_id == id).map(|row| row.target_id).collect();
    let followers: Vec<_> = follows.iter().filter(|row| row.target_id == id).map(|row| row.account_id).collect();
    lower(db, account::Column::FollowersCount, &followed).await?;
    lower(db, account::Column::FollowingCount, &followers).await?;

    let own: Vec<(StatusId, Option<StatusId>, Option<StatusId>)> = status::Entity::find()
        .select_only()
        .columns([status::Column::Id, status::Column::ReblogOfId, status::Column::InReplyToId])
        .filter(status::Column::AccountId.eq(id))
        .into_tuple()
        .all(db)
        .await?;
    let liked: Vec<StatusId> = favourite::Entity::find()
        .select_only()
        .column(favourite::Column::StatusId)
        .filter(favourite::Column::AccountId.eq(id))
        .into_tuple()
        .all(db)
        .await?;
    let theirs = |column: status::Column| {
        status::Entity::find().select_only().column(column).filter(status::Column::AccountId.eq(id)).into_query()
    };
    let accepted_quotes = status::Entity::find()
        .select_only()
        .column(status::Column::QuoteId)
        .filter(status::Column::AccountId.eq(id))
        .filter(status::Column::QuoteState.eq(QuoteState::Accepted))
        .into_query();
    let likes = favourite::Entity::find()
        .select_only()
        .column(favourite::Column::StatusId)
        .filter(favourite::Column::AccountId.eq(id))
        .into_query();
    for (counter, lost) in [
        (status::Column::FavouritesCount, likes),
        (status::Column::ReblogsCount, theirs(status::Column::ReblogOfId)),
        (status::Column::RepliesCount, theirs(status::Column::InReplyToId)),
        (status::Column::QuotesCount, accepted_quotes),
    ] {
        status::Entity::update_many()
            .col_expr(counter, Expr::col(counter).sub(1))
            .filter(status::Column::Id.in_subquery(lost))
            .filter(Expr::col(counter).gt(0))
            .exec(db)
            .await?;
    }
    let mut statuses = forget_quotes(db, id).await?;
    statuses.extend(own.iter().map(|(id, ..)| *id));
    for ids in own.chunks(500) {
        let ids = || ids.iter().map(|(id, ..)| *id);
        let hanging =
            Condition::any().add(status::Column::InReplyToId.is_in(ids())).add(status::Column::ReblogOfId.is_in(ids()));
        let hanging = status::Entity::find().select_only().column(status::Column::Id).filter(hanging);
        statuses.extend(hanging.into_tuple::<StatusId>().all(db).await?);
    }
    statuses.extend(
        liked.into_iter().chain(own.iter().flat_map(|(_, boosted, answered)| boosted.iter().chain(answered)).copied()),
    );
    Ok(Touched { accounts: followed.into_iter().chain(followers).collect(), statuses })
}

/// Notes in what quotes an account that it is gone; what quotes it, and what it quotes.
async fn forget_quotes(db: &impl ConnectionTrait, id: AccountId) -> Result<Vec<StatusId>> {
    let theirs = || status::Entity::find().select_only().filter(status::Column::AccountId.eq(id));
    let ids = || theirs().column(status::Column::Id).into_query();
    let quoting: Vec<StatusId> = status::Entity::find()
        .select_only()
        .column(status::Column::Id)
        .filter(status::Column::QuoteId.in_subquery(ids()))
        .into_tuple()
        .all(db)
        .await?;
    let quoted: Vec<StatusId> = theirs()
        .column(status::Column::QuoteId)
        .filter(status::Column::QuoteId.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    status::Entity::update_many()
        .col_expr(status::Column::QuoteState, Expr::val(QuoteState::Deleted))
        .col_expr(status::Column::QuoteId, Expr::val(None::<StatusId>))
        .filter(status::Column::QuoteId.in_subquery(ids()))
        .exec(db)
        .await?;
    Ok(quoting.into_iter().chain(quoted).collect())
}

async fn lower(db: &impl ConnectionTrait, counter: account::Column, ids: &[AccountId]) -> Result<()> {
    for ids in ids.chunks(500) {
        account::Entity::update_many()
            .col_expr(counter, Expr::col(counter).sub(1))
            .filter(account::Column::Id.is_in(ids.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}
