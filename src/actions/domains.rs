//! Servers this one keeps away, and how far.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::actions::notify;
use crate::app::{App, Change};
use crate::domain::delivery::DeliveryState;
use crate::domain::handle::Host;
use crate::domain::id::{AccountId, DomainBlockId};
use crate::domain::moment::Moment;
use crate::domain::severity::{Severance, Severity};
use crate::error::{Error, Result};
use crate::store;
use crate::store::entity::{account, delivery, domain_block, follow, home_entry, media, notification, status};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// How a server is kept away.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How far.
    pub severity: Severity,
    /// Whether nothing of its pictures and films is shown.
    pub reject_media: bool,
    /// Whether its reports are not read.
    pub reject_reports: bool,
    /// Why, for the record.
    pub reason: String,
    /// Why, for everybody.
    pub public_comment: String,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            severity: Severity::Suspend,
            reject_media: false,
            reject_reports: false,
            reason: String::new(),
            public_comment: String::new(),
        }
    }
}

/// Keeps a server away, with everything below its name; what was decided about it before is forgotten.
///
/// Where it is shut out, follows end in both directions, and what came from there disappears; members are told what
/// they lost, the other server is not told.
pub async fn block(app: &App, host: &Host, terms: Terms) -> Result<()> {
    let domain = host.name();
    if [app.urls.host(), app.urls.handle_host()].iter().any(|own| own.and_parents().any(|name| name == domain)) {
        return Err(Error::invalid("A server cannot block itself"));
    }
    if [&terms.reason, &terms.public_comment].iter().any(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(Error::invalid("A reason has at most 500 characters"));
    }
    let mut change = app.begin().await?;
    let shuts_out = terms.severity == Severity::Suspend;
    match find(&change, domain).await? {
        Some(known) => {
            lift(&change, &known).await?;
            domain_block::Entity::update(row(known.id, domain, terms, known.created_at)).exec(change.tx()).await?;
            impose_all(&change).await?;
        }
        None => {
            let row = row(app.id(), domain, terms, change.now());
            let keep = OnConflict::column(domain_block::Column::Domain).do_nothing().to_owned();
            domain_block::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
            if let Some(fresh) = find(&change, domain).await? {
                impose(&change, fresh).await?;
            }
        }
    }
    if shuts_out {
        let losses = losses(&change, domain).await?;
        cut(&change, domain).await?;
        notify::of_severance(&mut change, losses).await?;
    }
    commit(change).await
}

/// Lets a server in again; follows that ended stay ended.
pub async fn unblock(app: &App, host: &Host) -> Result<()> {
    let change = app.begin().await?;
    let known = find(&change, host.name()).await?.ok_or(Error::NotFound("domain block"))?;
    domain_block::Entity::delete_by_id(known.id).exec(change.tx()).await?;
    lift(&change, &known).await?;
    impose_all(&change).await?;
    commit(change).await
}

/// Takes back what a decision did to accounts. Whoever was kept away for reasons of their own was so at another moment,
/// and stays kept away.
async fn lift(change: &Change, known: &domain_block::Model) -> Result<()> {
    for column in [account::Column::SuspendedAt, account::Column::LimitedAt] {
        account::Entity::update_many()
            .col_expr(column, Expr::val(None::<Moment>))
            .filter(lives_on(&known.domain))
            .filter(column.eq(known.created_at))
            .exec(change.tx())
            .await?;
    }
    set_media(change, &known.domain, false).await
}

/// Does what was decided. Somebody may belong to two servers, or to one below another: what is still decided about any
/// of them holds.
async fn impose_all(change: &Change) -> Result<()> {
    for block in domain_block::Entity::find().all(change.tx()).await? {
        impose(change, block).await?;
    }
    Ok(())
}

async fn impose(change: &Change, block: domain_block::Model) -> Result<()> {
    let since = match block.severity {
        Severity::Suspend => Some(account::Column::SuspendedAt),
        Severity::Silence => Some(account::Column::LimitedAt),
        Severity::Noop => None,
    };
    if let Some(since) = since {
        account::Entity::update_many()
            .col_expr(since, Expr::val(block.created_at))
            .filter(lives_on(&block.domain))
            .filter(since.is_null())
            .exec(change.tx())
            .await?;
    }
    if block.reject_media {
        set_media(change, &block.domain, true).await?;
    }
    Ok(())
}

async fn set_media(change: &Change, domain: &str, without: bool) -> Result<()> {
    let mut update = account::Entity::update_many().col_expr(account::Column::WithoutMedia, Expr::val(without));
    if without {
        for picture in [account::Column::AvatarUrl, account::Column::HeaderUrl] {
            update = update.col_expr(picture, Expr::val(None::<String>));
        }
        let theirs = Query::select()
            .column(status::Column::Id)
            .from(status::Entity)
            .and_where(status::Column::AccountId.in_subquery(accounts(domain)))
            .take();
        media::Entity::delete_many().filter(media::Column::StatusId.in_subquery(theirs)).exec(change.tx()).await?;
    }
    update.filter(lives_on(domain)).filter(account::Column::WithoutMedia.eq(!without)).exec(change.tx()).await?;
    Ok(())
}

async fn find(change: &Change, domain: &str) -> Result<Option<domain_block::Model>> {
    let named = domain_block::Column::Domain.eq(domain);
    Ok(domain_block::Entity::find().filter(named).one(change.tx()).await?)
}

/// A block and the accounts it shuts out carry one moment, by which it is known whom it has shut out.
fn row(id: DomainBlockId, domain: &str, terms: Terms, since: Moment) -> domain_block::ActiveModel {
    domain_block::ActiveModel {
        id: Set(id),
        domain: Set(domain.to_owned()),
        severity: Set(terms.severity),
        reject_media: Set(terms.reject_media),
        reject_reports: Set(terms.reject_reports),
        reason: Set(terms.reason),
        public_comment: Set(terms.public_comment),
        created_at: Set(since),
    }
}

/// What each member is about to lose with `domain`.
async fn losses(change: &Change, domain: &str) -> Result<Vec<(AccountId, Severance)>> {
    let follows = follow::Entity::find().filter(follow::Column::Accepted.eq(true)).filter(touching(domain));
    let mut losses: BTreeMap<AccountId, Severance> = BTreeMap::new();
    let follows = follows.all(change.tx()).await?;
    let ends: Vec<AccountId> = follows.iter().flat_map(|follow| [follow.account_id, follow.target_id]).collect();
    let mut members: BTreeSet<AccountId> = BTreeSet::new();
    for ends in ends.chunks(500) {
        let known = store::accounts::all(change.tx(), ends).await?.into_iter();
        members.extend(known.filter(|account| account.host.is_none()).map(|account| account.id));
    }
    for follow in follows {
        let (member, followers, following) =
            if members.contains(&follow.account_id) { (follow.account_id, 0, 1) } else { (follow.target_id, 1, 0) };
        let fresh = || Severance { domain: domain.to_owned(), followers: 0, following: 0 };
        let severance = losses.entry(member).or_insert_with(fresh);
        severance.followers += followers;
        severance.following += following;
    }
    Ok(losses.into_iter().collect())
}

/// Ends whatever binds members to the accounts of `domain`.
async fn cut(change: &Change, domain: &str) -> Result<()> {
    count(change, domain, account::Column::FollowersCount, follow::Column::TargetId).await?;
    count(change, domain, account::Column::FollowingCount, follow::Column::AccountId).await?;
    follow::Entity::delete_many().filter(touching(domain)).exec(change.tx()).await?;
    home_entry::Entity::delete_many()
        .filter(home_entry::Column::StatusId.in_subquery(statuses(domain)))
        .exec(change.tx())
        .await?;
    notification::Entity::delete_many()
        .filter(notification::Column::FromId.in_subquery(accounts(domain)))
        .exec(change.tx())
        .await?;
    delivery::Entity::update_many()
        .col_expr(delivery::Column::State, Expr::val(DeliveryState::Superseded))
        .col_expr(delivery::Column::FinishedAt, Expr::val(change.now()))
        .filter(delivery::Column::State.eq(DeliveryState::Waiting))
        .filter(on(delivery::Column::Host, domain))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Takes the follows that are about to end out of one counter; `end` is the side that is counted.
async fn count(change: &Change, domain: &str, counter: account::Column, end: follow::Column) -> Result<()> {
    let ending = Query::select()
        .expr(Expr::col((follow::Entity, follow::Column::Id)).count())
        .from(follow::Entity)
        .and_where(Expr::col((follow::Entity, end)).equals((account::Entity, account::Column::Id)))
        .and_where(Expr::col((follow::Entity, follow::Column::Accepted)).eq(true))
        .cond_where(touching(domain))
        .take();
    let concerned = Query::select().column(end).from(follow::Entity).cond_where(touching(domain)).take();
    account::Entity::update_many()
        .col_expr(counter, Expr::col(counter).sub(Expr::SubQuery(None, Box::new(ending.into()))))
        .filter(account::Column::Id.in_subquery(concerned))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Follows by or of somebody on `domain`.
fn touching(domain: &str) -> Condition {
    Condition::any()
        .add(follow::Column::AccountId.in_subquery(accounts(domain)))
        .add(follow::Column::TargetId.in_subquery(accounts(domain)))
}

/// Everybody on `domain`.
fn accounts(domain: &str) -> SelectStatement {
    Query::select().column(account::Column::Id).from(account::Entity).cond_where(lives_on(domain)).take()
}

/// What came from `domain`, and boosts of it.
fn statuses(domain: &str) -> SelectStatement {
    let theirs = Query::select()
        .column(status::Column::Id)
        .from(status::Entity)
        .and_where(status::Column::AccountId.in_subquery(accounts(domain)))
        .take();
    Query::select()
        .column(status::Column::Id)
        .from(status::Entity)
        .cond_where(
            Condition::any()
                .add(status::Column::AccountId.in_subquery(accounts(domain)))
                .add(status::Column::ReblogOfId.in_subquery(theirs)),
        )
        .take()
}

/// Accounts whose handle or whose id belongs to `domain`.
fn lives_on(domain: &str) -> Condition {
    Condition::any().add(on(account::Column::Host, domain)).add(on(account::Column::IdHost, domain))
}

/// Whether a column names `domain` or something below it, on whatever port.
fn on(column: impl ColumnTrait, domain: &str) -> Condition {
    let escaped = domain.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let like = |pattern: String| LikeExpr::new(pattern).escape('\\');
    Condition::any()
        .add(column.eq(domain))
        .add(column.into_expr().like(like(format!("%.{escaped}"))))
        .add(column.into_expr().like(like(format!("{escaped}:%"))))
        .add(column.into_expr().like(like(format!("%.{escaped}:%"))))
}

/// So many accounts and statuses may look different now that remembering which is not worth it.
async fn commit(change: Change) -> Result<()> {
    let app = change.app().clone();
    change.commit().await?;
    app.db.cache().clear();
    Ok(())
}
