//! Reports about accounts and what they wrote.

use sea_orm::entity::prelude::*;

use crate::domain::id::{AccountId, ReportId};
use crate::domain::moment::Moment;
use crate::domain::report::{Category, Cited};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "report")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportId,
    /// Who reports; other servers do so in their own name. Nobody, when they are gone.
    pub account_id: Option<AccountId>,
    /// Who is reported.
    pub target_id: AccountId,
    /// Which statuses of theirs are meant.
    pub status_ids: Cited,
    /// What is wrong, plain text.
    pub comment: String,
    /// What sort of thing is wrong.
    pub category: Category,
    /// The id of the Flag activity; reports from elsewhere only.
    pub uri: Option<String>,
    /// Whether the server of who is reported was told.
    pub forwarded: bool,
    /// When it was made.
    pub created_at: Moment,
    /// When somebody dealt with it.
    pub resolved_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
