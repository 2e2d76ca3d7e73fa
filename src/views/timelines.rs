//! Timelines: home, public, by hashtag, by account.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};

use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::page::{Page, Paged};
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::Result;
use crate::store::entity::{home_entry, media, pin, status, status_tag, tag};
use crate::store::{Db, constant, page as paging, tags, visibility};
use crate::views::statuses::{self, StatusView};

/// Whose statuses a public timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum From {
    /// Everybody's.
    #[default]
    Everywhere,
    /// Those of this server.
    Here,
    /// Those of other servers.
    Elsewhere,
}

/// Which statuses of an account are wanted.
#[derive(Debug, Clone, Default)]
pub struct OfAccount {
    /// Only with attachments.
    pub only_media: bool,
    /// Without replies to others.
    pub exclude_replies: bool,
    /// Without boosts.
    pub exclude_reblogs: bool,
    /// Only with this hashtag.
    pub tagged: Option<String>,
}

/// Which statuses with hashtags are wanted; names are in the form in which tags are compared.
#[derive(Debug, Clone, Default)]
pub struct Tagged {
    /// With at least one of these.
    pub any: Vec<String>,
    /// With each of these as well.
    pub all: Vec<String>,
    /// With none of these.
    pub none: Vec<String>,
    /// Whose.
    pub from: From,
    /// Only with attachments.
    pub only_media: bool,
}

/// What the reader follows.
pub async fn home(db: &Db, reader: AccountId, now: Moment, page: &Page) -> Result<Paged<StatusView>> {
    let viewer = Viewer::Member(reader);
    let laid_out = Expr::col((home_entry::Entity, home_entry::Column::StatusId));
    let mut query = status::Entity::find();
    QuerySelect::query(&mut query)
        .inner_join(home_entry::Entity, laid_out.equals((status::Entity, status::Column::Id)))
        .and_where(Expr::col((home_entry::Entity, home_entry::Column::AccountId)).eq(reader))
        .cond_where(visibility::wanted_by(viewer, now));
    // The cursor is the entry's column: its index holds one reader's entries in order.
    load(db, viewer, query, (home_entry::Entity, home_entry::Column::StatusId), page).await
}

/// Public posts that are no replies to others and no boosts.
pub async fn public(
    db: &Db,
    viewer: Viewer,
    from: From,
    only_media: bool,
    now: Moment,
    page: &Page,
) -> Result<Paged<StatusView>> {
    let mut query = listed(viewer, now).filter(no_reply_to_others());
    query = match from {
        From::Everywhere => query,
        From::Here => query.filter(status::Column::Local.eq(true)),
        From::Elsewhere => query.filter(status::Column::Local.eq(false)),
    };
    if only_media {
        query = query.filter(has_media());
    }
    load(db, viewer, query, (status::Entity, status::Column::Id), page).await
}

/// Public posts with a hashtag.
pub async fn tag(
    db: &Db,
    viewer: Viewer,
    name: &str,
    from: From,
    now: Moment,
    page: &Page,
) -> Result<Paged<StatusView>> {
    let Some(tag) = tags::by_name(db.reader(), name).await? else {
        return Ok(Paged { items: Vec::new(), bounds: None });
    };
    let mut query = listed(viewer, now);
    query = match from {
        From::Everywhere => query,
        From::Here => query.filter(status::Column::Local.eq(true)),
        From::Elsewhere => query.filter(status::Column::Local.eq(false)),
    };
    let carried = Expr::col((status_tag::Entity, status_tag::Column::StatusId));
    QuerySelect::query(&mut query)
        .inner_join(status_tag::Entity, carried.equals((status::Entity, status::Column::Id)))
        .and_where(Expr::col((status_tag::Entity, status_tag::Column::TagId)).eq(tag.id));
    load(db, viewer, query, (status_tag::Entity, status_tag::Column::StatusId), page).await
}

/// Public posts with some hashtags and without others.
pub async fn tagged(db: &Db, viewer: Viewer, wanted: &Tagged, now: Moment, page: &Page) -> Result<Paged<StatusView>> {
    let id = status::Column::Id;
    let mut query = listed(viewer, now).filter(id.in_subquery(carrying(&wanted.any)));
    for name in &wanted.all {
        query = query.filter(id.in_subquery(carrying(std::slice::from_ref(name))));
    }
    if !wanted.none.is_empty() {
        query = query.filter(id.not_in_subquery(carrying(&wanted.none)));
    }
    query = match wanted.from {
        From::Everywhere => query,
        From::Here => query.filter(status::Column::Local.eq(true)),
        From::Elsewhere => query.filter(status::Column::Local.eq(false)),
    };
    if wanted.only_media {
        query = query.filter(has_media());
    }
    load(db, viewer, query, (status::Entity, status::Column::Id), page).await
}

/// Statuses of one account.
pub async fn account(
    db: &Db,
    viewer: Viewer,
    account: AccountId,
    wanted: &OfAccount,
    page: &Page,
) -> Result<Paged<StatusView>> {
    let mut query = status::Entity::find().filter(status::Column::AccountId.eq(account));
    if wanted.exclude_reblogs {
        query = query.filter(status::Column::ReblogOfId.is_null());
    }
    if wanted.exclude_replies {
        query = query.filter(no_reply_to_others());
    }
    if wanted.only_media {
        query = query.filter(has_media());
    }
    if let Some(name) = &wanted.tagged {
        let Some(tag) = tags::by_name(db.reader(), name).await? else {
            return Ok(Paged { items: Vec::new(), bounds: None });
        };
        let carrying = status_tag::Entity::find()
            .select_only()
            .column(status_tag::Column::StatusId)
            .filter(status_tag::Column::TagId.eq(tag.id))
            .into_query();
        query = query.filter(status::Column::Id.in_subquery(carrying));
    }
    load(db, viewer, query, (status::Entity, status::Column::Id), page).await
}

/// What an account shows first, the newest pin first, as far as the viewer may see it.
pub async fn pinned(db: &Db, viewer: Viewer, account: AccountId) -> Result<Vec<StatusView>> {
    let pins = pin::Entity::find().filter(pin::Column::AccountId.eq(account)).order_by_desc(pin::Column::CreatedAt);
    let pins = pins.order_by_desc(pin::Column::StatusId).all(db.reader()).await?;
    let ids: Vec<StatusId> = pins.into_iter().map(|pin| pin.status_id).collect();
    statuses::several(db, viewer, &ids).await
}

/// How many statuses of one account the viewer may see.
pub async fn count(db: &Db, viewer: Viewer, account: AccountId) -> Result<u64> {
    let query = status::Entity::find().filter(status::Column::AccountId.eq(account));
    Ok(query.filter(visibility::visible_to(viewer)).count(db.reader()).await?)
}

fn listed(viewer: Viewer, now: Moment) -> Select<status::Entity> {
    let mut query = status::Entity::find()
        .filter(Expr::col((status::Entity, status::Column::Visibility)).eq(constant(Visibility::Public)))
        .filter(status::Column::ReblogOfId.is_null());
    QuerySelect::query(&mut query)
        .cond_where(visibility::wanted_by(viewer, now))
        .cond_where(visibility::not_held_off(viewer));
    query
}

/// The statuses that carry one of these tags.
fn carrying(names: &[String]) -> sea_orm::sea_query::SelectStatement {
    let tags = tag::Entity::find()
        .select_only()
        .column(tag::Column::Id)
        .filter(tag::Column::Name.is_in(names.iter().map(String::as_str)))
        .into_query();
    status_tag::Entity::find()
        .select_only()
        .column(status_tag::Column::StatusId)
        .filter(status_tag::Column::TagId.in_subquery(tags))
        .into_query()
}

fn no_reply_to_others() -> sea_orm::Condition {
    sea_orm::Condition::any().add(status::Column::InReplyToUri.is_null()).add(
        Expr::col((status::Entity, status::Column::InReplyToAccountId))
            .equals((status::Entity, status::Column::AccountId)),
    )
}

fn has_media() -> sea_orm::sea_query::SimpleExpr {
    let attached = media::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col((media::Entity, media::Column::StatusId)).equals((status::Entity, status::Column::Id)))
        .into_query();
    Expr::exists(attached)
}

/// The page of `query` that the viewer may see: ids first, then everything they need in a batch.
async fn load(
    db: &Db,
    viewer: Viewer,
    mut query: Select<status::Entity>,
    cursor: (impl sea_orm::Iden, impl sea_orm::Iden),
    page: &Page,
) -> Result<Paged<StatusView>> {
    QuerySelect::query(&mut query).cond_where(visibility::visible_to(viewer));
    paging::narrow(QuerySelect::query(&mut query), cursor, page);
    let ids: Vec<StatusId> = query.select_only().column(status::Column::Id).into_tuple().all(db.reader()).await?;
    let ids = paging::in_order(ids, page);
    let paged = Paged::new(ids.iter().map(|id| (id.0, *id)).collect(), page.limit);
    let items = statuses::assemble(db, viewer, ids).await?;
    Ok(paged.with(items))
}
