//! Hashtags and what a search finds.

use serde::Serialize;

use crate::app::{App, Urls};
use crate::domain::id::{FeaturedTagId, TagId};
use crate::views::AccountView;
use crate::views::featured_tags::FeaturedTag as FeaturedTagView;
use crate::views::search::FoundTag;
use crate::views::statuses::StatusView;
use crate::web::api::entity::print::Day;
use crate::web::api::entity::{Account, Status};

/// A hashtag. Uses are not counted by day, so there is no history to show.
#[derive(Debug, Serialize)]
pub struct Tag<'a> {
    id: TagId,
    name: &'a str,
    url: String,
    history: [&'static str; 0],
}

impl<'a> Tag<'a> {
    /// Prints a hashtag.
    pub fn new(tag: &'a FoundTag, urls: &Urls) -> Self {
        Self { id: tag.id, name: &tag.display, url: urls.tag(&tag.name), history: [] }
    }
}

/// A hashtag on a profile.
#[derive(Debug, Serialize)]
pub struct FeaturedTag<'a> {
    id: FeaturedTagId,
    name: &'a str,
    url: String,
    statuses_count: String,
    last_status_at: Option<Day>,
}

impl<'a> FeaturedTag<'a> {
    /// Prints a hashtag on the profile of `account`.
    pub fn new(featured: &'a FeaturedTagView, account: &AccountView) -> Self {
        Self {
            id: featured.id,
            name: &featured.display,
            url: featured.url(account),
            statuses_count: featured.uses.to_string(),
            last_status_at: featured.last_used.map(Day),
        }
    }
}

/// What a search finds.
#[derive(Debug, Serialize)]
pub struct Search<'a> {
    accounts: Vec<Account<'a>>,
    statuses: Vec<Status<'a>>,
    hashtags: Vec<Tag<'a>>,
    collections: [&'static str; 0],
}

impl<'a> Search<'a> {
    /// Prints what was found.
    pub fn new(accounts: &'a [AccountView], statuses: &'a [StatusView], tags: &'a [FoundTag], app: &'a App) -> Self {
        Self {
            accounts: Account::all(accounts, &app.urls),
            statuses: Status::all(statuses, app),
            hashtags: tags.iter().map(|tag| Tag::new(tag, &app.urls)).collect(),
            collections: [],
        }
    }
}
