//! Filters: words and statuses a reader does not want to meet.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, id, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut filters = Table::create();
        filters
            .table("filter")
            .col(id(manager, "id"))
            .col(big_integer("account_id"))
            .col(text("title"))
            .col(json("context"))
            .col(text("action"))
            .col(big_integer_null("expires_at"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"));
        manager.create_table(filters).await?;
        manager.create_index(index("filter", &["account_id"])).await?;

        let mut keywords = Table::create();
        keywords
            .table("filter_keyword")
            .col(id(manager, "id"))
            .col(big_integer("filter_id"))
            .col(text("keyword"))
            .col(boolean("whole_word"))
            .foreign_key(&mut belongs_to("filter_id", "filter", "id"));
        manager.create_table(keywords).await?;
        manager.create_index(index("filter_keyword", &["filter_id"])).await?;

        let mut statuses = Table::create();
        statuses
            .table("filter_status")
            .col(id(manager, "id"))
            .col(big_integer("filter_id"))
            .col(big_integer("status_id"))
            .foreign_key(&mut belongs_to("filter_id", "filter", "id"))
            .foreign_key(&mut belongs_to("status_id", "status", "id"));
        manager.create_table(statuses).await?;
        manager.create_index(unique("filter_status", &["filter_id", "status_id"])).await?;
        manager.create_index(index("filter_status", &["status_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["filter_status", "filter_keyword", "filter"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
