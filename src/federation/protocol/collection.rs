//! Collections of ours: how long a list is, and its pages.

use serde::Serialize;
use serde_json::Value;

use crate::domain::id::StatusId;
use crate::domain::page::Paged;

/// An ordered collection, told by its size and its first page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderedCollection {
    /// Its id.
    pub id: String,
    /// `OrderedCollection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whose it is, where that does not go without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributed_to: Option<String>,
    /// Its size.
    pub total_items: i64,
    /// Its newest page, unless the members are told here or not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Its oldest page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Its members, when they are few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_items: Option<Vec<Value>>,
}

/// A page of an ordered collection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderedCollectionPage {
    /// Its id.
    pub id: String,
    /// `OrderedCollectionPage`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The collection.
    pub part_of: String,
    /// The page of older members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The page of newer members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// The members, newest first.
    pub ordered_items: Vec<Value>,
}

impl OrderedCollectionPage {
    /// The page of `collection` that holds what is older than `before`, or the oldest that is newer than `after`.
    pub fn of(collection: String, before: Option<StatusId>, after: Option<StatusId>, items: Paged<Value>) -> Self {
        let at = |cursor: &str, id: i64| format!("{collection}?page=true&{cursor}={id}");
        // From the old end there may be a fuller page, from the new end there may be none after a short one.
        let bounds = items.bounds;
        let next = bounds.filter(|bounds| bounds.full || after.is_some()).map(|bounds| at("max_id", bounds.oldest));
        let prev = bounds.filter(|_| before.is_some() || after.is_some()).map(|bounds| at("min_id", bounds.newest));
        Self {
            id: match (before, after) {
                (Some(id), _) => at("max_id", id.0),
                (None, Some(id)) => at("min_id", id.0),
                (None, None) => format!("{collection}?page=true"),
            },
            kind: "OrderedCollectionPage",
            next,
            prev,
            part_of: collection,
            ordered_items: items.items,
        }
    }
}
