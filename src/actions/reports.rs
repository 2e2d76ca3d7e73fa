//! Reports: made by members, brought by other servers, settled by those who keep the peace.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::actions::mail;
use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::id::{AccountId, ReportId, StatusId};
use crate::domain::report::{Category, Cited, LONGEST_COMMENT, MOST_CITED};
use crate::domain::visibility::Viewer;
use crate::error::{Error, Problem, Result};
use crate::store::entity::{account, report, status};
use crate::store::{accounts, visibility};

/// What somebody reports.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// Who is reported.
    pub target: AccountId,
    /// Which statuses of theirs are meant.
    pub statuses: Vec<StatusId>,
    /// What is wrong, plain text.
    pub comment: String,
    /// What sort of thing is wrong.
    pub category: Category,
}

/// A member reports somebody; with `forward`, the server of that person hears of it too, but not who told.
pub async fn report(app: &App, by: AccountId, mut complaint: Complaint, forward: bool) -> Result<ReportId> {
    complaint.statuses.sort_unstable();
    complaint.statuses.dedup();
    if complaint.comment.chars().count() > LONGEST_COMMENT {
        let description = format!("Comment is too long (maximum is {LONGEST_COMMENT} characters)");
        return Err(Error::Validation(vec![Problem { field: "comment", code: "ERR_TOO_LONG", description }]));
    }
    let mut change = app.begin().await?;
    let target = accounts::find(change.tx(), complaint.target).await?;
    if target.id == by || target.pending {
        return Err(Error::NotFound("account"));
    }
    // Nobody reports what they cannot read: the answer would tell that it is there.
    let seen = visibility::among(change.tx(), Viewer::Member(by), &complaint.statuses).await?;
    let cited: Vec<StatusId> =
        of_target(&change, &complaint).await?.into_iter().filter(|id| seen.contains(id)).collect();
    if cited.len() < complaint.statuses.len().min(MOST_CITED) {
        return Err(Error::NotFound("status"));
    }
    let forwarded = forward && target.host.is_some();
    let (id, reporter) = (app.id(), accounts::find(change.tx(), by).await?);
    let row = row(&change, id, &reporter, complaint, cited, forwarded, None);
    insert(&mut change, row, &reporter, &target).await?;
    if forwarded {
        change.record(Event::Reported { account: by, report: id }).await?;
    }
    change.commit().await?;
    Ok(id)
}

/// Takes in what another server reports of a member. The same report counts once.
pub async fn receive(app: &App, by: &account::Model, complaint: Complaint, uri: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let target = accounts::find(change.tx(), complaint.target).await?;
    if target.host.is_some() {
        return Ok(());
    }
    let cited = of_target(&change, &complaint).await?;
    let row = row(&change, app.id(), by, complaint, cited, false, Some(uri.to_owned()));
    insert(&mut change, row, by, &target).await?;
    change.commit().await
}

/// Notes that somebody dealt with a report.
pub async fn resolve(app: &App, id: ReportId) -> Result<()> {
    let change = app.begin().await?;
    let known = report::Entity::find_by_id(id).one(change.tx()).await?.ok_or(Error::NotFound("report"))?;
    if known.resolved_at.is_none() {
        let mut row = known.into_active_model();
        row.resolved_at = Set(Some(app.now()));
        row.update(change.tx()).await?;
    }
    change.commit().await
}

/// Those of the statuses that are really by whom the report is about.
async fn of_target(change: &Change, complaint: &Complaint) -> Result<Vec<StatusId>> {
    let named = complaint.statuses.iter().copied().take(MOST_CITED);
    let query = status::Entity::find()
        .select_only()
        .column(status::Column::Id)
        .filter(status::Column::Id.is_in(named))
        .filter(status::Column::AccountId.eq(complaint.target));
    Ok(query.into_tuple().all(change.tx()).await?)
}

fn row(
    change: &Change,
    id: ReportId,
    by: &account::Model,
    complaint: Complaint,
    cited: Vec<StatusId>,
    forwarded: bool,
    uri: Option<String>,
) -> report::Model {
    report::Model {
        id,
        account_id: Some(by.id),
        target_id: complaint.target,
        status_ids: Cited(cited),
        comment: complaint.comment,
        category: complaint.category,
        uri,
        forwarded,
        created_at: change.now(),
        resolved_at: None,
    }
}

async fn insert(change: &mut Change, row: report::Model, by: &account::Model, target: &account::Model) -> Result<()> {
    let (id, comment) = (row.id, row.comment.clone());
    let keep = OnConflict::column(report::Column::Uri).do_nothing().to_owned();
    let row = row.into_active_model().reset_all();
    if report::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await? == 0 {
        return Ok(());
    }
    tracing::info!(report = %id, by = %by.uri, about = %target.uri, "somebody was reported");
    mail::tell_moderators(change, id, by, target, &comment).await
}
