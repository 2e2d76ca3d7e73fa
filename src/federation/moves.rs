//! Moving away from this server and to it, as far as another server has to be asked or told.

use serde_json::Value;

use crate::actions::moves;
use crate::domain::event::Audience;
use crate::domain::handle::Handle;
use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::federation::Federation;
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::publish::Outgoing;
use crate::store::accounts;

impl Federation {
    /// Lets a member say that an account elsewhere is theirs as well, so that they can move from there to here.
    pub async fn add_alias(&self, account: AccountId, other: &Handle) -> Result<()> {
        let other = self.find_account(other).await?;
        let db = self.app.db.reader();
        let (member, other) = (accounts::find(db, account).await?, accounts::find(db, other).await?);
        if other.id == member.id {
            return Err(Error::invalid("That is the account itself"));
        }
        let mut aliases = member.also_known_as.0;
        if !aliases.contains(&other.uri) {
            aliases.push(other.uri);
        }
        moves::set_aliases(&self.app, account, aliases).await
    }

    /// Moves a member to another account, which is asked first whether it is theirs.
    pub async fn move_member(&self, account: AccountId, target: &Handle) -> Result<()> {
        let target = self.find_account(target).await?;
        // What was known of it may be older than the wish to move there; an account of ours is always new.
        self.refresh(target).await?;
        moves::move_away(&self.app, account, target).await
    }

    /// The `Move` that followers elsewhere are sent.
    pub(super) async fn moved(&self, account: AccountId, target: AccountId) -> Result<Option<Outgoing>> {
        let db = self.app.db.reader();
        let (by, target) = (accounts::find(db, account).await?, accounts::find(db, target).await?);
        let moved = by.moved_at.unwrap_or_else(|| self.app.now());
        let activity = OwnActivity {
            id: format!("{}#moves/{}", by.uri, moved.0),
            kind: "Move",
            actor: by.uri.clone(),
            object: Value::from(by.uri.as_str()),
            target: Some(target.uri),
            to: by.followers_url.clone().into_iter().collect(),
            ..OwnActivity::default()
        };
        let audience = Audience { public: false, followers: true, accounts: Vec::new(), ..Audience::default() };
        Ok(Some(Outgoing::new(activity, account, by.uri, audience)))
    }
}
