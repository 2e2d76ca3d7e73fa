//! Accounts of people and servers, their keys, and the members of this server.

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
        accounts(manager).await?;
        keys(manager).await?;
        members(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["member", "invite", "account_key", "account"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("account")
        .col(id(manager, "id"))
        .col(text("username"))
        .col(text("username_key"))
        .col(text_null("host"))
        .col(text("uri"))
        .col(text("url"))
        .col(text("kind"))
        .col(text("display_name"))
        .col(text("note"))
        .col(text_null("note_source"))
        .col(json("fields"))
        .col(json("emojis"))
        .col(text_null("avatar_url"))
        .col(text("avatar_description"))
        .col(text_null("header_url"))
        .col(text("header_description"))
        .col(text("inbox_url"))
        .col(text_null("shared_inbox_url"))
        .col(text_null("outbox_url"))
        .col(text_null("followers_url"))
        .col(text_null("following_url"))
        .col(text_null("featured_url"))
        .col(boolean("locked"))
        .col(boolean("discoverable"))
        .col(boolean("indexable"))
        .col(boolean("hide_collections"))
        .col(boolean("memorial"))
        .col(json("also_known_as"))
        .col(big_integer_null("moved_to_id"))
        .col(big_integer("followers_count"))
        .col(big_integer("following_count"))
        .col(big_integer("statuses_count"))
        .col(big_integer_null("last_status_at"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("fetched_at"))
        .col(big_integer_null("limited_at"))
        .col(big_integer_null("suspended_at"))
        .foreign_key(&mut may_point_to("moved_to_id", "account", "id"));
    manager.create_table(table).await?;
    manager.create_index(unique("account", &["uri"])).await?;
    manager.create_index(index("account", &["url"])).await?;
    manager.create_index(unique("account", &["username_key", "host"])).await?;
    // A missing host is distinct from another missing host in a unique index, so names of our own need one more.
    let local = Index::create()
        .name("account_local_username_key")
        .table("account")
        .col("username_key")
        .unique()
        .and_where(Expr::col("host").is_null())
        .take();
    manager.create_index(local).await?;
    manager.create_index(index("account", &["host"])).await
}

async fn keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("account_key")
        .col(text("uri").primary_key())
        .col(big_integer("account_id"))
        .col(text("public_pem"))
        .col(text_null("private_sealed"))
        .col(big_integer("created_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"));
    manager.create_table(table).await?;
    manager.create_index(index("account_key", &["account_id"])).await
}

async fn members(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut invites = Table::create();
    invites
        .table("invite")
        .col(id(manager, "id"))
        .col(text("code"))
        .col(big_integer_null("account_id"))
        .col(integer_null("max_uses"))
        .col(integer("uses"))
        .col(big_integer("created_at"))
        .col(big_integer_null("expires_at"))
        .foreign_key(&mut may_point_to("account_id", "account", "id"));
    manager.create_table(invites).await?;
    manager.create_index(unique("invite", &["code"])).await?;

    let mut members = Table::create();
    members
        .table("member")
        .col(id(manager, "account_id"))
        .col(text("email"))
        .col(text("email_key"))
        .col(text("password_hash"))
        .col(text("role"))
        .col(text_null("reason"))
        .col(big_integer_null("invite_id"))
        .col(text_null("confirm_hash"))
        .col(big_integer_null("confirmed_at"))
        .col(big_integer_null("approved_at"))
        .col(big_integer_null("disabled_at"))
        .col(text("locale"))
        .col(text("default_visibility"))
        .col(boolean("default_sensitive"))
        .col(text_null("default_language"))
        .col(big_integer("created_at"))
        .col(big_integer_null("last_active_at"))
        .foreign_key(&mut belongs_to("account_id", "account", "id"))
        .foreign_key(&mut may_point_to("invite_id", "invite", "id"));
    manager.create_table(members).await?;
    manager.create_index(unique("member", &["email_key"])).await
}
