//! What each job calls.

use crate::actions::{accounts, moves, polls};
use crate::domain::job::Job;
use crate::error::Result;
use crate::federation::Federation;

/// Does one job.
pub async fn run(federation: &Federation, job: &Job) -> Result<()> {
    match job {
        Job::Publish { happened } => federation.publish(happened).await,
        Job::Receive(envelope) => Box::pin(federation.receive(envelope)).await,
        Job::RefreshAccount { account } => federation.refresh(*account).await,
        Job::LookAgain { uri } => federation.look_again(uri).await,
        Job::LookForOwners { inbox } => federation.look_for_owners(inbox).await,
        Job::LookAtRelayed { uri } => federation.look_at_relayed(uri).await,
        Job::CompareFollowers { account, collection, url, digest } => {
            federation.compare_followers(*account, collection, url, digest).await
        }
        Job::FillThread { status } => Box::pin(federation.fetch_thread(*status)).await,
        Job::Backfill { account } => Box::pin(federation.backfill(*account)).await,
        Job::TellPollCounts { status } => polls::publish_counts(&federation.app, *status).await,
        Job::ClosePoll { status } => Box::pin(federation.close_poll(*status)).await,
        Job::LookAtQuote { status, legacy } => Box::pin(federation.look_at_quote(*status, *legacy)).await,
        Job::FollowMove { from, to } => moves::follow(&federation.app, *from, *to).await,
        Job::EraseAccount { account } => accounts::erase(&federation.app, *account).await,
        Job::Mail { to, subject, text } => federation.app.mailer.send(to, subject, text).await,
    }
}
