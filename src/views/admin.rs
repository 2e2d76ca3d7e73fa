//! What those who run the server look at: members, invitations, blocked servers.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::store::entity::{account, app, domain_block, invite, member, relay};
use crate::store::{Db, accounts, members, relays};

/// How many apps of one name are looked at.
const MOST_APPS: u64 = 100;

/// A member with the account they speak through.
#[derive(Debug, Clone)]
pub struct Membership {
    /// What only those who run the server see.
    pub member: member::Model,
    /// What everybody sees.
    pub account: account::Model,
}

/// All members, the first first.
pub async fn members(db: &Db) -> Result<Vec<Membership>> {
    let members = member::Entity::find().order_by_asc(member::Column::AccountId).all(db.reader()).await?;
    let of_members = member::Entity::find().select_only().column(member::Column::AccountId).into_query();
    let accounts = account::Entity::find().filter(account::Column::Id.in_subquery(of_members)).all(db.reader()).await?;
    let mut accounts: HashMap<_, _> = accounts.into_iter().map(|account| (account.id, account)).collect();
    let pairs = members.into_iter().filter_map(|member| {
        let account = accounts.remove(&member.account_id)?;
        Some(Membership { member, account })
    });
    Ok(pairs.collect())
}

/// One member.
pub async fn member(db: &Db, id: AccountId) -> Result<Membership> {
    let member = members::find(db.reader(), id).await?.ok_or(Error::NotFound("member"))?;
    Ok(Membership { member, account: accounts::find(db.reader(), id).await? })
}

/// Apps that call themselves `name` and name this home page, the first first.
pub async fn apps_called(db: &Db, name: &str, website: Option<&str>) -> Result<Vec<app::Model>> {
    let website = website.map_or_else(|| app::Column::Website.is_null(), |website| app::Column::Website.eq(website));
    let called = app::Entity::find().filter(app::Column::Name.eq(name)).filter(website);
    Ok(called.order_by_asc(app::Column::Id).limit(MOST_APPS).all(db.reader()).await?)
}

/// All invitations, the newest first.
pub async fn invites(db: &Db) -> Result<Vec<invite::Model>> {
    Ok(invite::Entity::find().order_by_desc(invite::Column::Id).all(db.reader()).await?)
}

/// Servers that are shut out, by name.
pub async fn blocked_domains(db: &Db) -> Result<Vec<domain_block::Model>> {
    Ok(domain_block::Entity::find().order_by_asc(domain_block::Column::Domain).all(db.reader()).await?)
}

/// The relays that were asked, the first first.
pub async fn relays(db: &Db) -> Result<Vec<relay::Model>> {
    relays::all(db.reader()).await
}
