//! Relays, through which public posts come and go.

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
        let mut relays = Table::create();
        relays
            .table("relay")
            .col(id(manager, "id"))
            .col(string("kind"))
            .col(string("inbox_url"))
            .col(big_integer_null("account_id"))
            .col(string("follow_uri"))
            .col(string("state"))
            .col(big_integer("created_at"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"));
        manager.create_table(relays.take()).await?;
        manager.create_index(unique("relay", &["inbox_url"])).await?;
        manager.create_index(unique("relay", &["follow_uri"])).await?;
        manager.create_index(index("relay", &["account_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("relay").take()).await
    }
}
