//! To which thread and to which group a post belongs, by the word of its author.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["context_uri", "group_uri"] {
            manager.alter_table(Table::alter().table("status").add_column(string_null(column)).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["group_uri", "context_uri"] {
            manager.alter_table(Table::alter().table("status").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
