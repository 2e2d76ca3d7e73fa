//! Something was posted elsewhere.

use crate::actions::statuses::{Arrival, insert};
use crate::actions::{polls, quotes};
use crate::app::{App, Change};
use crate::domain::account::Emojis;
use crate::domain::id::{AccountId, MediaId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::origin::Authentic;
use crate::domain::remote::{RemoteMedia, RemoteStatus};
use crate::domain::visibility::Visibility;
use crate::error::Result;
use crate::store::entity::{account, media, status};
use crate::store::{accounts, follows, received, statuses};

/// How many of those named are looked up.
const MOST_NAMED: usize = 100;
/// How many members a status from a stranger may notify.
const MOST_NOTIFIED: usize = 20;

/// How a status of another server came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It was sent; it stays only if it concerns somebody here.
    Delivered,
    /// A relay brought it; it stays if everybody may see it, or if it concerns somebody here.
    Relayed,
    /// Somebody here asked for it.
    Fetched,
    /// It is quoted; what it quotes itself is not looked at.
    Quoted,
}

/// Stores a status of another server; nothing when it concerns nobody here, or was deleted before.
pub async fn receive(
    app: &App,
    author: &account::Model,
    said: Authentic<RemoteStatus>,
    cause: Cause,
) -> Result<Option<StatusId>> {
    let mut change = app.begin().await?;
    if let Some(known) = statuses::by_uri(change.tx(), said.uri.as_str()).await? {
        return Ok(Some(known.id));
    }
    if author.suspended_at.is_some() || received::is_buried(change.tx(), said.uri.as_str(), author.id).await? {
        return Ok(None);
    }
    let said = shown(said.into_inner(), author);
    let parent = match &said.in_reply_to {
        Some(uri) => statuses::by_uri(change.tx(), uri).await?,
        None => None,
    };
    let (mut named, silent) = addressed(&change, &said).await?;
    let quoted = match &said.quote {
        Some(quote) => statuses::by_uri(change.tx(), &quote.uri).await?,
        None => None,
    };
    let known = parent.as_ref().or(quoted.as_ref());
    let is_wanted = match cause {
        Cause::Fetched | Cause::Quoted => true,
        Cause::Relayed => said.visibility == Visibility::Public,
        Cause::Delivered => false,
    };
    if !is_wanted && !concerns(&change, author, known, &named, &silent).await? {
        return Ok(None);
    }
    limit_notified(&mut named, &[]);
    let mut row = row(app, author, &said, parent.as_ref());
    let look = quotes::read(&change, &mut row, author, said.quote.as_ref()).await? && cause != Cause::Quoted;
    let look = said.quote.as_ref().filter(|_| look).map(|quote| quote.legacy);
    let id = row.id;
    let media = said.media.into_iter().zip(0..).map(|(media, position)| attachment(app, &row, media, position));
    let media = media.collect();
    let poll = said.poll.as_ref().map(|poll| polls::told(id, poll));
    insert(&mut change, Arrival { row, named, silent, tags: said.tags, media, poll, look }).await?;
    change.commit().await?;
    Ok(Some(id))
}

/// What is shown of a status: of some servers no pictures.
pub(super) fn shown(said: RemoteStatus, author: &account::Model) -> RemoteStatus {
    if !author.without_media {
        return said;
    }
    RemoteStatus { media: Vec::new(), emojis: Emojis::default(), ..said }
}

/// Those named and those addressed without being named, as far as we know them.
pub(super) async fn addressed(change: &Change, said: &RemoteStatus) -> Result<(Vec<account::Model>, Vec<AccountId>)> {
    let uris: Vec<String> = said.mentions.iter().chain(&said.recipients).take(MOST_NAMED).cloned().collect();
    let known = accounts::by_uris(change.tx(), &uris).await?;
    let place = |uri: &str| said.mentions.iter().position(|mention| mention == uri);
    let (mut named, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|account| place(&account.uri).is_some());
    named.sort_by_key(|account| place(&account.uri));
    // A name in the text of a status that is not addressed to its bearer gives no right to read it.
    if !said.visibility.is_open() {
        named.retain(|account| said.recipients.contains(&account.uri));
    }
    Ok((named, others.into_iter().map(|account| account.id).collect()))
}

/// Whether anybody here has to do with it: follows the author, is addressed, or it answers or quotes something known.
async fn concerns(
    change: &Change,
    author: &account::Model,
    known: Option<&status::Model>,
    named: &[account::Model],
    silent: &[AccountId],
) -> Result<bool> {
    if known.is_some() || named.iter().any(|account| account.host.is_none()) {
        return Ok(true);
    }
    if follows::has_local_followers(change.tx(), author.id).await? {
        return Ok(true);
    }
    let silent = accounts::all(change.tx(), silent).await?;
    Ok(silent.iter().any(|account| account.host.is_none()))
}

/// Leaves out members beyond those whom one status may notify, however often it is edited.
pub(super) fn limit_notified(named: &mut Vec<account::Model>, told: &[AccountId]) {
    let mut notified = told.len();
    named.retain(|account| {
        if account.host.is_some() || told.contains(&account.id) {
            return true;
        }
        notified += 1;
        notified <= MOST_NOTIFIED
    });
}

fn row(app: &App, author: &account::Model, said: &RemoteStatus, parent: Option<&status::Model>) -> status::Model {
    let now = app.now();
    // Nothing comes from the future, nor from before there were ids to sort it by.
    let published = said.published.unwrap_or(now).min(now).max(Moment(1));
    let id: StatusId = app.id_at(published);
    status::Model {
        id,
        uri: said.uri.as_str().to_owned(),
        url: said.url.clone(),
        account_id: author.id,
        local: false,
        kind: said.kind,
        title: said.title.clone(),
        text: String::new(),
        content: said.content.clone(),
        spoiler_text: said.spoiler_text.clone(),
        visibility: said.visibility,
        federated: true,
        sensitive: said.sensitive,
        language: said.language.clone(),
        conversation_id: parent.map_or(id, |parent| parent.conversation_id),
        context_uri: said.context.clone(),
        group_uri: said.group.clone(),
        in_reply_to_uri: said.in_reply_to.clone(),
        in_reply_to_id: parent.map(|parent| parent.id),
        in_reply_to_account_id: parent.map(|parent| parent.account_id),
        reblog_of_id: None,
        app_id: None,
        emojis: said.emojis.clone(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        quote_uri: None,
        quote_id: None,
        quote_state: None,
        quote_approval: None,
        quote_policy: said.quote_policy.clone(),
        created_at: published,
        edited_at: said.updated.filter(|updated| *updated > published).map(|updated| updated.min(now)),
        fetched_at: Some(now),
    }
}

pub(super) fn attachment(app: &App, status: &status::Model, said: RemoteMedia, position: i32) -> media::Model {
    media::Model {
        id: app.id::<MediaId>(),
        account_id: status.account_id,
        status_id: Some(status.id),
        position,
        kind: said.kind,
        mime_type: said.mime_type,
        remote_url: Some(said.url),
        description: said.description,
        blurhash: said.blurhash,
        width: said.width,
        height: said.height,
        focus_x: said.focus.map(|(x, _)| x),
        focus_y: said.focus.map(|(_, y)| y),
        created_at: app.now(),
    }
}
