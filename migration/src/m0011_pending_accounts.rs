//! Who waits to be let in does not exist for anybody else.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean("pending").default(false).take();
        manager.alter_table(Table::alter().table("account").add_column(column).take()).await?;
        let waiting =
            Query::select().column("account_id").from("member").and_where(Expr::col("approved_at").is_null()).take();
        let mark = Query::update()
            .table("account")
            .value("pending", true)
            .and_where(Expr::col("id").in_subquery(waiting))
            .take();
        manager.execute(mark).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("account").drop_column("pending").take()).await
    }
}
