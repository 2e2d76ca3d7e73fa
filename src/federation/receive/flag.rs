//! `Flag`: another server reports a member.

use std::time::Duration;

use crate::actions::reports::{self, Complaint};
use crate::app::attempts::Rate;
use crate::app::urls::Local;
use crate::domain::html;
use crate::domain::origin::Id;
use crate::domain::report::{Category, LONGEST_COMMENT, MOST_CITED};
use crate::error::Result;
use crate::federation::Federation;
use crate::federation::protocol::shape;
use crate::federation::receive::Said;
use crate::store::{accounts, received, statuses};

/// How many reports of one server are taken: its moderators should talk to ours before there are more.
const FROM_ONE_SERVER: Rate = Rate { count: 30, window: Duration::from_secs(3600) };

impl Federation {
    pub(super) async fn receive_flag(&self, said: Said) -> Result<()> {
        let Some(from) = said.signer.host() else { return Ok(()) };
        let decided = received::decisions(self.app.db.reader(), std::slice::from_ref(&from)).await?;
        if decided.iter().any(|block| block.reject_reports) {
            return Ok(());
        }
        if self.app.attempts.count(&format!("reports of {from}"), FROM_ONE_SERVER, self.app.now()).is_err() {
            return Ok(());
        }
        let comment = html::to_text(said.activity.content.as_deref().unwrap_or_default());
        // Some servers name the posts in the text alone.
        let in_text = comment.split_whitespace().filter(|word| word.starts_with(self.app.urls.base()));
        let named = shape::ids_of(&said.activity.object).chain(in_text).take(MOST_CITED);
        let (mut target, mut cited) = (None, Vec::new());
        for id in named {
            let Ok(Id::Local(url)) = self.borders.read(id) else { continue };
            match self.app.urls.read(url.as_str()) {
                Some(Local::Account(id)) => target = target.or(Some(id)),
                Some(Local::Status(_, id) | Local::StatusPage(_, id)) => cited.push(id),
                _ => {}
            }
        }
        let db = self.app.db.reader();
        let target = match (target, cited.first()) {
            (Some(target), _) => accounts::all(db, &[target]).await?.pop().map(|target| target.id),
            (None, Some(first)) => statuses::by_id(db, *first).await?.map(|status| status.account_id),
            (None, None) => None,
        };
        let Some(target) = target else { return Ok(()) };
        let comment = comment.chars().take(LONGEST_COMMENT).collect();
        let complaint = Complaint { target, statuses: cited, comment, category: Category::Other };
        reports::receive(&self.app, &said.account, complaint, &said.uri("flag")).await
    }
}
