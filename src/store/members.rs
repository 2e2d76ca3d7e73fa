//! Members of this server, and what they signed in with.

use std::sync::Arc;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::domain::account::Role;
use crate::domain::id::AccountId;
use crate::error::Result;
use crate::store::Db;
use crate::store::entity::{account, member, session, token};

/// The member behind a local account.
pub async fn find(db: &impl ConnectionTrait, id: AccountId) -> Result<Option<member::Model>> {
    Ok(member::Entity::find_by_id(id).one(db).await?)
}

/// The member with this address, which must be in the form in which addresses are compared.
pub async fn by_email(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<member::Model>> {
    Ok(member::Entity::find().filter(member::Column::EmailKey.eq(email_key)).one(db).await?)
}

/// Those who keep the peace, and can be written to.
pub async fn moderators(db: &impl ConnectionTrait) -> Result<Vec<member::Model>> {
    let peacekeepers = member::Column::Role.is_in([Role::Moderator, Role::Admin, Role::Owner]);
    let found = member::Entity::find().filter(peacekeepers).filter(member::Column::ConfirmedAt.is_not_null());
    Ok(found.filter(member::Column::DisabledAt.is_null()).all(db).await?)
}

/// Whether anybody is a member yet.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(member::Entity::find().one(db).await?.is_some())
}

/// A token, and the member it stands for.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token.
    pub token: token::Model,
    /// The member; nothing for a token of the app itself.
    pub member: Option<member::Model>,
}

/// What is behind a token. Costs no statement while it is cached.
pub async fn by_token(db: &Db, token_hash: String) -> Result<Option<Arc<Grant>>> {
    let shelf = db.cache().grants();
    if let Some(grant) = shelf.get(&token_hash) {
        return Ok(Some(grant));
    }
    let seen = shelf.seen(&token_hash);
    let query = token::Entity::find().filter(token::Column::TokenHash.eq(&token_hash));
    let found = query.find_also_related(member::Entity).one(db.reader()).await?;
    let Some((token, member)) = found else { return Ok(None) };
    let grant = Arc::new(Grant { token, member });
    shelf.keep(&token_hash, grant.clone(), seen);
    Ok(Some(grant))
}

/// The session with this cookie, with its member.
pub async fn by_cookie(
    db: &impl ConnectionTrait,
    token_hash: &str,
) -> Result<Option<(session::Model, member::Model, account::Model)>> {
    let found = session::Entity::find()
        .filter(session::Column::TokenHash.eq(token_hash))
        .find_also_related(member::Entity)
        .find_also(session::Entity, account::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(session, member, account)| Some((session, member?, account?))))
}

/// How many people are members, and how many of them were seen since `day`.
pub async fn count(db: &impl ConnectionTrait, day: crate::domain::moment::Moment) -> Result<(u64, u64)> {
    use sea_orm::PaginatorTrait;

    let members = member::Entity::find().filter(member::Column::ApprovedAt.is_not_null());
    let active = members.clone().filter(member::Column::LastActiveAt.gte(day));
    Ok((members.count(db).await?, active.count(db).await?))
}
