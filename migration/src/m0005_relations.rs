//! What accounts are to each other, and what they think of statuses.

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
        follows(manager).await?;
        blocks(manager).await?;
        favourites(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["favourite", "mute", "block", "follow"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn follows(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("follow")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(big_integer("target_id"))
        .col(text("uri"))
        .col(boolean("accepted"))
        .col(boolean("show_reblogs"))
        .col(boolean("notify"))
        .col(json("languages"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("target_id", "account", "id"));
    manager.create_table(table).await?;
    manager.create_index(unique("follow", &["account_id", "target_id"])).await?;
    manager.create_index(unique("follow", &["uri"])).await?;
    manager.create_index(index("follow", &["target_id", "id"])).await
}

async fn blocks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut blocks = Table::create();
    blocks
        .table("block")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(big_integer("target_id"))
        .col(text("uri"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("target_id", "account", "id"));
    manager.create_table(blocks).await?;
    manager.create_index(unique("block", &["account_id", "target_id"])).await?;
    manager.create_index(index("block", &["target_id"])).await?;

    let mut mutes = Table::create();
    mutes
        .table("mute")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(big_integer("target_id"))
        .col(boolean("notifications"))
        .col(big_integer_null("expires_at"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("target_id", "account", "id"));
    manager.create_table(mutes).await?;
    manager.create_index(unique("mute", &["account_id", "target_id"])).await?;
    manager.create_index(index("mute", &["target_id"])).await
}

async fn favourites(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("favourite")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(big_integer("status_id"))
        .col(text("uri"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(table).await?;
    manager.create_index(unique("favourite", &["account_id", "status_id"])).await?;
    manager.create_index(unique("favourite", &["uri"])).await?;
    manager.create_index(index("favourite", &["status_id", "id"])).await
}
