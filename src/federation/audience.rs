//! Whom something of ours goes to, and which inboxes that means.

use crate::app::App;
use crate::domain::event::Audience;
use crate::domain::handle::Host;
use crate::domain::relay::RelayKind;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape::PUBLIC;
use crate::federation::publish::Outgoing;
use crate::store::deliveries::Address;
use crate::store::entity::account;
use crate::store::{accounts, follows};

impl Federation {
    /// Whom something is addressed to that says of itself no more than its audience, `to` and `cc`.
    pub(super) async fn addresses(
        &self,
        by: &account::Model,
        audience: &Audience,
    ) -> Result<(Vec<String>, Vec<String>)> {
        let named = accounts::all(self.app.db.reader(), &audience.accounts).await?;
        let named = named.into_iter().filter(|other| other.id != by.id).map(|other| other.uri);
        let followers = by.followers_url.clone().filter(|_| audience.followers);
        Ok(if audience.public {
            (vec![PUBLIC[0].to_owned()], followers.into_iter().chain(named).collect())
        } else {
            (followers.into_iter().chain(named).collect(), Vec::new())
        })
    }

    /// Where something wants to be told: each inbox once.
    pub(super) async fn inboxes(&self, outgoing: &Outgoing) -> Result<Vec<Address>> {
        let (db, audience) = (self.app.db.reader(), &outgoing.audience);
        let mut inboxes = match audience {
            Audience { everywhere: true, .. } => accounts::inboxes(db).await?,
            Audience { followers: true, .. } => follows::inboxes(db, outgoing.account).await?,
            _ => Vec::new(),
        };
        for other in accounts::all(db, &audience.accounts).await? {
            if other.host.is_none() || other.suspended_at.is_some() {
                continue;
            }
            // One person alone is told at their own inbox; where the server is told anyway, that is enough.
            let shared = other.shared_inbox_url.filter(|shared| audience.public || inboxes.contains(shared));
            inboxes.push(shared.unwrap_or(other.inbox_url));
        }
        inboxes.extend(outgoing.inboxes.iter().cloned());
        if audience.relays {
            // Those that announce learn of a new post by an announcement.
            let kinds: &[RelayKind] = match outgoing.activity.kind {
                "Create" => &[RelayKind::Mastodon],
                _ => &[RelayKind::Mastodon, RelayKind::LitePub],
            };
            inboxes.extend(self.relays_of(kinds).await?);
        }
        Ok(addresses_of(&self.app, inboxes))
    }
}

/// Where to deliver to: each inbox once.
pub(super) fn addresses_of(app: &App, mut inboxes: Vec<String>) -> Vec<Address> {
    inboxes.sort_unstable();
    inboxes.dedup();
    let addresses = inboxes.into_iter().filter_map(|inbox_url| {
        let host = Host::of(&url::Url::parse(&inbox_url).ok()?)?;
        Some(Address { id: app.id(), host: host.to_string(), inbox_url, followers_digest: None })
    });
    addresses.collect()
}
