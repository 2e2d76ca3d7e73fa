//! What is said to another server about one of its people: in the name of this server, so that nobody learns who told.

use serde_json::Value;

use crate::domain::event::Audience;
use crate::domain::id::ReportId;
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::activity::OwnActivity;
use crate::federation::publish::Outgoing;
use crate::store::accounts;
use crate::views::reports;

impl Federation {
    /// The `Flag` about somebody elsewhere: the person first, then what they wrote.
    pub(super) async fn reported(&self, report: ReportId) -> Result<Option<Outgoing>> {
        let view = reports::one(&self.app.db, report).await?;
        let by = accounts::find(self.app.db.reader(), self.instance_actor).await?;
        let cited = reports::cited(&self.app.db, &view).await?.into_iter().map(|status| status.uri);
        let object: Vec<String> = std::iter::once(view.target.uri.clone()).chain(cited).collect();
        let id = format!("{}#reports/{report}", by.uri);
        let activity = OwnActivity {
            id: id.clone(),
            kind: "Flag",
            actor: by.uri,
            object: Value::from(object),
            content: Some(view.row.comment.clone()),
            to: vec![view.target.uri.clone()],
            ..OwnActivity::default()
        };
        let audience = Audience { accounts: vec![view.row.target_id], ..Audience::default() };
        Ok(Some(Outgoing::new(activity, by.id, id, audience)))
    }
}
