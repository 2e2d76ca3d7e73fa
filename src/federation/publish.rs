//! From what a member did to one activity and one delivery per inbox.

use serde_json::{Value, json};

use crate::domain::event::{Audience, Event};
use crate::domain::id::{AccountId, ActivityId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::protocol::context::with_context;
use crate::federation::protocol::shape::PUBLIC;
use crate::federation::translate;
use crate::federation::{Federation, documents};
use crate::store::deliveries::{self, Address};
use crate::store::entity::{account, activity};
use crate::store::{self, accounts, hosts, received, statuses, visibility};
use crate::views;
use crate::views::statuses::StatusView;

/// An activity on its way out.
pub(super) struct Outgoing {
    pub(super) activity: OwnActivity,
    pub(super) account: AccountId,
    status: Option<StatusId>,
    /// What it is about, as activities are kept in order.
    object_key: String,
    /// Whether it makes pointless what is still to be sent about the same thing.
    supersedes: bool,
    pub(super) audience: Audience,
    /// Inboxes that are told besides those of the audience.
    pub(super) inboxes: Vec<String>,
    /// The key it is signed with, where that is not the newest.
    signed_with: Option<String>,
}

impl Outgoing {
    pub(super) fn new(activity: OwnActivity, account: AccountId, object_key: String, audience: Audience) -> Self {
        Self {
            activity,
            account,
            status: None,
            object_key,
            supersedes: false,
            audience,
            inboxes: Vec::new(),
            signed_with: None,
        }
    }

    /// For these inboxes and nobody else.
    pub(super) fn to_inboxes(
        activity: OwnActivity,
        account: AccountId,
        object_key: String,
        inboxes: Vec<String>,
    ) -> Self {
        Self { inboxes, ..Self::new(activity, account, object_key, Audience::default()) }
    }
}

impl Federation {
    /// Tells other servers what happened.
    pub async fn publish(&self, event: &Event) -> Result<()> {
        let Some(outgoing) = self.activity(event).await? else { return Ok(()) };
        let through_relays = match event {
            Event::StatusPosted { .. } if outgoing.audience.relays => {
                self.told_to_relays(&outgoing.activity, &outgoing.object_key).await?
            }
            _ => None,
        };
        self.send_out(outgoing).await?;
        match through_relays {
            Some(announcement) => self.send_out(announcement).await,
            None => Ok(()),
        }
    }

    async fn send_out(&self, outgoing: Outgoing) -> Result<()> {
        let mut inboxes = self.inboxes(&outgoing).await?;
        let suspended = hosts::suspended(self.app.db.reader(), self.app.now()).await?;
        inboxes.retain(|address| !suspended.contains(&address.host));
        let is_for_followers = outgoing.audience.followers && !outgoing.audience.public;
        if is_for_followers && outgoing.activity.kind == "Create" {
            self.add_digests(outgoing.account, &mut inboxes).await?;
        }
        if inboxes.is_empty() && !outgoing.supersedes {
            return Ok(());
        }
        match self.queue(outgoing, inboxes).await {
            // What it is about was deleted a moment ago, and that is said next.
            Err(error) if store::is_orphan(&error) => Ok(()),
            queued => queued,
        }
    }

    async fn queue(&self, outgoing: Outgoing, inboxes: Vec<Address>) -> Result<()> {
        let now = self.app.now();
        let body = self.prover(outgoing.account).await?.prove(with_context(&outgoing.activity), now)?;
        let mut change = self.app.begin().await?;
        let overtakes = outgoing.audience.everywhere || outgoing.supersedes;
        if overtakes && deliveries::is_posted(change.tx(), &outgoing.activity.id).await? {
            // This job runs a second time: what it would overtake is its own work.
            return Ok(());
        }
        if outgoing.audience.everywhere {
            deliveries::supersede_all(change.tx(), outgoing.account, now).await?;
        } else if outgoing.supersedes {
            deliveries::supersede(change.tx(), &outgoing.object_key, now).await?;
        }
        let row = activity::Model {
            id: self.app.id::<ActivityId>(),
            uri: outgoing.activity.id.clone(),
            account_id: outgoing.account,
            status_id: outgoing.status,
            object_key: outgoing.object_key,
            body,
            created_at: now,
            key_uri: outgoing.signed_with,
        };
        if !inboxes.is_empty() {
            let is_new = deliveries::post(change.tx(), row.clone(), inboxes).await?;
            if is_new && outgoing.activity.kind == "Update" {
                deliveries::supersede_updates(change.tx(), &row, now).await?;
            }
            change.has_deliveries();
        }
        change.commit().await
    }

    async fn activity(&self, event: &Event) -> Result<Option<Outgoing>> {
        match event {
            Event::StatusPosted { status, .. } => self.posted(*status).await,
            Event::StatusEdited { status, .. } => self.edited(*status).await,
            Event::StatusDeleted { account, uri, audience, .. } => self.deleted(*account, uri, audience.clone()).await,
            Event::Boosted { account, boost, .. } => self.boosted(*account, *boost).await,
            Event::Unboosted { account, original, uri, audience, .. } => {
                self.unboosted(*account, *original, uri, audience.clone()).await
            }
            Event::Favourited { account, status, uri } => self.liked(*account, *status, uri, false).await,
            Event::Unfavourited { account, status, uri } => self.liked(*account, *status, uri, true).await,
            Event::Pinned { account, uri, .. } => self.pinned("Add", *account, uri).await,
            Event::Unpinned { account, uri, .. } => self.pinned("Remove", *account, uri).await,
            Event::FollowRequested { account, target, uri, .. } => {
                self.between(*account, *target, uri, |follow, _| follow).await
            }
            Event::Unfollowed { account, target, uri } => {
                let undo = |follow, by: &account::Model| wrapped("Undo", &format!("{uri}/undo"), by, follow);
                self.between(*account, *target, uri, undo).await
            }
            Event::FollowAccepted { account, follower, uri } => self.answered("Accept", *account, *follower, uri).await,
            Event::FollowRejected { account, follower, uri } => self.answered("Reject", *account, *follower, uri).await,
            Event::ProfileUpdated { account } => self.profile_updated(*account).await,
            Event::QuoteRequested { .. }
            | Event::QuoteSettled { .. }
            | Event::QuoteAnswered { .. }
            | Event::QuoteRevoked { .. } => self.about_quote(event).await,
            Event::Reported { report, .. } => self.reported(*report).await,
            Event::Moved { account, target } => self.moved(*account, *target).await,
            Event::AccountDeleted { account } => self.account_deleted(*account).await,
            Event::Voted { account, status, choice } => self.voted(*account, *status, *choice).await,
            Event::PollCounted { status, .. } => self.poll_counted(*status).await,
            Event::RelayAsked { account, inbox, actor, uri } => {
                self.around_relay((*account, inbox, actor.as_deref(), uri), |follow, _| follow).await
            }
            Event::RelayLeft { account, inbox, actor, uri } => {
                let undo = |follow, by: &account::Model| wrapped("Undo", &format!("{uri}/undo"), by, follow);
                self.around_relay((*account, inbox, actor.as_deref(), uri), undo).await
            }
            // Said with the key that is known, so that the new one is believed.
            Event::KeysReplaced { account, signed_with } => {
                let update = self.profile_updated(*account).await?;
                Ok(update.map(|update| Outgoing { signed_with: Some(signed_with.clone()), ..update }))
            }
        }
    }

    async fn posted(&self, status: StatusId) -> Result<Option<Outgoing>> {
        let Some((view, audience)) = self.leaving(status).await? else { return Ok(None) };
        let activity = self.about_note("Create", &format!("{}/activity", view.row().uri), &view).await?;
        Ok(Some(outgoing(activity, &view, audience)))
    }

    async fn edited(&self, status: StatusId) -> Result<Option<Outgoing>> {
        let Some((view, audience)) = self.leaving(status).await? else { return Ok(None) };
        let edited = view.row().edited_at.unwrap_or(view.row().created_at);
        let id = format!("{}#updates/{}", view.row().uri, edited.0);
        let activity = self.about_note("Update", &id, &view).await?;
        Ok(Some(outgoing(activity, &view, audience)))
    }

    async fn deleted(&self, account: AccountId, uri: &str, audience: Audience) -> Result<Option<Outgoing>> {
        let by = accounts::find(self.app.db.reader(), account).await?;
        let deleted = received::buried_at(self.app.db.reader(), uri).await?.unwrap_or_else(|| self.app.now());
        let mut activity = wrapped("Delete", &format!("{uri}#delete"), &by, documents::tombstone(uri, "Note", deleted));
        (activity.to, activity.cc) = self.addresses(&by, &audience).await?;
        Ok(Some(Outgoing { supersedes: true, ..Outgoing::new(activity, account, uri.to_owned(), audience) }))
    }

    /// The last thing a member says: to everybody who may know them.
    async fn account_deleted(&self, account: AccountId) -> Result<Option<Outgoing>> {
        let by = accounts::find(self.app.db.reader(), account).await?;
        let mut activity = wrapped("Delete", &documents::farewell(&by.uri), &by, by.uri.as_str());
        activity.to = vec![PUBLIC[0].to_owned()];
        let audience = Audience { public: true, everywhere: true, ..Audience::default() };
        Ok(Some(Outgoing::new(activity, account, by.uri, audience)))
    }

    async fn boosted(&self, account: AccountId, boost: StatusId) -> Result<Option<Outgoing>> {
        let view = match views::statuses::one(&self.app.db, Viewer::Member(account), boost).await {
            Ok(view) => view,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(other) => return Err(other),
        };
        let mut audience = visibility::audience(self.app.db.reader(), view.row()).await?;
        audience.accounts.push(view.original().author.id);
        Ok(Some(outgoing(documents::announce(&view), &view, audience)))
    }

    async fn unboosted(
        &self,
        account: AccountId,
        original: StatusId,
        uri: &str,
        audience: Audience,
    ) -> Result<Option<Outgoing>> {
        let by = accounts::find(self.app.db.reader(), account).await?;
        let original = statuses::by_id(self.app.db.reader(), original).await?;
        let object = original.map_or(Value::Null, |original| Value::from(original.uri));
        let announce = json!({"id": uri, "type": "Announce", "actor": by.uri, "object": object});
        let mut activity = wrapped("Undo", &format!("{uri}/undo"), &by, announce);
        (activity.to, activity.cc) = self.addresses(&by, &audience).await?;
        Ok(Some(Outgoing { supersedes: true, ..Outgoing::new(activity, account, uri.to_owned(), audience) }))
    }

    async fn liked(&self, account: AccountId, status: StatusId, uri: &str, undone: bool) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let Some(status) = statuses::by_id(db, status).await? else { return Ok(None) };
        let by = accounts::find(db, account).await?;
        let like = OwnActivity {
            id: uri.to_owned(),
            kind: "Like",
            actor: by.uri.clone(),
            object: Value::from(status.uri.as_str()),
            ..OwnActivity::default()
        };
        let activity =
            if undone { wrapped("Undo", &format!("{uri}/undo"), &by, serde_json::to_value(&like)?) } else { like };
        let audience = Audience { accounts: vec![status.account_id], ..Audience::default() };
        Ok(Some(Outgoing { supersedes: undone, ..Outgoing::new(activity, account, uri.to_owned(), audience) }))
    }

    /// What a member shows first has become more or less.
    async fn pinned(&self, kind: &'static str, account: AccountId, uri: &str) -> Result<Option<Outgoing>> {
        let by = accounts::find(self.app.db.reader(), account).await?;
        let featured = self.app.urls.of_actor(account, "collections/featured");
        let id = format!("{featured}#{}/{}", kind.to_lowercase(), self.app.id::<ActivityId>());
        let audience = Audience { public: true, followers: true, ..Audience::default() };
        let mut activity = wrapped(kind, &id, &by, uri);
        (activity.to, activity.cc) = self.addresses(&by, &audience).await?;
        activity.target = Some(featured);
        // The post goes first, so that there is something to show.
        Ok(Some(Outgoing::new(activity, account, uri.to_owned(), audience)))
    }

    /// A follow, or something around it, from one account to another.
    async fn between(
        &self,
        account: AccountId,
        target: AccountId,
        uri: &str,
        around: impl FnOnce(Follow, &account::Model) -> OwnActivity,
    ) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let (by, target) = (accounts::find(db, account).await?, accounts::find(db, target).await?);
        let follow = follow(uri, &by.uri, &target.uri);
        let activity = around(follow, &by);
        let audience = Audience { accounts: vec![target.id], ..Audience::default() };
        let supersedes = activity.kind == "Undo";
        Ok(Some(Outgoing { supersedes, ..Outgoing::new(activity, account, uri.to_owned(), audience) }))
    }

    async fn answered(
        &self,
        kind: &'static str,
        account: AccountId,
        follower: AccountId,
        uri: &str,
    ) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let (by, follower) = (accounts::find(db, account).await?, accounts::find(db, follower).await?);
        if follower.host.is_none() {
            return Ok(None);
        }
        let follow = serde_json::to_value(follow(uri, &follower.uri, &by.uri))?;
        let now = self.app.now();
        let id = format!("{}#{}s/{}", by.uri, kind.to_lowercase(), self.app.id::<ActivityId>());
        let mut activity = wrapped(kind, &id, &by, follow);
        activity.to = vec![follower.uri.clone()];
        activity.published = Some(Moment::seconds(now));
        let audience = Audience { accounts: vec![follower.id], ..Audience::default() };
        Ok(Some(Outgoing::new(activity, account, uri.to_owned(), audience)))
    }

    async fn profile_updated(&self, account: AccountId) -> Result<Option<Outgoing>> {
        let view = views::accounts::one(&self.app.db, account).await?;
        let actor = self.actor_document(&view).await?;
        let activity = OwnActivity {
            id: format!("{}#updates/{}", view.uri, view.updated_at.0),
            kind: "Update",
            actor: view.uri.clone(),
            object: serde_json::to_value(actor)?,
            to: vec![PUBLIC[0].to_owned()],
            cc: view.followers_url.clone().into_iter().collect(),
            ..OwnActivity::default()
        };
        let audience = Audience { public: true, followers: true, ..Audience::default() };
        let object_key = view.uri.clone();
        Ok(Some(Outgoing::new(activity, account, object_key, audience)))
    }

    /// The status with its audience, if it is still there and may leave this server.
    pub(super) async fn leaving(&self, status: StatusId) -> Result<Option<(StatusView, Audience)>> {
        let Some(row) = statuses::by_id(self.app.db.reader(), status).await? else { return Ok(None) };
        if !row.federated {
            return Ok(None);
        }
        let view = match views::statuses::one(&self.app.db, Viewer::Member(row.account_id), status).await {
            Err(Error::NotFound(_)) => return Ok(None),
            view => view?,
        };
        let audience = visibility::audience(self.app.db.reader(), &row).await?;
        Ok(Some((view, audience)))
    }

    pub(super) async fn about_note(&self, kind: &'static str, id: &str, view: &StatusView) -> Result<OwnActivity> {
        let note = translate::note::own_note(view, None, &self.app.urls, self.app.now());
        Ok(OwnActivity {
            id: id.to_owned(),
            kind,
            actor: view.author.uri.clone(),
            to: note.to.clone(),
            cc: note.cc.clone(),
            published: Some(note.published.clone()),
            object: serde_json::to_value(note)?,
            ..OwnActivity::default()
        })
    }
}

/// A follow, on its way or spoken of.
pub(super) type Follow = OwnActivity;

pub(super) fn follow(uri: &str, follower: &str, target: &str) -> Follow {
    OwnActivity {
        id: uri.to_owned(),
        kind: "Follow",
        actor: follower.to_owned(),
        object: Value::from(target),
        ..OwnActivity::default()
    }
}

pub(super) fn wrapped(kind: &'static str, id: &str, by: &account::Model, object: impl serde::Serialize) -> OwnActivity {
    OwnActivity {
        id: id.to_owned(),
        kind,
        actor: by.uri.clone(),
        object: serde_json::to_value(object).unwrap_or_default(),
        ..OwnActivity::default()
    }
}

pub(super) fn outgoing(activity: OwnActivity, view: &StatusView, audience: Audience) -> Outgoing {
    let row = view.row();
    Outgoing { status: Some(row.id), ..Outgoing::new(activity, view.author.id, row.uri.clone(), audience) }
}
