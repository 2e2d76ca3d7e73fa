//! Posts as other servers write them, and as we write ours.

use activitypub_federation::protocol::helpers::deserialize_skip_error;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use crate::domain::origin::RemoteId;
use crate::federation::protocol::activity::Activity;
use crate::federation::protocol::shape::{self, Ids, Link};

/// A post of another server, of whatever type.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Its id.
    pub id: String,
    /// What sort of object.
    #[serde(rename = "type", deserialize_with = "shape::kind")]
    pub kind: String,
    /// Who answers for it.
    #[serde(default)]
    pub attributed_to: Ids,
    /// What it says.
    #[serde(default, deserialize_with = "shape::text")]
    pub content: Option<String>,
    /// What it says, by language.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub content_map: BTreeMap<String, String>,
    /// The media type of `content`.
    #[serde(default, deserialize_with = "shape::text")]
    pub media_type: Option<String>,
    /// The title.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
    /// The title, by language.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub name_map: BTreeMap<String, String>,
    /// A content warning, or the abstract of an article.
    #[serde(default, deserialize_with = "shape::text")]
    pub summary: Option<String>,
    /// The same, by language.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub summary_map: BTreeMap<String, String>,
    /// Its language: a code, or an object with an `identifier` (Lemmy, PeerTube).
    #[serde(default)]
    pub language: Value,
    /// Its language (schema.org, Mobilizon).
    #[serde(default, deserialize_with = "shape::text")]
    pub in_language: Option<String>,
    /// When an event begins.
    #[serde(default, deserialize_with = "shape::text")]
    pub start_time: Option<String>,
    /// When an event ends.
    #[serde(default, deserialize_with = "shape::text")]
    pub end_time: Option<String>,
    /// Where an event takes place: a name, a `Place`, a `VirtualLocation`, or several.
    #[serde(default)]
    pub location: Value,
    /// The picture that stands for the whole.
    #[serde(default, deserialize_with = "shape::list")]
    pub image: Vec<Image>,
    /// Whether media are hidden at first.
    #[serde(default, deserialize_with = "shape::flag")]
    pub sensitive: Option<bool>,
    /// Pages for people.
    #[serde(default, deserialize_with = "shape::links")]
    pub url: Vec<Link>,
    /// What it answers.
    #[serde(default)]
    pub in_reply_to: Ids,
    /// The thread it belongs to.
    #[serde(default)]
    pub context: Ids,
    /// The group it went to.
    #[serde(default)]
    pub audience: Ids,
    /// Whom it is for.
    #[serde(default)]
    pub to: Ids,
    /// Whom it is for as well.
    #[serde(default)]
    pub cc: Ids,
    /// When it was published.
    #[serde(default, deserialize_with = "shape::text")]
    pub published: Option<String>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "shape::text")]
    pub updated: Option<String>,
    /// The answers of a poll of which one can be chosen.
    #[serde(default, deserialize_with = "shape::list")]
    pub one_of: Vec<Answer>,
    /// The answers of a poll of which several can be chosen.
    #[serde(default, deserialize_with = "shape::list")]
    pub any_of: Vec<Answer>,
    /// When a poll has ended, or that it has.
    #[serde(default)]
    pub closed: Value,
    /// How many people voted.
    #[serde(default)]
    pub voters_count: Value,
    /// What it quotes (FEP-044f).
    #[serde(default)]
    pub quote: Ids,
    /// What it quotes (Pleroma, Misskey).
    #[serde(default)]
    pub quote_url: Ids,
    /// What it quotes (Fedibird).
    #[serde(default)]
    pub quote_uri: Ids,
    /// What it quotes (Misskey).
    #[serde(default, rename = "_misskey_quote")]
    pub misskey_quote: Ids,
    /// Where whoever is quoted allows it (FEP-044f).
    #[serde(default)]
    pub quote_authorization: Ids,
    /// Who may do what with it (GoToSocial, FEP-044f).
    #[serde(default)]
    pub interaction_policy: Value,
    /// Mentions, hashtags, emoji.
    #[serde(default, deserialize_with = "shape::list")]
    pub tag: Vec<Tag>,
    /// Pictures, films, links.
    #[serde(default, deserialize_with = "shape::list")]
    pub attachment: Vec<Attachment>,
}

impl Note {
    /// Some servers address the activity alone.
    pub fn address_as(&mut self, activity: &Activity) {
        if self.to.0.is_empty() && self.cc.0.is_empty() {
            self.to = activity.to.clone();
            self.cc = activity.cc.clone();
        }
    }

    /// Of several authors, the one who says it comes first: the first answers for it.
    pub fn put_author_first(&mut self, signer: &RemoteId) {
        if let Some(place) = self.attributed_to.0.iter().position(|author| author == signer.as_str()) {
            self.attributed_to.0.swap(0, place);
        }
    }
}

/// An answer of a poll.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    /// What it says.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
    /// Those who chose it: a collection, of which the size counts.
    #[serde(default)]
    pub replies: Value,
}

/// A mention, a hashtag or a custom emoji.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// Which of them.
    #[serde(rename = "type", deserialize_with = "shape::kind")]
    pub kind: String,
    /// Where it leads.
    #[serde(default, deserialize_with = "shape::text")]
    pub href: Option<String>,
    /// As it stands in the text.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
    /// What a link leads to.
    #[serde(default, deserialize_with = "shape::text")]
    pub media_type: Option<String>,
    /// What a link means.
    #[serde(default)]
    pub rel: Ids,
    /// The picture of an emoji.
    #[serde(default, deserialize_with = "shape::list")]
    pub icon: Vec<Image>,
}

/// A picture.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Where it lies.
    #[serde(default, deserialize_with = "shape::links")]
    pub url: Vec<Link>,
    /// What it shows.
    #[serde(default, deserialize_with = "shape::text")]
    pub summary: Option<String>,
    /// What it shows.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
}

/// Something attached to a post.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// What sort of object.
    #[serde(rename = "type", deserialize_with = "shape::kind")]
    pub kind: String,
    /// The media type.
    #[serde(default, deserialize_with = "shape::text")]
    pub media_type: Option<String>,
    /// Where it lies.
    #[serde(default, deserialize_with = "shape::links")]
    pub url: Vec<Link>,
    /// Where a link leads.
    #[serde(default, deserialize_with = "shape::text")]
    pub href: Option<String>,
    /// What it shows.
    #[serde(default, deserialize_with = "shape::text")]
    pub summary: Option<String>,
    /// What it shows.
    #[serde(default, deserialize_with = "shape::text")]
    pub name: Option<String>,
    /// A blurred stand-in.
    #[serde(default, deserialize_with = "shape::text")]
    pub blurhash: Option<String>,
    /// In pixels.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub width: Option<i32>,
    /// In pixels.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub height: Option<i32>,
    /// Where to look.
    #[serde(default, deserialize_with = "deserialize_skip_error")]
    pub focal_point: Option<(f64, f64)>,
}

/// A post of ours.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnNote {
    /// Its id.
    pub id: String,
    /// `Note`, or `Question` for a poll.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its author.
    pub attributed_to: String,
    /// What it says, as HTML.
    pub content: String,
    /// The same under its language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub content_map: BTreeMap<String, String>,
    /// What was typed.
    pub source: Source,
    /// The content warning.
    pub summary: Option<String>,
    /// Whether media are hidden at first.
    pub sensitive: bool,
    /// The page for people.
    pub url: String,
    /// What it answers.
    pub in_reply_to: Option<String>,
    /// The thread it belongs to (FEP-7888).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The group it goes to (FEP-1b12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Whom it is for.
    pub to: Vec<String>,
    /// Whom it is for as well.
    pub cc: Vec<String>,
    /// When it was published.
    pub published: String,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Mentions, hashtags, and what it quotes.
    pub tag: Vec<OwnTag>,
    /// What it quotes (FEP-044f).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The same, as Fedibird reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_uri: Option<String>,
    /// The same, as Pleroma reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_url: Option<String>,
    /// The same, as Misskey reads it.
    #[serde(skip_serializing_if = "Option::is_none", rename = "_misskey_quote")]
    pub misskey_quote: Option<String>,
    /// Where whoever is quoted allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_authorization: Option<String>,
    /// Who may quote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_policy: Option<InteractionPolicy>,
    /// The answers of a poll of which one can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<OwnAnswer>,
    /// The answers of a poll of which several can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<OwnAnswer>,
    /// When a poll ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// When a poll has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// How many people voted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voters_count: Option<i64>,
    /// Nothing yet.
    pub attachment: Vec<serde_json::Value>,
    /// Its replies.
    pub replies: String,
    /// How many like it.
    pub likes: Count,
    /// How many boosted it.
    pub shares: Count,
}

/// An answer of a poll of ours.
#[derive(Debug, Clone, Serialize)]
pub struct OwnAnswer {
    /// `Note`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it says.
    pub name: String,
    /// How many chose it.
    pub replies: Votes,
}

/// Those who chose an answer, of whom only the number is told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Votes {
    /// `Collection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How many.
    pub total_items: i64,
}

/// What was typed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The text.
    pub content: String,
    /// Its media type.
    pub media_type: &'static str,
}

/// Who may do what with a post of ours.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InteractionPolicy {
    /// Who may quote it.
    pub can_quote: CanQuote,
}

/// Who may quote a post of ours.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CanQuote {
    /// Whose quotes are allowed at once.
    pub automatic_approval: Vec<String>,
}

/// A mention, a hashtag or a link of ours.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnTag {
    /// Which of them.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it leads.
    pub href: String,
    /// As it stands in the text.
    pub name: String,
    /// What a link leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'static str>,
    /// What a link means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<&'static str>,
}

/// A collection of which only the size is told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Its id.
    pub id: String,
    /// `Collection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its size.
    pub total_items: i64,
}
