//! Polls between servers: votes out, counts out, results in.

use std::time::Duration;

use serde_json::json;

use crate::actions::polls as actions;
use crate::domain::event::Audience;
use crate::domain::id::{AccountId, ActivityId, StatusId};
use crate::domain::visibility::Viewer;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::publish::Outgoing;
use crate::store::{accounts, polls, statuses, visibility};
use crate::views;

/// After which time the counts of a poll elsewhere are asked for again when somebody looks.
const STALE: Duration = Duration::from_secs(60);

impl Federation {
    /// A vote of a member: a note with a name and nothing to say.
    pub(super) async fn voted(&self, account: AccountId, status: StatusId, choice: i32) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let (Some(status), Some(poll)) = (statuses::by_id(db, status).await?, polls::find(db, status).await?) else {
            return Ok(None);
        };
        let chosen = usize::try_from(choice).ok().and_then(|choice| poll.options.0.get(choice));
        let Some(chosen) = chosen else { return Ok(None) };
        let (by, author) = (accounts::find(db, account).await?, accounts::find(db, status.account_id).await?);
        let id = format!("{}#votes/{}/{choice}", by.uri, status.id);
        let activity = OwnActivity {
            id: format!("{id}/activity"),
            kind: "Create",
            actor: by.uri.clone(),
            object: json!({
                "id": id,
                "type": "Note",
                "name": chosen.title,
                "attributedTo": by.uri,
                "to": [author.uri],
                "inReplyTo": status.uri,
            }),
            to: vec![author.uri.clone()],
            ..OwnActivity::default()
        };
        let audience = Audience { accounts: vec![author.id], ..Audience::default() };
        Ok(Some(Outgoing::new(activity, account, id, audience)))
    }

    /// New counts of a poll, for those who have the post and those who voted.
    pub(super) async fn poll_counted(&self, status: StatusId) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let Some(row) = statuses::by_id(db, status).await?.filter(|row| row.federated) else { return Ok(None) };
        let view = views::statuses::one(&self.app.db, Viewer::Member(row.account_id), status).await?;
        let mut audience = visibility::audience(db, &row).await?;
        // Nobody is told of every vote through a relay.
        audience.relays = false;
        audience.accounts.extend(polls::voters(db, status).await?.into_iter().map(|voter| voter.id));
        let id = format!("{}#updates/{}", row.uri, self.app.id::<ActivityId>());
        let activity = self.about_note("Update", &id, &view).await?;
        Ok(Some(Outgoing::new(activity, row.account_id, row.uri, audience)))
    }

    /// Asks for the counts of a poll of another server again, later, when somebody looks at it.
    pub async fn refresh_poll(&self, viewer: Viewer, status: StatusId) -> Result<()> {
        let row = visibility::find(self.app.db.reader(), viewer, status).await?;
        let is_stale = row.fetched_at.is_none_or(|looked| self.app.now().since(looked) > STALE);
        if !row.local && is_stale && viewer.account().is_some() {
            self.look_again_later(row.uri).await?;
        }
        Ok(())
    }

    /// Ends a poll: that of another server after asking it once more.
    pub async fn close_poll(&self, status: StatusId) -> Result<()> {
        if let Some(row) = statuses::by_id(self.app.db.reader(), status).await?.filter(|row| !row.local)
            && let Err(error) = self.look_again(&row.uri).await
        {
            tracing::debug!(status = %row.uri, %error, "the result of a poll could not be fetched");
        }
        actions::close(&self.app, status).await
    }
}
