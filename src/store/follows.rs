//! Follows between two accounts, and the inboxes behind them.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};

use crate::domain::id::AccountId;
use crate::domain::quote::Tie;
use crate::error::Result;
use crate::store::accounts;
use crate::store::entity::{account, follow};

/// The follow of `target` by `account`, asked for or accepted.
pub async fn find(db: &impl ConnectionTrait, account: AccountId, target: AccountId) -> Result<Option<follow::Model>> {
    let found = follow::Entity::find()
        .filter(follow::Column::AccountId.eq(account))
        .filter(follow::Column::TargetId.eq(target));
    Ok(found.one(db).await?)
}

/// The follow that began with this activity.
pub async fn by_uri(db: &impl ConnectionTrait, uri: &str) -> Result<Option<follow::Model>> {
    Ok(follow::Entity::find().filter(follow::Column::Uri.eq(uri)).one(db).await?)
}

/// Where followers of `target` on other servers want to be told: each inbox once, shared ones where there are some.
pub async fn inboxes(db: &impl ConnectionTrait, target: AccountId) -> Result<Vec<String>> {
    let inboxes = follow::Entity::find()
        .select_only()
        .expr_as(accounts::shared_or_own(), "inbox")
        .distinct()
        .join(JoinType::InnerJoin, follow::Relation::Account.def())
        .filter(follow::Column::TargetId.eq(target))
        .filter(follow::Column::Accepted.eq(true))
        .filter(Expr::col((account::Entity, account::Column::Host)).is_not_null())
        .filter(Expr::col((account::Entity, account::Column::SuspendedAt)).is_null())
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(inboxes)
}

/// What `reader` is to each of `others`, as far as they follow each other.
pub async fn ties(
    db: &impl ConnectionTrait,
    reader: AccountId,
    others: &[AccountId],
) -> Result<HashMap<AccountId, Tie>> {
    let by = follow::Column::AccountId.eq(reader).and(follow::Column::TargetId.is_in(others.iter().copied()));
    let of = follow::Column::TargetId.eq(reader).and(follow::Column::AccountId.is_in(others.iter().copied()));
    let follows = follow::Entity::find().filter(by.or(of)).filter(follow::Column::Accepted.eq(true)).all(db).await?;
    let mut ties: HashMap<AccountId, Tie> = HashMap::new();
    for follow in follows {
        if follow.account_id == reader {
            ties.entry(follow.target_id).or_default().follows = true;
        } else {
            ties.entry(follow.account_id).or_default().followed = true;
        }
    }
    Ok(ties)
}

/// The accepted follows of `target` by members.
pub async fn local_followers(db: &impl ConnectionTrait, target: AccountId) -> Result<Vec<follow::Model>> {
    let found = follow::Entity::find()
        .join(JoinType::InnerJoin, follow::Relation::Account.def())
        .filter(follow::Column::TargetId.eq(target))
        .filter(follow::Column::Accepted.eq(true))
        .filter(Expr::col((account::Entity, account::Column::Host)).is_null());
    Ok(found.all(db).await?)
}

/// The follows an account has begun, asked for or accepted.
pub async fn begun_by(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<follow::Model>> {
    Ok(follow::Entity::find().filter(follow::Column::AccountId.eq(account)).all(db).await?)
}

/// The ids of those on other servers who follow `target`; of all that do, or of those whose id begins like this.
pub async fn elsewhere(db: &impl ConnectionTrait, target: AccountId, beginning: &str) -> Result<Vec<String>> {
    let followers = account::Entity::find()
        .select_only()
        .column(account::Column::Uri)
        .join_rev(JoinType::InnerJoin, follow::Relation::Account.def())
        .filter(follow::Column::TargetId.eq(target))
        .filter(follow::Column::Accepted.eq(true))
        .filter(account::Column::Host.is_not_null())
        .filter(account::Column::Uri.starts_with(beginning))
        .filter(account::Column::SuspendedAt.is_null());
    Ok(followers.into_tuple().all(db).await?)
}

/// Follows of `target` by members, asked for or accepted, with the ids of the members.
pub async fn by_members(db: &impl ConnectionTrait, target: AccountId) -> Result<Vec<(follow::Model, String)>> {
    let ours = follow::Entity::find()
        .find_also_related(account::Entity)
        .filter(follow::Column::TargetId.eq(target))
        .filter(Expr::col((account::Entity, account::Column::Host)).is_null());
    let ours = ours.all(db).await?;
    Ok(ours.into_iter().filter_map(|(follow, member)| Some((follow, member?.uri))).collect())
}

/// Whether anybody here follows `target`.
pub async fn has_local_followers(db: &impl ConnectionTrait, target: AccountId) -> Result<bool> {
    let found = follow::Entity::find()
        .join(JoinType::InnerJoin, follow::Relation::Account.def())
        .filter(follow::Column::TargetId.eq(target))
        .filter(follow::Column::Accepted.eq(true))
        .filter(Expr::col((account::Entity, account::Column::Host)).is_null());
    Ok(found.one(db).await?.is_some())
}
