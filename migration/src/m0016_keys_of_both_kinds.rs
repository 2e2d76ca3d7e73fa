//! Keys of two kinds, and keys that are going out of use.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // RSA in PEM, Ed25519 in multibase.
        let rename = Table::alter().table("account_key").rename_column("public_pem", "public").take();
        manager.alter_table(rename).await?;
        let retired = Table::alter().table("account_key").add_column(big_integer_null("retired_at")).take();
        manager.alter_table(retired).await?;
        // Signed with this key, not with the newest of the account.
        manager.alter_table(Table::alter().table("activity").add_column(string_null("key_uri")).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("activity").drop_column("key_uri").take()).await?;
        manager.alter_table(Table::alter().table("account_key").drop_column("retired_at").take()).await?;
        let rename = Table::alter().table("account_key").rename_column("public", "public_pem").take();
        manager.alter_table(rename).await
    }
}
