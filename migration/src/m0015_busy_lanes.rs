//! Which lanes are being worked on is found without looking at what waits.

use sea_orm_migration::prelude::*;

use crate::dialect::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let leased = Expr::col("leased_until").is_not_null();
        manager.create_index(index("job", &["leased_until"]).and_where(leased).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("job_by_leased_until").table("job").to_owned()).await
    }
}
