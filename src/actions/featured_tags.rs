//! Hashtags that members show on their profile.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::id::{AccountId, FeaturedTagId};
use crate::domain::text::Tag;
use crate::error::{Error, Result};
use crate::store::entity::{featured_tag, tag};
use crate::store::{accounts, tags};

/// How many hashtags a member shows.
pub const MOST: usize = 10;

/// A member shows a hashtag on their profile.
pub async fn feature(app: &App, account: AccountId, name: &str) -> Result<FeaturedTagId> {
    if name.trim().trim_start_matches('#').is_empty() {
        return Err(Error::field("name", "ERR_BLANK", "Name can't be blank"));
    }
    let named = Tag::parse(name).ok_or_else(|| Error::field("name", "ERR_INVALID", "Name is not a valid hashtag"))?;
    let mut change = app.begin().await?;
    let fresh =
        tag::Model { id: app.id(), name: named.key.clone(), display: named.display.clone(), created_at: change.now() };
    let known = tags::ensure(change.tx(), std::slice::from_ref(&named), vec![fresh]).await?;
    let tag = known.into_iter().next().ok_or(Error::NotFound("tag"))?;
    let mine = featured_tag::Column::AccountId.eq(account);
    let shown = featured_tag::Entity::find().filter(mine).all(change.tx()).await?;
    if shown.iter().any(|shown| shown.tag_id == tag.id) {
        return Err(Error::field("tag", "ERR_TAKEN", "Tag has already been taken"));
    }
    if shown.len() >= MOST {
        let description = "You have already featured the maximum number of hashtags";
        return Err(Error::field("base", "ERR_LIMIT", description));
    }
    let id: FeaturedTagId = app.id();
    let row = featured_tag::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        tag_id: Set(tag.id),
        display: Set(named.display),
        created_at: Set(change.now()),
    };
    featured_tag::Entity::insert(row).exec_without_returning(change.tx()).await?;
    tell(&mut change, account).await?;
    change.commit().await?;
    Ok(id)
}

/// A member does not show a hashtag any more.
pub async fn unfeature(app: &App, account: AccountId, id: FeaturedTagId) -> Result<()> {
    let mut change = app.begin().await?;
    let gone = featured_tag::Entity::delete_by_id(id).filter(featured_tag::Column::AccountId.eq(account));
    if gone.exec(change.tx()).await?.rows_affected == 0 {
        return Err(Error::NotFound("featured tag"));
    }
    tell(&mut change, account).await?;
    change.commit().await
}

/// Other servers read the list anew when the profile has changed.
async fn tell(change: &mut Change, account: AccountId) -> Result<()> {
    let mut row = accounts::find(change.tx(), account).await?.into_active_model();
    row.updated_at = Set(change.now());
    row.update(change.tx()).await?;
    change.touch_account(account);
    change.record(Event::ProfileUpdated { account }).await
}
