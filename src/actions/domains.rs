//! Servers this one wants nothing to do with.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::{App, Change};
use crate::domain::delivery::DeliveryState;
use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::store::entity::{account, delivery, domain_block, follow, home_entry, notification, status};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Shuts out a server and everything below its name.
///
/// Follows end in both directions, and what came from there disappears; the other server is not told.
pub async fn block(app: &App, host: &Host, reason: &str) -> Result<()> {
    let domain = host.name();
    if [app.urls.host(), app.urls.handle_host()].iter().any(|own| own.and_parents().any(|name| name == domain)) {
        return Err(Error::invalid("A server cannot block itself"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("A reason has at most 500 characters"));
    }
    let change = app.begin().await?;
    match find(&change, domain).await? {
        Some(known) => explain(&change, known, reason).await?,
        None => insert(&change, domain, reason).await?,
    }
    cut(&change, domain).await?;
    commit(change).await
}

/// Lets a server in again; follows that ended stay ended.
pub async fn unblock(app: &App, host: &Host) -> Result<()> {
    let change = app.begin().await?;
    let known = find(&change, host.name()).await?.ok_or(Error::NotFound("domain block"))?;
    domain_block::Entity::delete_by_id(known.id).exec(change.tx()).await?;
    // Whoever was shut out for reasons of their own was so at another moment, and stays shut out.
    account::Entity::update_many()
        .col_expr(account::Column::SuspendedAt, Expr::val(None::<Moment>))
        .filter(lives_on(&known.domain))
        .filter(account::Column::SuspendedAt.eq(known.created_at))
        .exec(change.tx())
        .await?;
    // Somebody may belong to two servers, or to one below another: what is still blocked stays so.
    for block in domain_block::Entity::find().all(change.tx()).await? {
        suspend(&change, &block.domain, block.created_at).await?;
    }
    commit(change).await
}

async fn suspend(change: &Change, domain: &str, since: Moment) -> Result<()> {
    account::Entity::update_many()
        .col_expr(account::Column::SuspendedAt, Expr::val(since))
        .filter(lives_on(domain))
        .filter(account::Column::SuspendedAt.is_null())
        .exec(change.tx())
        .await?;
    Ok(())
}

async fn find(change: &Change, domain: &str) -> Result<Option<domain_block::Model>> {
    let named = domain_block::Column::Domain.eq(domain);
    Ok(domain_block::Entity::find().filter(named).one(change.tx()).await?)
}

async fn explain(change: &Change, known: domain_block::Model, reason: &str) -> Result<()> {
    let mut row = known.into_active_model();
    row.reason = Set(reason.to_owned());
    domain_block::Entity::update(row).exec(change.tx()).await?;
    Ok(())
}

async fn insert(change: &Change, domain: &str, reason: &str) -> Result<()> {
    // One moment for both, by which `unblock` knows whom this block has shut out.
    let now = change.now();
    let row = domain_block::ActiveModel {
        id: Set(change.app().id()),
        domain: Set(domain.to_owned()),
        reason: Set(reason.to_owned()),
        created_at: Set(now),
    };
    let keep = OnConflict::column(domain_block::Column::Domain).do_nothing().to_owned();
    domain_block::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    suspend(change, domain, now).await
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
