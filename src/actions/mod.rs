//! Everything that changes something: one action, one transaction.
//! HTTP, JSON, ActivityPub and reading for display do not live here.
//! Start reading at `statuses.rs`.

pub mod accounts;
pub mod domains;
pub mod emojis;
pub mod fanout;
pub mod featured_tags;
pub mod filters;
pub mod follows;
pub mod interactions;
pub mod invites;
pub mod mail;
pub mod markers;
pub mod moves;
pub mod notifications;
pub mod notify;
pub mod oauth;
pub mod pins;
pub mod polls;
pub mod quotes;
pub mod reactions;
pub mod relations;
pub mod relays;
pub mod reports;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_up;
pub mod statuses;
pub mod synchronisation;
