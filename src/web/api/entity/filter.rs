//! Filters, in the form of today and in the one old apps know.

use serde::Serialize;

use crate::domain::filter::FilterAction;
use crate::domain::id::{FilterId, FilterKeywordId, FilterStatusId, StatusId};
use crate::views::filters::{FilterMatch, FilterRow, FilterView, KeywordRow, PickRow};
use crate::web::api::entity::print::Time;

/// A filter with everything in it.
#[derive(Debug, Serialize)]
pub struct Filter<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    keywords: Vec<FilterKeyword<'a>>,
    statuses: Vec<FilterStatus>,
}

/// A filter without what is in it.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    id: FilterId,
    title: &'a str,
    context: &'a [String],
    expires_at: Option<Time>,
    filter_action: FilterAction,
}

fn summary(filter: &FilterRow) -> Summary<'_> {
    Summary {
        id: filter.id,
        title: &filter.title,
        context: &filter.context.0,
        expires_at: filter.expires_at.map(Time),
        filter_action: filter.action,
    }
}

impl<'a> Filter<'a> {
    /// Prints a filter.
    pub fn new(view: &'a FilterView) -> Self {
        Self {
            summary: summary(&view.filter),
            keywords: view.keywords.iter().map(FilterKeyword::new).collect(),
            statuses: view.statuses.iter().map(FilterStatus::new).collect(),
        }
    }
}

/// A word of a filter.
#[derive(Debug, Serialize)]
pub struct FilterKeyword<'a> {
    id: FilterKeywordId,
    keyword: &'a str,
    whole_word: bool,
}

impl<'a> FilterKeyword<'a> {
    /// Prints a word.
    pub fn new(keyword: &'a KeywordRow) -> Self {
        Self { id: keyword.id, keyword: &keyword.keyword, whole_word: keyword.whole_word }
    }
}

/// A status picked by a filter.
#[derive(Debug, Serialize)]
pub struct FilterStatus {
    id: FilterStatusId,
    status_id: StatusId,
}

impl FilterStatus {
    /// Prints a pick.
    pub fn new(pick: &PickRow) -> Self {
        Self { id: pick.id, status_id: pick.status_id }
    }
}

/// A filter that matches a status, and by what.
#[derive(Debug, Serialize)]
pub struct FilterResult<'a> {
    filter: Summary<'a>,
    keyword_matches: Option<&'a [String]>,
    status_matches: Option<&'a [StatusId]>,
}

impl<'a> FilterResult<'a> {
    /// Prints a match.
    pub fn new(found: &'a FilterMatch) -> Self {
        Self {
            filter: summary(&found.filter),
            keyword_matches: Some(found.keywords.as_slice()).filter(|keywords| !keywords.is_empty()),
            status_matches: Some(found.statuses.as_slice()).filter(|statuses| !statuses.is_empty()),
        }
    }
}

/// One word of a filter, as old apps know filters.
#[derive(Debug, Serialize)]
pub struct FilterV1<'a> {
    id: FilterKeywordId,
    phrase: &'a str,
    context: &'a [String],
    whole_word: bool,
    expires_at: Option<Time>,
    irreversible: bool,
}

impl<'a> FilterV1<'a> {
    /// Prints a word with the filter it belongs to.
    pub fn new(filter: &'a FilterRow, keyword: &'a KeywordRow) -> Self {
        Self {
            id: keyword.id,
            phrase: &keyword.keyword,
            context: &filter.context.0,
            whole_word: keyword.whole_word,
            expires_at: filter.expires_at.map(Time),
            irreversible: filter.action == FilterAction::Hide,
        }
    }
}
