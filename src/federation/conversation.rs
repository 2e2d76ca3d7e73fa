//! Threads as collections of their posts (FEP-7888): ours for others to read, theirs to fill in what is missing here.

use serde_json::Value;

use crate::domain::id::StatusId;
use crate::domain::page::Page;
use crate::domain::visibility::Viewer;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::collection::{OrderedCollection, OrderedCollectionPage};
use crate::federation::protocol::shape;
use crate::federation::thread::post_of;
use crate::store::entity::status;
use crate::store::statuses;
use crate::views::conversations;

/// How many posts one page of a thread holds.
const PAGE: u64 = 40;
/// How many posts of a thread elsewhere are looked at.
const MOST: usize = 60;

impl Federation {
    /// The thread that began with a post of a member: how long it is, as far as everybody may see.
    pub async fn context(&self, root: StatusId) -> Result<OrderedCollection> {
        let author = self.author_of_root(root).await?;
        let total = conversations::count(&self.app.db, Viewer::Anyone, root).await?;
        let id = self.app.urls.context(root);
        Ok(OrderedCollection {
            attributed_to: Some(author),
            first: Some(format!("{id}?page=true")),
            last: Some(format!("{id}?page=true&min_id=0")),
            id,
            kind: "OrderedCollection",
            total_items: i64::try_from(total).unwrap_or(i64::MAX),
            ordered_items: None,
        })
    }

    /// Ids of posts of a thread, newest first: older than `before`, or the oldest newer than `after`.
    pub async fn context_page(
        &self,
        root: StatusId,
        before: Option<StatusId>,
        after: Option<StatusId>,
    ) -> Result<OrderedCollectionPage> {
        self.author_of_root(root).await?;
        let page = Page { max_id: before.map(|id| id.0), min_id: after.map(|id| id.0), ..Page::newest(PAGE) };
        let posts = conversations::page(&self.app.db, Viewer::Anyone, root, &page).await?;
        let items = posts.items.iter().map(|uri| Value::from(uri.as_str())).collect();
        Ok(OrderedCollectionPage::of(self.app.urls.context(root), before, after, posts.with(items)))
    }

    /// The actor who began a thread here that everybody may see.
    async fn author_of_root(&self, root: StatusId) -> Result<String> {
        let view = self.own_status(Viewer::Anyone, root).await?;
        let began_it = view.row().in_reply_to_uri.is_none() && view.reblog.is_none();
        if began_it { Ok(view.author.uri.clone()) } else { Err(Error::NotFound("thread")) }
    }

    /// Fetches posts of a thread that the server it began on lists, each from where it comes from.
    ///
    /// Being listed makes no post part of the thread; what it answers does.
    pub(super) async fn fetch_context(&self, status: &status::Model, budget: &mut Budget) -> Result<()> {
        let posts = match self.posts_of_context(status, budget).await {
            Err(Error::Internal(error)) => return Err(Error::Internal(error)),
            Err(error) => {
                tracing::debug!(status = %status.uri, %error, "a thread cannot be read");
                return Ok(());
            }
            Ok(posts) => posts,
        };
        // The oldest first, so that answers find what they answer.
        for post in posts.iter().rev() {
            if budget.is_used_up() {
                break;
            }
            self.status_at(post, budget).await?;
        }
        Ok(())
    }

    async fn posts_of_context(&self, status: &status::Model, budget: &mut Budget) -> Result<Vec<String>> {
        let mut context = status.context_uri.clone();
        if context.is_none() && status.conversation_id != status.id {
            context =
                statuses::by_id(self.app.db.reader(), status.conversation_id).await?.and_then(|root| root.context_uri);
        }
        let Some(Ok(id)) = context.map(|context| self.borders.remote(&context)) else { return Ok(Vec::new()) };
        let (found_at, collection) = self.fetch(&id, budget).await?;
        let is_collection = matches!(shape::type_of(&collection), Some("Collection" | "OrderedCollection"));
        // Whoever owns the thread is at home where it is listed.
        let owner = collection.get("attributedTo").and_then(|owner| shape::ids_of(owner).next()).map(str::to_owned);
        let owner = owner.map_or_else(|| Ok(id.clone()), |owner| self.borders.remote(&owner))?;
        let found_at = self.borders.remote(found_at.as_str())?;
        if !is_collection || !owner.shares_origin(&found_at) || !found_at.shares_origin(&id) {
            return Ok(Vec::new());
        }
        let members = self.members_in(collection, &id, MOST, budget).await?;
        Ok(members.iter().filter_map(post_of).map(str::to_owned).collect())
    }
}
