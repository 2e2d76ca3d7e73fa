//! Who is signed in with a browser.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::error::Result;
use crate::store::entity::{member, session};
use crate::store::{Db, members, settings};
use crate::views::AccountView;

/// A browser session and whose it is.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session.
    pub session: session::Model,
    /// The settings of the member.
    pub member: member::Model,
    /// The account of the member.
    pub account: AccountView,
}

/// The session whose cookie has this hash, if it holds and its member may be here.
pub async fn by_cookie(db: &Db, cookie_hash: &str, now: Moment) -> Result<Option<SessionView>> {
    let Some((session, member, account)) = members::by_cookie(db.reader(), cookie_hash).await? else {
        return Ok(None);
    };
    let welcome = member.disabled_at.is_none() && member.approved_at.is_some() && account.suspended_at.is_none();
    if session.expires_at <= now || !welcome {
        return Ok(None);
    }
    if member.confirmed_at.is_none() && settings::confirms_email(db.reader()).await? {
        return Ok(None);
    }
    Ok(Some(SessionView { session, member, account: AccountView::new(account) }))
}

/// The sessions of a member that hold, the newest first.
pub async fn of(db: &Db, account: AccountId, now: Moment) -> Result<Vec<session::Model>> {
    let query = session::Entity::find()
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::Id);
    Ok(query.all(db.reader()).await?)
}
