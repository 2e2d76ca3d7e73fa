//! Filters, and which of them match a status.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::html;
use crate::domain::id::{AccountId, FilterId, FilterKeywordId, FilterStatusId, StatusId};
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::store::Db;
use crate::store::bodies::Body;
use crate::store::entity::{filter, filter_keyword, filter_status};

pub use crate::store::entity::filter::Model as FilterRow;
pub use crate::store::entity::filter_keyword::Model as KeywordRow;
pub use crate::store::entity::filter_status::Model as PickRow;

/// A filter with its words and the statuses it picks.
#[derive(Debug, Clone)]
pub struct FilterView {
    /// The filter itself.
    pub filter: filter::Model,
    /// Its words.
    pub keywords: Vec<filter_keyword::Model>,
    /// The statuses it picks.
    pub statuses: Vec<filter_status::Model>,
}

/// A filter that matches a status, and by what.
#[derive(Debug, Clone)]
pub struct FilterMatch {
    /// The filter itself.
    pub filter: filter::Model,
    /// The words that were found.
    pub keywords: Vec<String>,
    /// The statuses that were picked.
    pub statuses: Vec<StatusId>,
}

/// The filters of a reader, oldest first. One statement for those who have none.
pub async fn of(db: &Db, reader: AccountId) -> Result<Vec<FilterView>> {
    let filters = filter::Entity::find()
        .filter(filter::Column::AccountId.eq(reader))
        .order_by_asc(filter::Column::Id)
        .all(db.reader())
        .await?;
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FilterId> = filters.iter().map(|filter| filter.id).collect();
    let keywords = filter_keyword::Entity::find()
        .filter(filter_keyword::Column::FilterId.is_in(ids.iter().copied()))
        .order_by_asc(filter_keyword::Column::Id)
        .all(db.reader())
        .await?;
    let statuses = filter_status::Entity::find()
        .filter(filter_status::Column::FilterId.is_in(ids))
        .order_by_asc(filter_status::Column::Id)
        .all(db.reader())
        .await?;
    let views = filters.into_iter().map(|filter| FilterView {
        keywords: keywords.iter().filter(|keyword| keyword.filter_id == filter.id).cloned().collect(),
        statuses: statuses.iter().filter(|status| status.filter_id == filter.id).cloned().collect(),
        filter,
    });
    Ok(views.collect())
}

/// One filter of a reader.
pub async fn one(db: &Db, reader: AccountId, id: FilterId) -> Result<FilterView> {
    let found = of(db, reader).await?.into_iter().find(|view| view.filter.id == id);
    found.ok_or(Error::NotFound("filter"))
}

/// A word of a reader's filters, with the filter it belongs to.
pub async fn keyword(db: &Db, reader: AccountId, id: FilterKeywordId) -> Result<(FilterView, KeywordRow)> {
    let found = of(db, reader).await?.into_iter().find_map(|view| {
        let keyword = view.keywords.iter().find(|keyword| keyword.id == id)?.clone();
        Some((view, keyword))
    });
    found.ok_or(Error::NotFound("keyword"))
}

/// A status that one of a reader's filters picks.
pub async fn pick(db: &Db, reader: AccountId, id: FilterStatusId) -> Result<PickRow> {
    let mut picks = of(db, reader).await?.into_iter().flat_map(|view| view.statuses);
    picks.find(|pick| pick.id == id).ok_or(Error::NotFound("filter status"))
}

/// Those of the filters that match a status.
pub fn matching(filters: &[FilterView], body: &Body) -> Vec<FilterMatch> {
    if filters.is_empty() {
        return Vec::new();
    }
    let text = searchable(body);
    let matches = filters.iter().filter_map(|view| {
        let keywords: Vec<String> = view
            .keywords
            .iter()
            .filter(|keyword| contains(&text, &keyword.keyword.to_lowercase(), keyword.whole_word))
            .map(|keyword| keyword.keyword.clone())
            .collect();
        let statuses: Vec<StatusId> =
            view.statuses.iter().map(|pick| pick.status_id).filter(|id| *id == body.status.id).collect();
        let hit = !keywords.is_empty() || !statuses.is_empty();
        hit.then(|| FilterMatch { filter: view.filter.clone(), keywords, statuses })
    });
    matches.collect()
}

/// Whether a filter still holds.
pub fn holds(filter: &filter::Model, now: Moment) -> bool {
    filter.expires_at.is_none_or(|end| end > now)
}

fn searchable(body: &Body) -> String {
    let status = &body.status;
    let mut text = format!("{}\n{}\n{}", status.spoiler_text, status.title, html::to_text(&status.content));
    for media in &body.media {
        text.push('\n');
        text.push_str(&media.description);
    }
    text.to_lowercase()
}

/// Whether `keyword` occurs; as a whole word it may not touch letters where it begins or ends with one itself.
fn contains(text: &str, keyword: &str, whole_word: bool) -> bool {
    if keyword.is_empty() {
        return false;
    }
    if !whole_word {
        return text.contains(keyword);
    }
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (first, last) = (keyword.chars().next(), keyword.chars().next_back());
    text.match_indices(keyword).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !(is_word(first) && is_word(before) || is_word(last) && is_word(after))
    })
}
