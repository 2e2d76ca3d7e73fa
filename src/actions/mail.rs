//! What members are written to.

use crate::app::App;
use crate::domain::id::AccountId;
use crate::domain::job::Job;
use crate::domain::settings::Settings;
use crate::error::{Error, Result};
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
    let [registration, confirm_email, name, purpose] = settings::get_all(change.tx(), Settings::KEYS).await?;
    let community = Settings::read(registration, confirm_email, name, purpose).name;
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
