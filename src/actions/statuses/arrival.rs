//! What happens to every new status, wherever it was written.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::actions::{fanout, notify, polls, quotes};
use crate::app::Change;
use crate::domain::event::Event;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::text::Tag;
use crate::error::Result;
use crate::store::entity::{account, media, mention, poll, status, status_tag, tag};
use crate::store::{statuses, tags};

/// A status that is about to be stored.
#[derive(Debug)]
pub struct Arrival {
    /// Its row.
    pub row: status::Model,
    /// Whom it names, in order.
    pub named: Vec<account::Model>,
    /// Who else it is addressed to.
    pub silent: Vec<AccountId>,
    /// Its hashtags.
    pub tags: Vec<Tag>,
    /// Its attachments.
    pub media: Vec<media::Model>,
    /// What it asks.
    pub poll: Option<poll::Model>,
    /// Whether what it quotes has to be looked at, and whether it quotes without asking.
    pub look: Option<bool>,
}

/// Stores a status, lays it out for its readers and tells whom it concerns.
pub async fn insert(change: &mut Change, arrival: Arrival) -> Result<()> {
    let Arrival { row, named, silent, tags, media, poll, look } = arrival;
    status::Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(change.tx()).await?;
    let named_ids: Vec<AccountId> = named.iter().map(|account| account.id).collect();
    mention(change, row.id, &named_ids, &silent).await?;
    attach(change, media).await?;
    if let Some(poll) = poll {
        polls::insert(change, &row, poll).await?;
    }
    carry_tags(change, row.id, &tags).await?;
    count(change, &row).await?;
    adopt_orphans(change, &row).await?;
    fanout::to_home(change, &row).await?;
    notify::of_status(change, &row, &named).await?;
    change.touch_status(row.id);
    if row.local {
        change.record(Event::StatusPosted { account: row.account_id, status: row.id }).await?;
    }
    if row.quote_uri.is_some() {
        quotes::announce(change, &row, look).await?;
    }
    Ok(())
}

/// Writes down whom a status addresses.
pub(super) async fn mention(
    change: &Change,
    status: StatusId,
    named: &[AccountId],
    silent: &[AccountId],
) -> Result<()> {
    let named = named.iter().map(|id| (*id, false));
    let silent = silent.iter().map(|id| (*id, true));
    let rows: Vec<mention::ActiveModel> = (0..)
        .zip(named.chain(silent))
        .map(|(position, (account, silent))| mention::ActiveModel {
            status_id: Set(status),
            account_id: Set(account),
            position: Set(position),
            silent: Set(silent),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let keep = OnConflict::columns([mention::Column::StatusId, mention::Column::AccountId]).do_nothing().to_owned();
    mention::Entity::insert_many(rows).on_conflict(keep).exec_without_returning(change.tx()).await?;
    Ok(())
}

/// Writes down the attachments of a status.
pub(super) async fn attach(change: &Change, media: Vec<media::Model>) -> Result<()> {
    if media.is_empty() {
        return Ok(());
    }
    let rows = media.into_iter().map(|row| row.into_active_model().reset_all());
    media::Entity::insert_many(rows).exec_without_returning(change.tx()).await?;
    Ok(())
}

/// Writes down the hashtags of a status.
pub(super) async fn carry_tags(change: &Change, status: StatusId, carried: &[Tag]) -> Result<()> {
    if carried.is_empty() {
        return Ok(());
    }
    let fresh = carried
        .iter()
        .map(|carried| tag::Model {
            id: change.app().id(),
            name: carried.key.clone(),
            display: carried.display.clone(),
            created_at: change.now(),
        })
        .collect();
    let known = tags::ensure(change.tx(), carried, fresh).await?;
    let rows = known.into_iter().map(|tag| {
        let written = carried.iter().find(|carried| carried.key == tag.name);
        let display = written.map_or(tag.display, |carried| carried.display.clone());
        status_tag::ActiveModel { tag_id: Set(tag.id), status_id: Set(status), display: Set(display) }
    });
    status_tag::Entity::insert_many(rows).exec_without_returning(change.tx()).await?;
    Ok(())
}

async fn count(change: &mut Change, row: &status::Model) -> Result<()> {
    account::Entity::update_many()
        .col_expr(account::Column::StatusesCount, Expr::col(account::Column::StatusesCount).add(1))
        .col_expr(account::Column::LastStatusAt, Expr::val(row.created_at))
        .filter(account::Column::Id.eq(row.account_id))
        .exec(change.tx())
        .await?;
    change.touch_account(row.account_id);
    if let Some(parent) = row.in_reply_to_id {
        statuses::count(change.tx(), parent, status::Column::RepliesCount, 1).await?;
        change.touch_status(parent);
    }
    Ok(())
}

/// Replies that came before what they answer find their parent.
async fn adopt_orphans(change: &mut Change, parent: &status::Model) -> Result<()> {
    // An orphan of the same conversation stands above the parent already: they would answer each other in a circle.
    let waiting = status::Column::InReplyToUri
        .eq(parent.uri.as_str())
        .and(status::Column::InReplyToId.is_null())
        .and(status::Column::ConversationId.ne(parent.conversation_id));
    let orphans: Vec<(StatusId, StatusId)> = status::Entity::find()
        .select_only()
        .columns([status::Column::Id, status::Column::ConversationId])
        .filter(waiting.clone())
        .into_tuple()
        .all(change.tx())
        .await?;
    if orphans.is_empty() {
        return Ok(());
    }
    status::Entity::update_many()
        .col_expr(status::Column::InReplyToId, Expr::val(parent.id))
        .col_expr(status::Column::InReplyToAccountId, Expr::val(parent.account_id))
        .filter(waiting)
        .exec(change.tx())
        .await?;
    for orphans in orphans.chunks(500) {
        let threads = status::Column::ConversationId.is_in(orphans.iter().map(|(_, conversation)| *conversation));
        let moved = status::Entity::find().select_only().column(status::Column::Id).filter(threads.clone());
        for id in moved.into_tuple::<StatusId>().all(change.tx()).await? {
            change.touch_status(id);
        }
        status::Entity::update_many()
            .col_expr(status::Column::ConversationId, Expr::val(parent.conversation_id))
            .filter(threads)
            .exec(change.tx())
            .await?;
    }
    let replies = i64::try_from(orphans.len()).unwrap_or(i64::MAX);
    statuses::count(change.tx(), parent.id, status::Column::RepliesCount, replies).await
}
