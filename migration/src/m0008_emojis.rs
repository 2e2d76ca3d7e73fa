//! Custom emoji of this server.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{id, unique};

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
            .table("emoji")
            .col(id(manager, "id"))
            .col(text("shortcode"))
            .col(text_null("category"))
            .col(text("mime_type"))
            // Emoji are small and few; in the database they travel with its backups.
            .col(blob("image"))
            .col(text("file_name"))
            .col(boolean("visible_in_picker"))
            .col(big_integer("created_at"));
        manager.create_table(table).await?;
        manager.create_index(unique("emoji", &["shortcode"])).await?;
        manager.create_index(unique("emoji", &["file_name"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("emoji").take()).await
    }
}
