//! What other servers say, translated into our words.

use crate::domain::account::{ActorKind, Emojis, Fields};
use crate::domain::handle::{Host, Username};
use crate::domain::moment::Moment;
use crate::domain::origin::{Attributed, RemoteId};
use crate::domain::poll::Options;
use crate::domain::quote::QuotePolicy;
use crate::domain::status::{Kind, MediaKind};
use crate::domain::text::Tag;
use crate::domain::visibility::Visibility;

/// An account of another server.
#[derive(Debug, Clone)]
pub struct RemoteAccount {
    /// The id of the actor.
    pub uri: RemoteId,
    /// The name before the host.
    pub username: Username,
    /// The host of its handle, which may differ from the host of its id.
    pub host: Host,
    /// Whether that host itself says whose handle it is.
    pub confirmed: bool,
    /// The page for people.
    pub url: String,
    /// What sort of actor it is.
    pub kind: ActorKind,
    /// The name shown.
    pub display_name: String,
    /// The biography as safe HTML.
    pub note: String,
    /// Name and value pairs.
    pub fields: Fields,
    /// Custom emoji used in the profile.
    pub emojis: Emojis,
    /// The picture.
    pub avatar: Option<Picture>,
    /// The banner.
    pub header: Option<Picture>,
    /// Where activities for it go.
    pub inbox_url: String,
    /// Where activities for anybody on its server go.
    pub shared_inbox_url: Option<String>,
    /// Its activities.
    pub outbox_url: Option<String>,
    /// Its followers.
    pub followers_url: Option<String>,
    /// Whom it follows.
    pub following_url: Option<String>,
    /// Its pinned posts.
    pub featured_url: Option<String>,
    /// Whether it approves followers itself.
    pub locked: bool,
    /// Whether it may be shown in directories.
    pub discoverable: bool,
    /// Whether its public posts may be searched.
    pub indexable: bool,
    /// Whether its owner has died.
    pub memorial: bool,
    /// Other ids of the same person.
    pub also_known_as: Vec<String>,
    /// The id of where the person goes on.
    pub moved_to: Option<String>,
    /// When it came to be, by its own word.
    pub published: Option<Moment>,
    /// Its public keys: id and PEM.
    pub keys: Vec<(String, String)>,
}

/// A picture of a profile.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Where it lies.
    pub url: String,
    /// What it shows.
    pub description: String,
}

/// A status of another server.
#[derive(Debug, Clone)]
pub struct RemoteStatus {
    /// Its id.
    pub uri: RemoteId,
    /// The id of its author.
    pub author: RemoteId,
    /// The page for people.
    pub url: Option<String>,
    /// What sort of object it is.
    pub kind: Kind,
    /// The title of an article.
    pub title: String,
    /// As safe HTML.
    pub content: String,
    /// The content warning, plain text.
    pub spoiler_text: String,
    /// Whether media are hidden at first.
    pub sensitive: bool,
    /// Who it is for.
    pub visibility: Visibility,
    /// BCP 47.
    pub language: Option<String>,
    /// The collection of its thread.
    pub context: Option<String>,
    /// The group it went to.
    pub group: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<String>,
    /// The ids of those it names.
    pub mentions: Vec<String>,
    /// The ids of those it is addressed to, named or not.
    pub recipients: Vec<String>,
    /// Its hashtags.
    pub tags: Vec<Tag>,
    /// Custom emoji used in it.
    pub emojis: Emojis,
    /// Its attachments.
    pub media: Vec<RemoteMedia>,
    /// What it quotes.
    pub quote: Option<RemoteQuote>,
    /// Who may quote it, if that is told.
    pub quote_policy: Option<QuotePolicy>,
    /// What it asks.
    pub poll: Option<RemotePoll>,
    /// When it was published, by its own word.
    pub published: Option<Moment>,
    /// When it was last changed, by its own word.
    pub updated: Option<Moment>,
}

/// What a status of another server quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteQuote {
    /// The id of what is quoted.
    pub uri: String,
    /// Whether its software quotes without asking.
    pub legacy: bool,
    /// Where whoever is quoted says that they allow it.
    pub authorization: Option<String>,
}

/// A poll of another server.
#[derive(Debug, Clone)]
pub struct RemotePoll {
    /// What can be chosen, and how many did.
    pub options: Options,
    /// Whether one may choose several.
    pub multiple: bool,
    /// How many people voted, if that is told.
    pub voters_count: Option<i64>,
    /// When it ends or has ended.
    pub ends_at: Option<Moment>,
}

/// An attachment on another server.
#[derive(Debug, Clone)]
pub struct RemoteMedia {
    /// Where it lies.
    pub url: String,
    /// What sort of file it is.
    pub kind: MediaKind,
    /// As its author names it.
    pub mime_type: Option<String>,
    /// What it shows.
    pub description: String,
    /// A blurred stand-in.
    pub blurhash: Option<String>,
    /// In pixels.
    pub width: Option<i32>,
    /// In pixels.
    pub height: Option<i32>,
    /// Where to look.
    pub focus: Option<(f64, f64)>,
}

impl Attributed for RemoteAccount {
    fn id(&self) -> &RemoteId {
        &self.uri
    }

    fn author(&self) -> &RemoteId {
        &self.uri
    }
}

impl Attributed for RemoteStatus {
    fn id(&self) -> &RemoteId {
        &self.uri
    }

    fn author(&self) -> &RemoteId {
        &self.author
    }
}
