//! The JSON of the client API: what every app reads.
//! No queries and no decisions live here; each type is printed from one view.
//! Start reading at `status.rs` and `account.rs`.

mod account;
mod app;
mod delivery;
mod filter;
pub mod instance;
mod media;
mod notification;
mod poll;
mod print;
mod relationship;
mod report;
mod status;
mod tag;

pub use account::{Account, CredentialAccount, CustomEmoji, MutedAccount};
pub use app::{Application, Preferences, RegisteredApplication, Token};
pub use delivery::Delivery;
pub use filter::{Filter, FilterKeyword, FilterResult, FilterStatus, FilterV1};
pub use media::MediaAttachment;
pub use notification::{Marker, Notification};
pub use poll::Poll;
pub use relationship::Relationship;
pub use report::Report;
pub use status::{Context, Status, StatusEdit, StatusSource};
pub use tag::{FeaturedTag, Search, Tag};
