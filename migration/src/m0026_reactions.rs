//! Further reactions of people who like a post already.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, clustered, index};

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
            .table("reaction")
            .col(string("uri").primary_key())
            .col(big_integer("account_id"))
            .col(big_integer("status_id"))
            .col(big_integer("created_at"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"))
            .foreign_key(&mut belongs_to("status_id", "status", "id"));
        let table = clustered(manager, &mut table);
        manager.create_table(table).await?;
        manager.create_index(index("reaction", &["account_id", "status_id"])).await?;
        manager.create_index(index("reaction", &["status_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("reaction").take()).await
    }
}
