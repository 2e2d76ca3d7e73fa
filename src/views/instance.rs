//! The server as a whole: its name, its numbers, its emoji.

use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::account::Role;
use crate::domain::moment::Moment;
use crate::domain::settings::Settings;
use crate::error::{Error, Result};
use crate::store::entity::{account, emoji, member, status};
use crate::store::{Db, members, settings};
use crate::views::AccountView;

pub use crate::store::entity::emoji::Model as EmojiRow;

/// Numbers about the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Members.
    pub members: u64,
    /// Members seen in the last month.
    pub active_month: u64,
    /// Members seen in the last half year.
    pub active_half_year: u64,
    /// Statuses posted here.
    pub statuses: u64,
    /// Servers we know somebody of.
    pub servers: u64,
}

/// What administrators have set.
pub async fn settings(db: &Db) -> Result<Settings> {
    let [registration, confirm_email, name, purpose] = settings::get_all(db.reader(), Settings::KEYS).await?;
    Ok(Settings::read(registration, confirm_email, name, purpose))
}

/// Numbers about the server.
pub async fn counts(db: &Db, now: Moment) -> Result<Counts> {
    const DAY: Duration = Duration::from_secs(86_400);
    let (members, active_month) = members::count(db.reader(), now - 30 * DAY).await?;
    let (_, active_half_year) = members::count(db.reader(), now - 180 * DAY).await?;
    let statuses = status::Entity::find()
        .filter(status::Column::Local.eq(true))
        .filter(status::Column::ReblogOfId.is_null())
        .count(db.reader())
        .await?;
    let servers = account::Entity::find()
        .select_only()
        .column(account::Column::Host)
        .distinct()
        .filter(account::Column::Host.is_not_null())
        .count(db.reader())
        .await?;
    Ok(Counts { members, active_month, active_half_year, statuses, servers })
}

/// Whether anybody is a member yet.
pub async fn has_members(db: &Db) -> Result<bool> {
    Ok(member::Entity::find().one(db.reader()).await?.is_some())
}

/// Those who run the server, the first first.
pub async fn staff(db: &Db) -> Result<Vec<AccountView>> {
    let running = member::Entity::find()
        .filter(member::Column::Role.is_in([Role::Owner, Role::Admin]))
        .order_by_asc(member::Column::AccountId)
        .all(db.reader())
        .await?;
    let ids: Vec<_> = running.into_iter().map(|member| member.account_id).collect();
    crate::views::accounts::several(db, &ids).await
}

/// Custom emoji of the server, by shortcode.
pub async fn emojis(db: &Db) -> Result<Vec<emoji::Model>> {
    Ok(emoji::Entity::find().order_by_asc(emoji::Column::Shortcode).all(db.reader()).await?)
}

/// The custom emoji whose picture has this name in its address.
pub async fn emoji_file(db: &Db, file_name: &str) -> Result<emoji::Model> {
    let found = emoji::Entity::find().filter(emoji::Column::FileName.eq(file_name)).one(db.reader()).await?;
    found.ok_or(Error::NotFound("emoji"))
}

/// The domain the database belongs to; nothing before the first start.
pub async fn domain(db: &Db) -> Result<Option<String>> {
    settings::get(db.reader(), settings::DOMAIN).await
}

/// Whether the database answers and has its tables.
pub async fn is_ready(db: &Db) -> bool {
    domain(db).await.is_ok_and(|domain| domain.is_some())
}
