//! When somebody moved to another account, so that nobody moves on the next day.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer_null("moved_at").take();
        manager.alter_table(Table::alter().table("account").add_column(column).take()).await?;
        // Whoever goes is looked for among the places others have moved to.
        manager.create_index(index("account", &["moved_to_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("account_by_moved_to_id").table("account").to_owned()).await?;
        manager.alter_table(Table::alter().table("account").drop_column("moved_at").take()).await
    }
}
