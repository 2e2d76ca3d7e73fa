//! Everything that shows something, loaded in batches: a page costs as many statements as one entry.
//! Nothing is written here, and nothing here knows JSON, HTML or our addresses.
//! Start reading at `statuses.rs`.

pub mod accounts;
pub mod admin;
pub mod apps;
pub mod conversations;
pub mod deliveries;
pub mod featured_tags;
pub mod filters;
pub mod instance;
pub mod invites;
pub mod members;
pub mod notifications;
pub mod queues;
pub mod reports;
pub mod search;
pub mod sessions;
pub mod statuses;
pub mod timelines;

use std::sync::Arc;

use crate::store::entity;

/// An account as it is shown; nothing in it depends on the viewer.
pub type AccountView = Arc<entity::account::Model>;
