//! What is laid out for a reader: home timelines, notifications, reading positions.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, clustered, id, index, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        home(manager).await?;
        notifications(manager).await?;
        markers(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["marker", "notification", "home_entry"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn home(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("home_entry")
        .col(big_integer("account_id"))
        .col(big_integer("status_id"))
        .primary_key(Index::create().col("account_id").col("status_id"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(clustered(manager, &mut table)).await?;
    manager.create_index(index("home_entry", &["status_id"])).await
}

async fn notifications(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("notification")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(text("kind"))
        .col(big_integer("from_id"))
        .col(big_integer_null("status_id"))
        // Says what may be notified only once, such as `favourite-7-42`.
        .col(text("cause"))
        .col(text("group_key"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("from_id", "account", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(table).await?;
    manager.create_index(unique("notification", &["account_id", "cause"])).await?;
    manager.create_index(index("notification", &["account_id", "id"])).await?;
    manager.create_index(index("notification", &["status_id"])).await?;
    manager.create_index(index("notification", &["from_id"])).await
}

async fn markers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("marker")
        .col(big_integer("account_id"))
        .col(text("timeline"))
        .col(text("last_read_id"))
        .col(integer("version"))
        .col(big_integer("updated_at"))
        .primary_key(Index::create().col("account_id").col("timeline"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"));
    manager.create_table(clustered(manager, &mut table)).await
}
