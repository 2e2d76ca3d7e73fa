//! What apps experience.

mod accounts;
mod filters;
mod instance;
mod notifications;
mod oauth;
mod paging;
mod refusals;
mod statuses;
mod timelines;
