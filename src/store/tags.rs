//! Hashtags by name.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::text::Tag;
use crate::error::Result;
use crate::store::entity::tag;

/// The tag with this name, in the form in which tags are compared.
pub async fn by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<tag::Model>> {
    Ok(tag::Entity::find().filter(tag::Column::Name.eq(name)).one(db).await?)
}

/// The rows of `tags`, made where they were missing; `fresh` is a row for each.
pub async fn ensure(db: &impl ConnectionTrait, tags: &[Tag], fresh: Vec<tag::Model>) -> Result<Vec<tag::Model>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let rows = fresh.into_iter().map(|row| tag::ActiveModel {
        id: Set(row.id),
        name: Set(row.name),
        display: Set(row.display),
        created_at: Set(row.created_at),
    });
    let keep = OnConflict::column(tag::Column::Name).do_nothing().to_owned();
    tag::Entity::insert_many(rows).on_conflict(keep).exec_without_returning(db).await?;
    let wanted = tag::Column::Name.is_in(tags.iter().map(|tag| tag.key.as_str()));
    Ok(tag::Entity::find().filter(wanted).all(db).await?)
}

/// Tags whose name begins with `prefix`, shortest first.
pub async fn search(db: &impl ConnectionTrait, prefix: &str, limit: u64, offset: u64) -> Result<Vec<tag::Model>> {
    use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};

    let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let begins = LikeExpr::new(format!("{escaped}%")).escape('\\');
    let query = tag::Entity::find()
        .filter(Expr::col(tag::Column::Name).like(begins))
        .order_by_asc(Expr::expr(Func::char_length(Expr::col(tag::Column::Name))))
        .order_by_asc(tag::Column::Name)
        .limit(limit)
        .offset(offset);
    Ok(query.all(db).await?)
}
