//! The tables: built, taken down and built again; what the code thinks they hold is what they hold.

use migration::{Migrator, MigratorTrait};
use outloud::store::Db;
use outloud::store::entity;
use sea_orm::{ConnectionTrait, Database, EntityTrait, QuerySelect};

use crate::support::database;

async fn empty() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = database::empty(folder.path()).await;
    (folder, url)
}

#[tokio::test]
async fn every_step_can_be_taken_back_and_taken_again() {
    let (_folder, url) = empty().await;
    let db = Database::connect(&url).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    assert!(Migrator::get_pending_migrations(&db).await.unwrap().is_empty());
    db.close().await.unwrap();
}

#[tokio::test]
async fn the_readers_cannot_write() {
    let (_folder, url) = empty().await;
    let db = Db::connect(&url).await.unwrap();
    db.migrate().await.unwrap();
    let refused = db.reader().execute_unprepared("DELETE FROM setting").await;
    assert!(refused.is_err());
    db.close().await.unwrap();
}

macro_rules! read_all {
    ($db:expr, $($entity:ident),+ $(,)?) => {$(
        // Names every column of the entity, so that a missing one fails.
        entity::$entity::Entity::find()
            .limit(1)
            .all($db.reader())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", stringify!($entity)));
    )+};
}

#[tokio::test]
async fn what_the_code_thinks_the_tables_hold_is_what_they_hold() {
    let (_folder, url) = empty().await;
    let db = Db::connect(&url).await.unwrap();
    db.migrate().await.unwrap();
    read_all!(
        db,
        account,
        account_key,
        activity,
        app,
        auth_code,
        block,
        delivery,
        domain_block,
        emoji,
        favourite,
        featured_tag,
        filter,
        filter_keyword,
        filter_status,
        follow,
        home_entry,
        host,
        idempotency_key,
        invite,
        job,
        marker,
        media,
        member,
        mention,
        mute,
        notification,
        reaction,
        received,
        relay,
        revision,
        session,
        setting,
        status,
        status_tag,
        tag,
        token,
        tombstone,
    );
    db.close().await.unwrap();
}
