//! Finding people, hashtags, and whatever an address stands for.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::domain::handle::Handle;
use crate::domain::id::AccountId;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::resolve::Found;
use crate::views;
use crate::views::AccountView;
use crate::views::search::{FoundTag, Known};
use crate::views::statuses::StatusView;
use crate::web::Web;
use crate::web::api::entity::{Account, Search};
use crate::web::api::{json, length};
use crate::web::caller::{Caller, MaybeCaller, ReadAccounts, ReadSearch};
use crate::web::params::Params;

/// How far a list of results can be paged through.
const FURTHEST: u64 = 10_000;
/// What visitors must type before names are guessed, in characters.
const SHORTEST_GUESS: usize = 3;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Question {
    q: Option<String>,
    r#type: Option<String>,
    resolve: Option<bool>,
    following: Option<bool>,
    limit: Option<i64>,
    offset: Option<u64>,
}

impl Question {
    fn text(&self) -> &str {
        self.q.as_deref().unwrap_or_default().trim()
    }

    /// Whether results of this kind are wanted.
    fn wants(&self, kind: &str) -> bool {
        self.r#type.as_deref().is_none_or(|wanted| wanted == kind)
    }

    fn offset(&self) -> u64 {
        self.offset.unwrap_or_default().min(FURTHEST)
    }
}

/// `GET /api/v1/accounts/search`
pub async fn accounts(
    State(web): State<Web>,
    caller: Caller<ReadAccounts>,
    Params(question): Params<Question>,
) -> Result<Response> {
    let limit = length(question.limit, 40, 80);
    let found = people(&web, Some(caller.account), &question, limit, question.offset()).await?;
    json(&Account::all(&found, &web.app.urls))
}

/// `GET /api/v2/search`
pub async fn everything(
    State(web): State<Web>,
    caller: MaybeCaller<ReadSearch>,
    Params(question): Params<Question>,
) -> Result<Response> {
    let text = question.text();
    if text.is_empty() {
        return Err(Error::invalid("The parameter q is missing"));
    }
    refuse_to_visitors(&caller, &question)?;
    let results = if text.starts_with("https://") || text.starts_with("http://") {
        by_address(&web, caller.viewer(), &question).await?
    } else {
        by_name(&web, caller.account(), &question).await?
    };
    json(&Search::new(&results.accounts, &results.statuses, &results.tags, &web.app))
}

/// Visitors do not make this server ask others, nor read it page by page.
fn refuse_to_visitors(caller: &MaybeCaller<ReadSearch>, question: &Question) -> Result<()> {
    if caller.account().is_some() {
        return Ok(());
    }
    if question.resolve == Some(true) {
        return Err(Error::Unauthenticated(
            "Search queries that resolve remote resources are not supported without authentication",
        ));
    }
    if question.offset.is_some() {
        return Err(Error::Unauthenticated("Search queries pagination is not supported without authentication"));
    }
    Ok(())
}

#[derive(Default)]
struct Results {
    accounts: Vec<AccountView>,
    statuses: Vec<StatusView>,
    tags: Vec<FoundTag>,
}

async fn by_address(web: &Web, viewer: Viewer, question: &Question) -> Result<Results> {
    let db = &web.app.db;
    let known = match views::search::by_address(db, question.text()).await? {
        None if question.resolve == Some(true) => quietly(web.federation.find_url(question.text()).await)?.map(known),
        known => known,
    };
    let mut results = Results::default();
    match known {
        Some(Known::Account(id)) if question.wants("accounts") => {
            results.accounts = views::accounts::several(db, &[id]).await?;
        }
        Some(Known::Status(id)) if question.wants("statuses") => {
            results.statuses = views::statuses::several(db, viewer, &[id]).await?;
        }
        _ => {}
    }
    Ok(results)
}

fn known(found: Found) -> Known {
    match found {
        Found::Account(id) => Known::Account(id),
        Found::Status(id) => Known::Status(id),
    }
}

async fn by_name(web: &Web, reader: Option<AccountId>, question: &Question) -> Result<Results> {
    let text = question.text();
    let limit = length(question.limit, 20, 40);
    // Without a kind there is no list that could be paged through.
    let offset = if question.r#type.is_some() { question.offset() } else { 0 };
    let mut results = Results::default();
    if question.wants("accounts") && !text.starts_with('#') {
        results.accounts = people(web, reader, question, limit, offset).await?;
    }
    if question.wants("hashtags") && !text.starts_with('@') {
        results.tags = views::search::tags(&web.app.db, text, limit, offset).await?;
    }
    Ok(results)
}

/// People by name: whoever is called exactly so comes first.
async fn people(
    web: &Web,
    reader: Option<AccountId>,
    question: &Question,
    limit: u64,
    offset: u64,
) -> Result<Vec<AccountView>> {
    let text = question.text();
    let resolve = question.resolve == Some(true) && reader.is_some();
    let exact = if offset == 0 { exactly(web, text, resolve).await? } else { None };
    let guesses = reader.is_some() || text.chars().count() >= SHORTEST_GUESS;
    let mut found = if guesses { views::search::accounts(&web.app.db, text, limit, offset).await? } else { Vec::new() };
    if let Some(exact) = exact {
        found.retain(|other| other.id != exact.id);
        found.insert(0, exact);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    match reader {
        Some(reader) if question.following == Some(true) => followed(web, reader, found).await,
        _ => Ok(found),
    }
}

/// The one whose handle this is, fetched where that is wanted.
async fn exactly(web: &Web, text: &str, resolve: bool) -> Result<Option<AccountView>> {
    let Ok(handle) = text.parse::<Handle>() else { return Ok(None) };
    let db = &web.app.db;
    let host = handle.host.as_ref().filter(|host| !web.app.urls.is_ours(host));
    let found = if resolve && host.is_some() {
        match quietly(web.federation.find_account(&handle).await)? {
            Some(id) => quietly(views::accounts::one(db, id).await)?,
            None => None,
        }
    } else {
        quietly(views::accounts::by_name(db, &handle.username, host).await)?
    };
    Ok(found.filter(|account| account.suspended_at.is_none()))
}

async fn followed(web: &Web, reader: AccountId, found: Vec<AccountView>) -> Result<Vec<AccountView>> {
    let ids: Vec<AccountId> = found.iter().map(|account| account.id).collect();
    let relations = views::accounts::relationships(&web.app.db, reader, &ids, web.app.now()).await?;
    let follows = |id: AccountId| relations.iter().any(|(other, relation)| *other == id && relation.following);
    Ok(found.into_iter().filter(|account| follows(account.id)).collect())
}

/// Whatever keeps something from being found, it is not found; only our own trouble is trouble.
fn quietly<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_ours() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "nothing was found: {error}");
            Ok(None)
        }
    }
}
