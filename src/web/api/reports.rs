//! Reporting somebody.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::actions::reports::{self, Complaint};
use crate::app::App;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::report::Category;
use crate::error::{Error, Result};
use crate::views;
use crate::web::api::entity::Report;
use crate::web::api::json;
use crate::web::caller::{Caller, WriteReports};
use crate::web::params::Params;

/// What is wrong with whom.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Form {
    account_id: Option<AccountId>,
    status_ids: Vec<StatusId>,
    comment: Option<String>,
    forward: Option<bool>,
    category: Option<String>,
}

/// `POST /api/v1/reports`
pub async fn create(
    State(app): State<App>,
    caller: Caller<WriteReports>,
    Params(form): Params<Form>,
) -> Result<Response> {
    let target = form.account_id.ok_or(Error::NotFound("account"))?;
    let category = match form.category.as_deref() {
        None | Some("") => Category::Other,
        Some(word) => word
            .parse()
            .map_err(|_| Error::field("category", "ERR_INCLUSION", "Category is not included in the list"))?,
    };
    let comment = form.comment.unwrap_or_default().trim().to_owned();
    let complaint = Complaint { target, statuses: form.status_ids, comment, category };
    let id = reports::report(&app, caller.account, complaint, form.forward.unwrap_or_default()).await?;
    json(&Report::new(&views::reports::one(&app.db, id).await?, &app.urls))
}
