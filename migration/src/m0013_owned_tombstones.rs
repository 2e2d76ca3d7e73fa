//! A deletion counts for what its sender wrote, and an account is known by the host of its id as well.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::ConnectionTrait};

use crate::dialect::{clustered, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("tombstone").take()).await?;
        let mut tombstones = Table::create();
        tombstones
            .table("tombstone")
            .col(text("uri"))
            .col(big_integer("author_id"))
            .col(boolean("local"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("uri").col("author_id"));
        let tombstones = clustered(manager, &mut tombstones);
        manager.create_table(tombstones).await?;
        manager.create_index(index("tombstone", &["created_at"])).await?;

        let column = text_null("id_host").take();
        manager.alter_table(Table::alter().table("account").add_column(column).take()).await?;
        manager.create_index(index("account", &["id_host"])).await?;
        note_hosts(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("account_by_id_host").table("account").to_owned()).await?;
        manager.alter_table(Table::alter().table("account").drop_column("id_host").take()).await?;
        manager.drop_table(Table::drop().table("tombstone").take()).await?;
        let mut tombstones = Table::create();
        tombstones.table("tombstone").col(text("uri").primary_key()).col(big_integer("created_at"));
        manager.create_table(tombstones.take()).await?;
        manager.create_index(index("tombstone", &["created_at"])).await
    }
}

/// The two engines cut texts differently, so the hosts are cut here.
async fn note_hosts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let remote =
        Query::select().columns(["id", "uri"]).from("account").and_where(Expr::col("host").is_not_null()).take();
    for row in db.query_all(&remote).await? {
        let (id, uri): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let after_scheme = uri.split_once("://").map_or("", |(_, rest)| rest);
        let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let note = Query::update().table("account").value("id_host", host).and_where(Expr::col("id").eq(id)).take();
        db.execute(&note).await?;
    }
    Ok(())
}
