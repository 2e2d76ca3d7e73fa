//! Settings of the server.

use crate::app::App;
use crate::domain::settings::Settings;
use crate::error::{Error, Result};
use crate::store::settings;

/// Sets one setting.
pub async fn set(app: &App, key: &str, value: &str) -> Result<()> {
    if let Some(objection) = Settings::objection(key, value) {
        return Err(Error::invalid(objection));
    }
    let change = app.begin().await?;
    settings::set(change.tx(), key, value).await?;
    change.commit().await
}

/// Makes sure that the database belongs to the domain of the configuration; a new one does from now on.
///
/// Every id in it begins with the domain, and other servers know these ids.
pub async fn claim_domain(app: &App) -> Result<()> {
    let domain = app.config.domain.as_str();
    let known = match settings::get(app.db.reader(), settings::DOMAIN).await? {
        Some(known) => known,
        None => {
            let change = app.begin().await?;
            let kept = settings::set_once(change.tx(), settings::DOMAIN, domain).await?;
            change.commit().await?;
            kept
        }
    };
    if known == domain {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "This database belongs to {known}, but the setting `domain` is {domain}: set it back to {known}, \
         or use another database for {domain}"
    )))
}
