//! What each job calls.

use crate::domain::job::Job;
use crate::error::Result;
use crate::federation::Federation;

/// Does one job.
pub async fn run(federation: &Federation, job: &Job) -> Result<()> {
    match job {
        Job::Publish { happened } => federation.publish(happened).await,
        Job::Receive(envelope) => federation.receive(envelope).await,
        Job::RefreshAccount { account } => federation.refresh(*account).await,
        Job::LookAgain { uri } => federation.look_again(uri).await,
        Job::Mail { to, subject, text } => federation.app.mailer.send(to, subject, text).await,
    }
}
