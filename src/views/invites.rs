//! Invitations as those who are invited see them.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::Db;
use crate::store::entity::invite;
use crate::views::{AccountView, accounts};

/// An invitation that can still be used.
#[derive(Debug, Clone)]
pub struct InviteView {
    /// Who invites; nobody when whoever runs the server does.
    pub by: Option<AccountView>,
}

/// The invitation with this code, if it can still be used.
pub async fn valid(db: &Db, code: &str, now: Moment) -> Result<Option<InviteView>> {
    let found = invite::Entity::find().filter(invite::Column::Code.eq(code)).one(db.reader()).await?;
    let found = found.filter(|invite| {
        invite.expires_at.is_none_or(|end| end > now) && invite.max_uses.is_none_or(|most| invite.uses < most)
    });
    let Some(invite) = found else { return Ok(None) };
    let by = match invite.account_id {
        Some(id) => Some(accounts::one(db, id).await?),
        None => None,
    };
    Ok(Some(InviteView { by }))
}
