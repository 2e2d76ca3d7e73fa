//! Hashtags that members show on their profile.

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
        let mut table = Table::create();
        table
            .table("featured_tag")
            .col(id(manager, "id"))
            .col(big_integer("account_id"))
            .col(big_integer("tag_id"))
            .col(string("display"))
            .col(big_integer("created_at"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"))
            .foreign_key(&mut belongs_to("tag_id", "tag", "id"));
        manager.create_table(table.take()).await?;
        manager.create_index(unique("featured_tag", &["account_id", "tag_id"])).await?;
        manager.create_index(index("featured_tag", &["tag_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("featured_tag").take()).await
    }
}
