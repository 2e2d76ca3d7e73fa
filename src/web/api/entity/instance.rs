//! The server as apps meet it: what it is, who runs it, what it can do.

use serde_json::{Value, json};

use crate::actions::{featured_tags, pins};
use crate::app::App;
use crate::domain::poll;
use crate::domain::settings::{Registration, Settings};
use crate::views::AccountView;
use crate::views::instance::Counts;
use crate::web::api::entity::Account;
use crate::web::assets::MISSING_HEADER;

/// Apps read the first number as the version of Mastodon whose interface they can count on.
const VERSION: &str = concat!("4.2.0 (compatible; outloud ", env!("CARGO_PKG_VERSION"), ")");
/// The version of the interface, as Mastodon counts it since 4.3; 2 would promise grouped notifications.
const API_VERSION: u32 = 1;
/// What an address counts for in the length of a status.
const ADDRESS_LENGTH: u32 = 23;

/// What both documents are made of.
#[derive(Debug)]
pub struct Portrait<'a> {
    /// The node.
    pub app: &'a App,
    /// What administrators have set.
    pub settings: &'a Settings,
    /// Its numbers.
    pub counts: Counts,
    /// Whoever answers for it.
    pub contact: Option<&'a AccountView>,
}

/// The document of today.
pub fn v2(portrait: &Portrait<'_>) -> Value {
    let Portrait { app, settings, counts, .. } = portrait;
    let mut configuration = configuration(app);
    configuration["urls"] = json!({
        // There are no streams; apps that find no address ask again instead.
        "streaming": null,
        "status": null,
        "about": app.urls.at("/about"),
        "privacy_policy": null,
        "terms_of_service": null,
    });
    configuration["translation"] = json!({ "enabled": false });
    configuration["limited_federation"] = json!(false);
    configuration["timelines_access"] = json!({
        "live_feeds": { "local": "public", "remote": "public" },
        "hashtag_feeds": { "local": "public", "remote": "public" },
    });
    json!({
        "domain": app.urls.handle_host().as_str(),
        "title": settings.name,
        "version": VERSION,
        "source_url": env!("CARGO_PKG_REPOSITORY"),
        "description": settings.purpose,
        "usage": { "users": { "active_month": counts.active_month } },
        "thumbnail": { "url": app.urls.at(MISSING_HEADER), "description": "" },
        "icon": [],
        "languages": ["en"],
        "configuration": configuration,
        "registrations": {
            "enabled": is_open(settings),
            "approval_required": settings.registration == Registration::Approval,
            "reason_required": settings.registration == Registration::Approval,
            "message": null,
            "min_age": null,
            "url": null,
        },
        "api_versions": { "mastodon": API_VERSION },
        "contact": { "email": "", "account": contact(portrait) },
        "rules": [],
    })
}

/// The document that old apps ask for.
pub fn v1(portrait: &Portrait<'_>) -> Value {
    let Portrait { app, settings, counts, .. } = portrait;
    json!({
        "uri": app.urls.handle_host().as_str(),
        "title": settings.name,
        "short_description": settings.purpose,
        "description": settings.purpose,
        "email": "",
        "version": VERSION,
        // Some apps do not start without an address for streams.
        "urls": { "streaming_api": streaming(app) },
        "stats": {
            "user_count": counts.members,
            "status_count": counts.statuses,
            "domain_count": counts.servers,
        },
        "thumbnail": app.urls.at(MISSING_HEADER),
        "languages": ["en"],
        "registrations": is_open(settings),
        "approval_required": settings.registration == Registration::Approval,
        "invites_enabled": false,
        "configuration": configuration(app),
        "contact_account": contact(portrait),
        "rules": [],
    })
}

fn is_open(settings: &Settings) -> bool {
    matches!(settings.registration, Registration::Open | Registration::Approval)
}

fn contact(portrait: &Portrait<'_>) -> Value {
    let account = portrait.contact.map(|account| Account::new(account, &portrait.app.urls));
    serde_json::to_value(account).unwrap_or_default()
}

fn streaming(app: &App) -> String {
    app.urls.base().replacen("http", "ws", 1)
}

/// What can be done, and how much of it. Files cannot be posted, so of these there are none.
fn configuration(app: &App) -> Value {
    let limits = &app.config.limits;
    json!({
        "accounts": {
            "max_featured_tags": featured_tags::MOST,
            "max_pinned_statuses": pins::MOST,
            "max_profile_fields": limits.profile_fields,
            "profile_field_name_limit": limits.profile_field_characters,
            "profile_field_value_limit": limits.profile_field_characters,
            "max_display_name_length": limits.display_name_characters,
            "max_note_length": limits.bio_characters,
            "max_avatar_description_length": 0,
            "max_header_description_length": 0,
        },
        "statuses": {
            "max_characters": limits.status_characters,
            "max_media_attachments": 0,
            "characters_reserved_per_url": ADDRESS_LENGTH,
        },
        "media_attachments": {
            "supported_mime_types": [],
            "description_limit": limits.media_description_characters,
            "image_size_limit": 0,
            "image_matrix_limit": 0,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        "polls": {
            "max_options": limits.poll_options,
            "max_characters_per_option": limits.poll_option_characters,
            "min_expiration": poll::SHORTEST.as_secs(),
            "max_expiration": poll::LONGEST.as_secs(),
        },
    })
}
