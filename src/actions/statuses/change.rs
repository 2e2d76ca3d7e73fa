//! A status is edited or deleted, here or elsewhere.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};

use crate::actions::notify::{self, News};
use crate::actions::statuses::{arrival, belonging, post, receive};
use crate::actions::{polls, quotes};
use crate::app::{App, Change};
use crate::domain::event::{Audience, Event};
use crate::domain::id::{AccountId, StatusId};
use crate::domain::notification::NotificationKind;
use crate::domain::origin::Authentic;
use crate::domain::policy;
use crate::domain::poll::Ask;
use crate::domain::quote::QuoteChoice;
use crate::domain::remote::RemoteStatus;
use crate::domain::status::Kind;
use crate::domain::text::Tag;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::entity::{account, favourite, media, mention, poll, revision, status, status_tag};
use crate::store::{accounts, polls as polls_store, received, statuses, visibility};

/// What a member wants a status to say instead.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The text as typed.
    pub text: String,
    /// The content warning as typed.
    pub spoiler_text: String,
    /// Whether media are hidden at first.
    pub sensitive: bool,
    /// BCP 47; unchanged when nothing is said.
    pub language: Option<String>,
    /// What it asks.
    pub poll: Option<Ask>,
    /// Who may quote it; unchanged when nothing is said.
    pub quote_choice: Option<QuoteChoice>,
}

/// Replaces what a status says; what it said before is kept as a revision.
pub async fn edit(app: &App, account: AccountId, id: StatusId, edit: Edit) -> Result<()> {
    let draft = post::Draft {
        text: edit.text,
        spoiler_text: edit.spoiler_text,
        language: edit.language,
        poll: edit.poll,
        ..post::Draft::default()
    };
    let draft = post::check(app, draft)?;
    let mut change = app.begin().await?;
    let old = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    policy::owns(account, old.account_id)?;
    if old.reblog_of_id.is_some() {
        return Err(Error::NotFound("status"));
    }
    let sensitive = edit.sensitive || !draft.spoiler_text.is_empty();
    let language = draft.language.clone().or_else(|| old.language.clone());
    let earlier = polls_store::find(change.tx(), id).await?;
    let asks_anew = polls::ask_again(&mut change, &old, draft.poll.as_ref()).await?;
    let quote_policy = match edit.quote_choice {
        Some(choice) => Some(choice.for_post(old.visibility).into()),
        None => old.quote_policy.clone(),
    };
    if !asks_anew
        && old.quote_policy == quote_policy
        && old.text == draft.text
        && old.spoiler_text == draft.spoiler_text
        && old.sensitive == sensitive
        && old.language == language
    {
        return Ok(());
    }
    let (content, named, tags) = post::compose(&change, account, &draft.text).await?;
    let content = quotes::keep(&change, &old, content).await?;
    let group = belonging::group(&change, &named, old.group_uri.as_deref(), old.visibility).await?;
    keep_revision(&change, &old, earlier).await?;
    let mut row = old.clone().into_active_model();
    row.group_uri = Set(group.map(|group| group.uri).or_else(|| old.group_uri.clone()));
    row.kind = Set(if draft.poll.is_some() { Kind::Question } else { Kind::Note });
    row.text = Set(draft.text);
    row.content = Set(content);
    row.spoiler_text = Set(draft.spoiler_text);
    row.sensitive = Set(sensitive);
    row.language = Set(language);
    row.quote_policy = Set(quote_policy);
    row.edited_at = Set(Some(app.now()));
    row.update(change.tx()).await?;
    readdress(&mut change, &old, &named, &[], &tags).await?;
    tell_boosters(&mut change, &old).await?;
    change.record(Event::StatusEdited { account, status: id }).await?;
    change.commit().await
}

/// Takes in that a status says something else on its own server.
pub async fn receive_edit(app: &App, author: &account::Model, said: Authentic<RemoteStatus>) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(old) = statuses::by_uri(change.tx(), said.uri.as_str()).await? else { return Ok(()) };
    if old.account_id != author.id {
        return Err(Error::Forbidden("The status belongs to somebody else"));
    }
    let said = receive::shown(said.into_inner(), author);
    let known_since = old.edited_at.unwrap_or(old.created_at);
    let earlier = polls_store::find(change.tx(), old.id).await?;
    let Some(updated) =
        said.updated.map(|updated| Ord::min(updated, app.now())).filter(|updated| *updated > known_since)
    else {
        let has_answer = quotes::retold(&mut change, &old, said.quote.as_ref()).await?;
        if has_answer {
            change.commit().await?;
            return Ok(());
        }
        // Counts move without anything being edited.
        if let (Some(_), Some(said)) = (&earlier, &said.poll) {
            polls::receive(&mut change, &old, Some(said)).await?;
            change.commit().await?;
        }
        return Ok(());
    };
    let (mut named, silent) = receive::addressed(&change, &said).await?;
    receive::limit_notified(&mut named, &told(&change, &old).await?);
    let asks_anew = match (&earlier, &said.poll) {
        (Some(earlier), Some(said)) => !earlier.options.offer_the_same(&said.options),
        (earlier, said) => earlier.is_some() != said.is_some(),
    };
    let says_more =
        asks_anew || old.content != said.content || old.spoiler_text != said.spoiler_text || old.title != said.title;
    if says_more {
        keep_revision(&change, &old, earlier).await?;
    }
    polls::receive(&mut change, &old, said.poll.as_ref()).await?;
    quotes::retold(&mut change, &old, said.quote.as_ref()).await?;
    // It can be taken away from readers, never given to more of them. What names nobody at all says nothing about it.
    let names_somebody = said.visibility != Visibility::Direct || !said.recipients.is_empty();
    let visibility = if names_somebody { Ord::max(old.visibility, said.visibility) } else { old.visibility };
    let mut row = old.clone().into_active_model();
    row.kind = Set(said.kind);
    row.title = Set(said.title);
    row.content = Set(said.content);
    row.spoiler_text = Set(said.spoiler_text);
    row.visibility = Set(visibility);
    row.sensitive = Set(said.sensitive);
    row.language = Set(said.language);
    row.emojis = Set(said.emojis);
    row.quote_policy = Set(said.quote_policy);
    row.url = Set(said.url);
    row.edited_at = Set(Some(updated));
    row.fetched_at = Set(Some(app.now()));
    row.update(change.tx()).await?;
    media::Entity::delete_many().filter(media::Column::StatusId.eq(old.id)).exec(change.tx()).await?;
    let media = said.media.into_iter().zip(0..).map(|(media, place)| receive::attachment(app, &old, media, place));
    arrival::attach(&change, media.collect()).await?;
    readdress(&mut change, &old, &named, &silent, &said.tags).await?;
    if says_more {
        tell_boosters(&mut change, &old).await?;
    }
    change.commit().await
}

/// Deletes a status of a member; the text it had, for those who want to write it again.
pub async fn delete(app: &App, account: AccountId, id: StatusId) -> Result<String> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    policy::owns(account, status.account_id)?;
    if status.reblog_of_id.is_some() {
        take_back_boost(&mut change, &status).await?;
    } else {
        let audience = everybody_told(&change, &status).await?;
        remove(&mut change, &status).await?;
        // Whoever asks for it later is told that it is gone, not that it never was.
        if status.federated && status.visibility.is_open() {
            let author = accounts::find(change.tx(), account).await?;
            received::bury(change.tx(), &status.uri, &author, app.now()).await?;
        }
        // What never left is not told to be gone.
        if status.federated {
            change.record(Event::StatusDeleted { account, status: id, uri: status.uri, audience }).await?;
        }
    }
    change.commit().await?;
    Ok(status.text)
}

/// Takes in that a status was deleted on its own server; true when there was one.
pub async fn receive_delete(app: &App, author: &account::Model, uri: &str) -> Result<bool> {
    let mut change = app.begin().await?;
    let known = statuses::by_uri(change.tx(), uri).await?;
    let owned = match &known {
        Some(status) if status.account_id == author.id => {
            remove(&mut change, status).await?;
            true
        }
        Some(_) => return Err(Error::Forbidden("The status belongs to somebody else")),
        None => false,
    };
    // What is deleted before it arrives must not appear afterwards.
    received::bury(change.tx(), uri, author, app.now()).await?;
    change.commit().await?;
    Ok(owned)
}

/// How many posts of somebody who is gone are removed at once.
const ERASED_AT_ONCE: u64 = 100;

/// Removes some of what somebody wrote who is gone; false when nothing is left.
pub async fn erase_some(app: &App, account: AccountId) -> Result<bool> {
    let mut change = app.begin().await?;
    let some = status::Entity::find().filter(status::Column::AccountId.eq(account)).limit(ERASED_AT_ONCE);
    let some = some.all(change.tx()).await?;
    for status in &some {
        remove(&mut change, status).await?;
    }
    change.commit().await?;
    Ok(!some.is_empty())
}

/// Removes a boost and tells other servers, when its author is a member.
pub async fn take_back_boost(change: &mut Change, boost: &status::Model) -> Result<()> {
    let Some(original) = boost.reblog_of_id else { return Err(Error::NotFound("status")) };
    let mut audience = visibility::audience(change.tx(), boost).await?;
    if let Some(original) = statuses::by_id(change.tx(), original).await? {
        audience.accounts.push(original.account_id);
        let news = News { kind: NotificationKind::Reblog, from: boost.account_id, status: Some(original.id) };
        notify::withdraw(change, original.account_id, news).await?;
    }
    remove(change, boost).await?;
    if boost.local && boost.federated {
        let (account, uri) = (boost.account_id, boost.uri.clone());
        change.record(Event::Unboosted { account, boost: boost.id, original, uri, audience }).await?;
    }
    Ok(())
}

async fn remove(change: &mut Change, status: &status::Model) -> Result<()> {
    let hanging = status::Column::InReplyToId.eq(status.id).or(status::Column::ReblogOfId.eq(status.id));
    let hanging: Vec<(StatusId, AccountId, Option<StatusId>)> = status::Entity::find()
        .select_only()
        .columns([status::Column::Id, status::Column::AccountId, status::Column::ReblogOfId])
        .filter(hanging)
        .into_tuple()
        .all(change.tx())
        .await?;
    let mut boosters: Vec<AccountId> = Vec::new();
    for (id, account, original) in hanging {
        change.touch_status(id);
        boosters.extend(original.map(|_| account));
    }
    for booster in std::iter::once(status.account_id).chain(boosters.iter().copied()) {
        change.touch_account(booster);
    }
    let losing: Vec<AccountId> = std::iter::once(status.account_id).chain(boosters).collect();
    for ids in losing.chunks(500) {
        account::Entity::update_many()
            .col_expr(account::Column::StatusesCount, Expr::col(account::Column::StatusesCount).sub(1))
            .filter(account::Column::Id.is_in(ids.iter().copied()))
            .exec(change.tx())
            .await?;
    }
    if let Some(parent) = status.in_reply_to_id {
        statuses::count(change.tx(), parent, status::Column::RepliesCount, -1).await?;
        change.touch_status(parent);
    }
    if let Some(original) = status.reblog_of_id {
        statuses::count(change.tx(), original, status::Column::ReblogsCount, -1).await?;
        change.touch_status(original);
    }
    quotes::withdraw(change, status).await?;
    quotes::lose(change, status.id).await?;
    status::Entity::delete_by_id(status.id).exec(change.tx()).await?;
    change.touch_status(status.id);
    Ok(())
}

/// The members a status has named or addressed so far.
async fn told(change: &Change, status: &status::Model) -> Result<Vec<AccountId>> {
    let mentions = mention::Entity::find().select_only().column(mention::Column::AccountId);
    let mentions = mentions.filter(mention::Column::StatusId.eq(status.id)).into_query();
    let members = account::Entity::find().select_only().column(account::Column::Id);
    let members = members.filter(account::Column::Id.in_subquery(mentions)).filter(account::Column::Host.is_null());
    Ok(members.into_tuple().all(change.tx()).await?)
}

/// Everybody who may have a status: its audience, and who boosted, liked or answered it.
async fn everybody_told(change: &Change, status: &status::Model) -> Result<Audience> {
    let mut audience = visibility::audience(change.tx(), status).await?;
    let answered = status::Column::InReplyToId.eq(status.id).or(status::Column::ReblogOfId.eq(status.id));
    let answered: Vec<AccountId> = status::Entity::find()
        .select_only()
        .column(status::Column::AccountId)
        .filter(answered)
        .into_tuple()
        .all(change.tx())
        .await?;
    let liked: Vec<AccountId> = favourite::Entity::find()
        .select_only()
        .column(favourite::Column::AccountId)
        .filter(favourite::Column::StatusId.eq(status.id))
        .into_tuple()
        .all(change.tx())
        .await?;
    audience.accounts.extend(answered.into_iter().chain(liked));
    audience.accounts.sort_unstable();
    audience.accounts.dedup();
    Ok(audience)
}

async fn keep_revision(change: &Change, old: &status::Model, poll: Option<poll::Model>) -> Result<()> {
    let row = revision::ActiveModel {
        id: Set(change.app().id()),
        status_id: Set(old.id),
        title: Set(old.title.clone()),
        text: Set(old.text.clone()),
        content: Set(old.content.clone()),
        spoiler_text: Set(old.spoiler_text.clone()),
        sensitive: Set(old.sensitive),
        emojis: Set(old.emojis.clone()),
        poll_options: Set(poll.map(|poll| poll.options)),
        created_at: Set(old.edited_at.unwrap_or(old.created_at)),
    };
    revision::Entity::insert(row).exec_without_returning(change.tx()).await?;
    Ok(())
}

/// Replaces mentions and hashtags, and tells those who are named for the first time.
async fn readdress(
    change: &mut Change,
    status: &status::Model,
    named: &[account::Model],
    silent: &[AccountId],
    tags: &[Tag],
) -> Result<()> {
    let before = mention::Entity::find().filter(mention::Column::StatusId.eq(status.id)).all(change.tx()).await?;
    // Who was addressed once has the status and goes on being addressed, so that later changes reach them too.
    let kept = before.iter().map(|mention| mention.account_id).filter(|id| named.iter().all(|now| now.id != *id));
    let silent: Vec<AccountId> = silent.iter().copied().chain(kept).collect();
    mention::Entity::delete_many().filter(mention::Column::StatusId.eq(status.id)).exec(change.tx()).await?;
    let named_ids: Vec<AccountId> = named.iter().map(|account| account.id).collect();
    arrival::mention(change, status.id, &named_ids, &silent).await?;
    status_tag::Entity::delete_many().filter(status_tag::Column::StatusId.eq(status.id)).exec(change.tx()).await?;
    arrival::carry_tags(change, status.id, tags).await?;
    let news = News { kind: NotificationKind::Mention, from: status.account_id, status: Some(status.id) };
    for reader in named.iter().filter(|account| before.iter().all(|old| old.account_id != account.id)) {
        notify::tell(change, reader, news).await?;
    }
    change.touch_status(status.id);
    Ok(())
}

async fn tell_boosters(change: &mut Change, status: &status::Model) -> Result<()> {
    let boosters: Vec<AccountId> = status::Entity::find()
        .select_only()
        .column(status::Column::AccountId)
        .filter(status::Column::ReblogOfId.eq(status.id))
        .filter(status::Column::Local.eq(true))
        .into_tuple()
        .all(change.tx())
        .await?;
    let news = News { kind: NotificationKind::Update, from: status.account_id, status: Some(status.id) };
    for reader in accounts::all(change.tx(), &boosters).await? {
        notify::withdraw(change, reader.id, news).await?;
        notify::tell(change, &reader, news).await?;
    }
    Ok(())
}
