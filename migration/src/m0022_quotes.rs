//! Posts that quote other posts, and who may quote whose.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("quote_uri").take(),
            big_integer_null("quote_id").take(),
            text_null("quote_state").take(),
            text_null("quote_approval").take(),
            json_null("quote_policy").take(),
            big_integer("quotes_count").default(0).take(),
        ] {
            manager.alter_table(Table::alter().table("status").add_column(column).take()).await?;
        }
        for column in ["quote_uri", "quote_id", "quote_approval"] {
            // Few posts quote: only those are in the index.
            let partial = index("status", &[column]).and_where(Expr::col(column).is_not_null()).take();
            manager.create_index(partial).await?;
        }
        let default = text("default_quote_policy").default("public").take();
        manager.alter_table(Table::alter().table("member").add_column(default).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("member").drop_column("default_quote_policy").take()).await?;
        for column in ["quote_uri", "quote_id", "quote_approval"] {
            let name = format!("status_by_{column}");
            manager.drop_index(Index::drop().name(name).table("status").to_owned()).await?;
        }
        for column in ["quote_uri", "quote_id", "quote_state", "quote_approval", "quote_policy", "quotes_count"] {
            manager.alter_table(Table::alter().table("status").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
