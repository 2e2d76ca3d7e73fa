//! What apps experience.

mod accounts;
mod featured_tags;
mod filters;
mod golden;
mod instance;
mod notifications;
mod oauth;
mod paging;
mod pins;
mod polls;
mod refusals;
mod statuses;
mod timelines;
