//! Polls and the votes in them.

use sea_orm_migration::{prelude::*, schema::*};

use crate::dialect::{belongs_to, clustered, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut polls = Table::create();
        polls
            .table("poll")
            .col(big_integer("status_id").primary_key())
            .col(json("options"))
            .col(boolean("multiple"))
            .col(boolean("hide_totals"))
            .col(big_integer_null("voters_count"))
            .col(big_integer_null("ends_at"))
            .col(big_integer_null("told_at"))
            .foreign_key(&mut belongs_to("status_id", "status", "id"));
        let polls = clustered(manager, &mut polls);
        manager.create_table(polls).await?;
        let mut votes = Table::create();
        votes
            .table("poll_vote")
            .col(big_integer("status_id"))
            .col(big_integer("account_id"))
            .col(integer("position"))
            .col(big_integer("created_at"))
            .primary_key(Index::create().col("status_id").col("account_id").col("position"))
            .foreign_key(&mut belongs_to("status_id", "poll", "status_id"))
            .foreign_key(&mut belongs_to("account_id", "account", "id"));
        let votes = clustered(manager, &mut votes);
        manager.create_table(votes).await?;
        manager.create_index(index("poll_vote", &["account_id"])).await?;
        // What could be chosen before an edit.
        manager.alter_table(Table::alter().table("revision").add_column(json_null("poll_options")).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("revision").drop_column("poll_options").take()).await?;
        manager.drop_table(Table::drop().table("poll_vote").take()).await?;
        manager.drop_table(Table::drop().table("poll").take()).await
    }
}
