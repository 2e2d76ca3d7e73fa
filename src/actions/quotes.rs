//! Quotes: who may quote what, and what becomes of a quote when the answer is there.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::actions::notify::{self, News};
use crate::app::{App, Change};
use crate::domain::event::Event;
use crate::domain::html;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Job;
use crate::domain::notification::NotificationKind;
use crate::domain::policy;
use crate::domain::quote::{QuoteChoice, QuotePolicy, QuoteState, Tie, Verdict, verdict};
use crate::domain::remote::RemoteQuote;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::entity::{account, status};
use crate::store::{accounts, follows, statuses, visibility};

/// What a member wants to quote, with what has become of it already.
#[derive(Debug)]
pub(super) struct Quoted {
    /// The status.
    pub(super) status: status::Model,
    /// Whether it may be shown at once.
    pub(super) state: QuoteState,
}

/// Whether a member may quote a status, and whether its author has to be asked.
pub(super) async fn propose(
    change: &Change,
    row: &status::Model,
    named: &[account::Model],
    id: StatusId,
) -> Result<Quoted> {
    let (by, wide) = (row.account_id, row.visibility);
    let refuse = |why: &str| Err(Error::field("quoted_status_id", "ERR_INVALID", why));
    let status = visibility::find(change.tx(), Viewer::Member(by), id).await?;
    if status.reblog_of_id.is_some() || status.visibility == Visibility::Direct {
        return refuse("This post cannot be quoted");
    }
    // What followers alone may read is spread by its author alone, and no wider.
    if !status.visibility.is_open() && (status.account_id != by || wide.is_open()) {
        return refuse("This post can be quoted by its author alone, for followers");
    }
    let tie = tie(change, by, status.account_id).await?;
    // Whoever is quoted is asked, and would read what is not for them.
    if !wide.is_open() && !tie.author && named.iter().all(|account| account.id != status.account_id) {
        return refuse("A post that is not for everybody can quote those whom it names, and its own author");
    }
    let state = match (verdict(status.quote_policy.as_ref(), tie), status.local) {
        (Verdict::Automatic, true) => QuoteState::Accepted,
        _ if tie.author => QuoteState::Accepted,
        (Verdict::Automatic | Verdict::Manual, false) => QuoteState::Pending,
        _ => return refuse("The author of this post does not want it to be quoted"),
    };
    if state == QuoteState::Pending && !row.federated {
        return refuse("The author of this post is on another server, where a post that stays here cannot ask");
    }
    Ok(Quoted { status, state })
}

/// Writes into the row of a new post of a member what it quotes.
pub(super) fn write(app: &App, row: &mut status::Model, quoted: &Quoted) {
    row.quote_uri = Some(quoted.status.uri.clone());
    row.quote_id = Some(quoted.status.id);
    row.quote_state = Some(quoted.state);
    if quoted.state == QuoteState::Accepted {
        row.quote_approval = Some(app.urls.quote_authorization(quoted.status.account_id, row.id));
    }
    let url = quoted.status.url.as_deref().unwrap_or(&quoted.status.uri);
    row.content = format!("{}{}", html::quote_inline(url), row.content);
}

/// The text of a post of a member that was edited, with what it quotes: that stays.
pub(super) async fn keep(change: &Change, old: &status::Model, content: String) -> Result<String> {
    let Some(uri) = &old.quote_uri else { return Ok(content) };
    let quoted = statuses::by_uri(change.tx(), uri).await?;
    let url = quoted.and_then(|quoted| quoted.url).unwrap_or_else(|| uri.clone());
    Ok(format!("{}{content}", html::quote_inline(&url)))
}

/// Writes into the row of a post from elsewhere what it quotes, as far as it is known already.
///
/// True when somebody has to look further, outside of what is going on now.
pub(super) async fn read(
    change: &Change,
    row: &mut status::Model,
    author: &account::Model,
    said: Option<&RemoteQuote>,
) -> Result<bool> {
    let Some(said) = said else { return Ok(false) };
    row.quote_uri = Some(said.uri.clone());
    row.quote_approval.clone_from(&said.authorization);
    row.quote_state = Some(QuoteState::Pending);
    let Some(quoted) = statuses::by_uri(change.tx(), &said.uri).await? else { return Ok(true) };
    row.quote_id = Some(quoted.id);
    if let Some(state) = judge(change, author, &quoted, said.legacy).await? {
        row.quote_state = Some(state);
    }
    Ok(row.quote_state == Some(QuoteState::Pending) && said.authorization.is_some())
}

/// What becomes of a quote by somebody elsewhere, if that can be said without asking anybody.
async fn judge(
    change: &Change,
    by: &account::Model,
    quoted: &status::Model,
    legacy: bool,
) -> Result<Option<QuoteState>> {
    if quoted.account_id == by.id {
        return Ok(Some(QuoteState::Accepted));
    }
    if quoted.local {
        let allowed = may_quote_ours(change, by.id, quoted).await?;
        return Ok(Some(if allowed { QuoteState::Accepted } else { QuoteState::Unauthorized }));
    }
    if !legacy {
        return Ok(None);
    }
    // Software that asks nobody quotes software that allows everybody; whoever says what is allowed is heard.
    let policy = quoted.quote_policy.as_ref();
    let free = matches!(verdict(policy, Tie::default()), Verdict::Unknown | Verdict::Automatic);
    Ok(Some(if free { QuoteState::Accepted } else { QuoteState::Unauthorized }))
}

/// Whether somebody may quote a status of a member at once.
async fn may_quote_ours(change: &Change, by: AccountId, quoted: &status::Model) -> Result<bool> {
    let blocked = accounts::blocked_either_way(change.tx(), by, quoted.account_id).await?;
    let tie = tie(change, by, quoted.account_id).await?;
    let allowed = verdict(quoted.quote_policy.as_ref(), tie) == Verdict::Automatic;
    Ok(allowed && !blocked && quoted.visibility.is_open() && quoted.federated && quoted.reblog_of_id.is_none())
}

async fn tie(change: &Change, by: AccountId, author: AccountId) -> Result<Tie> {
    let accepted = |follow: Option<crate::store::entity::follow::Model>| follow.is_some_and(|follow| follow.accepted);
    Ok(Tie {
        author: by == author,
        follows: accepted(follows::find(change.tx(), by, author).await?),
        followed: accepted(follows::find(change.tx(), author, by).await?),
    })
}

/// Tells whom it concerns that a new post quotes something.
pub(super) async fn announce(change: &mut Change, row: &status::Model, look: Option<bool>) -> Result<()> {
    if let Some(legacy) = look {
        change.enqueue(&Job::LookAtQuote { status: row.id, legacy }).await?;
    }
    match (row.quote_state, row.quote_id) {
        (Some(QuoteState::Accepted), Some(quoted)) => take_effect(change, row, quoted).await,
        (Some(QuoteState::Pending), Some(_)) if row.local && row.federated => {
            change.record(Event::QuoteRequested { account: row.account_id, status: row.id }).await
        }
        _ => Ok(()),
    }
}

async fn take_effect(change: &mut Change, row: &status::Model, quoted: StatusId) -> Result<()> {
    statuses::count(change.tx(), quoted, status::Column::QuotesCount, 1).await?;
    change.touch_status(quoted);
    let Some(quoted) = statuses::by_id(change.tx(), quoted).await? else { return Ok(()) };
    let author = accounts::find(change.tx(), quoted.account_id).await?;
    notify::of_quote(change, &author, row).await
}

/// Takes in that a post from elsewhere, which is known already, names an approval now; whether anything is new.
pub(super) async fn retold(change: &mut Change, old: &status::Model, said: Option<&RemoteQuote>) -> Result<bool> {
    let Some(said) = said.filter(|said| Some(&said.uri) == old.quote_uri.as_ref()) else { return Ok(false) };
    if rests_on_approval(change, old).await? && said.authorization != old.quote_approval {
        withdraw(change, old).await?;
        let state = if said.authorization.is_some() { QuoteState::Pending } else { QuoteState::Revoked };
        set(change, old, state, old.quote_id, said.authorization.clone()).await?;
        if state == QuoteState::Pending {
            change.enqueue(&Job::LookAtQuote { status: old.id, legacy: said.legacy }).await?;
        }
        return Ok(true);
    }
    let waits = matches!(old.quote_state, Some(QuoteState::Pending | QuoteState::Unauthorized));
    if !waits || said.authorization.is_none() || said.authorization == old.quote_approval {
        return Ok(false);
    }
    set(change, old, QuoteState::Pending, old.quote_id, said.authorization.clone()).await?;
    change.enqueue(&Job::LookAtQuote { status: old.id, legacy: said.legacy }).await?;
    Ok(true)
}

/// Whether a quote is shown because somebody elsewhere has said that they allow it.
async fn rests_on_approval(change: &Change, row: &status::Model) -> Result<bool> {
    if row.quote_state != Some(QuoteState::Accepted) || row.quote_approval.is_none() {
        return Ok(false);
    }
    let quoted = match row.quote_id {
        Some(quoted) => statuses::by_id(change.tx(), quoted).await?,
        None => None,
    };
    Ok(quoted.is_some_and(|quoted| !quoted.local && quoted.account_id != row.account_id))
}

/// What was found out about a quote by somebody elsewhere that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// What is quoted is here now.
    Found {
        /// The quoted status.
        quoted: StatusId,
        /// The approval that was looked at.
        approval: Option<String>,
        /// Whether its author has allowed it with that, by a document on their own server.
        approved: bool,
        /// Whether whoever quotes asks nobody.
        legacy: bool,
    },
    /// What is quoted is gone.
    Gone,
}

/// Takes in what was found out about a quote; false when an approval has come meanwhile that was not looked at.
pub async fn settle(app: &App, id: StatusId, finding: Finding) -> Result<bool> {
    let mut change = app.begin().await?;
    let Some(row) = statuses::by_id(change.tx(), id).await? else { return Ok(true) };
    if row.quote_state != Some(QuoteState::Pending) {
        return Ok(true);
    }
    let (state, quoted) = match finding {
        Finding::Gone => (QuoteState::Deleted, None),
        Finding::Found { approval, .. } if approval != row.quote_approval => return Ok(false),
        Finding::Found { quoted, approved, legacy, .. } => {
            let by = accounts::find(change.tx(), row.account_id).await?;
            let Some(status) = statuses::by_id(change.tx(), quoted).await? else { return Ok(true) };
            let judged = judge(&change, &by, &status, legacy).await?;
            let unasked = if row.quote_approval.is_some() { QuoteState::Unauthorized } else { QuoteState::Pending };
            (if approved { QuoteState::Accepted } else { judged.unwrap_or(unasked) }, Some(quoted))
        }
    };
    set(&mut change, &row, state, quoted, row.quote_approval.clone()).await?;
    if let (QuoteState::Accepted, Some(quoted)) = (state, quoted) {
        take_effect(&mut change, &row, quoted).await?;
    }
    change.commit().await?;
    Ok(true)
}

/// Answers somebody elsewhere who asks to quote a status of a member with a post that is known here now.
pub async fn receive_request(app: &App, by: AccountId, quoting: StatusId, request: &str) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(row) = statuses::by_id(change.tx(), quoting).await?.filter(|row| row.account_id == by) else {
        return Ok(());
    };
    let quoted = match row.quote_id {
        Some(quoted) => statuses::by_id(change.tx(), quoted).await?,
        None => None,
    };
    let Some(quoted) = quoted.filter(|quoted| quoted.local) else { return Ok(()) };
    let wanted = !matches!(row.quote_state, Some(QuoteState::Revoked)) && may_quote_ours(&change, by, &quoted).await?;
    let approval = wanted.then(|| app.urls.quote_authorization(quoted.account_id, row.id));
    if wanted {
        let was_accepted = row.quote_state == Some(QuoteState::Accepted);
        set(&mut change, &row, QuoteState::Accepted, Some(quoted.id), approval.clone()).await?;
        if !was_accepted {
            take_effect(&mut change, &row, quoted.id).await?;
        }
    }
    let (request, status) = (request.to_owned(), quoted.id);
    let event =
        Event::QuoteAnswered { account: quoted.account_id, asker: by, status, quoting: row.uri, request, approval };
    change.record(event).await?;
    change.commit().await
}

/// Takes in the answer of somebody elsewhere to the wish of a member to quote them; an approval, or a refusal.
pub async fn receive_answer(app: &App, by: AccountId, quoting: StatusId, approval: Option<String>) -> Result<()> {
    let mut change = app.begin().await?;
    let Some(row) = statuses::by_id(change.tx(), quoting).await?.filter(|row| row.local) else { return Ok(()) };
    let (Some(quoted), Some(state)) = (row.quote_id, row.quote_state) else { return Ok(()) };
    let owner = statuses::by_id(change.tx(), quoted).await?.map(|quoted| quoted.account_id);
    // Only whoever is quoted can answer.
    if owner != Some(by) || !matches!(state, QuoteState::Pending | QuoteState::Accepted) {
        return Ok(());
    }
    match approval {
        Some(approval) if state == QuoteState::Pending => {
            set(&mut change, &row, QuoteState::Accepted, Some(quoted), Some(approval)).await?;
            statuses::count(change.tx(), quoted, status::Column::QuotesCount, 1).await?;
            change.touch_status(quoted);
        }
        Some(_) => return Ok(()),
        None => {
            take_away(
                &mut change,
                &row,
                if state == QuoteState::Pending { QuoteState::Rejected } else { QuoteState::Revoked },
            )
            .await?
        }
    }
    change.record(Event::QuoteSettled { account: row.account_id, status: row.id }).await?;
    change.commit().await
}

/// A member does not want to be quoted there any more.
pub async fn revoke(app: &App, account: AccountId, quoted: StatusId, quoting: StatusId) -> Result<()> {
    let mut change = app.begin().await?;
    let status = visibility::find(change.tx(), Viewer::Member(account), quoted).await?;
    policy::owns(account, status.account_id)?;
    let row = statuses::by_id(change.tx(), quoting).await?.filter(|row| row.quote_id == Some(quoted));
    let row = row.ok_or(Error::NotFound("status"))?;
    if row.quote_state != Some(QuoteState::Accepted) {
        return change.commit().await;
    }
    let approval = app.urls.quote_authorization(account, row.id);
    take_away(&mut change, &row, QuoteState::Revoked).await?;
    change.record(Event::QuoteRevoked { account, quoter: row.account_id, approval }).await?;
    if row.local {
        change.record(Event::QuoteSettled { account: row.account_id, status: row.id }).await?;
    }
    change.commit().await
}

/// Takes in that somebody elsewhere does not allow a quote any more; false when nothing rests on that approval.
pub async fn receive_revocation(app: &App, by: AccountId, approval: &str) -> Result<bool> {
    let mut change = app.begin().await?;
    let resting = status::Entity::find().filter(status::Column::QuoteApproval.eq(approval)).all(change.tx()).await?;
    let mut any = false;
    for row in resting {
        let owner = match row.quote_id {
            Some(quoted) => statuses::by_id(change.tx(), quoted).await?.map(|quoted| quoted.account_id),
            None => None,
        };
        if owner == Some(by) && row.quote_state == Some(QuoteState::Accepted) {
            take_away(&mut change, &row, QuoteState::Revoked).await?;
            if row.local {
                change.record(Event::QuoteSettled { account: row.account_id, status: row.id }).await?;
            }
            any = true;
        }
    }
    change.commit().await?;
    Ok(any)
}

/// A member changes who may quote a status of theirs.
pub async fn set_policy(app: &App, account: AccountId, id: StatusId, choice: QuoteChoice) -> Result<()> {
    let mut change = app.begin().await?;
    let row = visibility::find(change.tx(), Viewer::Member(account), id).await?;
    policy::owns(account, row.account_id)?;
    if row.reblog_of_id.is_some() {
        return Err(Error::NotFound("status"));
    }
    let wanted = Some(QuotePolicy::from(choice.for_post(row.visibility)));
    if row.quote_policy != wanted {
        let mut row = row.into_active_model();
        row.quote_policy = Set(wanted);
        row.update(change.tx()).await?;
        change.touch_status(id);
        change.record(Event::QuoteSettled { account, status: id }).await?;
    }
    change.commit().await
}

/// Notes in what quotes a status that it is gone.
pub(super) async fn lose(change: &mut Change, gone: StatusId) -> Result<()> {
    let quoting = status::Entity::find()
        .select_only()
        .column(status::Column::Id)
        .filter(status::Column::QuoteId.eq(gone))
        .filter(status::Column::QuoteId.is_not_null());
    let quoting: Vec<StatusId> = quoting.into_tuple().all(change.tx()).await?;
    for ids in quoting.chunks(500) {
        status::Entity::update_many()
            .col_expr(status::Column::QuoteState, Expr::val(QuoteState::Deleted))
            .col_expr(status::Column::QuoteId, Expr::val(None::<StatusId>))
            .filter(status::Column::Id.is_in(ids.iter().copied()))
            .exec(change.tx())
            .await?;
    }
    quoting.into_iter().for_each(|id| change.touch_status(id));
    Ok(())
}

/// Takes a quote out of the counter of what it quotes, before its row is deleted.
pub(super) async fn withdraw(change: &mut Change, row: &status::Model) -> Result<()> {
    match (row.quote_id, row.quote_state) {
        (Some(quoted), Some(QuoteState::Accepted)) => {
            statuses::count(change.tx(), quoted, status::Column::QuotesCount, -1).await?;
            change.touch_status(quoted);
            let Some(quoted) = statuses::by_id(change.tx(), quoted).await? else { return Ok(()) };
            let news = News { kind: NotificationKind::Quote, from: row.account_id, status: Some(row.id) };
            notify::withdraw(change, quoted.account_id, news).await
        }
        _ => Ok(()),
    }
}

async fn take_away(change: &mut Change, row: &status::Model, state: QuoteState) -> Result<()> {
    withdraw(change, row).await?;
    set(change, row, state, row.quote_id, None).await
}

async fn set(
    change: &mut Change,
    row: &status::Model,
    state: QuoteState,
    quoted: Option<StatusId>,
    approval: Option<String>,
) -> Result<()> {
    status::Entity::update_many()
        .col_expr(status::Column::QuoteState, Expr::val(state))
        .col_expr(status::Column::QuoteId, Expr::val(quoted))
        .col_expr(status::Column::QuoteApproval, Expr::val(approval))
        .filter(Expr::col(status::Column::Id).eq(row.id))
        .exec(change.tx())
        .await?;
    change.touch_status(row.id);
    Ok(())
}
