//! Accounts, local and remote.

use sea_orm::entity::prelude::*;

use crate::domain::account::{ActorKind, Emojis, Fields, Names};
use crate::domain::handle::{Host, Username};
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Ours, also for remote accounts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// As its owner spells it.
    pub username: Username,
    /// As names are compared.
    pub username_key: String,
    /// The server it lives on; nothing for this one.
    pub host: Option<Host>,
    /// The server its id belongs to, which may be another one; nothing for this one.
    pub id_host: Option<Host>,
    /// The id of the actor in the fediverse.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Person, bot, group.
    pub kind: ActorKind,
    /// The name shown, plain text.
    pub display_name: String,
    /// The biography as safe HTML.
    pub note: String,
    /// The biography as it was typed; local accounts only.
    pub note_source: Option<String>,
    /// Name and value pairs of the profile.
    pub fields: Fields,
    /// Custom emoji used in the profile.
    pub emojis: Emojis,
    /// Where the picture lies.
    pub avatar_url: Option<String>,
    /// What the picture shows.
    pub avatar_description: String,
    /// Where the banner lies.
    pub header_url: Option<String>,
    /// What the banner shows.
    pub header_description: String,
    /// Where activities for it go.
    pub inbox_url: String,
    /// Where activities for anybody on its server go.
    pub shared_inbox_url: Option<String>,
    /// Its activities, as a collection.
    pub outbox_url: Option<String>,
    /// Its followers, as a collection; the address of followers-only posts.
    pub followers_url: Option<String>,
    /// Whom it follows, as a collection.
    pub following_url: Option<String>,
    /// Its pinned posts, as a collection.
    pub featured_url: Option<String>,
    /// Whether follows must be approved.
    pub locked: bool,
    /// Whether it may be shown in directories.
    pub discoverable: bool,
    /// Whether its public posts may be searched.
    pub indexable: bool,
    /// Whether followers and following are hidden.
    pub hide_collections: bool,
    /// Whether its owner has died.
    pub memorial: bool,
    /// Other actor ids that are the same person.
    pub also_known_as: Names,
    /// Where it moved to.
    pub moved_to_id: Option<AccountId>,
    /// When it moved last, back again or on included.
    pub moved_at: Option<Moment>,
    /// Accepted follows of it.
    pub followers_count: i64,
    /// Accepted follows by it.
    pub following_count: i64,
    /// Statuses and boosts.
    pub statuses_count: i64,
    /// The newest status.
    pub last_status_at: Option<Moment>,
    /// When it came to be.
    pub created_at: Moment,
    /// When its profile changed last, by its own word.
    pub updated_at: Moment,
    /// When it was last fetched; remote accounts only.
    pub fetched_at: Option<Moment>,
    /// Since when it is shown only to its followers.
    pub limited_at: Option<Moment>,
    /// Whether nothing of its pictures and films is shown.
    pub without_media: bool,
    /// Since when it is shut out.
    pub suspended_at: Option<Moment>,
    /// Whether it waits to be let in, unseen by everybody else; local accounts only.
    pub pending: bool,
}

impl Model {
    /// Whether it takes part in anything: neither shut out nor still waiting to be let in.
    pub fn takes_part(&self) -> bool {
        self.suspended_at.is_none() && !self.pending
    }
}

impl ActiveModelBehavior for ActiveModel {}
