//! Statuses and accounts with everything about them that does not depend on the viewer.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::id::{AccountId, AppId, StatusId, TagId};
use crate::domain::status::Kind;
use crate::error::Result;
use crate::store::Db;
use crate::store::entity::{account, app, media, mention, poll, status, status_tag, tag};

/// A status and what hangs on it.
#[derive(Debug, Clone)]
pub struct Body {
    /// The row itself.
    pub status: status::Model,
    /// Whom it names, in order; those addressed silently are not here.
    pub mentions: Vec<AccountId>,
    /// Its hashtags.
    pub tags: Vec<TagUse>,
    /// Its attachments, in order.
    pub media: Vec<media::Model>,
    /// The app it was posted with.
    pub app: Option<AppName>,
    /// What it asks.
    pub poll: Option<poll::Model>,
}

/// A hashtag as a status carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagUse {
    /// The tag.
    pub id: TagId,
    /// As tags are compared.
    pub name: String,
    /// As the author wrote it.
    pub display: String,
}

/// How an app calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppName {
    /// Its name.
    pub name: String,
    /// Its home page.
    pub website: Option<String>,
}

/// The statuses with these ids, whoever may see them.
///
/// Ask `visibility` first. Costs six statements at most, however many are asked for, and none when all are cached.
pub async fn statuses(db: &Db, ids: &[StatusId]) -> Result<HashMap<StatusId, Arc<Body>>> {
    let shelf = db.cache().statuses();
    let mut found = HashMap::with_capacity(ids.len());
    let mut missing = Vec::new();
    for id in ids {
        match shelf.get(id) {
            Some(body) => drop(found.insert(*id, body)),
            None => missing.push((*id, shelf.seen(id))),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let wanted: Vec<StatusId> = missing.iter().map(|(id, _)| *id).collect();
    let mut loaded = load(db, &wanted).await?;
    for (id, seen) in missing {
        if let Some(body) = loaded.remove(&id) {
            let body = Arc::new(body);
            shelf.keep(&id, body.clone(), seen);
            found.insert(id, body);
        }
    }
    Ok(found)
}

/// The accounts with these ids.
///
/// Costs one statement at most, and none when all are cached.
pub async fn accounts(db: &Db, ids: &[AccountId]) -> Result<HashMap<AccountId, Arc<account::Model>>> {
    let shelf = db.cache().accounts();
    let mut found = HashMap::with_capacity(ids.len());
    let mut missing = Vec::new();
    for id in ids {
        match shelf.get(id) {
            Some(account) => drop(found.insert(*id, account)),
            None => missing.push((*id, shelf.seen(id))),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let wanted = account::Column::Id.is_in(missing.iter().map(|(id, _)| *id));
    let rows = account::Entity::find().filter(wanted).all(db.reader()).await?;
    let mut rows: HashMap<AccountId, account::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    for (id, seen) in missing {
        if let Some(row) = rows.remove(&id) {
            let row = Arc::new(row);
            shelf.keep(&id, row.clone(), seen);
            found.insert(id, row);
        }
    }
    Ok(found)
}

async fn load(db: &Db, ids: &[StatusId]) -> Result<HashMap<StatusId, Body>> {
    let ids = || ids.iter().copied();
    let rows = status::Entity::find().filter(status::Column::Id.is_in(ids())).all(db.reader()).await?;
    let apps: Vec<AppId> = rows.iter().filter_map(|row| row.app_id).collect();
    let mut bodies: HashMap<StatusId, Body> = rows
        .into_iter()
        .map(|status| {
            (
                status.id,
                Body { status, mentions: Vec::new(), tags: Vec::new(), media: Vec::new(), app: None, poll: None },
            )
        })
        .collect();

    let mentions = mention::Entity::find()
        .filter(mention::Column::StatusId.is_in(ids()))
        .filter(mention::Column::Silent.eq(false))
        .order_by_asc(mention::Column::Position)
        .all(db.reader())
        .await?;
    for mention in mentions {
        if let Some(body) = bodies.get_mut(&mention.status_id) {
            body.mentions.push(mention.account_id);
        }
    }

    let uses = status_tag::Entity::find()
        .filter(status_tag::Column::StatusId.is_in(ids()))
        .find_also_related(tag::Entity)
        .all(db.reader())
        .await?;
    for (tag_use, tag) in uses {
        if let (Some(body), Some(tag)) = (bodies.get_mut(&tag_use.status_id), tag) {
            body.tags.push(TagUse { id: tag.id, name: tag.name, display: tag_use.display });
        }
    }

    let attachments = media::Entity::find()
        .filter(media::Column::StatusId.is_in(ids()))
        .order_by_asc(media::Column::Position)
        .all(db.reader())
        .await?;
    for attachment in attachments {
        if let Some(body) = attachment.status_id.and_then(|id| bodies.get_mut(&id)) {
            body.media.push(attachment);
        }
    }

    if !apps.is_empty() {
        name_apps(db, apps, &mut bodies).await?;
    }
    let asking: Vec<StatusId> =
        bodies.values().filter(|body| body.status.kind == Kind::Question).map(|body| body.status.id).collect();
    if !asking.is_empty() {
        let polls = poll::Entity::find().filter(poll::Column::StatusId.is_in(asking)).all(db.reader()).await?;
        for poll in polls {
            if let Some(body) = bodies.get_mut(&poll.status_id) {
                body.poll = Some(poll);
            }
        }
    }
    Ok(bodies)
}

async fn name_apps(db: &Db, ids: Vec<AppId>, bodies: &mut HashMap<StatusId, Body>) -> Result<()> {
    let apps = app::Entity::find().filter(app::Column::Id.is_in(ids)).all(db.reader()).await?;
    let apps: HashMap<AppId, app::Model> = apps.into_iter().map(|app| (app.id, app)).collect();
    for body in bodies.values_mut() {
        let app = body.status.app_id.and_then(|id| apps.get(&id));
        body.app = app.map(|app| AppName { name: app.name.clone(), website: app.website.clone() });
    }
    Ok(())
}
