//! What members say about themselves.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use crate::app::App;
use crate::domain::account::{ActorKind, Field, Fields};
use crate::domain::event::Event;
use crate::domain::html;
use crate::domain::id::AccountId;
use crate::domain::quote::QuoteChoice;
use crate::domain::text;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Result};
use crate::store::entity::account;
use crate::store::{accounts, members};

/// What a member wants to change about their profile; what is not named stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// The name shown.
    pub display_name: Option<String>,
    /// The biography as typed.
    pub note: Option<String>,
    /// Name and value pairs as typed.
    pub fields: Option<Vec<(String, String)>>,
    /// Whether follows must be approved.
    pub locked: Option<bool>,
    /// Whether it is a bot.
    pub bot: Option<bool>,
    /// Whether it may be shown in directories.
    pub discoverable: Option<bool>,
    /// Whether its public posts may be searched.
    pub indexable: Option<bool>,
    /// Whether followers and following are hidden.
    pub hide_collections: Option<bool>,
    /// For new posts.
    pub default_visibility: Option<Visibility>,
    /// For new posts.
    pub default_sensitive: Option<bool>,
    /// For new posts.
    pub default_language: Option<String>,
    /// Who may quote new posts.
    pub default_quote_policy: Option<QuoteChoice>,
}

/// Changes the profile and the defaults of a member.
pub async fn update_profile(app: &App, id: AccountId, wanted: ProfileChange) -> Result<()> {
    check_profile(app, &wanted)?;
    let mut change = app.begin().await?;
    let member = members::find(change.tx(), id).await?.ok_or(Error::NeedsUser)?;
    let mut member = member.into_active_model();
    set(&mut member.default_visibility, wanted.default_visibility);
    set(&mut member.default_sensitive, wanted.default_sensitive);
    set(&mut member.default_quote_policy, wanted.default_quote_policy);
    set(&mut member.default_language, wanted.default_language.clone().map(Some));
    if member.is_changed() {
        member.update(change.tx()).await?;
        change.touch_grants();
    }
    let mut account = accounts::find(change.tx(), id).await?.into_active_model();
    describe(app, &mut account, wanted);
    if account.is_changed() {
        account.updated_at = Set(app.now());
        account.update(change.tx()).await?;
        change.touch_account(id);
        change.record(Event::ProfileUpdated { account: id }).await?;
    }
    change.commit().await
}

fn check_profile(app: &App, wanted: &ProfileChange) -> Result<()> {
    use unicode_segmentation::UnicodeSegmentation;

    let limits = &app.config.limits;
    let too_long = |text: &str, most: u32| text.graphemes(true).count() > most as usize;
    if wanted.display_name.as_deref().is_some_and(|name| too_long(name, limits.display_name_characters)) {
        return Err(Error::field("display_name", "ERR_TOO_LONG", "Display name is too long"));
    }
    if wanted.note.as_deref().is_some_and(|note| too_long(note, limits.bio_characters)) {
        return Err(Error::field("note", "ERR_TOO_LONG", "Note is too long"));
    }
    let fields = wanted.fields.as_deref().unwrap_or_default();
    let longest = limits.profile_field_characters;
    if fields.len() > limits.profile_fields as usize
        || fields.iter().any(|(name, value)| too_long(name, longest) || too_long(value, longest))
    {
        return Err(Error::field("fields", "ERR_TOO_LONG", "Fields are too many or too long"));
    }
    Ok(())
}

fn describe(app: &App, account: &mut account::ActiveModel, wanted: ProfileChange) {
    let tag = |tag: &text::Tag| app.urls.tag(&tag.key);
    let html = |typed: &str| text::render(typed, &text::Links { mention: &|_| None, tag: &tag });
    if let Some(name) = wanted.display_name {
        set(&mut account.display_name, Some(text::clean(&name, app.config.limits.display_name_characters as usize)));
    }
    if let Some(note) = wanted.note {
        set(&mut account.note, Some(html(&note)));
        set(&mut account.note_source, Some(Some(note)));
    }
    if let Some(fields) = wanted.fields {
        let fields = fields.into_iter().filter(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty());
        let line = |typed: &str| text::clean(typed, app.config.limits.profile_field_characters as usize);
        let fields = fields.map(|(name, value)| Field { name: line(&name), value: html::line_to_html(&line(&value)) });
        set(&mut account.fields, Some(Fields(fields.collect())));
    }
    if let Some(bot) = wanted.bot {
        set(&mut account.kind, Some(if bot { ActorKind::Service } else { ActorKind::Person }));
    }
    set(&mut account.locked, wanted.locked);
    set(&mut account.discoverable, wanted.discoverable);
    set(&mut account.indexable, wanted.indexable);
    set(&mut account.hide_collections, wanted.hide_collections);
}

/// Sets a column unless nothing is wanted or it says so already.
fn set<T: Into<sea_orm::Value> + PartialEq + Clone>(column: &mut sea_orm::ActiveValue<T>, wanted: Option<T>) {
    if let Some(wanted) = wanted
        && *column.as_ref() != wanted
    {
        *column = Set(wanted);
    }
}
