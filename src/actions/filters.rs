//! What readers do not want to meet.

use std::time::Duration;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use crate::app::{App, Change};
use crate::domain::account::Names;
use crate::domain::filter::FilterAction;
use crate::domain::id::{AccountId, FilterId, FilterKeywordId, FilterStatusId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::store::entity::{filter, filter_keyword, filter_status};
use crate::store::visibility;

/// Where a filter can hold.
const CONTEXTS: [&str; 5] = ["home", "notifications", "public", "thread", "account"];
/// The longest title, in characters.
const LONGEST_TITLE: usize = 256;
/// The longest word, in characters.
const LONGEST_KEYWORD: usize = 512;
/// How many filters one reader may have.
const MOST_FILTERS: u64 = 100;
/// How many words, or picked statuses, one filter may have: all are compared with every status on a page.
const MOST_ENTRIES: u64 = 200;

/// What a reader wants of a filter; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Its name for people.
    pub title: Option<String>,
    /// Where it holds.
    pub context: Option<Vec<String>>,
    /// What is to be done.
    pub action: Option<FilterAction>,
    /// After how long it ends; `Some(None)` for never.
    pub expires_in: Option<Option<Duration>>,
    /// What is to become of its words.
    pub keywords: Vec<KeywordWish>,
}

/// What a reader wants of a word.
#[derive(Debug, Clone, Default)]
pub struct KeywordWish {
    /// A word the filter has; nothing for a new one.
    pub id: Option<FilterKeywordId>,
    /// The word.
    pub keyword: Option<String>,
    /// Whether it must stand alone.
    pub whole_word: Option<bool>,
    /// Whether it is to go.
    pub destroy: bool,
}

/// Makes a filter.
pub async fn create(app: &App, account: AccountId, wish: Wish) -> Result<FilterId> {
    let change = app.begin().await?;
    let known = filter::Entity::find().filter(filter::Column::AccountId.eq(account)).count(change.tx()).await?;
    if known >= MOST_FILTERS {
        return Err(Error::field("base", "ERR_TOO_MANY", "There are too many filters already"));
    }
    let id: FilterId = app.id();
    let row = filter::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        title: Set(title(wish.title.as_deref().unwrap_or_default())?),
        context: Set(context(wish.context.unwrap_or_default())?),
        action: Set(wish.action.unwrap_or(FilterAction::Warn)),
        expires_at: Set(end(wish.expires_in.flatten(), app.now())),
    };
    filter::Entity::insert(row).exec_without_returning(change.tx()).await?;
    for keyword in wish.keywords {
        apply(&change, id, keyword).await?;
    }
    change.commit().await?;
    Ok(id)
}

/// Changes a filter and its words.
pub async fn update(app: &App, account: AccountId, id: FilterId, wish: Wish) -> Result<()> {
    let change = app.begin().await?;
    let known = own(&change, account, id).await?;
    rewrite(&change, known, &wish).await?;
    for keyword in wish.keywords {
        apply(&change, id, keyword).await?;
    }
    change.commit().await
}

/// Deletes a filter with everything in it.
pub async fn delete(app: &App, account: AccountId, id: FilterId) -> Result<()> {
    let change = app.begin().await?;
    own(&change, account, id).await?;
    filter::Entity::delete_by_id(id).exec(change.tx()).await?;
    change.commit().await
}

/// Adds a word to a filter.
pub async fn add_keyword(app: &App, account: AccountId, id: FilterId, wish: KeywordWish) -> Result<FilterKeywordId> {
    let change = app.begin().await?;
    own(&change, account, id).await?;
    let keyword = insert_keyword(&change, id, &wish).await?;
    change.commit().await?;
    Ok(keyword)
}

/// Changes a word.
pub async fn update_keyword(app: &App, account: AccountId, id: FilterKeywordId, wish: KeywordWish) -> Result<()> {
    let change = app.begin().await?;
    let (_, known) = own_keyword(&change, account, id).await?;
    rewrite_keyword(&change, known, &wish).await?;
    change.commit().await
}

/// Takes a word out of its filter.
pub async fn delete_keyword(app: &App, account: AccountId, id: FilterKeywordId) -> Result<()> {
    let change = app.begin().await?;
    own_keyword(&change, account, id).await?;
    filter_keyword::Entity::delete_by_id(id).exec(change.tx()).await?;
    change.commit().await
}

/// Changes a word and its filter, as old apps do, for whom the two are one.
///
/// What they want of the filter would hold for words they do not know of, so a filter of several words is left alone.
pub async fn update_single(
    app: &App,
    account: AccountId,
    id: FilterKeywordId,
    wish: Wish,
    word: KeywordWish,
) -> Result<()> {
    let change = app.begin().await?;
    let (filter, keyword) = own_keyword(&change, account, id).await?;
    let wish = Wish { title: None, ..wish };
    if words_of(&change, filter.id).await? > 1 {
        let same = wish.context.as_ref().is_none_or(|context| *context == filter.context.0)
            && wish.action.is_none_or(|action| action == filter.action)
            && wish.expires_in.is_none_or(|wanted| wanted.is_none() && filter.expires_at.is_none());
        if !same {
            return Err(Error::field(
                "base",
                "ERR_INVALID",
                "This filter has several words and cannot be changed by this app",
            ));
        }
    } else {
        rewrite(&change, filter, &wish).await?;
    }
    rewrite_keyword(&change, keyword, &word).await?;
    change.commit().await
}

/// Takes a word away, as old apps do, and its filter when nothing is left in it.
pub async fn delete_single(app: &App, account: AccountId, id: FilterKeywordId) -> Result<()> {
    let change = app.begin().await?;
    let (filter, _) = own_keyword(&change, account, id).await?;
    filter_keyword::Entity::delete_by_id(id).exec(change.tx()).await?;
    if words_of(&change, filter.id).await? == 0 && picks_of(&change, filter.id).await? == 0 {
        filter::Entity::delete_by_id(filter.id).exec(change.tx()).await?;
    }
    change.commit().await
}

/// Makes a filter pick a status.
pub async fn pick(app: &App, account: AccountId, id: FilterId, status: StatusId) -> Result<FilterStatusId> {
    let change = app.begin().await?;
    own(&change, account, id).await?;
    visibility::find(change.tx(), Viewer::Member(account), status).await?;
    let known = filter_status::Entity::find()
        .filter(filter_status::Column::FilterId.eq(id))
        .filter(filter_status::Column::StatusId.eq(status));
    if known.one(change.tx()).await?.is_some() {
        return Err(Error::field("status", "ERR_TAKEN", "Status has already been taken"));
    }
    if picks_of(&change, id).await? >= MOST_ENTRIES {
        return Err(Error::field("base", "ERR_TOO_MANY", "This filter picks too many statuses already"));
    }
    let pick: FilterStatusId = app.id();
    let row = filter_status::ActiveModel { id: Set(pick), filter_id: Set(id), status_id: Set(status) };
    filter_status::Entity::insert(row).exec_without_returning(change.tx()).await?;
    change.commit().await?;
    Ok(pick)
}

/// Makes a filter pick a status no longer.
pub async fn unpick(app: &App, account: AccountId, id: FilterStatusId) -> Result<()> {
    let change = app.begin().await?;
    let pick = filter_status::Entity::find_by_id(id).one(change.tx()).await?;
    let pick = pick.ok_or(Error::NotFound("filter status"))?;
    own(&change, account, pick.filter_id).await?;
    filter_status::Entity::delete_by_id(id).exec(change.tx()).await?;
    change.commit().await
}

async fn own(change: &Change, account: AccountId, id: FilterId) -> Result<filter::Model> {
    let found = filter::Entity::find_by_id(id).filter(filter::Column::AccountId.eq(account));
    found.one(change.tx()).await?.ok_or(Error::NotFound("filter"))
}

async fn own_keyword(
    change: &Change,
    account: AccountId,
    id: FilterKeywordId,
) -> Result<(filter::Model, filter_keyword::Model)> {
    let keyword = filter_keyword::Entity::find_by_id(id).one(change.tx()).await?;
    let keyword = keyword.ok_or(Error::NotFound("keyword"))?;
    Ok((own(change, account, keyword.filter_id).await?, keyword))
}

async fn words_of(change: &Change, id: FilterId) -> Result<u64> {
    Ok(filter_keyword::Entity::find().filter(filter_keyword::Column::FilterId.eq(id)).count(change.tx()).await?)
}

async fn picks_of(change: &Change, id: FilterId) -> Result<u64> {
    Ok(filter_status::Entity::find().filter(filter_status::Column::FilterId.eq(id)).count(change.tx()).await?)
}

async fn rewrite(change: &Change, known: filter::Model, wish: &Wish) -> Result<()> {
    let mut row = known.into_active_model();
    if let Some(wanted) = &wish.title {
        row.title = Set(title(wanted)?);
    }
    if let Some(wanted) = &wish.context {
        row.context = Set(context(wanted.clone())?);
    }
    if let Some(action) = wish.action {
        row.action = Set(action);
    }
    if let Some(wanted) = wish.expires_in {
        row.expires_at = Set(end(wanted, change.now()));
    }
    if row.is_changed() {
        row.update(change.tx()).await?;
    }
    Ok(())
}

/// Does to one word of a filter what is wanted: adds, changes or takes it away.
async fn apply(change: &Change, filter: FilterId, wish: KeywordWish) -> Result<()> {
    let Some(id) = wish.id else {
        if !wish.destroy {
            insert_keyword(change, filter, &wish).await?;
        }
        return Ok(());
    };
    let known = filter_keyword::Entity::find_by_id(id).filter(filter_keyword::Column::FilterId.eq(filter));
    let known = known.one(change.tx()).await?.ok_or(Error::NotFound("keyword"))?;
    if wish.destroy {
        filter_keyword::Entity::delete_by_id(id).exec(change.tx()).await?;
        return Ok(());
    }
    rewrite_keyword(change, known, &wish).await
}

async fn insert_keyword(change: &Change, filter: FilterId, wish: &KeywordWish) -> Result<FilterKeywordId> {
    if words_of(change, filter).await? >= MOST_ENTRIES {
        return Err(Error::field("base", "ERR_TOO_MANY", "This filter has too many words already"));
    }
    let id: FilterKeywordId = change.app().id();
    let row = filter_keyword::ActiveModel {
        id: Set(id),
        filter_id: Set(filter),
        keyword: Set(keyword(wish.keyword.as_deref().unwrap_or_default())?),
        whole_word: Set(wish.whole_word.unwrap_or(true)),
    };
    filter_keyword::Entity::insert(row).exec_without_returning(change.tx()).await?;
    Ok(id)
}

async fn rewrite_keyword(change: &Change, known: filter_keyword::Model, wish: &KeywordWish) -> Result<()> {
    let mut row = known.into_active_model();
    if let Some(wanted) = &wish.keyword {
        row.keyword = Set(keyword(wanted)?);
    }
    if let Some(whole_word) = wish.whole_word {
        row.whole_word = Set(whole_word);
    }
    if row.is_changed() {
        row.update(change.tx()).await?;
    }
    Ok(())
}

fn title(wanted: &str) -> Result<String> {
    let title = wanted.trim();
    if title.is_empty() {
        return Err(Error::field("title", "ERR_BLANK", "Title can't be blank"));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(Error::field("title", "ERR_TOO_LONG", "Title is too long (maximum is 256 characters)"));
    }
    Ok(title.to_owned())
}

fn context(mut wanted: Vec<String>) -> Result<Names> {
    wanted.dedup();
    if wanted.is_empty()
        || wanted.len() > CONTEXTS.len()
        || !wanted.iter().all(|word| CONTEXTS.contains(&word.as_str()))
    {
        return Err(Error::field("context", "ERR_INVALID", "Context must be one or more supported contexts"));
    }
    Ok(Names(wanted))
}

fn keyword(wanted: &str) -> Result<String> {
    let keyword = wanted.trim();
    if keyword.is_empty() {
        return Err(Error::field("keyword", "ERR_BLANK", "Keyword can't be blank"));
    }
    if keyword.chars().count() > LONGEST_KEYWORD {
        return Err(Error::field("keyword", "ERR_TOO_LONG", "Keyword is too long (maximum is 512 characters)"));
    }
    Ok(keyword.to_owned())
}

fn end(after: Option<Duration>, now: Moment) -> Option<Moment> {
    after.map(|after| now + after)
}
