//! Likes and reactions of people elsewhere: whatever somebody says to a post, and however often, they like it once.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};

use crate::actions::interactions::{like, original, unlike};
use crate::app::{App, Change};
use crate::domain::id::{AccountId, StatusId};
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::store::entity::{account, favourite, reaction};
use crate::store::{received, statuses};

/// How many further reactions of one person to one post are remembered.
const MOST: u64 = 20;

/// Takes in that somebody elsewhere likes a status, or reacts to it.
pub async fn receive_like(app: &App, account: AccountId, id: StatusId, uri: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let status = original(&change, Viewer::Peer(account), id).await?;
    if received::is_buried(change.tx(), uri, account).await? {
        return Ok(());
    }
    match statuses::favourite(change.tx(), account, status.id).await? {
        // An id that is somebody else's is nobody's word for it.
        None if statuses::favourite_by_uri(change.tx(), uri).await?.is_some() => {}
        None => like(&mut change, app.id(), account, &status, uri).await?,
        Some(known) if known.uri != uri => react(&change, &known, uri).await?,
        Some(_) => {}
    }
    change.commit().await
}

/// Takes in that somebody elsewhere does not like a status any more, or takes one of their reactions back.
///
/// What has no id takes all of them back, and so does an id that was never heard of when there is but one.
pub async fn receive_unlike(app: &App, by: &account::Model, id: StatusId, uri: Option<&str>) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(status) = statuses::by_id(change.tx(), id).await? else { return Ok(()) };
    let mut taken_back_before = false;
    if let Some(uri) = uri {
        taken_back_before = received::is_buried(change.tx(), uri, by.id).await?;
        received::bury(change.tx(), uri, by, app.now()).await?;
    }
    let Some(known) = statuses::favourite(change.tx(), by.id, id).await? else { return change.commit().await };
    let further = of(by.id, id).order_by_asc(reaction::Column::CreatedAt).order_by_asc(reaction::Column::Uri);
    let further = further.all(change.tx()).await?;
    match uri {
        Some(uri) if further.iter().any(|reaction| reaction.uri == uri) => forget(&change, uri).await?,
        Some(uri) if known.uri == uri && !further.is_empty() => {
            // Another of their reactions stands for them from now on.
            let next = further[0].uri.clone();
            forget(&change, &next).await?;
            let mut row = known.into_active_model();
            row.uri = Set(next);
            row.update(change.tx()).await?;
        }
        // One of several, but none of those that are left.
        Some(uri) if known.uri != uri && (taken_back_before || !further.is_empty()) => {}
        _ => {
            for reaction in &further {
                forget(&change, &reaction.uri).await?;
            }
            unlike(&mut change, known, &status).await?;
        }
    }
    change.commit().await
}

async fn react(change: &Change, known: &favourite::Model, uri: &str) -> Result<()> {
    if of(known.account_id, known.status_id).count(change.tx()).await? >= MOST {
        return Ok(());
    }
    let row = reaction::ActiveModel {
        uri: Set(uri.to_owned()),
        account_id: Set(known.account_id),
        status_id: Set(known.status_id),
        created_at: Set(change.now()),
    };
    let keep = OnConflict::column(reaction::Column::Uri).do_nothing().to_owned();
    reaction::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    Ok(())
}

async fn forget(change: &Change, uri: &str) -> Result<()> {
    reaction::Entity::delete_by_id(uri.to_owned()).exec(change.tx()).await?;
    Ok(())
}

fn of(account: AccountId, status: StatusId) -> sea_orm::Select<reaction::Entity> {
    reaction::Entity::find()
        .filter(reaction::Column::AccountId.eq(account))
        .filter(reaction::Column::StatusId.eq(status))
}
