//! What follows from an inbox that is gone: whoever was told there may be gone as well, or have another inbox now.
//!
//! One look proves little, because servers make mistakes; a second one a day later counts.

use crate::actions::follows;
use crate::error::{Error, RemoteError, Result};
use crate::federation::Federation;
use crate::federation::http::Budget;
use crate::store::absences;
use crate::store::entity::account;

/// How many people of one inbox are looked at.
const MOST: u64 = 50;

impl Federation {
    /// Looks whether those are there who were told at an inbox that is gone.
    pub async fn look_for_owners(&self, inbox: &str) -> Result<()> {
        for owner in absences::told_at(self.app.db.reader(), inbox, MOST).await? {
            self.look_for(&owner).await?;
        }
        Ok(())
    }

    async fn look_for(&self, owner: &account::Model) -> Result<()> {
        let since = absences::since(self.app.db.reader(), owner.id).await?;
        if since.is_some_and(|since| self.app.now().since(since) < follows::ABSENT) {
            return Ok(());
        }
        let id = self.borders.remote(&owner.uri)?;
        match self.fetch(&id, &mut Budget::for_discovery()).await {
            Ok(_) => {
                if since.is_some() {
                    follows::find_again(&self.app, owner.id).await?;
                }
                // They may have another inbox; what is told there now is none of this job's business.
                self.refresh(owner.id).await.or_else(|error| if error.is_ours() { Err(error) } else { Ok(()) })
            }
            Err(Error::Remote { source: RemoteError::Gone(_), .. }) => follows::miss(&self.app, owner.id).await,
            Err(error) if error.is_ours() => Err(error),
            // Nothing is known: the next delivery that finds nobody asks again.
            Err(_) => Ok(()),
        }
    }
}
