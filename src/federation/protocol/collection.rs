//! Collections of ours: how long a list is, and its pages.

use serde::Serialize;
use serde_json::Value;

/// An ordered collection, told by its size and its first page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderedCollection {
    /// Its id.
    pub id: String,
    /// `OrderedCollection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
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
