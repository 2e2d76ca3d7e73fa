//! What came from other servers lately, and what must not come back.

use std::collections::{BTreeSet, HashSet};

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::handle::Host;
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::severity::Severity;
use crate::error::Result;
use crate::store::entity::{account, domain_block, received, tombstone};

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

/// Notes that something was deleted by its author, here or elsewhere.
pub async fn bury(db: &impl ConnectionTrait, uri: &str, author: &account::Model, now: Moment) -> Result<()> {
    let row = tombstone::ActiveModel {
        uri: Set(uri.to_owned()),
        author_id: Set(author.id),
        local: Set(author.host.is_none()),
        created_at: Set(now),
    };
    let keep = OnConflict::columns([tombstone::Column::Uri, tombstone::Column::AuthorId]).do_nothing().to_owned();
    tombstone::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Whether something was deleted by this author.
pub async fn is_buried(db: &impl ConnectionTrait, uri: &str, author: AccountId) -> Result<bool> {
    Ok(buried_by(db, uri, author).await?.is_some())
}

/// When something was deleted by this author.
pub async fn buried_by(db: &impl ConnectionTrait, uri: &str, author: AccountId) -> Result<Option<Moment>> {
    Ok(tombstone::Entity::find_by_id((uri.to_owned(), author)).one(db).await?.map(|tombstone| tombstone.created_at))
}

/// When something of ours was deleted.
pub async fn buried_at(db: &impl ConnectionTrait, uri: &str) -> Result<Option<Moment>> {
    let ours =
        tombstone::Entity::find().filter(tombstone::Column::Uri.eq(uri)).filter(tombstone::Column::Local.eq(true));
    Ok(ours.one(db).await?.map(|tombstone| tombstone.created_at))
}

/// Forgets deletions elsewhere from before `moment`.
pub async fn forget_tombstones_before(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    let elsewhere = tombstone::Entity::delete_many().filter(tombstone::Column::Local.eq(false));
    elsewhere.filter(tombstone::Column::CreatedAt.lt(moment)).exec(db).await?;
    Ok(())
}

/// Whether this server wants nothing to do with `host` or a domain above it.
pub async fn is_blocked(db: &impl ConnectionTrait, host: &Host) -> Result<bool> {
    Ok(!blocked_among(db, std::slice::from_ref(host)).await?.is_empty())
}

/// What this server has decided about `hosts`, because of themselves or of a domain above.
pub async fn decisions(db: &impl ConnectionTrait, hosts: &[Host]) -> Result<Vec<domain_block::Model>> {
    let names: BTreeSet<&str> = hosts.iter().flat_map(Host::and_parents).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    Ok(domain_block::Entity::find().filter(domain_block::Column::Domain.is_in(names)).all(db).await?)
}

/// Those of `hosts` that this server wants nothing to do with, because of themselves or of a domain above.
pub async fn blocked_among(db: &impl ConnectionTrait, hosts: &[Host]) -> Result<HashSet<Host>> {
    let decided = decisions(db, hosts).await?.into_iter();
    let blocked: HashSet<String> =
        decided.filter(|block| block.severity == Severity::Suspend).map(|block| block.domain).collect();
    let is_blocked = |host: &&Host| host.and_parents().any(|name| blocked.contains(name));
    Ok(hosts.iter().filter(is_blocked).cloned().collect())
}
