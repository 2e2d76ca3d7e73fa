//! Signing up: who may, on what terms, and what happens next.

use std::net::IpAddr;
use std::time::Duration;

use crate::actions::accounts::{self, Joined, Newcomer, Terms};
use crate::actions::mail;
use crate::app::App;
use crate::app::attempts::{Rate, household};
use crate::domain::account::Role;
use crate::domain::settings::{Registration, Settings};
use crate::error::{Error, Result};
use crate::store::settings;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 2000;
/// How many forms one address may send.
const FORMS: Rate = Rate { count: 40, window: Duration::from_secs(30 * 60) };

/// Makes an account as the settings of the server allow; the confirmation mail is on its way when one is needed.
pub async fn sign_up(app: &App, newcomer: Newcomer) -> Result<Joined> {
    let [registration, confirm_email, name, purpose] = settings::get_all(app.db.reader(), Settings::KEYS).await?;
    let settings = Settings::read(registration, confirm_email, name, purpose);
    let invited = newcomer.invite.is_some();
    may_sign_up(settings.registration, &newcomer)?;
    let terms = Terms {
        role: Role::User,
        confirmed: !settings.confirm_email,
        approved: invited || settings.registration == Registration::Open,
        any_name: false,
    };
    let joined = accounts::join(app, newcomer, terms).await?;
    if let Some(code) = &joined.confirm_code {
        mail::confirm_address(app, joined.account, code).await?;
    }
    Ok(joined)
}

/// Counts one more attempt to sign up from a household, or refuses because there were too many.
///
/// Accounts are counted as configured, forms more generously: they tell which names and addresses are taken.
pub fn count_attempt(app: &App, address: Option<IpAddr>) -> Result<()> {
    let limits = &app.config.rate_limits;
    let Some(address) = address.filter(|_| limits.enabled) else { return Ok(()) };
    let network = household(address);
    app.attempts.count(&format!("sign-up form from {network}"), FORMS, app.now())?;
    app.attempts.count(&accounts_from(address), limits.sign_ups, app.now())
}

/// Takes back that an account came from an address, because none did.
pub fn forgive_attempt(app: &App, address: Option<IpAddr>) {
    if let Some(address) = address {
        app.attempts.take_back(&accounts_from(address));
    }
}

fn accounts_from(address: IpAddr) -> String {
    format!("account from {}", household(address))
}

fn may_sign_up(registration: Registration, newcomer: &Newcomer) -> Result<()> {
    let reason = newcomer.reason.as_deref().unwrap_or_default().trim();
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::field("reason", "ERR_TOO_LONG", "Reason is too long (maximum is 2000 characters)"));
    }
    match registration {
        Registration::Closed => Err(Error::Forbidden("Nobody can join at the moment")),
        Registration::Invite if newcomer.invite.is_none() => {
            Err(Error::Forbidden("You can join when a member invites you"))
        }
        Registration::Approval if newcomer.invite.is_none() && reason.is_empty() => {
            Err(Error::field("reason", "ERR_BLANK", "Reason can't be blank"))
        }
        Registration::Open | Registration::Approval | Registration::Invite => Ok(()),
    }
}
