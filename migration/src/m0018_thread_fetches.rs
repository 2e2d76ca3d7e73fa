//! When the thread around a status was last filled in from other servers, and what could not be reached.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, clustered};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("thread_fetch")
            .col(big_integer("status_id").primary_key())
            .col(big_integer("fetched_at"))
            .col(integer("unreachable"))
            .foreign_key(&mut belongs_to("status_id", "status", "id"));
        let table = clustered(manager, &mut table);
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("thread_fetch").take()).await
    }
}
