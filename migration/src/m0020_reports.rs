//! Reports about accounts and what they wrote, for those who keep the peace.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, id, index, may_point_to, unique};

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
            .table("report")
            .col(id(manager, "id"))
            .col(big_integer_null("account_id"))
            .col(big_integer("target_id"))
            .col(json("status_ids"))
            .col(text("comment"))
            .col(text("category"))
            .col(text_null("uri"))
            .col(boolean("forwarded"))
            .col(big_integer("created_at"))
            .col(big_integer_null("resolved_at"))
            .foreign_key(&mut may_point_to("account_id", "account", "id"))
            .foreign_key(&mut belongs_to("target_id", "account", "id"));
        manager.create_table(table).await?;
        manager.create_index(index("report", &["account_id"])).await?;
        manager.create_index(index("report", &["target_id"])).await?;
        manager.create_index(unique("report", &["uri"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("report").take()).await
    }
}
