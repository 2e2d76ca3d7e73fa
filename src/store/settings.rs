//! What administrators change while the server runs.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Result;
use crate::store::entity::setting;

/// The setting that says which domain a database belongs to.
pub const DOMAIN: &str = "domain";

/// The value of `key`, if it was ever set.
pub async fn get(db: &impl ConnectionTrait, key: &str) -> Result<Option<String>> {
    Ok(setting::Entity::find_by_id(key).one(db).await?.map(|row| row.value))
}

/// The values of `keys`, in their order.
pub async fn get_all<const N: usize>(db: &impl ConnectionTrait, keys: [&str; N]) -> Result<[Option<String>; N]> {
    let mut rows = setting::Entity::find().filter(setting::Column::Key.is_in(keys)).all(db).await?;
    Ok(keys.map(|key| {
        let row = rows.iter_mut().find(|row| row.key == key)?;
        Some(std::mem::take(&mut row.value))
    }))
}

/// Whether an address must be confirmed before its owner may do anything.
pub async fn confirms_email(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(get(db, "confirm_email").await?.is_some_and(|value| value == "true"))
}

/// Sets `key` to `value`.
pub async fn set(db: &impl ConnectionTrait, key: &str, value: &str) -> Result<()> {
    let row = setting::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
    let replace = OnConflict::column(setting::Column::Key).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// Sets `key` to `value` unless it is set; what it is afterwards.
pub async fn set_once(db: &impl ConnectionTrait, key: &str, value: &str) -> Result<String> {
    let row = setting::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
    let keep = OnConflict::column(setting::Column::Key).do_nothing().to_owned();
    setting::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(get(db, key).await?.unwrap_or_else(|| value.to_owned()))
}

/// Forgets `key`; true when it was set.
pub async fn remove(db: &impl ConnectionTrait, key: &str) -> Result<bool> {
    Ok(setting::Entity::delete_by_id(key).exec(db).await?.rows_affected > 0)
}
