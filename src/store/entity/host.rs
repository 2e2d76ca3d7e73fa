//! Other servers, as far as deliveries go.

use sea_orm::entity::prelude::*;

use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "host")]
pub struct Model {
    /// The server.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Failures in a row.
    pub failures: i32,
    /// When they began.
    pub failing_since: Option<Moment>,
    /// Nothing is sent until then.
    pub not_before: Option<Moment>,
    /// When it last took something.
    pub last_success_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
