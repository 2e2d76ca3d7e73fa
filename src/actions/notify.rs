//! Who hears about it.

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::app::Change;
use crate::domain::id::{AccountId, NotificationId, StatusId};
use crate::domain::notification::NotificationKind;
use crate::domain::severity::Severance;
use crate::error::Result;
use crate::store::entity::{account, follow, notification, status};
use crate::store::{accounts, visibility};

/// How many hours one group of notifications covers.
const GROUP_HOURS: i64 = 12;
/// For how long a post rings bells: old ones that are fetched only now are no news.
const NEWS: Duration = Duration::from_secs(24 * 3600);
/// After which time nobody is told of a post at all. Servers deliver for about a week.
const HISTORY: Duration = Duration::from_secs(8 * 24 * 3600);

/// Something a member may hear about.
#[derive(Debug, Clone, Copy)]
pub struct News {
    /// What happened.
    pub kind: NotificationKind,
    /// Who did it.
    pub from: AccountId,
    /// The status it is about.
    pub status: Option<StatusId>,
}

/// Tells `reader`, unless they are not a member, did it themselves, or do not want to hear of it.
pub async fn tell(change: &mut Change, reader: &account::Model, news: News) -> Result<()> {
    if reader.host.is_some() || reader.id == news.from || is_unwanted(change, reader.id, news.from).await? {
        return Ok(());
    }
    insert(change, reader.id, news).await
}

/// Tells a member of something that became of their own post.
pub async fn tell_of_own(change: &mut Change, reader: &account::Model, news: News) -> Result<()> {
    if reader.host.is_some() {
        return Ok(());
    }
    insert(change, reader.id, news).await
}

/// Tells the members whom a status names, and those who follow its author with the bell.
pub async fn of_status(change: &mut Change, status: &status::Model, named: &[account::Model]) -> Result<()> {
    let age = change.now().since(status.created_at);
    if age > HISTORY {
        return Ok(());
    }
    let mention = News { kind: NotificationKind::Mention, from: status.account_id, status: Some(status.id) };
    for reader in named {
        tell(change, reader, mention).await?;
    }
    if status.reblog_of_id.is_some() || status.in_reply_to_id.is_some() || age > NEWS {
        return Ok(());
    }
    let bells = follow::Entity::find()
        .filter(follow::Column::TargetId.eq(status.account_id))
        .filter(follow::Column::Accepted.eq(true))
        .filter(follow::Column::Notify.eq(true))
        .all(change.tx())
        .await?;
    let readers: Vec<AccountId> = bells.into_iter().map(|bell| bell.account_id).collect();
    let news = News { kind: NotificationKind::Status, ..mention };
    for reader in accounts::all(change.tx(), &readers).await? {
        if named.iter().all(|account| account.id != reader.id) && may_see(change, reader.id, status.id).await? {
            tell(change, &reader, news).await?;
        }
    }
    Ok(())
}

/// Tells whoever is quoted of it, if that is news and they may read it.
pub async fn of_quote(change: &mut Change, quoted: &account::Model, status: &status::Model) -> Result<()> {
    let is_news = change.now().since(status.created_at) <= HISTORY;
    if quoted.host.is_some() || !is_news || !may_see(change, quoted.id, status.id).await? {
        return Ok(());
    }
    tell(change, quoted, News { kind: NotificationKind::Quote, from: status.account_id, status: Some(status.id) }).await
}

/// Tells members what they lost when a server was shut out. Nobody did it to them, so it is told in their own name.
pub async fn of_severance(change: &mut Change, losses: Vec<(AccountId, Severance)>) -> Result<()> {
    for (reader, severance) in losses {
        let id: NotificationId = change.app().id();
        let row = notification::ActiveModel {
            id: Set(id),
            account_id: Set(reader),
            kind: Set(NotificationKind::SeveredRelationships),
            from_id: Set(reader),
            status_id: Set(None),
            severance: Set(Some(severance)),
            cause: Set(format!("severed-{id}")),
            group_key: Set(format!("ungrouped-{id}")),
            created_at: Set(change.now()),
        };
        notification::Entity::insert(row).exec_without_returning(change.tx()).await?;
    }
    Ok(())
}

/// Takes back what was told of something that is no longer so.
pub async fn withdraw(change: &mut Change, reader: AccountId, news: News) -> Result<()> {
    notification::Entity::delete_many()
        .filter(notification::Column::AccountId.eq(reader))
        .filter(notification::Column::Cause.eq(cause(news)))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Takes back everything `from` caused for `reader`.
pub async fn withdraw_all(change: &mut Change, reader: AccountId, from: AccountId) -> Result<()> {
    let theirs =
        Condition::all().add(notification::Column::AccountId.eq(reader)).add(notification::Column::FromId.eq(from));
    notification::Entity::delete_many().filter(theirs).exec(change.tx()).await?;
    Ok(())
}

async fn is_unwanted(change: &Change, reader: AccountId, from: AccountId) -> Result<bool> {
    accounts::is_unwelcome(change.tx(), reader, from, change.now()).await
}

async fn may_see(change: &Change, reader: AccountId, status: StatusId) -> Result<bool> {
    let viewer = crate::domain::visibility::Viewer::Member(reader);
    Ok(!visibility::among(change.tx(), viewer, &[status]).await?.is_empty())
}

async fn insert(change: &mut Change, reader: AccountId, news: News) -> Result<()> {
    let id: NotificationId = change.app().id();
    let now = change.now();
    let row = notification::ActiveModel {
        id: Set(id),
        account_id: Set(reader),
        kind: Set(news.kind),
        from_id: Set(news.from),
        status_id: Set(news.status),
        severance: Set(None),
        cause: Set(cause(news)),
        group_key: Set(group_key(id, news, now.0)),
        created_at: Set(now),
    };
    let keep =
        OnConflict::columns([notification::Column::AccountId, notification::Column::Cause]).do_nothing().to_owned();
    notification::Entity::insert(row).on_conflict(keep).exec_without_returning(change.tx()).await?;
    Ok(())
}

fn cause(news: News) -> String {
    match news.status {
        Some(status) => format!("{}-{}-{status}", news.kind, news.from),
        None => format!("{}-{}", news.kind, news.from),
    }
}

/// Favourites and boosts of one status, and follows, are shown as one when they come within hours of each other.
fn group_key(id: NotificationId, news: News, now: i64) -> String {
    let bucket = now / (3_600_000 * GROUP_HOURS);
    match (news.kind, news.status) {
        (NotificationKind::Favourite | NotificationKind::Reblog, Some(status)) => {
            format!("{}-{status}-{bucket}", news.kind)
        }
        (NotificationKind::Follow, _) => format!("{}-{bucket}", news.kind),
        _ => format!("ungrouped-{id}"),
    }
}
