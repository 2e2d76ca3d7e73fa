//! A member posts.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::actions::statuses::{Arrival, belonging, insert};
use crate::actions::{polls, quotes};
use crate::app::{App, Change};
use crate::domain::account::Emojis;
use crate::domain::handle::Handle;
use crate::domain::id::{AccountId, AppId, StatusId};
use crate::domain::policy;
use crate::domain::poll::Ask;
use crate::domain::quote::QuoteChoice;
use crate::domain::status::Kind;
use crate::domain::text::{self, Links, Mention, Tag};
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::entity::{account, idempotency_key, member, status};
use crate::store::{accounts, members, visibility};

/// For how long a client may try again with the same key.
const IDEMPOTENT_FOR: Duration = Duration::from_secs(3600);
/// The longest key we keep, in bytes.
const LONGEST_KEY: usize = 255;

/// What a member wants to post.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The text as typed.
    pub text: String,
    /// The content warning as typed.
    pub spoiler_text: String,
    /// Who it is for; the member's default when nothing is said.
    pub visibility: Option<Visibility>,
    /// Whether media are hidden at first; the member's default when nothing is said.
    pub sensitive: Option<bool>,
    /// BCP 47; the member's default when nothing is said.
    pub language: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<StatusId>,
    /// Whether it stays on this server.
    pub local_only: bool,
    /// The app it is posted with.
    pub app: Option<AppId>,
    /// What the client calls this attempt.
    pub idempotency_key: Option<String>,
    /// What it asks.
    pub poll: Option<Ask>,
    /// What it quotes.
    pub quote: Option<StatusId>,
    /// Who may quote it; the member's default when nothing is said.
    pub quote_choice: Option<QuoteChoice>,
}

/// Posts a status; what it answers must be visible to its author.
pub async fn post(app: &App, account: AccountId, draft: Draft) -> Result<StatusId> {
    let draft = check(app, draft)?;
    let mut change = app.begin().await?;
    if let Some(earlier) = posted_before(&change, account, &draft).await? {
        return Ok(earlier);
    }
    let author = accounts::find(change.tx(), account).await?;
    let member = members::find(change.tx(), account).await?.ok_or(Error::NeedsUser)?;
    let parent = match draft.in_reply_to {
        Some(id) => Some(visibility::find(change.tx(), Viewer::Member(account), id).await?),
        None => None,
    };
    let (content, named, tags) = compose(&change, account, &draft.text).await?;
    let mut row = row(app, &author, &member, &draft, parent.as_ref(), content)?;
    if let Some(quoted) = draft.quote {
        let quoted = quotes::propose(&change, &row, &named, quoted).await?;
        row.federated &= quoted.status.federated;
        quotes::write(app, &mut row, &quoted);
    }
    let id = row.id;
    row.context_uri = belonging::context(&change, id, parent.as_ref(), row.visibility).await?;
    let of_thread = parent.as_ref().and_then(|parent| parent.group_uri.as_deref());
    let group = belonging::group(&change, &named, of_thread, row.visibility).await?;
    row.group_uri = group.as_ref().map(|group| group.uri.clone());
    let silent = group.into_iter().map(|group| group.id).filter(|group| named.iter().all(|named| named.id != *group));
    let silent = silent.collect();
    let poll = draft.poll.as_ref().map(|ask| polls::asked(&row, ask));
    insert(&mut change, Arrival { row, named, silent, tags, media: Vec::new(), poll, look: None }).await?;
    remember(&change, account, &draft, id).await?;
    change.commit().await?;
    Ok(id)
}

/// The draft with its texts trimmed, or what is wrong with it.
pub(super) fn check(app: &App, mut draft: Draft) -> Result<Draft> {
    draft.text = draft.text.trim().replace("\r\n", "\n");
    draft.spoiler_text = draft.spoiler_text.trim().to_owned();
    if draft.text.is_empty() && !draft.spoiler_text.is_empty() {
        draft.text = std::mem::take(&mut draft.spoiler_text);
    }
    if draft.text.is_empty() {
        return Err(Error::field("text", "ERR_BLANK", "Text can't be blank"));
    }
    let limit = app.config.limits.status_characters;
    if text::length(&draft.spoiler_text, &draft.text) > limit as usize {
        let description = format!("Text character limit of {limit} exceeded");
        return Err(Error::field("text", "ERR_TOO_LONG", description));
    }
    let limits = &app.config.limits;
    draft.poll = draft.poll.map(|ask| ask.checked(limits.poll_options, limits.poll_option_characters)).transpose()?;
    if let Some(language) = &draft.language {
        draft.language = Some(check_language(language)?);
    }
    Ok(draft)
}

fn check_language(language: &str) -> Result<String> {
    let plain = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if (2..=35).contains(&language.len()) && plain {
        Ok(language.to_owned())
    } else {
        Err(Error::field("language", "ERR_INVALID", "Language is not a valid language code"))
    }
}

/// The text as HTML, whom it names and its hashtags.
pub(super) async fn compose(
    change: &Change,
    author: AccountId,
    typed: &str,
) -> Result<(String, Vec<account::Model>, Vec<Tag>)> {
    let parsed = text::parse(typed);
    let urls = &change.app().urls;
    let keys: Vec<(String, Option<String>)> = parsed.mentions.iter().map(|handle| key(handle, change.app())).collect();
    let found = accounts::by_names(change.tx(), &keys).await?;
    let by_name: HashMap<(String, Option<String>), &account::Model> = found
        .iter()
        .map(|account| ((account.username_key.clone(), account.host.as_ref().map(ToString::to_string)), account))
        .collect();
    let mention = |handle: &Handle| {
        let account = by_name.get(&key(handle, change.app()))?;
        Some(Mention { url: account.url.clone(), name: account.username.to_string() })
    };
    let tag = |tag: &Tag| urls.tag(&tag.key);
    let content = text::render(typed, &Links { mention: &mention, tag: &tag });
    let mut named = Vec::new();
    for account in keys.iter().filter_map(|key| by_name.get(key)) {
        if named.iter().all(|known: &account::Model| known.id != account.id) {
            named.push((*account).clone());
        }
    }
    // Who may not read it is not sent it, named or not.
    let ids: Vec<AccountId> = named.iter().map(|account| account.id).collect();
    let blocked = accounts::blocked_among(change.tx(), author, &ids).await?;
    named.retain(|account| !blocked.contains(&account.id));
    Ok((content, named, parsed.tags))
}

fn key(handle: &Handle, app: &App) -> (String, Option<String>) {
    let host = handle.host.as_ref().filter(|host| !app.urls.is_ours(host));
    (handle.username.key(), host.map(ToString::to_string))
}

fn row(
    app: &App,
    author: &account::Model,
    member: &member::Model,
    draft: &Draft,
    parent: Option<&status::Model>,
    content: String,
) -> Result<status::Model> {
    let id: StatusId = app.id();
    let by_default = || match parent {
        Some(parent) => policy::reply_visibility(member.default_visibility, parent.visibility),
        None => member.default_visibility,
    };
    let federated = !draft.local_only && parent.is_none_or(|parent| parent.federated);
    let visibility = draft.visibility.unwrap_or_else(by_default);
    Ok(status::Model {
        id,
        uri: app.urls.status(author.id, id),
        url: Some(app.urls.status_page(&author.username, id)),
        account_id: author.id,
        local: true,
        kind: if draft.poll.is_some() { Kind::Question } else { Kind::Note },
        title: String::new(),
        text: draft.text.clone(),
        content,
        spoiler_text: draft.spoiler_text.clone(),
        visibility,
        federated,
        sensitive: draft.sensitive.unwrap_or(member.default_sensitive) || !draft.spoiler_text.is_empty(),
        language: draft.language.clone().or_else(|| member.default_language.clone()),
        conversation_id: parent.map_or(id, |parent| parent.conversation_id),
        context_uri: None,
        group_uri: None,
        in_reply_to_uri: parent.map(|parent| parent.uri.clone()),
        in_reply_to_id: parent.map(|parent| parent.id),
        in_reply_to_account_id: parent.map(|parent| parent.account_id),
        reblog_of_id: None,
        app_id: draft.app,
        emojis: Emojis::default(),
        replies_count: 0,
        reblogs_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        quote_uri: None,
        quote_id: None,
        quote_state: None,
        quote_approval: None,
        quote_policy: Some(draft.quote_choice.unwrap_or(member.default_quote_policy).for_post(visibility).into()),
        created_at: app.now(),
        edited_at: None,
        fetched_at: None,
    })
}

async fn posted_before(change: &Change, account: AccountId, draft: &Draft) -> Result<Option<StatusId>> {
    let Some(key) = usable_key(draft) else { return Ok(None) };
    let found = idempotency_key::Entity::find_by_id((account, key.to_owned()))
        .filter(idempotency_key::Column::CreatedAt.gt(change.now() - IDEMPOTENT_FOR));
    Ok(found.one(change.tx()).await?.map(|row| row.status_id))
}

async fn remember(change: &Change, account: AccountId, draft: &Draft, id: StatusId) -> Result<()> {
    let Some(key) = usable_key(draft) else { return Ok(()) };
    let row = idempotency_key::ActiveModel {
        account_id: Set(account),
        key: Set(key.to_owned()),
        status_id: Set(id),
        created_at: Set(change.now()),
    };
    // A key that has run out may be used again for something new.
    idempotency_key::Entity::delete_by_id((account, key.to_owned())).exec(change.tx()).await?;
    idempotency_key::Entity::insert(row).exec_without_returning(change.tx()).await?;
    Ok(())
}

fn usable_key(draft: &Draft) -> Option<&str> {
    draft.idempotency_key.as_deref().filter(|key| (1..=LONGEST_KEY).contains(&key.len()))
}
