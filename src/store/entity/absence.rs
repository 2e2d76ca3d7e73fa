//! Accounts elsewhere whose server says that they are not there.

use sea_orm::entity::prelude::*;

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "absence")]
pub struct Model {
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// When their server said so first.
    pub since: Moment,
}

impl ActiveModelBehavior for ActiveModel {}
