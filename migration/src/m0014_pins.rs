//! What people show first on their profile.

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
        let mut pins = Table::create();
        pins.table("pin")
            .col(big_integer("account_id"))
            .col(big_integer("status_id"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("account_id").col("status_id"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"))
            .foreign_key(&mut belongs_to("status_id", "status", "id"));
        let pins = clustered(manager, &mut pins);
        manager.create_table(pins).await?;
        manager.create_index(index("pin", &["status_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("pin").take()).await
    }
}
