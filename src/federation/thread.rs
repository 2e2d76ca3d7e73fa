//! Filling in what is not here: the rest of a thread somebody reads, the last posts of somebody who is followed.
//!
//! What is fetched is paid for out of one budget, so that no thread, however it is built, costs more than that.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use crate::actions::pins;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::job::Job;
use crate::domain::origin::{Id, RemoteId};
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::shape;
use crate::federation::translate;
use crate::store::{accounts, statuses, threads, visibility};

/// For how long a thread is not asked for again.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// How far up a thread is followed.
const HIGHEST: usize = 50;
/// How many replies of one post are looked at.
const MOST_REPLIES: usize = 60;
/// How many levels of replies are followed down.
const DEEPEST: usize = 4;
/// How many of somebody's last posts are fetched when they are followed.
const LAST_POSTS: usize = 20;
/// How many pins of somebody are looked at.
const MOST_PINS: usize = 20;

impl Federation {
    /// Has the rest of a thread fetched, later, because a member looks at it.
    pub async fn fill_thread(&self, viewer: Viewer, status: StatusId) -> Result<()> {
        let db = self.app.db.reader();
        if viewer.account().is_none() {
            return Ok(());
        }
        let row = visibility::find(db, viewer, status).await?;
        let known = threads::fetched(db, row.id).await?;
        let lately = known.is_some_and(|known| self.app.now().since(known.fetched_at) < PAUSE);
        // A thread of ours comes here by itself.
        let is_elsewhere = !row.local || (row.in_reply_to_uri.is_some() && row.in_reply_to_id.is_none());
        if lately || !is_elsewhere || !row.visibility.is_open() {
            return Ok(());
        }
        let mut change = self.app.begin().await?;
        change.enqueue(&Job::FillThread { status: row.id }).await?;
        change.commit().await
    }

    /// Fetches what a post answers and what answers it.
    pub async fn fetch_thread(&self, status: StatusId) -> Result<()> {
        let Some(row) = statuses::by_id(self.app.db.reader(), status).await? else { return Ok(()) };
        let mut budget = Budget::new(80, 8 * 1024 * 1024, 4, Duration::from_secs(45));
        let mut unreachable = self.fetch_ancestors(status, &mut budget).await?;
        self.fetch_context(&row, &mut budget).await?;
        if !row.local {
            unreachable += self.fetch_replies(&row.uri, &mut budget).await?;
        }
        let change = self.app.begin().await?;
        threads::note_fetched(change.tx(), status, unreachable, self.app.now()).await?;
        change.commit().await
    }

    /// Follows a thread up as long as something is missing there; how much stays missing.
    async fn fetch_ancestors(&self, status: StatusId, budget: &mut Budget) -> Result<i32> {
        let mut current = status;
        let mut seen = HashSet::from([status]);
        for _ in 0..HIGHEST {
            let Some(row) = statuses::by_id(self.app.db.reader(), current).await? else { return Ok(0) };
            let next = match (row.in_reply_to_id, row.in_reply_to_uri) {
                (Some(parent), _) => parent,
                (None, Some(uri)) => match self.status_at(&uri, budget).await? {
                    Some(parent) => parent,
                    None => return Ok(1),
                },
                (None, None) => return Ok(0),
            };
            if !seen.insert(next) {
                return Ok(0);
            }
            current = next;
        }
        Ok(0)
    }

    /// Follows a thread down, level by level; how much could not be had.
    async fn fetch_replies(&self, uri: &str, budget: &mut Budget) -> Result<i32> {
        let mut open = VecDeque::from([(uri.to_owned(), 0)]);
        let mut seen: HashSet<String> = HashSet::from([uri.to_owned()]);
        let mut unreachable = 0;
        while let Some((uri, depth)) = open.pop_front() {
            if budget.is_used_up() {
                break;
            }
            let Ok(id) = self.borders.remote(&uri) else { continue };
            let replies = match self.replies_of(&id, budget).await {
                Ok(replies) => replies,
                Err(error) if error.is_ours() => return Err(error),
                Err(_) => continue,
            };
            for reply in replies {
                if !seen.insert(reply.clone()) {
                    continue;
                }
                match self.status_at(&reply, budget).await? {
                    Some(_) if depth + 1 < DEEPEST => open.push_back((reply, depth + 1)),
                    Some(_) => {}
                    None => unreachable += 1,
                }
            }
        }
        Ok(unreachable)
    }

    /// The ids of what answers a post, as its own server tells.
    async fn replies_of(&self, id: &RemoteId, budget: &mut Budget) -> Result<Vec<String>> {
        let (_, document) = self.fetch(id, budget).await?;
        let Some(replies) = document.get("replies").filter(|replies| !replies.is_null()).cloned() else {
            return Ok(Vec::new());
        };
        let members = self.members_in(replies, id, MOST_REPLIES, budget).await?;
        Ok(members.iter().filter_map(shape::id_of).map(str::to_owned).collect())
    }

    /// The status at an address, fetched when it is not known; nothing when it cannot be had.
    pub(super) async fn status_at(&self, uri: &str, budget: &mut Budget) -> Result<Option<StatusId>> {
        if let Some(known) = statuses::by_uri(self.app.db.reader(), uri).await? {
            return Ok(Some(known.id));
        }
        let Ok(Id::Remote(id)) = self.borders.read(uri) else { return Ok(None) };
        match self.fetch_status(&id, budget).await {
            Ok(status) => Ok(Some(status)),
            Err(error) if error.is_ours() => Err(error),
            Err(error) => {
                tracing::debug!(%id, %error, "a post of a thread cannot be had");
                Ok(None)
            }
        }
    }

    /// Fetches the last posts of somebody who is followed now, and what they show first.
    pub async fn backfill(&self, account: AccountId) -> Result<()> {
        let account = accounts::find(self.app.db.reader(), account).await?;
        if account.host.is_none() || account.suspended_at.is_some() {
            return Ok(());
        }
        let mut budget = Budget::new(60, 8 * 1024 * 1024, 4, Duration::from_secs(45));
        let author = self.borders.remote(&account.uri)?;
        for post in self.posts_in(account.outbox_url.as_deref(), &author, LAST_POSTS, &mut budget).await {
            self.status_at(&post, &mut budget).await?;
        }
        let pinned = self.posts_in(account.featured_url.as_deref(), &author, MOST_PINS, &mut budget).await;
        // The first is to stay on top, so it is pinned last.
        for post in pinned.iter().rev() {
            if let Some(status) = self.status_at(post, &mut budget).await? {
                pins::receive_pin(&self.app, account.id, status).await?;
            }
        }
        Ok(())
    }

    /// The ids of somebody's own posts in one of their collections.
    async fn posts_in(
        &self,
        collection: Option<&str>,
        author: &RemoteId,
        most: usize,
        budget: &mut Budget,
    ) -> Vec<String> {
        let Some(Ok(id)) = collection.map(|id| self.borders.remote(id)) else { return Vec::new() };
        let members = match self.members_of(&id, most, budget).await {
            Ok(members) => members,
            Err(error) => {
                tracing::debug!(%id, %error, "a collection cannot be read");
                return Vec::new();
            }
        };
        let own = |id: &str| self.borders.remote(id).is_ok_and(|id| id.shares_origin(author));
        members.iter().filter_map(post_of).filter(|id| own(id)).map(str::to_owned).collect()
    }
}

/// The post in a member of a collection: the member itself, or what a `Create` has made.
pub(super) fn post_of(member: &Value) -> Option<&str> {
    match shape::type_of(member) {
        Some("Create") => shape::id_of(member.get("object")?),
        Some(kind) if translate::note::is_post(kind) => shape::id_of(member),
        Some(_) => None,
        None => member.as_str(),
    }
}
