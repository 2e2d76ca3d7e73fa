//! Activities as other servers send them, and as we send ours.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::federation::protocol::shape::{self, Ids};

/// An activity of another server: what is said, by whom, about what.
#[derive(Debug, Clone, Deserialize)]
pub struct Activity {
    /// Its id, which some servers leave out.
    #[serde(default, deserialize_with = "shape::text")]
    pub id: Option<String>,
    /// What is done.
    #[serde(rename = "type", deserialize_with = "shape::kind")]
    pub kind: String,
    /// By whom.
    #[serde(default)]
    pub actor: Ids,
    /// To what: an id, an object, or several.
    #[serde(default)]
    pub object: Value,
    /// To which collection.
    #[serde(default)]
    pub target: Value,
    /// With what, as whoever wants to quote says it.
    #[serde(default)]
    pub instrument: Value,
    /// What came of it, as approvals are.
    #[serde(default)]
    pub result: Value,
    /// What is said about it, as reports do.
    #[serde(default, deserialize_with = "shape::text")]
    pub content: Option<String>,
    /// Whom it is for.
    #[serde(default)]
    pub to: Ids,
    /// Whom it is for as well.
    #[serde(default)]
    pub cc: Ids,
    /// When it was published.
    #[serde(default, deserialize_with = "shape::text")]
    pub published: Option<String>,
}

/// An activity of ours.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OwnActivity {
    /// Its id.
    pub id: String,
    /// What is done.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// By whom.
    pub actor: String,
    /// To what.
    pub object: Value,
    /// To which collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<Value>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Whom it is for as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
}
