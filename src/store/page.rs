//! Turns a page into `WHERE`, `ORDER BY` and `LIMIT`.

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Order, SelectStatement};

use crate::domain::page::Page;

/// Narrows `query` to a page along `cursor`.
///
/// With `min_id` the rows come oldest first; [`in_order`] turns them around.
pub fn narrow(query: &mut SelectStatement, cursor: impl IntoColumnRef, page: &Page) {
    let cursor = Expr::col(cursor);
    if let Some(max) = page.max_id {
        query.and_where(cursor.clone().lt(max));
    }
    if let Some(since) = page.since_id {
        query.and_where(cursor.clone().gt(since));
    }
    if let Some(min) = page.min_id {
        query.and_where(cursor.clone().gt(min));
    }
    let order = if page.min_id.is_some() { Order::Asc } else { Order::Desc };
    query.order_by_expr(cursor, order).limit(page.limit);
}

/// The rows of a narrowed query, newest first.
pub fn in_order<T>(mut rows: Vec<T>, page: &Page) -> Vec<T> {
    if page.min_id.is_some() {
        rows.reverse();
    }
    rows
}
