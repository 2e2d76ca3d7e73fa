//! Apps, and what members have allowed them.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::id::{AccountId, AppId};
use crate::domain::moment::Moment;
use crate::domain::scope::Scopes;
use crate::error::{Error, Result};
use crate::store::Db;
use crate::store::entity::{app, auth_code, token};

/// The most tokens of one member that are looked at.
const MOST_TOKENS: u64 = 1000;

/// An app as it was registered.
#[derive(Debug, Clone)]
pub struct AppView {
    /// Its id.
    pub id: AppId,
    /// Its public name.
    pub client_id: String,
    /// Its name for people.
    pub name: String,
    /// Its home page.
    pub website: Option<String>,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scopes,
}

/// What a member has allowed an app.
#[derive(Debug, Clone)]
pub struct AllowedApp {
    /// The app.
    pub app: AppView,
    /// Everything its tokens may do.
    pub scopes: Scopes,
    /// When the first of its tokens was made.
    pub since: Moment,
    /// The day it was last used.
    pub last_used_at: Option<Moment>,
}

/// One app.
pub async fn one(db: &Db, id: AppId) -> Result<AppView> {
    view(app::Entity::find_by_id(id).one(db.reader()).await?.ok_or(Error::NotFound("app"))?)
}

/// The app with this public name.
pub async fn by_client_id(db: &Db, client_id: &str) -> Result<Option<AppView>> {
    let found = app::Entity::find().filter(app::Column::ClientId.eq(client_id)).one(db.reader()).await?;
    found.map(view).transpose()
}

/// The apps a member has allowed to speak for them, by name.
pub async fn allowed(db: &Db, account: AccountId) -> Result<Vec<AllowedApp>> {
    let rows = token::Entity::find()
        .filter(token::Column::AccountId.eq(account))
        .order_by_asc(token::Column::Id)
        .limit(MOST_TOKENS)
        .find_also_related(app::Entity)
        .all(db.reader())
        .await?;
    let mut found: Vec<AllowedApp> = Vec::new();
    for (token, app) in rows {
        let Some(app) = app else { continue };
        match found.iter_mut().find(|known| known.app.id == app.id) {
            Some(known) => {
                known.scopes = format!("{} {}", known.scopes, token.scopes).parse().map_err(Error::internal)?;
                known.last_used_at = known.last_used_at.max(token.last_used_at);
            }
            None => found.push(AllowedApp {
                app: view(app)?,
                scopes: token.scopes.parse().map_err(Error::internal)?,
                since: token.created_at,
                last_used_at: token.last_used_at,
            }),
        }
    }
    found.sort_by_key(|allowed| allowed.app.name.to_lowercase());
    Ok(found)
}

/// Whether a code waits to be copied by the member it was made for.
pub async fn is_waiting_code(db: &Db, account: AccountId, code_hash: &str, now: Moment) -> Result<bool> {
    let query = auth_code::Entity::find_by_id(code_hash)
        .filter(auth_code::Column::AccountId.eq(account))
        .filter(auth_code::Column::ExpiresAt.gt(now))
        .filter(auth_code::Column::UsedAt.is_null());
    Ok(query.one(db.reader()).await?.is_some())
}

fn view(app: app::Model) -> Result<AppView> {
    Ok(AppView {
        id: app.id,
        client_id: app.client_id,
        name: app.name,
        website: app.website,
        redirect_uris: app.redirect_uris.0,
        scopes: app.scopes.parse().map_err(Error::internal)?,
    })
}
