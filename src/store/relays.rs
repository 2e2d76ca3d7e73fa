//! Relays by what is known of them.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::id::AccountId;
use crate::domain::relay::{RelayKind, RelayState};
use crate::error::Result;
use crate::store::entity::{account, relay};

/// All relays, the first first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<relay::Model>> {
    Ok(relay::Entity::find().order_by_asc(relay::Column::Id).all(db).await?)
}

/// The relay that is spoken to there.
pub async fn by_inbox(db: &impl ConnectionTrait, inbox: &str) -> Result<Option<relay::Model>> {
    Ok(relay::Entity::find().filter(relay::Column::InboxUrl.eq(inbox)).one(db).await?)
}

/// The relay that was asked with this Follow.
pub async fn by_follow(db: &impl ConnectionTrait, uri: &str) -> Result<Option<relay::Model>> {
    Ok(relay::Entity::find().filter(relay::Column::FollowUri.eq(uri)).one(db).await?)
}

/// The relay that speaks as this account, whatever it has answered.
pub async fn by_account(db: &impl ConnectionTrait, account: AccountId) -> Result<Option<relay::Model>> {
    Ok(relay::Entity::find().filter(relay::Column::AccountId.eq(account)).one(db).await?)
}

/// Whether what this account passes on was asked for.
pub async fn is_heard(db: &impl ConnectionTrait, account: AccountId) -> Result<bool> {
    Ok(by_account(db, account).await?.is_some_and(|relay| relay.state == RelayState::Accepted))
}

/// Where to tell relays of our public posts: how each works, and its inbox.
pub async fn inboxes(db: &impl ConnectionTrait) -> Result<Vec<(RelayKind, String)>> {
    let shut_out = account::Entity::find()
        .filter(Expr::col((account::Entity, account::Column::Id)).equals((relay::Entity, relay::Column::AccountId)))
        .filter(account::Column::SuspendedAt.is_not_null());
    let heard = relay::Entity::find()
        .filter(relay::Column::State.eq(RelayState::Accepted))
        .filter(Expr::exists(sea_orm::QueryTrait::into_query(shut_out)).not());
    Ok(heard.all(db).await?.into_iter().map(|relay| (relay.kind, relay.inbox_url)).collect())
}
