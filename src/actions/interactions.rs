//! What people do with statuses: like, boost.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use crate::actions::notify::{self, News};
use crate::actions::{fanout, statuses as actions};
use crate::app::{App, Change};
use crate::domain::account::Emojis;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, FavouriteId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::notification::NotificationKind;
use crate::domain::policy;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::entity::{account, favourite, status};
use crate::store::{accounts, follows, received, statuses, visibility};

/// A member likes a status.
pub async fn favourite(app: &App, account: AccountId, id: StatusId) -> Result<StatusId> {
    let mut change = app.begin().await?;
    let status = original(&change, Viewer::Member(account), id).await?;
    if statuses::favourite(change.tx(), account, status.id).await?.is_some() {
        return Ok(status.id);
    }
    let favourite: FavouriteId = app.id();
    let uri = app.urls.like(account, favourite);
    like(&mut change, favourite, account, &status, &uri).await?;
    if !status.local {
        change.record(Event::Favourited { account, status: status.id, uri }).await?;
    }
    change.commit().await?;
    Ok(status.id)
}

/// A member does not like a status any more.
pub async fn unfavourite(app: &App, account: AccountId, id: StatusId) -> Result<StatusId> {
    let mut change = app.begin().await?;
    let status = original(&change, Viewer::Member(account), id).await?;
    if let Some(known) = statuses::favourite(change.tx(), account, status.id).await? {
        let uri = known.uri.clone();
        unlike(&mut change, known, &status).await?;
        if !status.local {
            change.record(Event::Unfavourited { account, status: status.id, uri }).await?;
        }
    }
    change.commit().await?;
    Ok(status.id)
}

/// Takes in that a like or a boost with this id is taken back, whether it has arrived or not.
pub async fn forestall(app: &App, by: &account::Model, uri: &str) -> Result<()> {
    let change = app.begin().await?;
    received::bury(change.tx(), uri, by, app.now()).await?;
    change.commit().await
}

/// A member boosts a status; the boost, which is the old one when there is one.
pub async fn boost(app: &App, account: AccountId, id: StatusId, wanted: Option<Visibility>) -> Result<StatusId> {
    let mut change = app.begin().await?;
    let status = original(&change, Viewer::Member(account), id).await?;
    policy::may_boost(account, status.account_id, status.visibility)?;
    if let Some(known) = statuses::boost(change.tx(), account, status.id).await? {
        return Ok(known.id);
    }
    let boost: StatusId = app.id();
    let wanted = wanted.filter(|wanted| *wanted != Visibility::Direct).unwrap_or(Visibility::Public);
    let by = Boost {
        id: boost,
        uri: app.urls.status(account, boost),
        account,
        local: true,
        visibility: wanted.max(status.visibility),
        at: app.now(),
    };
    spread(&mut change, by, &status).await?;
    if status.federated {
        change.record(Event::Boosted { account, boost, original: status.id }).await?;
    }
    change.commit().await?;
    Ok(boost)
}

/// A member takes a boost back; the original.
pub async fn unboost(app: &App, account: AccountId, id: StatusId) -> Result<StatusId> {
    let mut change = app.begin().await?;
    let status = original(&change, Viewer::Member(account), id).await?;
    if let Some(known) = statuses::boost(change.tx(), account, status.id).await? {
        actions::take_back_boost(&mut change, &known).await?;
    }
    change.commit().await?;
    Ok(status.id)
}

/// A boost as another server tells it.
#[derive(Debug)]
pub struct RemoteBoost {
    /// The id of the Announce.
    pub uri: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// When it was made, by its own word.
    pub published: Option<Moment>,
}

/// Takes in that somebody elsewhere boosts a status; kept when it concerns somebody here.
pub async fn receive_boost(app: &App, account: AccountId, id: StatusId, said: RemoteBoost) -> Result<()> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Peer(account), id).await?;
    let owner = policy::may_boost(account, status.account_id, status.visibility);
    let known = statuses::boost(change.tx(), account, status.id).await?.is_some()
        || statuses::by_uri(change.tx(), &said.uri).await?.is_some()
        || received::is_buried(change.tx(), &said.uri, account).await?;
    if owner.is_err() || status.reblog_of_id.is_some() || known {
        return Ok(());
    }
    if !status.local && !follows::has_local_followers(change.tx(), account).await? {
        return Ok(());
    }
    let at = said.published.unwrap_or(app.now()).min(app.now()).max(Moment(1));
    let visibility = said.visibility.max(status.visibility);
    let by = Boost { id: app.id_at(at), uri: said.uri, account, local: false, visibility, at };
    spread(&mut change, by, &status).await?;
    change.commit().await
}

/// Takes in that somebody elsewhere takes a boost back.
pub async fn receive_unboost(app: &App, account: AccountId, boost: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    if let Some(known) = statuses::by_id(change.tx(), boost).await?.filter(|known| known.account_id == account) {
        actions::take_back_boost(&mut change, &known).await?;
    }
    change.commit().await
}

/// The status itself, or what it boosts.
pub(super) async fn original(change: &Change, viewer: Viewer, id: StatusId) -> Result<status::Model> {
    let status = visibility::find(change.tx(), viewer, id).await?;
    match status.reblog_of_id {
        Some(original) => visibility::find(change.tx(), viewer, original).await,
        None => Ok(status),
    }
}

pub(super) async fn like(
    change: &mut Change,
    id: FavouriteId,
    account: AccountId,
    status: &status::Model,
    uri: &str,
) -> Result<()> {
    let row = favourite::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        status_id: Set(status.id),
        uri: Set(uri.to_owned()),
        created_at: Set(change.now()),
    };
    favourite::Entity::insert(row).exec_without_returning(change.tx()).await?;
    statuses::count(change.tx(), status.id, status::Column::FavouritesCount, 1).await?;
    change.touch_status(status.id);
    let author = author(change, status).await?;
    let news = News { kind: NotificationKind::Favourite, from: account, status: Some(status.id) };
    notify::tell(change, &author, news).await
}

pub(super) async fn unlike(change: &mut Change, known: favourite::Model, status: &status::Model) -> Result<()> {
    favourite::Entity::delete_by_id(known.id).exec(change.tx()).await?;
    statuses::count(change.tx(), status.id, status::Column::FavouritesCount, -1).await?;
    change.touch_status(status.id);
    let news = News { kind: NotificationKind::Favourite, from: known.account_id, status: Some(status.id) };
    notify::withdraw(change, status.account_id, news).await
}

/// A boost that is about to be stored.
struct Boost {
    id: StatusId,
    uri: String,
    account: AccountId,
    local: bool,
    visibility: Visibility,
    at: Moment,
}

async fn spread(change: &mut Change, by: Boost, original: &status::Model) -> Result<()> {
    let row = status::Model {
        id: by.id,
        uri: by.uri,
        url: None,
        account_id: by.account,
        local: by.local,
        kind: original.kind,
        title: String::new(),
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        visibility: by.visibility,
        federated: original.federated,
        sensitive: false,
        language: None,
        conversation_id: original.conversation_id,
        context_uri: None,
        group_uri: None,
        in_reply_to_uri: None,
        in_reply_to_id: None,
        in_reply_to_account_id: None,
        reblog_of_id: Some(original.id),
        app_id: None,
        emojis: Emojis::default(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        quote_uri: None,
        quote_id: None,
        quote_state: None,
        quote_approval: None,
        quote_policy: None,
        created_at: by.at,
        edited_at: None,
        fetched_at: None,
    };
    status::Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(change.tx()).await?;
    statuses::count(change.tx(), original.id, status::Column::ReblogsCount, 1).await?;
    accounts::count(change.tx(), by.account, account::Column::StatusesCount, 1).await?;
    change.touch_status(original.id);
    change.touch_account(by.account);
    fanout::to_home(change, &row).await?;
    let author = author(change, original).await?;
    let news = News { kind: NotificationKind::Reblog, from: by.account, status: Some(original.id) };
    notify::tell(change, &author, news).await
}

async fn author(change: &Change, status: &status::Model) -> Result<account::Model> {
    accounts::find(change.tx(), status.account_id).await.map_err(|error| match error {
        Error::NotFound(_) => Error::NotFound("status"),
        other => other,
    })
}
