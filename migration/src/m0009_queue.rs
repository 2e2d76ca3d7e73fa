//! Work that must happen later.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{id, index, unique};

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
            .table("job")
            .col(id(manager, "id"))
            .col(text("lane"))
            .col(text("payload"))
            .col(text_null("unique_key"))
            .col(integer("attempts"))
            .col(big_integer("run_at"))
            .col(big_integer_null("leased_until"))
            .col(big_integer_null("failed_at"))
            .col(text_null("last_error"))
            .col(big_integer("created_at"));
        manager.create_table(table).await?;
        manager.create_index(unique("job", &["unique_key"])).await?;
        manager.create_index(index("job", &["lane", "id"])).await?;
        let due = index("job", &["run_at"]).and_where(Expr::col("failed_at").is_null()).take();
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("job").take()).await
    }
}
