//! `Announce`: somebody boosts a post.

use crate::actions::interactions::{self, RemoteBoost};
use crate::domain::id::StatusId;
use crate::domain::moment::Moment;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::federation::protocol::shape;
use crate::federation::receive::{Said, group};
use crate::federation::translate::note;
use crate::store::{follows, statuses};

impl Federation {
    pub(super) async fn receive_announce(&self, said: Said) -> Result<()> {
        if self.receive_from_relay(&said).await? {
            return Ok(());
        }
        if let Some(inner) = group::inner(&said) {
            return Box::pin(self.receive_in_group(&said, inner)).await;
        }
        let Some(id) = shape::id_of(&said.activity.object) else { return Ok(()) };
        let status = match statuses::by_uri(self.app.db.reader(), id).await? {
            Some(known) => known.id,
            None => {
                // An embedded post is worth nothing: only its own server can say what it says.
                let Ok(id) = self.borders.remote(id) else { return Ok(()) };
                if !follows::has_local_followers(self.app.db.reader(), said.account.id).await? {
                    return Ok(());
                }
                self.fetch_status(&id, &mut Budget::for_discovery()).await?
            }
        };
        self.boosted_by(&said, status).await
    }

    pub(super) async fn boosted_by(&self, said: &Said, status: StatusId) -> Result<()> {
        let activity = &said.activity;
        let boost = RemoteBoost {
            uri: said.uri("announce"),
            visibility: note::visibility(&activity.to, &activity.cc, said.account.followers_url.as_deref()),
            published: activity.published.as_deref().and_then(Moment::parse),
        };
        match interactions::receive_boost(&self.app, said.account.id, status, boost).await {
            // What they may not see they cannot boost.
            Err(Error::NotFound(_)) => Ok(()),
            other => other,
        }
    }
}
