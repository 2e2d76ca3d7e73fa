//! What came from other servers lately, and what must not come back.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::handle::Host;
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::{domain_block, received, tombstone};

/// Notes that an activity was taken in; false when it had been before.
pub async fn note(db: &impl ConnectionTrait, key: &str, now: Moment) -> Result<bool> {
    let row = received::ActiveModel { key: Set(key.to_owned()), created_at: Set(now) };
    let keep = OnConflict::column(received::Column::Key).do_nothing().to_owned();
    let added = received::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(added > 0)
}

/// Forgets activities that came before `moment`.
pub async fn forget_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    received::Entity::delete_many().filter(received::Column::CreatedAt.lt(moment)).exec(db).await?;
    Ok(())
}

/// Notes that something remote was deleted.
pub async fn bury(db: &impl ConnectionTrait, uri: &str, now: Moment) -> Result<()> {
    let row = tombstone::ActiveModel { uri: Set(uri.to_owned()), created_at: Set(now) };
    let keep = OnConflict::column(tombstone::Column::Uri).do_nothing().to_owned();
    tombstone::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Whether something remote was deleted.
pub async fn is_buried(db: &impl ConnectionTrait, uri: &str) -> Result<bool> {
    Ok(tombstone::Entity::find_by_id(uri).one(db).await?.is_some())
}

/// Forgets deletions from before `moment`.
pub async fn forget_tombstones_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    tombstone::Entity::delete_many().filter(tombstone::Column::CreatedAt.lt(moment)).exec(db).await?;
    Ok(())
}

/// Whether this server wants nothing to do with `host` or a domain above it.
pub async fn is_blocked(db: &impl ConnectionTrait, host: &Host) -> Result<bool> {
    let names: Vec<&str> = host.and_parents().collect();
    let found = domain_block::Entity::find().filter(domain_block::Column::Domain.is_in(names));
    Ok(found.one(db).await?.is_some())
}
