//! Invitations to sign up.

use std::time::Duration;

use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::app::{App, crypto};
use crate::domain::id::AccountId;
use crate::error::{Error, Result};
use crate::store::entity::invite;

/// For how long an invitation can be valid.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);
/// How often an invitation can be used.
const MOST_USES: u32 = 1_000_000;

/// How long and how often an invitation is valid.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// How often it may be used; without a limit when nothing is said.
    pub max_uses: Option<u32>,
    /// How long it is valid; without an end when nothing is said.
    pub valid_for: Option<Duration>,
}

/// Makes an invitation; `by` is nobody when whoever runs the server invites.
pub async fn create(app: &App, by: Option<AccountId>, terms: Terms) -> Result<invite::Model> {
    check(terms)?;
    let change = app.begin().await?;
    let now = change.now();
    let row = invite::ActiveModel {
        id: Set(app.id()),
        code: Set(crypto::random_name()),
        account_id: Set(by),
        max_uses: Set(terms.max_uses.and_then(|most| i32::try_from(most).ok())),
        uses: Set(0),
        created_at: Set(now),
        expires_at: Set(terms.valid_for.map(|length| now + length)),
    };
    let row = invite::Entity::insert(row).exec_with_returning(change.tx()).await?;
    change.commit().await?;
    Ok(row)
}

fn check(terms: Terms) -> Result<()> {
    if terms.max_uses.is_some_and(|most| !(1..=MOST_USES).contains(&most)) {
        return Err(Error::invalid("An invitation can be used between 1 and 1000000 times"));
    }
    if terms.valid_for.is_some_and(|length| length.is_zero() || length > LONGEST) {
        return Err(Error::invalid("An invitation is valid for at least a moment and at most ten years"));
    }
    Ok(())
}
