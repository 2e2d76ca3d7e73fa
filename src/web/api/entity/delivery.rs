//! How a post fares on its way to other servers.

use serde::Serialize;

use crate::domain::delivery::DeliveryState;
use crate::views::deliveries::Report;
use crate::web::api::entity::print::Time;

/// How one server fares with a post.
#[derive(Debug, Serialize)]
pub struct Delivery<'a> {
    host: &'a str,
    state: DeliveryState,
    attempts: i32,
    last_status: Option<i32>,
    last_error: Option<&'a str>,
    next_attempt_at: Option<Time>,
    finished_at: Option<Time>,
}

impl<'a> Delivery<'a> {
    /// Prints a report.
    pub fn new(report: &'a Report) -> Self {
        Self {
            host: &report.host,
            state: report.state,
            attempts: report.attempts,
            last_status: report.last_status,
            last_error: report.last_error.as_deref(),
            next_attempt_at: report.next_attempt_at.map(Time),
            finished_at: report.finished_at.map(Time),
        }
    }
}
