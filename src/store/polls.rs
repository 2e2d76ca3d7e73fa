//! Polls and the votes in them.

use std::collections::HashMap;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::id::{AccountId, StatusId};
use crate::error::Result;
use crate::store::entity::{account, poll, poll_vote};

/// The poll of a status, held until the change is made: votes are counted one after the other.
pub async fn hold(db: &impl ConnectionTrait, id: StatusId) -> Result<Option<poll::Model>> {
    Ok(poll::Entity::find_by_id(id).lock(LockType::Update).one(db).await?)
}

/// The poll of a status.
pub async fn find(db: &impl ConnectionTrait, id: StatusId) -> Result<Option<poll::Model>> {
    Ok(poll::Entity::find_by_id(id).one(db).await?)
}

/// What somebody chose, in order.
pub async fn votes_of(db: &impl ConnectionTrait, id: StatusId, voter: AccountId) -> Result<Vec<i32>> {
    let votes = poll_vote::Entity::find()
        .select_only()
        .column(poll_vote::Column::Position)
        .filter(poll_vote::Column::StatusId.eq(id))
        .filter(poll_vote::Column::AccountId.eq(voter))
        .order_by_asc(poll_vote::Column::Position);
    Ok(votes.into_tuple().all(db).await?)
}

/// What somebody chose in each of several polls.
pub async fn votes_among(
    db: &impl ConnectionTrait,
    ids: &[StatusId],
    voter: AccountId,
) -> Result<HashMap<StatusId, Vec<i32>>> {
    let votes: Vec<(StatusId, i32)> = poll_vote::Entity::find()
        .select_only()
        .columns([poll_vote::Column::StatusId, poll_vote::Column::Position])
        .filter(poll_vote::Column::StatusId.is_in(ids.iter().copied()))
        .filter(poll_vote::Column::AccountId.eq(voter))
        .order_by_asc(poll_vote::Column::Position)
        .into_tuple()
        .all(db)
        .await?;
    let mut chosen: HashMap<StatusId, Vec<i32>> = HashMap::new();
    for (id, position) in votes {
        chosen.entry(id).or_default().push(position);
    }
    Ok(chosen)
}

/// Everybody who voted in a poll, as far as we know them.
pub async fn voters(db: &impl ConnectionTrait, id: StatusId) -> Result<Vec<account::Model>> {
    let voters = poll_vote::Entity::find().select_only().column(poll_vote::Column::AccountId);
    let voters = sea_orm::QueryTrait::into_query(voters.filter(poll_vote::Column::StatusId.eq(id)));
    Ok(account::Entity::find().filter(account::Column::Id.in_subquery(voters)).all(db).await?)
}
