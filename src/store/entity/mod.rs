//! The tables, one file each: what a row holds.
//! No queries live here.
//! Start reading at `account.rs` and `status.rs`.

pub mod absence;
pub mod account;
pub mod account_key;
pub mod activity;
pub mod app;
pub mod auth_code;
pub mod block;
pub mod delivery;
pub mod domain_block;
pub mod emoji;
pub mod favourite;
pub mod featured_tag;
pub mod filter;
pub mod filter_keyword;
pub mod filter_status;
pub mod follow;
pub mod home_entry;
pub mod host;
pub mod idempotency_key;
pub mod invite;
pub mod job;
pub mod marker;
pub mod media;
pub mod member;
pub mod mention;
pub mod mute;
pub mod notification;
pub mod pin;
pub mod poll;
pub mod poll_vote;
pub mod reaction;
pub mod received;
pub mod relay;
pub mod report;
pub mod revision;
pub mod session;
pub mod setting;
pub mod status;
pub mod status_tag;
pub mod tag;
pub mod thread_fetch;
pub mod token;
pub mod tombstone;
