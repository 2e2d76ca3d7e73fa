//! Servers can be held at arm's length instead of being shut out, and members are told what they lose by it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text("severity").default("suspend").take(),
            boolean("reject_media").default(false).take(),
            boolean("reject_reports").default(false).take(),
            text("public_comment").default("").take(),
        ] {
            manager.alter_table(Table::alter().table("domain_block").add_column(column).take()).await?;
        }
        let without_media = boolean("without_media").default(false).take();
        manager.alter_table(Table::alter().table("account").add_column(without_media).take()).await?;
        let severance = json_null("severance").take();
        manager.alter_table(Table::alter().table("notification").add_column(severance).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("notification").drop_column("severance").take()).await?;
        manager.alter_table(Table::alter().table("account").drop_column("without_media").take()).await?;
        for column in ["severity", "reject_media", "reject_reports", "public_comment"] {
            manager.alter_table(Table::alter().table("domain_block").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
