//! Browser sessions, and the apps, codes and tokens of OAuth.

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
        sessions(manager).await?;
        apps(manager).await?;
        tokens(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["token", "auth_code", "app", "session"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("session")
        .col(id(manager, "id"))
        .col(text("token_hash"))
        .col(big_integer("account_id"))
        .col(text("user_agent"))
        .col(big_integer("created_at"))
        .col(big_integer("last_used_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut belongs_to("account_id", "member", "account_id"));
    manager.create_table(table).await?;
    manager.create_index(unique("session", &["token_hash"])).await?;
    manager.create_index(index("session", &["account_id"])).await
}

async fn apps(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("app")
        .col(id(manager, "id"))
        .col(text("client_id"))
        .col(text("secret_hash"))
        .col(text("name"))
        .col(text_null("website"))
        .col(json("redirect_uris"))
        .col(text("scopes"))
        .col(big_integer("created_at"));
    manager.create_table(table).await?;
    manager.create_index(unique("app", &["client_id"])).await
}

async fn tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut codes = Table::create();
    codes
        .table("auth_code")
        .col(text("code_hash").primary_key())
        .col(big_integer("app_id"))
        .col(big_integer("account_id"))
        .col(text("redirect_uri"))
        .col(text("scopes"))
        .col(text_null("code_challenge"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("used_at"))
        .foreign_key(&mut belongs_to("app_id", "app", "id"))
        .foreign_key(&mut belongs_to("account_id", "member", "account_id"));
    manager.create_table(codes).await?;

    let mut tokens = Table::create();
    tokens
        .table("token")
        .col(id(manager, "id"))
        .col(text("token_hash"))
        .col(big_integer("app_id"))
        .col(big_integer_null("account_id"))
        .col(text("scopes"))
        .col(text_null("code_hash"))
        .col(big_integer("created_at"))
        .col(big_integer_null("last_used_at"))
        .foreign_key(&mut belongs_to("app_id", "app", "id"))
        .foreign_key(&mut belongs_to("account_id", "member", "account_id"));
    manager.create_table(tokens).await?;
    manager.create_index(unique("token", &["token_hash"])).await?;
    manager.create_index(index("token", &["account_id"])).await?;
    manager.create_index(index("token", &["app_id"])).await?;
    manager.create_index(index("token", &["code_hash"])).await
}
