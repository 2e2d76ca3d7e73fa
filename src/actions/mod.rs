//! Everything that changes something: one action, one transaction.
//! HTTP, JSON, ActivityPub and reading for display do not live here.
//! Start reading at `statuses.rs`.

pub mod fanout;
pub mod follows;
pub mod interactions;
pub mod notify;
pub mod relations;
pub mod statuses;
