//! Reports, for those who keep the peace and for who made them.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::id::{AccountId, ReportId};
use crate::error::{Error, Result};
use crate::store::entity::{report, status};
use crate::store::{Db, bodies};
use crate::views::AccountView;

/// How many reports are listed at once.
const MOST: u64 = 200;

/// A report with those it is about.
#[derive(Debug, Clone)]
pub struct ReportView {
    /// The row.
    pub row: report::Model,
    /// Who reports; nobody when they are gone.
    pub by: Option<AccountView>,
    /// Who is reported.
    pub target: AccountView,
}

/// Reports, newest first; only those nobody has dealt with, unless `all` are wanted.
pub async fn list(db: &Db, all: bool) -> Result<Vec<ReportView>> {
    let mut query = report::Entity::find().order_by_desc(report::Column::Id).limit(MOST);
    if !all {
        query = query.filter(report::Column::ResolvedAt.is_null());
    }
    assemble(db, query.all(db.reader()).await?).await
}

/// One report.
pub async fn one(db: &Db, id: ReportId) -> Result<ReportView> {
    let row = report::Entity::find_by_id(id).one(db.reader()).await?.ok_or(Error::NotFound("report"))?;
    assemble(db, vec![row]).await?.pop().ok_or(Error::NotFound("report"))
}

/// The statuses a report is about, as far as they are still there, whoever may see them.
pub async fn cited(db: &Db, report: &ReportView) -> Result<Vec<status::Model>> {
    let named = report.row.status_ids.0.iter().copied();
    Ok(status::Entity::find().filter(status::Column::Id.is_in(named)).all(db.reader()).await?)
}

async fn assemble(db: &Db, rows: Vec<report::Model>) -> Result<Vec<ReportView>> {
    let people: Vec<AccountId> =
        rows.iter().flat_map(|row| row.account_id.into_iter().chain([row.target_id])).collect();
    let people = bodies::accounts(db, &people).await?;
    let views = rows.into_iter().filter_map(|row| {
        let by = row.account_id.and_then(|by| people.get(&by).cloned());
        Some(ReportView { target: people.get(&row.target_id)?.clone(), by, row })
    });
    Ok(views.collect())
}
