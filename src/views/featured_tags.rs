//! Hashtags that members show on their profile, and those they might.

use std::collections::HashMap;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::domain::id::{AccountId, FeaturedTagId, TagId};
use crate::domain::moment::Moment;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::store::entity::{featured_tag, status, status_tag, tag};
use crate::store::{Db, visibility};
use crate::views::AccountView;

/// How many hashtags are suggested.
const SUGGESTED: u64 = 10;

/// A hashtag on a profile.
#[derive(Debug, Clone)]
pub struct FeaturedTag {
    /// Names the place on the profile.
    pub id: FeaturedTagId,
    /// As tags are compared.
    pub name: String,
    /// As its owner writes it.
    pub display: String,
    /// How many posts of its owner carry it, as far as everybody may see them.
    pub uses: i64,
    /// When the last of them was written.
    pub last_used: Option<Moment>,
}

impl FeaturedTag {
    /// The page with the posts of its owner that carry it.
    pub fn url(&self, account: &AccountView) -> String {
        let name: String = url::form_urlencoded::byte_serialize(self.name.as_bytes()).collect();
        format!("{}?tagged={name}", account.url)
    }
}

/// The hashtags on a profile, the most used first.
pub async fn of(db: &Db, account: AccountId) -> Result<Vec<FeaturedTag>> {
    let shown = featured_tag::Entity::find()
        .find_also_related(tag::Entity)
        .filter(featured_tag::Column::AccountId.eq(account))
        .order_by_asc(featured_tag::Column::Id)
        .all(db.reader())
        .await?;
    if shown.is_empty() {
        return Ok(Vec::new());
    }
    let tags = shown.iter().map(|(shown, _)| shown.tag_id);
    let used = uses(account).filter(status_tag::Column::TagId.is_in(tags));
    let used: Vec<(TagId, i64, Option<Moment>)> = used.into_tuple().all(db.reader()).await?;
    let used: HashMap<TagId, (i64, Option<Moment>)> =
        used.into_iter().map(|(id, uses, last)| (id, (uses, last))).collect();
    let mut featured: Vec<FeaturedTag> = shown
        .into_iter()
        .filter_map(|(shown, tag)| {
            let (uses, last_used) = used.get(&shown.tag_id).copied().unwrap_or_default();
            Some(FeaturedTag { id: shown.id, name: tag?.name, display: shown.display, uses, last_used })
        })
        .collect();
    featured.sort_by_key(|featured| std::cmp::Reverse(featured.uses));
    Ok(featured)
}

/// One of the hashtags on a profile.
pub async fn one(db: &Db, account: AccountId, id: FeaturedTagId) -> Result<FeaturedTag> {
    of(db, account).await?.into_iter().find(|featured| featured.id == id).ok_or(Error::NotFound("featured tag"))
}

/// Hashtags that a member uses most and does not show yet.
pub async fn suggested(db: &Db, account: AccountId) -> Result<Vec<tag::Model>> {
    let mut shown = featured_tag::Entity::find().select_only().column(featured_tag::Column::TagId);
    shown = shown.filter(featured_tag::Column::AccountId.eq(account));
    let used = uses(account)
        .filter(status_tag::Column::TagId.not_in_subquery(sea_orm::QueryTrait::into_query(shown)))
        .order_by(Expr::col(Alias::new("uses")), Order::Desc)
        .order_by_asc(status_tag::Column::TagId)
        .limit(SUGGESTED);
    let used: Vec<(TagId, i64, Option<Moment>)> = used.into_tuple().all(db.reader()).await?;
    let ids: Vec<TagId> = used.into_iter().map(|(id, ..)| id).collect();
    let mut tags = tag::Entity::find().filter(tag::Column::Id.is_in(ids.iter().copied())).all(db.reader()).await?;
    tags.sort_by_key(|tag| ids.iter().position(|id| *id == tag.id));
    Ok(tags)
}

/// How often somebody has used each hashtag in what everybody may see, and when last.
fn uses(account: AccountId) -> Select<status_tag::Entity> {
    let carried = Expr::col((status_tag::Entity, status_tag::Column::StatusId));
    let mut query = status_tag::Entity::find()
        .select_only()
        .column(status_tag::Column::TagId)
        .column_as(Expr::col((status::Entity, status::Column::Id)).count(), "uses")
        .column_as(Expr::col((status::Entity, status::Column::CreatedAt)).max(), "last")
        .group_by(status_tag::Column::TagId);
    QuerySelect::query(&mut query)
        .inner_join(status::Entity, carried.equals((status::Entity, status::Column::Id)))
        .and_where(Expr::col((status::Entity, status::Column::AccountId)).eq(account))
        .cond_where(visibility::visible_to(Viewer::Anyone));
    query
}
