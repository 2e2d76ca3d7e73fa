//! Quotes between servers (FEP-044f): asking, allowing, looking up what others have allowed.

use serde_json::{Value, json};

use crate::actions::quotes::{self, Finding};
use crate::actions::statuses::Cause;
use crate::domain::event::{Audience, Event};
use crate::domain::id::{AccountId, StatusId};
use crate::domain::origin::{Id, RemoteId};
use crate::domain::quote::QuoteState;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::protocol::shape;
use crate::federation::publish::{Outgoing, outgoing};
use crate::federation::translate;
use crate::store::entity::status;
use crate::store::{accounts, statuses, visibility};

/// What the id of a wish to quote has after the id of the post that quotes.
const WISH: &str = "#quote";
/// How often a quote is looked at while approvals come and go.
const MOST_LOOKS: usize = 3;

impl Federation {
    /// Looks at what a post from elsewhere quotes, and at who has allowed it.
    pub async fn look_at_quote(&self, id: StatusId, legacy: bool) -> Result<()> {
        for _ in 0..MOST_LOOKS {
            if self.look_once_at_quote(id, legacy).await? {
                break;
            }
        }
        Ok(())
    }

    /// False when an approval has come meanwhile that was not looked at.
    async fn look_once_at_quote(&self, id: StatusId, legacy: bool) -> Result<bool> {
        let Some(row) = statuses::by_id(self.app.db.reader(), id).await? else { return Ok(true) };
        if row.quote_state != Some(QuoteState::Pending) {
            return Ok(true);
        }
        let Some(uri) = row.quote_uri.as_deref() else { return Ok(true) };
        let mut budget = Budget::for_discovery();
        let quoted = match self.borders.read(uri) {
            Ok(Id::Remote(uri)) => match self.fetch_status_because(Cause::Quoted, &uri, &mut budget).await {
                Ok(quoted) => Some(quoted),
                Err(error) if error.is_transient() => return Err(error),
                Err(_) => None,
            },
            Ok(Id::Local(url)) => statuses::by_uri(self.app.db.reader(), url.as_str()).await?.map(|quoted| quoted.id),
            Err(_) => None,
        };
        let Some(quoted) = quoted else { return quotes::settle(&self.app, id, Finding::Gone).await };
        let approved = self.is_approved(&row, quoted, &mut budget).await?;
        let approval = row.quote_approval;
        quotes::settle(&self.app, id, Finding::Found { quoted, approval, approved, legacy }).await
    }

    /// Whether whoever is quoted says on their own server that this very post may quote that very post.
    async fn is_approved(&self, row: &status::Model, quoted: StatusId, budget: &mut Budget) -> Result<bool> {
        let Some(approval) = row.quote_approval.as_deref().and_then(|id| self.borders.remote(id).ok()) else {
            return Ok(false);
        };
        let db = self.app.db.reader();
        let Some(quoted) = statuses::by_id(db, quoted).await? else { return Ok(false) };
        let owner = accounts::find(db, quoted.account_id).await?;
        let Ok(owner) = self.borders.remote(&owner.uri) else { return Ok(false) };
        if !approval.shares_origin(&owner) {
            return Ok(false);
        }
        let document = match self.fetch(&approval, budget).await {
            Ok((found_at, document)) if found_at == *approval.url() => document,
            Err(error) if error.is_transient() => return Err(error),
            _ => return Ok(false),
        };
        let says = |name: &str| document.get(name).and_then(shape::id_of);
        Ok(shape::type_of(&document) == Some("QuoteAuthorization")
            && shape::id_of(&document) == Some(approval.as_str())
            && says("attributedTo") == Some(owner.as_str())
            && says("interactingObject") == Some(row.uri.as_str())
            && says("interactionTarget") == Some(quoted.uri.as_str()))
    }

    /// The post that an answer to a wish to quote speaks of.
    pub(super) async fn wished_quote(&self, object: &Value) -> Result<Option<StatusId>> {
        let named = shape::id_of(object).and_then(|id| id.strip_suffix(WISH));
        let is_wish = shape::type_of(object) == Some("QuoteRequest");
        let instrument = object.get("instrument").and_then(shape::id_of).filter(|_| is_wish);
        let Some(uri) = named.or(instrument) else { return Ok(None) };
        Ok(statuses::by_uri(self.app.db.reader(), uri).await?.filter(|row| row.local).map(|row| row.id))
    }

    /// The approval in an answer, if it is one that `by` can give.
    pub(super) fn approval(&self, result: &Value, by: &RemoteId) -> Option<String> {
        let id = self.borders.remote(shape::id_of(result)?).ok()?;
        id.shares_origin(by).then(|| id.as_str().to_owned())
    }

    /// The approval of a quote of a post of a member, as other servers read it.
    pub async fn quote_authorization(&self, account: AccountId, quoting: StatusId) -> Result<Value> {
        let db = self.app.db.reader();
        let id = self.app.urls.quote_authorization(account, quoting);
        let row = statuses::by_id(db, quoting).await?.filter(|row| row.quote_state == Some(QuoteState::Accepted));
        let row = row.filter(|row| row.quote_approval.as_ref() == Some(&id)).ok_or(Error::NotFound("approval"))?;
        let quoted = visibility::find(db, Viewer::Anyone, row.quote_id.ok_or(Error::NotFound("approval"))?).await?;
        let owner = accounts::find(db, account).await?;
        Ok(json!({
            "id": id,
            "type": "QuoteAuthorization",
            "attributedTo": owner.uri,
            "interactingObject": row.uri,
            "interactionTarget": quoted.uri,
        }))
    }

    /// What members and whoever quotes them have to say to each other.
    pub(super) async fn about_quote(&self, event: &Event) -> Result<Option<Outgoing>> {
        match event {
            Event::QuoteRequested { status, .. } => self.quote_requested(*status).await,
            Event::QuoteSettled { status, .. } => self.quote_settled(*status).await,
            Event::QuoteAnswered { account, asker, status, quoting, request, approval } => {
                let db = self.app.db.reader();
                let (by, asker) = (accounts::find(db, *account).await?, accounts::find(db, *asker).await?);
                let Some(quoted) = statuses::by_id(db, *status).await? else { return Ok(None) };
                let wish = json!({
                    "id": request, "type": "QuoteRequest", "actor": asker.uri, "object": quoted.uri, "instrument": quoting,
                });
                let kind = if approval.is_some() { "Accept" } else { "Reject" };
                let id = format!("{request}/{}", kind.to_lowercase());
                let id = format!("{}#quotes/{}", by.uri, crate::app::crypto::token_hash(&id));
                let activity =
                    OwnActivity { result: approval.clone(), ..between(id, kind, &by.uri, wish, asker.uri.clone()) };
                let audience = Audience { accounts: vec![asker.id], ..Audience::default() };
                Ok(Some(Outgoing::new(activity, by.id, request.clone(), audience)))
            }
            Event::QuoteRevoked { account, quoter, approval } => {
                let db = self.app.db.reader();
                let (by, quoter) = (accounts::find(db, *account).await?, accounts::find(db, *quoter).await?);
                let id = format!("{approval}#delete");
                let activity = between(id, "Delete", &by.uri, Value::from(approval.as_str()), quoter.uri.clone());
                let audience = Audience { followers: true, accounts: vec![quoter.id], ..Audience::default() };
                Ok(Some(Outgoing::new(activity, by.id, approval.clone(), audience)))
            }
            _ => Ok(None),
        }
    }

    async fn quote_requested(&self, status: StatusId) -> Result<Option<Outgoing>> {
        let Some((view, _)) = self.leaving(status).await? else { return Ok(None) };
        let (row, db) = (view.row(), self.app.db.reader());
        let quoted = match row.quote_id {
            Some(quoted) => statuses::by_id(db, quoted).await?,
            None => None,
        };
        let Some(quoted) = quoted else { return Ok(None) };
        let owner = accounts::find(db, quoted.account_id).await?;
        let note = translate::note::own_note(&view, None, &self.app.urls, self.app.now());
        let id = format!("{}{WISH}", row.uri);
        let activity = OwnActivity {
            instrument: Some(serde_json::to_value(note)?),
            ..between(id, "QuoteRequest", &view.author.uri, Value::from(quoted.uri), owner.uri.clone())
        };
        let audience = Audience { accounts: vec![owner.id], ..Audience::default() };
        Ok(Some(Outgoing::new(activity, row.account_id, row.uri.clone(), audience)))
    }

    /// A post again, because something about its quote or about who may quote it has changed.
    async fn quote_settled(&self, status: StatusId) -> Result<Option<Outgoing>> {
        let Some((view, audience)) = self.leaving(status).await? else { return Ok(None) };
        let row = view.row();
        let id = format!("{}#quotes/{}", row.uri, self.app.id::<crate::domain::id::ActivityId>());
        let activity = self.about_note("Update", &id, &view).await?;
        Ok(Some(outgoing(activity, &view, audience)))
    }
}

fn between(id: String, kind: &'static str, by: &str, object: Value, to: String) -> OwnActivity {
    OwnActivity { id, kind, actor: by.to_owned(), object, to: vec![to], ..OwnActivity::default() }
}
