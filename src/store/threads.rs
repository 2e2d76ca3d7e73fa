//! Threads: what a status answers, and what answers it.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, Statement};

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::thread_fetch;

/// How far up a thread is followed.
const HIGHEST: i64 = 200;
/// How far down a thread is followed.
const DEEPEST: i64 = 100;
/// How many replies are shown at most.
const MOST: i64 = 4096;

/// When the thread around a status was last asked for.
pub async fn fetched(db: &impl ConnectionTrait, id: StatusId) -> Result<Option<thread_fetch::Model>> {
    Ok(thread_fetch::Entity::find_by_id(id).one(db).await?)
}

/// Notes that the thread around a status was asked for, and how much of it could not be had.
pub async fn note_fetched(db: &impl ConnectionTrait, id: StatusId, unreachable: i32, now: Moment) -> Result<()> {
    let row = thread_fetch::ActiveModel { status_id: Set(id), fetched_at: Set(now), unreachable: Set(unreachable) };
    let replace = OnConflict::column(thread_fetch::Column::StatusId)
        .update_columns([thread_fetch::Column::FetchedAt, thread_fetch::Column::Unreachable])
        .to_owned();
    thread_fetch::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// What a status answers, and what that answers, the first first; whoever may see them.
pub async fn ancestors(db: &impl ConnectionTrait, id: StatusId) -> Result<Vec<StatusId>> {
    let sql = r#"
        WITH RECURSIVE above(id, parent, height) AS (
            SELECT id, in_reply_to_id, 0 FROM status WHERE id = $1
            UNION ALL
            SELECT status.id, status.in_reply_to_id, above.height + 1
            FROM above JOIN status ON status.id = above.parent
            WHERE above.height < $2
        )
        SELECT id FROM above WHERE height > 0 ORDER BY height DESC"#;
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into(), HIGHEST.into()]);
    let mut ids = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let ancestor: StatusId = row.try_get_by_index(0)?;
        // Statuses that answer each other would be met again and again.
        if ancestor != id && !ids.contains(&ancestor) {
            ids.push(ancestor);
        }
    }
    Ok(ids)
}

/// What answers a status, each reply followed by its own replies; whoever may see them.
///
/// Replies of the author to themselves come first, then the oldest first.
pub async fn descendants(db: &impl ConnectionTrait, id: StatusId) -> Result<Vec<StatusId>> {
    let sql = r#"
        WITH RECURSIVE below(id, parent, author, depth) AS (
            SELECT id, in_reply_to_id, account_id, 0 FROM status WHERE id = $1
            UNION ALL
            SELECT status.id, status.in_reply_to_id, status.account_id, below.depth + 1
            FROM below JOIN status ON status.in_reply_to_id = below.id
            WHERE below.depth < $2
        )
        SELECT id, parent, author FROM below ORDER BY id LIMIT $3"#;
    let values = [id.into(), DEEPEST.into(), MOST.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut children: HashMap<StatusId, Vec<(StatusId, AccountId)>> = HashMap::new();
    let mut authors: HashMap<StatusId, AccountId> = HashMap::new();
    for row in db.query_all_raw(statement).await? {
        let child: StatusId = row.try_get_by_index(0)?;
        let parent: Option<StatusId> = row.try_get_by_index(1)?;
        let author: AccountId = row.try_get_by_index(2)?;
        authors.insert(child, author);
        if let Some(parent) = parent {
            children.entry(parent).or_default().push((child, author));
        }
    }
    Ok(in_tree_order(id, &children, &authors))
}

fn in_tree_order(
    root: StatusId,
    children: &HashMap<StatusId, Vec<(StatusId, AccountId)>>,
    authors: &HashMap<StatusId, AccountId>,
) -> Vec<StatusId> {
    let mut order = Vec::new();
    let mut seen = HashSet::from([root]);
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        if id != root {
            order.push(id);
        }
        let own = authors.get(&id);
        let mut next: Vec<_> =
            children.get(&id).into_iter().flatten().filter(|(child, _)| seen.insert(*child)).collect();
        // Taken from the end: what is to come first is pushed last.
        next.sort_by_key(|(child, author)| (Some(author) == own, std::cmp::Reverse(*child)));
        open.extend(next.into_iter().map(|(child, _)| *child));
    }
    order
}
