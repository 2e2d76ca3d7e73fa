//! Which accounts elsewhere are said to be gone, and since when.

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
            .table("absence")
            .col(big_integer("account_id").primary_key())
            .col(big_integer("since"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"));
        let table = clustered(manager, &mut table);
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("absence").take()).await
    }
}
