//! What members do with what they were told.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app::App;
use crate::domain::id::{AccountId, NotificationId};
use crate::error::{Error, Result};
use crate::store::entity::notification;

/// A member puts everything away.
pub async fn clear(app: &App, account: AccountId) -> Result<()> {
    let change = app.begin().await?;
    notification::Entity::delete_many().filter(notification::Column::AccountId.eq(account)).exec(change.tx()).await?;
    change.commit().await
}

/// A member puts one notification away.
pub async fn dismiss(app: &App, account: AccountId, id: NotificationId) -> Result<()> {
    let change = app.begin().await?;
    let gone = notification::Entity::delete_by_id(id)
        .filter(notification::Column::AccountId.eq(account))
        .exec(change.tx())
        .await?;
    if gone.rows_affected == 0 {
        return Err(Error::NotFound("notification"));
    }
    change.commit().await
}
