//! What members are written to.

use crate::app::{App, Change};
use crate::domain::id::{AccountId, ReportId};
use crate::domain::job::Job;
use crate::domain::settings::Settings;
use crate::error::{Error, Result};
use crate::store::entity::account;
use crate::store::{members, settings};

/// Asks a new member to confirm their address: whoever opens the link with `code` reads its mail.
///
/// Nothing is sent where no server for mail is configured.
pub async fn confirm_address(app: &App, account: AccountId, code: &str) -> Result<()> {
    if !app.mailer.is_configured() {
        return Ok(());
    }
    let mut change = app.begin().await?;
    let member = members::find(change.tx(), account).await?.ok_or(Error::NotFound("member"))?;
    let community = community(&change).await?;
    let link = app.urls.confirm(code);
    let text = format!(
        "Welcome to {community}!\n\n\
         Please open this page to confirm that this is your address:\n\n\
         {link}\n\n\
         If you have not signed up at {host}, somebody has mistyped their address, and nothing needs to be done.\n",
        host = app.urls.host(),
    );
    let subject = format!("Confirm your address for {community}");
    change.enqueue(&Job::Mail { to: member.email, subject, text }).await?;
    change.commit().await
}

/// Tells those who keep the peace that somebody was reported.
///
/// Nothing is sent where no server for mail is configured.
pub async fn tell_moderators(
    change: &mut Change,
    report: ReportId,
    by: &account::Model,
    about: &account::Model,
    comment: &str,
) -> Result<()> {
    if !change.app().mailer.is_configured() {
        return Ok(());
    }
    let text = format!(
        "{} reports {}:\n\n{}\n\nOn the server, `outloud report show {report}` tells the rest.\n",
        by.uri,
        about.uri,
        if comment.is_empty() { "(without a word)" } else { comment },
    );
    let subject = format!("A report to {}", community(change).await?);
    for member in members::moderators(change.tx()).await? {
        change.enqueue(&Job::Mail { to: member.email, subject: subject.clone(), text: text.clone() }).await?;
    }
    Ok(())
}

async fn community(change: &Change) -> Result<String> {
    let [registration, confirm_email, name, purpose] = settings::get_all(change.tx(), Settings::KEYS).await?;
    Ok(Settings::read(registration, confirm_email, name, purpose).name)
}
