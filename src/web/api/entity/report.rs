//! Reports, as their author sees them.

use serde::Serialize;

use crate::app::Urls;
use crate::domain::id::{ReportId, StatusId};
use crate::domain::report::Category;
use crate::views::reports::ReportView;
use crate::web::api::entity::Account;
use crate::web::api::entity::print::Time;

/// What somebody reported.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    id: ReportId,
    action_taken: bool,
    action_taken_at: Option<Time>,
    category: Category,
    comment: &'a str,
    forwarded: bool,
    created_at: Time,
    status_ids: &'a [StatusId],
    rule_ids: [&'static str; 0],
    collection_ids: [&'static str; 0],
    target_account: Account<'a>,
}

impl<'a> Report<'a> {
    /// Prints a report.
    pub fn new(view: &'a ReportView, urls: &'a Urls) -> Self {
        Self {
            id: view.row.id,
            action_taken: view.row.resolved_at.is_some(),
            action_taken_at: view.row.resolved_at.map(Time),
            category: view.row.category,
            comment: &view.row.comment,
            forwarded: view.row.forwarded,
            created_at: Time(view.row.created_at),
            status_ids: &view.row.status_ids.0,
            rule_ids: [],
            collection_ids: [],
            target_account: Account::new(&view.target, urls),
        }
    }
}
