//! Statuses as their readers see them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::id::{AccountId, StatusId};
use crate::domain::page::{Page, Paged};
use crate::domain::quote::{Circle, QuoteState, Tie, Verdict, verdict};
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::bodies::{self, Body};
use crate::store::entity::{account, favourite, pin, revision, status};
use crate::store::{Db, follows, page as paging, polls, threads, visibility};
use crate::views::AccountView;
use crate::views::filters::{self, FilterMatch};

/// How much of what a status answers is shown to those who are not members.
const ANCESTORS_FOR_VISITORS: usize = 40;
/// How many replies are shown to those who are not members.
const DESCENDANTS_FOR_VISITORS: usize = 60;
/// How many earlier versions of a status are shown.
const MOST_REVISIONS: u64 = 100;

pub use crate::store::entity::media::Model as Attachment;
pub use crate::store::entity::poll::Model as Poll;
pub use crate::store::entity::revision::Model as Revision;

/// A status as one reader sees it.
#[derive(Debug, Clone)]
pub struct StatusView {
    /// What it says, and what hangs on it.
    pub body: Arc<Body>,
    /// Who wrote it, or who boosted.
    pub author: AccountView,
    /// Whom it names.
    pub mentions: Vec<AccountView>,
    /// What it boosts.
    pub reblog: Option<Box<StatusView>>,
    /// What the reader did with it; nothing for visitors.
    pub marks: Option<Marks>,
    /// The reader's filters that match.
    pub filtered: Vec<FilterMatch>,
    /// What the reader chose in its poll.
    pub chosen: Vec<i32>,
    /// What it quotes.
    pub quote: Option<QuoteView>,
    /// Whether the reader may quote it.
    pub quotable: Verdict,
}

/// A quote as one reader sees it.
#[derive(Debug, Clone)]
pub struct QuoteView {
    /// What became of it.
    pub state: QuoteState,
    /// What is quoted, if it may be shown; of a quote in a quote only that it is one.
    pub status: Option<Box<StatusView>>,
}

/// What a reader did with a status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Likes it.
    pub favourited: bool,
    /// Has boosted it.
    pub reblogged: bool,
    /// Shows it first.
    pub pinned: bool,
    /// Has written it.
    pub own: bool,
}

impl StatusView {
    /// The status itself, or what it boosts.
    pub fn original(&self) -> &StatusView {
        self.reblog.as_deref().unwrap_or(self)
    }

    /// Whether the reader may show it first.
    pub fn can_be_pinned(&self) -> bool {
        let own = self.marks.is_some_and(|marks| marks.own);
        own && self.reblog.is_none() && self.row().visibility != Visibility::Direct
    }

    /// Its row.
    pub fn row(&self) -> &status::Model {
        &self.body.status
    }
}

/// The thread around a status.
#[derive(Debug, Clone)]
pub struct Thread {
    /// What it answers, and what that answers, the first first.
    pub ancestors: Vec<StatusView>,
    /// What answers it, each reply followed by its own replies.
    pub descendants: Vec<StatusView>,
    /// How many posts of it could not be fetched from other servers.
    pub unreachable: i32,
}

/// One status, if the viewer may see it.
pub async fn one(db: &Db, viewer: Viewer, id: StatusId) -> Result<StatusView> {
    let seen = visibility::among(db.reader(), viewer, &[id]).await?;
    let mut views = assemble(db, viewer, seen).await?;
    views.pop().ok_or(Error::NotFound("status"))
}

/// Those of the statuses that the viewer may see, in the order asked for.
pub async fn several(db: &Db, viewer: Viewer, ids: &[StatusId]) -> Result<Vec<StatusView>> {
    let seen: HashSet<StatusId> = visibility::among(db.reader(), viewer, ids).await?.into_iter().collect();
    assemble(db, viewer, ids.iter().copied().filter(|id| seen.contains(id)).collect()).await
}

/// The thread around a status, as far as the viewer may see it.
pub async fn thread(db: &Db, viewer: Viewer, id: StatusId) -> Result<Thread> {
    let row = visibility::find(db.reader(), viewer, id).await?;
    let mut above = threads::ancestors(db.reader(), row.id).await?;
    let mut below = threads::descendants(db.reader(), row.id).await?;
    if viewer.account().is_none() {
        above.drain(..above.len().saturating_sub(ANCESTORS_FOR_VISITORS));
        below.truncate(DESCENDANTS_FOR_VISITORS);
    }
    let ids: Vec<StatusId> = above.iter().chain(&below).copied().collect();
    let seen = visibility::met_among(db.reader(), viewer, &ids).await?;
    let mut views: HashMap<StatusId, StatusView> =
        assemble(db, viewer, seen).await?.into_iter().map(|view| (view.row().id, view)).collect();
    let ancestors = above.iter().filter_map(|id| views.remove(id)).collect();
    let descendants = below.iter().filter_map(|id| views.remove(id)).collect();
    let unreachable = threads::fetched(db.reader(), row.id).await?.map_or(0, |fetched| fetched.unreachable);
    Ok(Thread { ancestors, descendants, unreachable })
}

/// What a status said before, oldest first, followed by what it says now. What is not for everybody was said before to
/// its author alone, as far as can be known.
pub async fn history(db: &Db, viewer: Viewer, id: StatusId) -> Result<(StatusView, Vec<revision::Model>)> {
    let view = one(db, viewer, id).await?;
    // Whoever may read it now may not have been among those it was for then.
    if !view.row().visibility.is_open() && viewer.account() != Some(view.row().account_id) {
        return Ok((view, Vec::new()));
    }
    let earlier = revision::Entity::find()
        .filter(revision::Column::StatusId.eq(id))
        .order_by_desc(revision::Column::Id)
        .limit(MOST_REVISIONS)
        .all(db.reader())
        .await?;
    Ok((view, earlier.into_iter().rev().collect()))
}

/// Who likes a status, newest first.
pub async fn favourited_by(db: &Db, viewer: Viewer, id: StatusId, page: &Page) -> Result<Paged<AccountView>> {
    visibility::find(db.reader(), viewer, id).await?;
    let mut query = favourite::Entity::find().filter(favourite::Column::StatusId.eq(id));
    paging::narrow(QuerySelect::query(&mut query), (favourite::Entity, favourite::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    let cursors = rows.iter().map(|row| (row.id.0, row.account_id)).collect();
    people(db, cursors, page).await
}

/// What quotes a status, newest first, as far as the viewer may see it.
pub async fn quotes(db: &Db, viewer: Viewer, id: StatusId, page: &Page) -> Result<Paged<StatusView>> {
    visibility::find(db.reader(), viewer, id).await?;
    let mut query = status::Entity::find()
        .filter(status::Column::QuoteId.eq(id))
        .filter(Expr::col((status::Entity, status::Column::QuoteState)).eq(QuoteState::Accepted))
        .filter(visibility::visible_to(viewer))
        .filter(visibility::not_held_off(viewer));
    paging::narrow(QuerySelect::query(&mut query), (status::Entity, status::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    let paged = Paged::new(rows.iter().map(|row| (row.id.0, row.id)).collect(), page.limit);
    let items = assemble(db, viewer, paged.items.clone()).await?;
    Ok(paged.with(items))
}

/// Who boosted a status, newest first.
pub async fn reblogged_by(db: &Db, viewer: Viewer, id: StatusId, page: &Page) -> Result<Paged<AccountView>> {
    visibility::find(db.reader(), viewer, id).await?;
    let mut query =
        status::Entity::find().filter(status::Column::ReblogOfId.eq(id)).filter(visibility::visible_to(viewer));
    paging::narrow(QuerySelect::query(&mut query), (status::Entity, status::Column::Id), page);
    let rows = paging::in_order(query.all(db.reader()).await?, page);
    let cursors = rows.iter().map(|row| (row.id.0, row.account_id)).collect();
    people(db, cursors, page).await
}

/// Everything a page of statuses needs, in a fixed number of statements.
///
/// The caller has asked `visibility` for the ids; boosts bring their originals, which the rule has seen too.
pub async fn assemble(db: &Db, viewer: Viewer, ids: Vec<StatusId>) -> Result<Vec<StatusView>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut bodies = bodies::statuses(db, &ids).await?;
    let originals: Vec<StatusId> =
        bodies.values().filter_map(|body| body.status.reblog_of_id).filter(|id| !bodies.contains_key(id)).collect();
    if !originals.is_empty() {
        bodies.extend(bodies::statuses(db, &originals).await?);
    }
    let quoted = bring_quoted(db, viewer, &mut bodies).await?;
    let people: HashSet<AccountId> = bodies
        .values()
        .flat_map(|body| std::iter::once(body.status.account_id).chain(body.mentions.iter().copied()))
        .collect();
    let accounts = bodies::accounts(db, &people.into_iter().collect::<Vec<_>>()).await?;
    let (marks, filters) = match viewer {
        Viewer::Member(reader) => {
            (Some((reader, marks(db, reader, bodies.keys().copied()).await?)), filters::of(db, reader).await?)
        }
        Viewer::Anyone | Viewer::Peer(_) => (None, Vec::new()),
    };
    let asking: Vec<StatusId> = bodies.values().filter(|body| body.poll.is_some()).map(|body| body.status.id).collect();
    let chosen = match viewer {
        Viewer::Member(reader) if !asking.is_empty() => polls::votes_among(db.reader(), &asking, reader).await?,
        _ => HashMap::new(),
    };
    let ties = ties(db, viewer, &bodies).await?;
    let parts = Parts { bodies, accounts, marks, filters, chosen, ties, quoted };
    Ok(ids.iter().filter_map(|id| parts.view(*id)).collect())
}

struct Parts {
    bodies: HashMap<StatusId, Arc<Body>>,
    accounts: HashMap<AccountId, Arc<account::Model>>,
    marks: Option<(AccountId, HashMap<StatusId, Marks>)>,
    filters: Vec<filters::FilterView>,
    chosen: HashMap<StatusId, Vec<i32>>,
    ties: HashMap<AccountId, Tie>,
    quoted: HashSet<StatusId>,
}

impl Parts {
    fn view(&self, id: StatusId) -> Option<StatusView> {
        self.view_at(id, 0)
    }

    fn view_at(&self, id: StatusId, depth: usize) -> Option<StatusView> {
        let body = self.bodies.get(&id)?.clone();
        let author = self.accounts.get(&body.status.account_id)?.clone();
        let mentions = body.mentions.iter().filter_map(|id| self.accounts.get(id).cloned()).collect();
        let reblog = match body.status.reblog_of_id {
            Some(original) => Some(Box::new(self.view_at(original, depth)?)),
            None => None,
        };
        let original = body.status.reblog_of_id.unwrap_or(id);
        let marks = self.marks.as_ref().map(|(reader, marks)| {
            let own = body.status.account_id == *reader;
            Marks { own, ..marks.get(&original).copied().unwrap_or_default() }
        });
        let filtered = filters::matching(&self.filters, &body);
        let chosen = self.chosen.get(&id).cloned().unwrap_or_default();
        let quote = self.quote(&body.status, depth);
        let quotable = self.quotable(&body.status);
        Some(StatusView { body, author, mentions, reblog, marks, filtered, chosen, quote, quotable })
    }

    /// What a status quotes. Quotes go round in circles: one is shown, one in it is named, and there it ends.
    fn quote(&self, row: &status::Model, depth: usize) -> Option<QuoteView> {
        let state = row.quote_state?;
        if state != QuoteState::Accepted || depth > 0 {
            return Some(QuoteView { state, status: None });
        }
        let shown = row.quote_id.filter(|quoted| self.quoted.contains(quoted));
        let status = shown.and_then(|quoted| self.view_at(quoted, depth + 1)).map(Box::new);
        let state = if status.is_some() { state } else { QuoteState::Unauthorized };
        Some(QuoteView { state, status })
    }

    fn quotable(&self, row: &status::Model) -> Verdict {
        let own = self.marks.as_ref().is_some_and(|(reader, _)| *reader == row.account_id);
        if !row.visibility.is_open() && !own {
            return Verdict::Denied;
        }
        let tie = self.ties.get(&row.account_id).copied().unwrap_or_default();
        verdict(row.quote_policy.as_ref(), Tie { author: own, ..tie })
    }
}

/// Brings what these statuses quote, as far as the viewer may see it; nothing is asked where nothing is quoted.
async fn bring_quoted(db: &Db, viewer: Viewer, bodies: &mut HashMap<StatusId, Arc<Body>>) -> Result<HashSet<StatusId>> {
    let accepted = bodies.values().filter(|body| body.status.quote_state == Some(QuoteState::Accepted));
    let quoted: Vec<StatusId> = accepted.filter_map(|body| body.status.quote_id).collect();
    let seen = visibility::among(db.reader(), viewer, &quoted).await?;
    let missing: Vec<StatusId> = seen.iter().copied().filter(|id| !bodies.contains_key(id)).collect();
    if !missing.is_empty() {
        bodies.extend(bodies::statuses(db, &missing).await?);
    }
    Ok(seen.into_iter().collect())
}

/// What the reader is to authors who allow quotes to some; nothing is asked where everybody or nobody may quote.
async fn ties(db: &Db, viewer: Viewer, bodies: &HashMap<StatusId, Arc<Body>>) -> Result<HashMap<AccountId, Tie>> {
    let Viewer::Member(reader) = viewer else { return Ok(HashMap::new()) };
    let asks = |body: &&Arc<Body>| {
        let policy = body.status.quote_policy.as_ref();
        policy
            .is_some_and(|policy| policy.automatic.iter().chain(&policy.manual).any(|circle| *circle != Circle::Public))
    };
    let authors: HashSet<AccountId> = bodies.values().filter(asks).map(|body| body.status.account_id).collect();
    if authors.is_empty() {
        return Ok(HashMap::new());
    }
    let authors: Vec<AccountId> = authors.into_iter().collect();
    follows::ties(db.reader(), reader, &authors).await
}

/// What `reader` did with these statuses: one statement.
async fn marks(db: &Db, reader: AccountId, ids: impl Iterator<Item = StatusId>) -> Result<HashMap<StatusId, Marks>> {
    let ids: Vec<StatusId> = ids.collect();
    let kind = Alias::new("kind");
    let boosts = Query::select()
        .expr_as(Expr::col(status::Column::ReblogOfId), Alias::new("status_id"))
        .expr_as(Expr::val(2), kind.clone())
        .from(status::Entity)
        .and_where(Expr::col(status::Column::AccountId).eq(reader))
        .and_where(Expr::col(status::Column::ReblogOfId).is_in(ids.iter().copied()))
        .take();
    let pins = Query::select()
        .expr_as(Expr::col(pin::Column::StatusId), Alias::new("status_id"))
        .expr_as(Expr::val(3), kind.clone())
        .from(pin::Entity)
        .and_where(Expr::col(pin::Column::AccountId).eq(reader))
        .and_where(Expr::col(pin::Column::StatusId).is_in(ids.iter().copied()))
        .take();
    let query = Query::select()
        .expr_as(Expr::col(favourite::Column::StatusId), Alias::new("status_id"))
        .expr_as(Expr::val(1), kind)
        .from(favourite::Entity)
        .and_where(Expr::col(favourite::Column::AccountId).eq(reader))
        .and_where(Expr::col(favourite::Column::StatusId).is_in(ids))
        .union(UnionType::All, boosts)
        .union(UnionType::All, pins)
        .take();
    let mut marks: HashMap<StatusId, Marks> = HashMap::new();
    for row in db.reader().query_all(&query).await? {
        let mark = marks.entry(row.try_get_by_index(0)?).or_default();
        match row.try_get_by_index::<i32>(1)? {
            1 => mark.favourited = true,
            2 => mark.reblogged = true,
            _ => mark.pinned = true,
        }
    }
    Ok(marks)
}

async fn people(db: &Db, cursors: Vec<(i64, AccountId)>, page: &Page) -> Result<Paged<AccountView>> {
    let ids: Vec<AccountId> = cursors.iter().map(|(_, id)| *id).collect();
    let accounts = bodies::accounts(db, &ids).await?;
    let paged = Paged::new(cursors, page.limit);
    let items = paged.items.iter().filter_map(|id| accounts.get(id).cloned()).collect();
    Ok(paged.with(items))
}
