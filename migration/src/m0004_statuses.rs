//! Statuses with what hangs on them: revisions, mentions, tags, media.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, clustered, id, index, may_point_to, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        statuses(manager).await?;
        revisions(manager).await?;
        mentions(manager).await?;
        tags(manager).await?;
        media(manager).await?;
        idempotency(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["idempotency_key", "media", "status_tag", "tag", "mention", "revision", "status"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn statuses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("status")
        .col(id(manager, "id"))
        .col(text("uri"))
        .col(text_null("url"))
        .col(big_integer("account_id"))
        .col(boolean("local"))
        .col(text("kind"))
        .col(text("title"))
        .col(text("text"))
        .col(text("content"))
        .col(text("spoiler_text"))
        .col(text("visibility"))
        .col(boolean("federated"))
        .col(boolean("sensitive"))
        .col(text_null("language"))
        .col(big_integer("conversation_id"))
        .col(text_null("in_reply_to_uri"))
        .col(big_integer_null("in_reply_to_id"))
        .col(big_integer_null("in_reply_to_account_id"))
        .col(big_integer_null("reblog_of_id"))
        .col(big_integer_null("app_id"))
        .col(json("emojis"))
        .col(big_integer("replies_count"))
        .col(big_integer("reblogs_count"))
        .col(big_integer("favourites_count"))
        .col(big_integer("created_at"))
        .col(big_integer_null("edited_at"))
        .col(big_integer_null("fetched_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("reblog_of_id", "status", "id"))
        .foreign_key(&mut may_point_to("in_reply_to_id", "status", "id"))
        .foreign_key(&mut may_point_to("in_reply_to_account_id", "account", "id"))
        .foreign_key(&mut may_point_to("app_id", "app", "id"));
    manager.create_table(table).await?;
    manager.create_index(unique("status", &["uri"])).await?;
    manager.create_index(index("status", &["url"])).await?;
    manager.create_index(unique("status", &["reblog_of_id", "account_id"])).await?;
    manager.create_index(index("status", &["account_id", "id"])).await?;
    manager.create_index(index("status", &["in_reply_to_id"])).await?;
    manager.create_index(index("status", &["conversation_id"])).await?;
    manager.create_index(index("status", &["in_reply_to_account_id"])).await?;
    // Replies that came before their parent wait under its address.
    let orphans = index("status", &["in_reply_to_uri"]).and_where(Expr::col("in_reply_to_uri").is_not_null()).take();
    manager.create_index(orphans).await?;
    // The public timelines read nothing but public originals.
    let public = Index::create()
        .name("status_public_by_local_id")
        .table("status")
        .col("local")
        .col("id")
        .and_where(Expr::col("visibility").eq("public").and(Expr::col("reblog_of_id").is_null()))
        .take();
    manager.create_index(public).await
}

async fn revisions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("revision")
        .col(id(manager, "id"))
        .col(big_integer("status_id"))
        .col(text("title"))
        .col(text("text"))
        .col(text("content"))
        .col(text("spoiler_text"))
        .col(boolean("sensitive"))
        .col(json("emojis"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(table).await?;
    manager.create_index(index("revision", &["status_id", "id"])).await
}

async fn mentions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("mention")
        .col(big_integer("status_id"))
        .col(big_integer("account_id"))
        .col(integer("position"))
        // Addressed without being named in the text.
        .col(boolean("silent"))
        .primary_key(Index::create().col("status_id").col("account_id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"));
    manager.create_table(clustered(manager, &mut table)).await?;
    manager.create_index(index("mention", &["account_id", "status_id"])).await
}

async fn tags(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut tags = Table::create();
    tags.table("tag").col(id(manager, "id")).col(text("name")).col(text("display")).col(big_integer("created_at"));
    manager.create_table(tags).await?;
    manager.create_index(unique("tag", &["name"])).await?;

    let mut uses = Table::create();
    uses.table("status_tag")
        .col(big_integer("tag_id"))
        .col(big_integer("status_id"))
        .col(text("display"))
        .primary_key(Index::create().col("tag_id").col("status_id"))
        .foreign_key(&mut belongs_to("tag_id", "tag", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(clustered(manager, &mut uses)).await?;
    manager.create_index(index("status_tag", &["status_id"])).await
}

async fn media(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("media")
        .col(id(manager, "id"))
        .col(big_integer("account_id"))
        .col(big_integer_null("status_id"))
        .col(integer("position"))
        .col(text("kind"))
        .col(text_null("mime_type"))
        .col(text_null("remote_url"))
        .col(text("description"))
        .col(text_null("blurhash"))
        .col(integer_null("width"))
        .col(integer_null("height"))
        .col(double_null("focus_x"))
        .col(double_null("focus_y"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(table).await?;
    manager.create_index(index("media", &["status_id", "position"])).await?;
    manager.create_index(index("media", &["account_id"])).await
}

async fn idempotency(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("idempotency_key")
        .col(big_integer("account_id"))
        .col(text("key"))
        .col(big_integer("status_id"))
        .col(big_integer("created_at"))
        .primary_key(Index::create().col("account_id").col("key"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut belongs_to("status_id", "status", "id"));
    manager.create_table(clustered(manager, &mut table)).await?;
    manager.create_index(index("idempotency_key", &["created_at"])).await?;
    manager.create_index(index("idempotency_key", &["status_id"])).await
}
