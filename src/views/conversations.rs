//! The posts of one thread, as a list.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};

use crate::domain::id::StatusId;
use crate::domain::page::{Page, Paged};
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::store::entity::status;
use crate::store::{Db, page as paging, visibility};

/// How many posts of a thread the viewer may see.
pub async fn count(db: &Db, viewer: Viewer, root: StatusId) -> Result<u64> {
    Ok(posts(viewer, root).count(db.reader()).await?)
}

/// The ids, in the fediverse, of the posts of a thread, newest first.
pub async fn page(db: &Db, viewer: Viewer, root: StatusId, page: &Page) -> Result<Paged<String>> {
    let mut query = posts(viewer, root);
    paging::narrow(QuerySelect::query(&mut query), (status::Entity, status::Column::Id), page);
    let query = query.select_only().columns([status::Column::Id, status::Column::Uri]);
    let rows: Vec<(StatusId, String)> = query.into_tuple().all(db.reader()).await?;
    let rows = paging::in_order(rows, page);
    Ok(Paged::new(rows.into_iter().map(|(id, uri)| (id.0, uri)).collect(), page.limit))
}

fn posts(viewer: Viewer, root: StatusId) -> Select<status::Entity> {
    status::Entity::find()
        .filter(status::Column::ConversationId.eq(root))
        .filter(status::Column::ReblogOfId.is_null())
        .filter(visibility::visible_to(viewer))
}
