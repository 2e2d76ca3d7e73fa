//! What members are told.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::id::{AccountId, NotificationId, StatusId};
use crate::domain::notification::NotificationKind;
use crate::domain::page::{Page, Paged};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::store::bodies;
use crate::store::entity::{marker, notification};
use crate::store::{Db, page as paging};
use crate::views::AccountView;
use crate::views::statuses::{self, StatusView};

pub use crate::store::entity::marker::Model as Mark;

/// Something a member was told.
#[derive(Debug, Clone)]
pub struct NotificationView {
    /// The row.
    pub row: notification::Model,
    /// Who did it.
    pub from: AccountView,
    /// The status it is about.
    pub status: Option<StatusView>,
}

/// Which notifications are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these, if any are named.
    pub kinds: Option<Vec<NotificationKind>>,
    /// None of these.
    pub exclude: Vec<NotificationKind>,
    /// Only those caused by this account.
    pub from: Option<AccountId>,
}

/// What a member was told, newest first.
pub async fn list(db: &Db, reader: AccountId, wanted: &Wanted, page: &Page) -> Result<Paged<NotificationView>> {
    let mut query = notification::Entity::find().filter(of(reader, wanted));
    paging::narrow(QuerySelect::query(&mut query), (notification::Entity, notification::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    let paged = Paged::new(rows.iter().map(|row| (row.id.0, ())).collect(), page.limit);
    Ok(paged.with(assemble(db, reader, rows).await?))
}

/// One notification of a member.
pub async fn one(db: &Db, reader: AccountId, id: NotificationId) -> Result<NotificationView> {
    let row = notification::Entity::find_by_id(id)
        .filter(notification::Column::AccountId.eq(reader))
        .one(db.reader())
        .await?;
    let row = row.ok_or(Error::NotFound("notification"))?;
    assemble(db, reader, vec![row]).await?.pop().ok_or(Error::NotFound("notification"))
}

/// How many a member has not read yet, counted up to `most`.
pub async fn unread(db: &Db, reader: AccountId, wanted: &Wanted, most: u64) -> Result<u64> {
    let marks = markers(db, reader, &["notifications".to_owned()]).await?;
    let read: i64 = marks.first().and_then(|mark| mark.last_read_id.parse().ok()).unwrap_or(0);
    let ids: Vec<NotificationId> = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(of(reader, wanted))
        .filter(notification::Column::Id.gt(read))
        .limit(most)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(ids.len() as u64)
}

/// How far a member has read these timelines.
pub async fn markers(db: &Db, reader: AccountId, timelines: &[String]) -> Result<Vec<marker::Model>> {
    let query = marker::Entity::find()
        .filter(marker::Column::AccountId.eq(reader))
        .filter(marker::Column::Timeline.is_in(timelines.iter().map(String::as_str)));
    Ok(query.all(db.reader()).await?)
}

fn of(reader: AccountId, wanted: &Wanted) -> Condition {
    let mut condition = Condition::all().add(notification::Column::AccountId.eq(reader));
    if let Some(kinds) = &wanted.kinds {
        condition = condition.add(Expr::col(notification::Column::Kind).is_in(kinds.iter().copied()));
    }
    if !wanted.exclude.is_empty() {
        condition = condition.add(Expr::col(notification::Column::Kind).is_not_in(wanted.exclude.iter().copied()));
    }
    if let Some(from) = wanted.from {
        condition = condition.add(notification::Column::FromId.eq(from));
    }
    condition
}

async fn assemble(db: &Db, reader: AccountId, rows: Vec<notification::Model>) -> Result<Vec<NotificationView>> {
    let distinct: HashSet<StatusId> = rows.iter().filter_map(|row| row.status_id).collect();
    let ids: Vec<StatusId> = distinct.into_iter().collect();
    let statuses = statuses::several(db, Viewer::Member(reader), &ids).await?;
    let statuses: HashMap<StatusId, StatusView> = statuses.into_iter().map(|view| (view.row().id, view)).collect();
    let people: HashSet<AccountId> = rows.iter().map(|row| row.from_id).collect();
    let accounts = bodies::accounts(db, &people.into_iter().collect::<Vec<_>>()).await?;
    let views = rows.into_iter().filter_map(|row| {
        let from = accounts.get(&row.from_id)?.clone();
        let status = match row.status_id {
            // What the reader may not see any more is not spoken of.
            Some(id) => Some(statuses.get(&id)?.clone()),
            None => None,
        };
        Some(NotificationView { row, from, status })
    });
    Ok(views.collect())
}
