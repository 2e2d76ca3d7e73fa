//! Words of the trade and pure rules, known to every room.
//! No queries, no HTTP, no files, nothing that waits.
//! Start reading at `visibility.rs`, `event.rs` and `policy.rs`.

pub mod account;
pub mod delivery;
pub mod event;
pub mod filter;
pub mod handle;
pub mod html;
pub mod id;
pub mod job;
pub mod moment;
pub mod multikey;
pub mod notification;
pub mod origin;
pub mod page;
pub mod policy;
pub mod poll;
pub mod quote;
pub mod relay;
pub mod remote;
pub mod report;
pub mod scope;
pub mod settings;
pub mod severity;
pub mod status;
pub mod text;
pub mod visibility;
