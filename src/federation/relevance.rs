//! Whether somebody here has to do with an activity at all, asked at the gate: most of what the world sends, nobody
//! here wants, and it is to cost next to nothing.
//!
//! Asked only after the signature: the answer tells its sender whether somebody here follows them.

use serde_json::Value;

use crate::domain::id::AccountId;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::shape;
use crate::federation::translate;
use crate::store::{follows, relays, statuses};

/// How many addresses of one activity are looked at; one that names more may well mean somebody here.
const MOST: usize = 500;

/// Members of an object that may name somebody or something here.
const MEMBERS: [&str; 9] =
    ["to", "cc", "audience", "inReplyTo", "id", "quote", "quoteUrl", "quoteUri", "_misskey_quote"];

impl Federation {
    /// Whether an activity of `signer` may concern somebody here; the last word has whoever stores it.
    pub(super) async fn may_concern_us(&self, activity: &Activity, signer: AccountId) -> Result<bool> {
        let object = &activity.object;
        let depends_on_readers = match activity.kind.as_str() {
            // Whoever follows somebody here may change their name and their keys.
            "Update" if shape::type_of(object).is_none_or(translate::actor::is_actor) => false,
            "Create" | "Update" => object.is_object() && !self.names_us(activity),
            // The last word on what a group or a relay announces has whoever reads it.
            "Announce" => !self.names_us(activity) && object.get("actor").is_none(),
            "Move" => true,
            "Like" | "EmojiReact" => return Ok(self.is_here(object) || self.knows(object).await?),
            _ => false,
        };
        if !depends_on_readers || follows::has_local_followers(self.app.db.reader(), signer).await? {
            return Ok(true);
        }
        let parent = object.get("inReplyTo").unwrap_or(&Value::Null);
        if self.knows(object).await? || self.knows(parent).await? {
            return Ok(true);
        }
        Ok(activity.kind == "Announce" && relays::is_heard(self.app.db.reader(), signer).await?)
    }

    /// Whether anything in an activity has an address of ours.
    fn names_us(&self, activity: &Activity) -> bool {
        let object = &activity.object;
        let tags = object.get("tag").into_iter().flat_map(shape::members).filter_map(|tag| tag.get("href")?.as_str());
        let members = MEMBERS.into_iter().filter_map(|name| object.get(name));
        let inside = members.flat_map(shape::ids_of).chain(object.as_str()).chain(tags);
        let around = activity.to.0.iter().chain(&activity.cc.0).map(String::as_str);
        let mut addresses = inside.chain(around);
        let found = addresses.by_ref().take(MOST).any(|address| self.is_ours(address));
        found || addresses.next().is_some()
    }

    fn is_here(&self, object: &Value) -> bool {
        shape::id_of(object).is_some_and(|id| self.is_ours(id))
    }

    fn is_ours(&self, address: &str) -> bool {
        address.strip_prefix(self.app.urls.base()).is_some_and(|rest| rest.starts_with('/'))
    }

    async fn knows(&self, object: &Value) -> Result<bool> {
        let Some(id) = shape::id_of(object) else { return Ok(false) };
        Ok(statuses::by_uri(self.app.db.reader(), id).await?.is_some())
    }
}
