//! What other servers read here: actors, posts, collections.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::handle::Username;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::page::Page;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::protocol::actor::OwnActor;
use crate::federation::protocol::collection::{OrderedCollection, OrderedCollectionPage};
use crate::federation::protocol::note::OwnNote;
use crate::federation::translate;
use crate::store::{accounts, deliveries, received};
use crate::views::featured_tags::FeaturedTag;
use crate::views::statuses::StatusView;
use crate::views::timelines::{self, OfAccount};
use crate::views::{self, AccountView};

/// How many activities one page of an outbox holds.
const PAGE: u64 = 20;

/// A status as other servers read it: a post, or the announcement that a boost is.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum StatusDocument {
    /// A post.
    Note(Box<OwnNote>),
    /// An announcement.
    Announce(Box<OwnActivity>),
}

/// What is left of a member who is gone.
#[derive(Debug)]
pub enum Remains {
    /// The actor, with the key their last word is signed with.
    Actor(Box<OwnActor>),
    /// Nothing but the time they went.
    Tombstone(Value),
}

impl Federation {
    /// A local account by id; nobody else's documents are ours to give.
    pub async fn local_by_id(&self, id: AccountId) -> Result<AccountView> {
        let account = views::accounts::one(&self.app.db, id).await?;
        if account.host.is_none() && account.suspended_at.is_none() {
            return Ok(account);
        }
        self.departed(&account).await?;
        Err(Error::NotFound("account"))
    }

    /// A local account by name.
    pub async fn local_by_name(&self, username: &Username) -> Result<AccountView> {
        let account = views::accounts::by_name(&self.app.db, username, None).await?;
        if account.suspended_at.is_none() {
            return Ok(account);
        }
        self.departed(&account).await?;
        Err(Error::NotFound("account"))
    }

    /// Fails with "gone" when a member has left for good.
    async fn departed(&self, account: &AccountView) -> Result<()> {
        let departed = account.host.is_none() && self.departed_at(account).await?.is_some();
        if departed { Err(Error::Gone) } else { Ok(()) }
    }

    async fn departed_at(&self, account: &AccountView) -> Result<Option<Moment>> {
        received::buried_at(self.app.db.reader(), &account.uri).await
    }

    /// What is left of a member who is gone: their actor as long as their last word is on its way, because the key in
    /// it is asked for, and a tombstone for ever after.
    pub async fn remains(&self, id: AccountId) -> Result<Remains> {
        let account = views::accounts::one(&self.app.db, id).await?;
        let departed = self.departed_at(&account).await?.ok_or(Error::NotFound("account"))?;
        if deliveries::wait_for(self.app.db.reader(), &farewell(&account.uri)).await? {
            return Ok(Remains::Actor(Box::new(self.actor_document(&account).await?)));
        }
        let kind = translate::actor::type_name(account.kind);
        Ok(Remains::Tombstone(tombstone(&account.uri, kind, departed)))
    }

    /// The actor of a local account.
    pub async fn actor_document(&self, account: &AccountView) -> Result<OwnActor> {
        let mut keys = accounts::keys(self.app.db.reader(), account.id).await?;
        keys.retain(|key| key.retired_at.is_none());
        let moved_to = views::accounts::new_home(&self.app.db, account).await?;
        translate::actor::own_actor(account, moved_to.as_ref(), &keys, self.instance_actor, &self.app.urls)
    }

    /// A status of a local account, if the viewer may see it.
    pub async fn status_document(&self, viewer: Viewer, id: StatusId) -> Result<StatusDocument> {
        let view = self.own_status(viewer, id).await?;
        Ok(match view.reblog {
            None => {
                StatusDocument::Note(Box::new(translate::note::own_note(&view, None, &self.app.urls, self.app.now())))
            }
            Some(_) => StatusDocument::Announce(Box::new(announce(&view))),
        })
    }

    /// The `Create` of a post of a local account, or the `Announce` that a boost is.
    pub async fn activity_document(&self, viewer: Viewer, id: StatusId) -> Result<OwnActivity> {
        let view = self.own_status(viewer, id).await?;
        self.activity_of(&view)
    }

    /// What is left of a status of ours that was here and is deleted.
    pub async fn tombstone_of(&self, account: AccountId, id: StatusId) -> Result<Option<Value>> {
        let uri = self.app.urls.status(account, id);
        let deleted = received::buried_at(self.app.db.reader(), &uri).await?;
        Ok(deleted.map(|deleted| tombstone(&uri, "Note", deleted)))
    }

    /// The public activities of a local account: how many.
    pub async fn outbox(&self, account: &AccountView) -> Result<OrderedCollection> {
        let id = self.app.urls.of_actor(account.id, "outbox");
        let total = timelines::count(&self.app.db, Viewer::Anyone, account.id).await?;
        Ok(OrderedCollection {
            first: Some(format!("{id}?page=true")),
            last: Some(format!("{id}?page=true&min_id=0")),
            id,
            kind: "OrderedCollection",
            attributed_to: None,
            total_items: i64::try_from(total).unwrap_or(i64::MAX),
            ordered_items: None,
        })
    }

    /// Public activities of a local account, newest first: older than `before`, or the oldest newer than `after`.
    pub async fn outbox_page(
        &self,
        account: &AccountView,
        before: Option<StatusId>,
        after: Option<StatusId>,
    ) -> Result<OrderedCollectionPage> {
        let page = Page { max_id: before.map(|id| id.0), min_id: after.map(|id| id.0), ..Page::newest(PAGE) };
        let db = &self.app.db;
        let statuses = timelines::account(db, Viewer::Anyone, account.id, &OfAccount::default(), &page).await?;
        let items: Result<Vec<Value>> =
            statuses.items.iter().map(|view| Ok(serde_json::to_value(self.activity_of(view)?)?)).collect();
        let outbox = self.app.urls.of_actor(account.id, "outbox");
        Ok(OrderedCollectionPage::of(outbox, before, after, statuses.with(items?)))
    }

    /// A collection of which only the size is told.
    pub fn counted(&self, account: &AccountView, what: &str, total: i64) -> OrderedCollection {
        let total_items = if account.hide_collections { 0 } else { total };
        let id = self.app.urls.of_actor(account.id, what);
        OrderedCollection {
            id,
            kind: "OrderedCollection",
            attributed_to: None,
            total_items,
            first: None,
            last: None,
            ordered_items: None,
        }
    }

    /// What an account shows first, as far as everybody may see it.
    pub async fn featured(&self, account: &AccountView) -> Result<OrderedCollection> {
        let pinned = timelines::pinned(&self.app.db, Viewer::Anyone, account.id).await?;
        let notes = pinned
            .iter()
            .map(|view| serde_json::to_value(translate::note::own_note(view, None, &self.app.urls, self.app.now())));
        let notes = notes.collect::<Result<Vec<Value>, _>>()?;
        Ok(self.listed(self.app.urls.of_actor(account.id, "collections/featured"), notes))
    }

    /// The hashtags an account shows on its profile.
    pub async fn featured_tags(&self, account: &AccountView) -> Result<OrderedCollection> {
        let tags = views::featured_tags::of(&self.app.db, account.id).await?;
        let tag = |tag: &FeaturedTag| json!({"type": "Hashtag", "href": tag.url(account), "name": format!("#{}", tag.display)});
        let id = self.app.urls.of_actor(account.id, "collections/tags");
        Ok(self.listed(id, tags.iter().map(tag).collect()))
    }

    /// A collection told in full.
    pub fn listed(&self, id: String, items: Vec<Value>) -> OrderedCollection {
        let total_items = i64::try_from(items.len()).unwrap_or(i64::MAX);
        OrderedCollection {
            id,
            kind: "OrderedCollection",
            attributed_to: None,
            total_items,
            first: None,
            last: None,
            ordered_items: Some(items),
        }
    }

    /// The public replies to a status of a local account.
    pub async fn replies(&self, viewer: Viewer, id: StatusId) -> Result<OrderedCollection> {
        let view = self.own_status(viewer, id).await?;
        let thread = views::statuses::thread(&self.app.db, Viewer::Anyone, id).await.ok();
        let replies = thread.into_iter().flat_map(|thread| thread.descendants);
        let direct = replies.filter(|reply| reply.row().in_reply_to_id == Some(id));
        let items = direct.map(|reply| Value::from(reply.row().uri.as_str())).collect();
        Ok(self.listed(format!("{}/replies", view.row().uri), items))
    }

    pub(super) async fn own_status(&self, viewer: Viewer, id: StatusId) -> Result<StatusView> {
        let view = views::statuses::one(&self.app.db, viewer, id).await?;
        if view.row().local && view.row().federated { Ok(view) } else { Err(Error::NotFound("status")) }
    }

    fn activity_of(&self, view: &StatusView) -> Result<OwnActivity> {
        if view.reblog.is_some() {
            return Ok(announce(view));
        }
        let note = translate::note::own_note(view, None, &self.app.urls, self.app.now());
        Ok(OwnActivity {
            id: format!("{}/activity", note.id),
            kind: "Create",
            actor: view.author.uri.clone(),
            to: note.to.clone(),
            cc: note.cc.clone(),
            published: Some(note.published.clone()),
            object: serde_json::to_value(note)?,
            ..OwnActivity::default()
        })
    }
}

/// The announcement that a boost is.
pub fn announce(view: &StatusView) -> OwnActivity {
    let (to, mut cc) = translate::note::addresses(view);
    let original = view.original();
    cc.push(original.author.uri.clone());
    OwnActivity {
        id: view.row().uri.clone(),
        kind: "Announce",
        actor: view.author.uri.clone(),
        object: Value::from(original.row().uri.as_str()),
        to,
        cc,
        published: Some(view.row().created_at.seconds()),
        ..OwnActivity::default()
    }
}

/// The id of the last thing a member says.
pub fn farewell(actor: &str) -> String {
    format!("{actor}#delete")
}

/// What is left of something that was deleted.
pub fn tombstone(uri: &str, former: &str, deleted: Moment) -> Value {
    json!({"id": uri, "type": "Tombstone", "formerType": former, "deleted": deleted.seconds()})
}
