//! Statuses and boosts, local and remote.

use sea_orm::entity::prelude::*;

use crate::domain::account::Emojis;
use crate::domain::id::{AccountId, AppId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::quote::{QuotePolicy, QuoteState};
use crate::domain::status::Kind;
use crate::domain::visibility::Visibility;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "status")]
pub struct Model {
    /// Sorts by the time of publication.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StatusId,
    /// Its id in the fediverse.
    pub uri: String,
    /// The page for people.
    pub url: Option<String>,
    /// Its author, or who boosted.
    pub account_id: AccountId,
    /// Whether it was posted here.
    pub local: bool,
    /// What sort of object it is elsewhere.
    pub kind: Kind,
    /// The title of an article; empty for a note.
    pub title: String,
    /// As it was typed; local statuses only.
    pub text: String,
    /// As safe HTML.
    pub content: String,
    /// The content warning, plain text.
    pub spoiler_text: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// Whether it may leave this server.
    pub federated: bool,
    /// Whether media are hidden at first.
    pub sensitive: bool,
    /// BCP 47.
    pub language: Option<String>,
    /// The first status we know of its thread.
    pub conversation_id: StatusId,
    /// The collection of its thread, by its author's word (FEP-7888).
    pub context_uri: Option<String>,
    /// The group it went to, by its author's word (FEP-1b12).
    pub group_uri: Option<String>,
    /// What it answers, also when we do not have it.
    pub in_reply_to_uri: Option<String>,
    /// What it answers.
    pub in_reply_to_id: Option<StatusId>,
    /// Whom it answers.
    pub in_reply_to_account_id: Option<AccountId>,
    /// What it boosts.
    pub reblog_of_id: Option<StatusId>,
    /// The app it was posted with.
    pub app_id: Option<AppId>,
    /// Custom emoji used in it.
    pub emojis: Emojis,
    /// Replies we know.
    pub replies_count: i64,
    /// Boosts we know.
    pub reblogs_count: i64,
    /// Favourites we know.
    pub favourites_count: i64,
    /// Quotes we know.
    pub quotes_count: i64,
    /// What it quotes, also when we do not have it.
    pub quote_uri: Option<String>,
    /// What it quotes.
    pub quote_id: Option<StatusId>,
    /// What became of that.
    pub quote_state: Option<QuoteState>,
    /// Where whoever is quoted says that they allow it.
    pub quote_approval: Option<String>,
    /// Who may quote it; nothing when the server of its author does not say.
    pub quote_policy: Option<QuotePolicy>,
    /// When it was published, never in the future.
    pub created_at: Moment,
    /// When it was last changed.
    pub edited_at: Option<Moment>,
    /// When it was last fetched; remote statuses only.
    pub fetched_at: Option<Moment>,
}

impl ActiveModelBehavior for ActiveModel {}
