//! What goes to and comes from other servers, and what we know about them.

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
        hosts(manager).await?;
        outgoing(manager).await?;
        incoming(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tombstone", "received", "delivery", "activity", "domain_block", "host"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn hosts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut hosts = Table::create();
    hosts
        .table("host")
        .col(text("name").primary_key())
        .col(integer("failures"))
        .col(big_integer_null("failing_since"))
        .col(big_integer_null("not_before"))
        .col(big_integer_null("last_success_at"));
    manager.create_table(hosts).await?;

    let mut blocks = Table::create();
    blocks
        .table("domain_block")
        .col(id(manager, "id"))
        .col(text("domain"))
        .col(text("reason"))
        .col(big_integer("created_at"));
    manager.create_table(blocks).await?;
    manager.create_index(unique("domain_block", &["domain"])).await
}

async fn outgoing(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut activities = Table::create();
    activities
        .table("activity")
        .col(id(manager, "id"))
        .col(text("uri"))
        .col(big_integer("account_id"))
        .col(big_integer_null("status_id"))
        // What it is about: activities about one thing keep their order at every host.
        .col(text("object_key"))
        .col(text("body"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut may_point_to("status_id", "status", "id"));
    manager.create_table(activities).await?;
    manager.create_index(unique("activity", &["uri"])).await?;
    manager.create_index(index("activity", &["status_id"])).await?;
    manager.create_index(index("activity", &["account_id"])).await?;
    manager.create_index(index("activity", &["object_key"])).await?;

    let mut deliveries = Table::create();
    deliveries
        .table("delivery")
        .col(id(manager, "id"))
        .col(big_integer("activity_id"))
        .col(text("inbox_url"))
        .col(text("host"))
        .col(text("object_key"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(big_integer("not_before"))
        .col(big_integer_null("leased_until"))
        .col(integer_null("last_status"))
        .col(text_null("last_error"))
        .col(big_integer("created_at"))
        .col(big_integer_null("finished_at"))
        .foreign_key(&mut belongs_to("activity_id", "activity", "id"));
    manager.create_table(deliveries).await?;
    manager.create_index(unique("delivery", &["activity_id", "inbox_url"])).await?;
    let waiting = || Expr::col("state").eq("waiting");
    manager.create_index(index("delivery", &["not_before"]).and_where(waiting()).take()).await?;
    manager.create_index(index("delivery", &["host", "object_key", "id"]).and_where(waiting()).take()).await?;
    manager.create_index(index("delivery", &["finished_at"])).await
}

async fn incoming(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut received = Table::create();
    received.table("received").col(text("key").primary_key()).col(big_integer("created_at"));
    manager.create_table(received).await?;
    manager.create_index(index("received", &["created_at"])).await?;

    let mut tombstones = Table::create();
    tombstones.table("tombstone").col(text("uri").primary_key()).col(big_integer("created_at"));
    manager.create_table(tombstones).await?;
    manager.create_index(index("tombstone", &["created_at"])).await
}
