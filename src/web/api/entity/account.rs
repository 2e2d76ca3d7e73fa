//! Accounts.

use std::borrow::Cow;

use serde::Serialize;

use crate::app::Urls;
use crate::domain::account::{ActorKind, Emoji, Role};
use crate::domain::html;
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::quote::QuoteChoice;
use crate::domain::visibility::Visibility;
use crate::views::AccountView;
use crate::views::accounts::MemberView;
use crate::views::instance::EmojiRow;
use crate::web::api::entity::print::{Acct, Day, Link, Time};
use crate::web::assets::{MISSING_AVATAR, MISSING_HEADER};

/// Somebody, here or elsewhere.
#[derive(Debug, Serialize)]
pub struct Account<'a> {
    id: AccountId,
    username: &'a str,
    acct: Acct<'a>,
    display_name: &'a str,
    locked: bool,
    bot: bool,
    discoverable: Option<bool>,
    indexable: bool,
    group: bool,
    created_at: Time,
    note: &'a str,
    url: &'a str,
    uri: &'a str,
    avatar: Link<'a>,
    avatar_static: Link<'a>,
    avatar_description: &'a str,
    header: Link<'a>,
    header_static: Link<'a>,
    header_description: &'a str,
    followers_count: i64,
    following_count: i64,
    statuses_count: i64,
    last_status_at: Option<Day>,
    hide_collections: Option<bool>,
    show_media: bool,
    show_media_replies: bool,
    show_featured: bool,
    feature_approval: Approval,
    emojis: Vec<CustomEmoji<'a>>,
    fields: Vec<Field<'a>>,
    #[serde(flatten)]
    local: Option<Local>,
    #[serde(skip_serializing_if = "is_not")]
    suspended: bool,
    #[serde(skip_serializing_if = "is_not")]
    limited: bool,
    #[serde(skip_serializing_if = "is_not")]
    memorial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<Box<Account<'a>>>,
}

/// Who may do something with it: here nobody, because this server does not know how.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Approval {
    automatic: [&'static str; 0],
    manual: [&'static str; 0],
    current_user: &'static str,
}

impl Approval {
    /// Nobody may.
    pub const DENIED: Self = Self { automatic: [], manual: [], current_user: "denied" };
}

/// What only accounts of this server have.
#[derive(Debug, Clone, Copy, Serialize)]
struct Local {
    noindex: bool,
    roles: [&'static str; 0],
}

#[derive(Debug, Serialize)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    verified_at: Option<Time>,
}

impl<'a> Account<'a> {
    /// Prints an account; of somebody shut out only the name is left.
    pub fn new(account: &'a AccountView, urls: &'a Urls) -> Self {
        let suspended = account.suspended_at.is_some();
        let picture = |address: &'a Option<String>, missing: &'a str| match address {
            Some(address) if !suspended && !address.is_empty() => Link::Whole(address),
            _ => Link::Below(urls.base(), missing),
        };
        let avatar = picture(&account.avatar_url, MISSING_AVATAR);
        let header = picture(&account.header_url, MISSING_HEADER);
        let said = |text: &'a str| if suspended { "" } else { text };
        let field = |field: &'a crate::domain::account::Field| Field {
            name: &field.name,
            value: &field.value,
            verified_at: None,
        };
        Self {
            id: account.id,
            username: account.username.as_str(),
            acct: acct(account),
            display_name: said(&account.display_name),
            locked: account.locked && !suspended,
            bot: matches!(account.kind, ActorKind::Service | ActorKind::Application),
            discoverable: Some(account.discoverable && !suspended),
            indexable: account.indexable && !suspended,
            group: account.kind == ActorKind::Group,
            created_at: Time(account.created_at.midnight()),
            note: said(&account.note),
            url: &account.url,
            uri: &account.uri,
            avatar,
            avatar_static: avatar,
            avatar_description: said(&account.avatar_description),
            header,
            header_static: header,
            header_description: said(&account.header_description),
            followers_count: account.followers_count,
            following_count: account.following_count,
            statuses_count: account.statuses_count,
            last_status_at: account.last_status_at.map(Day),
            hide_collections: account.host.is_none().then_some(account.hide_collections),
            show_media: true,
            show_media_replies: true,
            show_featured: true,
            feature_approval: Approval::DENIED,
            emojis: if suspended { Vec::new() } else { emojis(&account.emojis.0) },
            fields: if suspended { Vec::new() } else { account.fields.0.iter().map(field).collect() },
            local: account.host.is_none().then_some(Local { noindex: !account.discoverable, roles: [] }),
            suspended,
            limited: account.limited_at.is_some(),
            memorial: account.memorial,
            moved: None,
        }
    }

    /// Prints an account with where it has moved to.
    pub fn with_home(account: &'a AccountView, home: Option<&'a AccountView>, urls: &'a Urls) -> Self {
        Self { moved: home.map(|home| Box::new(Self::new(home, urls))), ..Self::new(account, urls) }
    }

    /// Prints accounts.
    pub fn all(accounts: &'a [AccountView], urls: &'a Urls) -> Vec<Self> {
        accounts.iter().map(|account| Self::new(account, urls)).collect()
    }
}

/// How an account is called in the client API.
pub(super) fn acct(account: &AccountView) -> Acct<'_> {
    Acct { username: &account.username, host: account.host.as_ref() }
}

/// A picture that stands for a word between colons.
#[derive(Debug, Serialize)]
pub struct CustomEmoji<'a> {
    shortcode: &'a str,
    url: Cow<'a, str>,
    static_url: Cow<'a, str>,
    visible_in_picker: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
}

impl<'a> CustomEmoji<'a> {
    /// Prints an emoji of this server.
    pub fn new(emoji: &'a EmojiRow, urls: &Urls) -> Self {
        let url = urls.emoji(&emoji.file_name);
        Self {
            shortcode: &emoji.shortcode,
            url: Cow::Owned(url.clone()),
            static_url: Cow::Owned(url),
            visible_in_picker: emoji.visible_in_picker,
            category: emoji.category.as_deref(),
        }
    }
}

/// Prints the emoji of a text; one without a picture makes some apps drop the whole timeline.
pub(super) fn emojis(emojis: &[Emoji]) -> Vec<CustomEmoji<'_>> {
    let printed = emojis.iter().filter(|emoji| !emoji.url.is_empty()).map(|emoji| CustomEmoji {
        shortcode: &emoji.shortcode,
        url: Cow::Borrowed(&emoji.url),
        static_url: Cow::Borrowed(&emoji.url),
        visible_in_picker: true,
        category: None,
    });
    printed.collect()
}

/// A member as they see themselves.
#[derive(Debug, Serialize)]
pub struct CredentialAccount<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    source: Source<'a>,
    role: RoleOf,
}

/// What a member typed and chose.
#[derive(Debug, Serialize)]
struct Source<'a> {
    privacy: Visibility,
    sensitive: bool,
    language: Option<&'a str>,
    note: &'a str,
    fields: Vec<SourceField<'a>>,
    follow_requests_count: u64,
    hide_collections: bool,
    discoverable: bool,
    indexable: bool,
    attribution_domains: [&'static str; 0],
    quote_policy: QuoteChoice,
}

#[derive(Debug, Serialize)]
struct SourceField<'a> {
    name: &'a str,
    value: String,
    verified_at: Option<Time>,
}

#[derive(Debug, Serialize)]
struct RoleOf {
    id: &'static str,
    name: &'static str,
    color: &'static str,
    permissions: &'static str,
    highlighted: bool,
}

impl<'a> CredentialAccount<'a> {
    /// Prints a member for themselves.
    pub fn new(view: &'a MemberView, urls: &'a Urls) -> Self {
        let (account, member) = (&view.account, &view.member);
        let field = |field: &'a crate::domain::account::Field| SourceField {
            name: &field.name,
            value: html::to_text(&field.value),
            verified_at: None,
        };
        let source = Source {
            privacy: member.default_visibility,
            sensitive: member.default_sensitive,
            language: member.default_language.as_deref(),
            note: account.note_source.as_deref().unwrap_or_default(),
            fields: account.fields.0.iter().map(field).collect(),
            follow_requests_count: view.follow_requests,
            hide_collections: account.hide_collections,
            discoverable: account.discoverable,
            indexable: account.indexable,
            attribution_domains: [],
            quote_policy: member.default_quote_policy,
        };
        Self { account: Account::new(account, urls), source, role: role(member.role) }
    }
}

/// The numbers are those of Mastodon. Permissions open pages in apps that this server has no answers for, so there are none.
fn role(role: Role) -> RoleOf {
    let (id, name) = match role {
        Role::User => ("-99", ""),
        Role::Moderator => ("1", "Moderator"),
        Role::Admin => ("2", "Admin"),
        Role::Owner => ("3", "Owner"),
    };
    RoleOf { id, name, color: "", permissions: "0", highlighted: role != Role::User }
}

/// Somebody who is muted, with when it ends.
#[derive(Debug, Serialize)]
pub struct MutedAccount<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    mute_expires_at: Option<Time>,
}

impl<'a> MutedAccount<'a> {
    /// Prints somebody who is muted.
    pub fn new(account: &'a AccountView, ends: Option<Moment>, urls: &'a Urls) -> Self {
        Self { account: Account::new(account, urls), mute_expires_at: ends.map(Time) }
    }
}

fn is_not(flag: &bool) -> bool {
    !flag
}
