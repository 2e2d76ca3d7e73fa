//! What members are told, and how far they have read.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app::App;
use crate::domain::id::NotificationId;
use crate::domain::notification::NotificationKind;
use crate::views::notifications::{Mark, NotificationView};
use crate::web::api::entity::print::Time;
use crate::web::api::entity::{Account, Status};

/// Something a member is told.
#[derive(Debug, Serialize)]
pub struct Notification<'a> {
    id: NotificationId,
    r#type: NotificationKind,
    created_at: Time,
    group_key: &'a str,
    account: Account<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Event<'a>>,
}

/// What was lost when a server was shut out.
#[derive(Debug, Serialize)]
struct Event<'a> {
    id: NotificationId,
    r#type: &'static str,
    purged: bool,
    target_name: &'a str,
    followers_count: i64,
    following_count: i64,
    created_at: Time,
}

impl<'a> Notification<'a> {
    /// Prints a notification.
    pub fn new(view: &'a NotificationView, app: &'a App) -> Self {
        Self {
            id: view.row.id,
            r#type: view.row.kind,
            created_at: Time(view.row.created_at),
            group_key: &view.row.group_key,
            account: Account::new(&view.from, &app.urls),
            status: view.status.as_ref().map(|status| Status::new(status, app)),
            event: view.row.severance.as_ref().map(|severance| Event {
                id: view.row.id,
                r#type: "domain_block",
                purged: false,
                target_name: &severance.domain,
                followers_count: severance.followers,
                following_count: severance.following,
                created_at: Time(view.row.created_at),
            }),
        }
    }
}

/// How far a timeline was read.
#[derive(Debug, Serialize)]
pub struct Marker<'a> {
    last_read_id: &'a str,
    version: i32,
    updated_at: Time,
}

impl<'a> Marker<'a> {
    /// Prints marks by the name of their timeline.
    pub fn all(marks: &'a [Mark]) -> BTreeMap<&'a str, Self> {
        let print = |mark: &'a Mark| {
            let marker =
                Self { last_read_id: &mark.last_read_id, version: mark.version, updated_at: Time(mark.updated_at) };
            (mark.timeline.as_str(), marker)
        };
        marks.iter().map(print).collect()
    }
}
