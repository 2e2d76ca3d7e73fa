//! What somebody is to the reader.

use serde::Serialize;

use crate::domain::id::AccountId;
use crate::views::accounts::Relationship as View;
use crate::web::api::entity::print::Time;

/// What somebody is to the reader; every flag must be there, or apps cannot read any.
#[derive(Debug, Serialize)]
pub struct Relationship<'a> {
    id: AccountId,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<&'a [String]>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    muting_expires_at: Option<Time>,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: &'static str,
}

impl<'a> Relationship<'a> {
    /// Prints what the account `id` is to the reader.
    pub fn new(id: AccountId, view: &'a View) -> Self {
        Self {
            id,
            following: view.following,
            showing_reblogs: view.showing_reblogs,
            notifying: view.notifying,
            languages: Some(view.languages.as_slice()).filter(|languages| !languages.is_empty()),
            followed_by: view.followed_by,
            blocking: view.blocking,
            blocked_by: view.blocked_by,
            muting: view.muting,
            muting_notifications: view.muting_notifications,
            muting_expires_at: view.muting_expires_at.map(Time),
            requested: view.requested,
            requested_by: view.requested_by,
            domain_blocking: false,
            endorsed: false,
            note: "",
        }
    }

    /// Prints what several accounts are to the reader.
    pub fn all(views: &'a [(AccountId, View)]) -> Vec<Self> {
        views.iter().map(|(id, view)| Self::new(*id, view)).collect()
    }
}
