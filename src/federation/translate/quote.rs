//! What a post quotes, and who may quote it.

use crate::domain::origin::{Borders, Id, LONGEST_ID};
use crate::domain::quote::{Circle, QuotePolicy};
use crate::domain::remote::RemoteQuote;
use crate::federation::protocol::note::{CanQuote, InteractionPolicy, Note, OwnTag};
use crate::federation::protocol::shape::{self, Ids, PUBLIC};
use crate::federation::translate::note::Circles;
use crate::store::entity::{account, status};

/// The relation by which a link is a quote (FEP-e232).
const RELATION: &str = "https://misskey-hub.net/ns#_misskey_quote";

/// What a post quotes: by the property of FEP-044f, or by one of those that ask nobody.
pub fn of(note: &Note, borders: &Borders) -> Option<RemoteQuote> {
    let asked = note.quote.first();
    let link = note.tag.iter().find(|tag| is_quote(tag)).and_then(|tag| tag.href.as_deref());
    let unasked = [&note.quote_url, &note.quote_uri, &note.misskey_quote];
    let unasked = unasked.into_iter().find_map(Ids::first).or(link);
    let uri = asked.or(unasked).filter(|uri| uri.len() <= LONGEST_ID)?;
    borders.read(uri).ok()?;
    let authorization = note.quote_authorization.first().filter(|id| matches!(borders.read(id), Ok(Id::Remote(_))));
    let authorization = authorization.map(str::to_owned);
    Some(RemoteQuote { uri: uri.to_owned(), legacy: asked.is_none(), authorization })
}

fn is_quote(tag: &crate::federation::protocol::note::Tag) -> bool {
    let is_activity = tag.media_type.as_deref().is_some_and(crate::federation::http::is_activity_media_type);
    let named = tag.name.as_deref().is_some_and(|name| name.starts_with("RE:"));
    tag.kind == "Link" && (tag.rel.first() == Some(RELATION) || is_activity || named)
}

/// Who may quote a post, in the words of its author's server; nothing when that says nothing.
pub fn policy(note: &Note, author: Circles<'_>) -> Option<QuotePolicy> {
    let can_quote = note.interaction_policy.get("canQuote")?;
    let circles = |names: [&str; 2]| {
        let named = names.into_iter().find_map(|name| can_quote.get(name));
        let ids = named.into_iter().flat_map(shape::ids_of);
        let circles = ids.filter_map(|id| {
            if PUBLIC.contains(&id) {
                Some(Circle::Public)
            } else if Some(id) == author.followers {
                Some(Circle::Followers)
            } else if Some(id) == author.following {
                Some(Circle::Following)
            } else {
                None
            }
        });
        circles.collect()
    };
    // The second names are those of earlier versions of GoToSocial.
    Some(QuotePolicy {
        automatic: circles(["automaticApproval", "always"]),
        manual: circles(["manualApproval", "approvalRequired"]),
    })
}

/// Who may quote a post of ours, as other servers read it.
pub fn own_policy(row: &status::Model, author: &account::Model) -> Option<InteractionPolicy> {
    let policy = row.quote_policy.as_ref()?;
    let circle = |circle: &Circle| match circle {
        Circle::Public => Some(PUBLIC[0].to_owned()),
        Circle::Followers => author.followers_url.clone(),
        Circle::Following => author.following_url.clone(),
    };
    let mut automatic: Vec<String> = policy.automatic.iter().filter_map(circle).collect();
    if automatic.is_empty() {
        automatic.push(author.uri.clone());
    }
    Some(InteractionPolicy { can_quote: CanQuote { automatic_approval: automatic } })
}

/// A quote as a link, for software that reads links (FEP-e232).
pub fn link(uri: &str) -> OwnTag {
    OwnTag {
        kind: "Link",
        href: uri.to_owned(),
        name: format!("RE: {uri}"),
        media_type: Some(crate::federation::http::LD_JSON),
        rel: Some(RELATION),
    }
}
