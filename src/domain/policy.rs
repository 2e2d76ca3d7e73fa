//! What somebody may do: yes or no, from plain facts.

use std::time::Duration;

use crate::domain::account::Role;
use crate::domain::id::AccountId;
use crate::domain::moment::Moment;
use crate::domain::visibility::Visibility;
use crate::error::{Error, Result};

const NOT_ALLOWED: Error = Error::Forbidden("This action is not allowed");

/// Whether `account` may boost a status with this author and visibility.
///
/// Followers-only posts are boosted by their author alone; mentions-only posts by nobody.
pub fn may_boost(account: AccountId, author: AccountId, visibility: Visibility) -> Result<()> {
    match visibility {
        Visibility::Public | Visibility::Unlisted => Ok(()),
        Visibility::Private if account == author => Ok(()),
        // What may not be spread is answered like what is not there.
        Visibility::Private | Visibility::Direct => Err(Error::NotFound("status")),
    }
}

/// Whether `account` may change or delete something of `author`.
pub fn owns(account: AccountId, author: AccountId) -> Result<()> {
    if account == author { Ok(()) } else { Err(Error::NotFound("status")) }
}

/// Whether `account` may follow `target` at all.
pub fn may_follow(account: AccountId, target: AccountId, blocked_either_way: bool) -> Result<()> {
    if account == target || blocked_either_way { Err(NOT_ALLOWED) } else { Ok(()) }
}

/// The pause between two moves of one person: nobody's followers are led on from place to place.
const BETWEEN_MOVES: Duration = Duration::from_secs(7 * 24 * 3600);

/// A move that somebody wants to make.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// The id of who moves.
    pub from: &'a str,
    /// The id of where they move to.
    pub to: &'a str,
    /// Who the other end says it is as well.
    pub aliases: &'a [String],
    /// Whether the other end takes part in anything and has not moved itself.
    pub is_open: bool,
    /// When they moved last.
    pub last: Option<Moment>,
}

/// Whether somebody may move: both ends must agree, and not again and again.
pub fn may_move(proposal: &Proposal<'_>, now: Moment) -> Result<()> {
    if proposal.from == proposal.to || !proposal.is_open {
        return Err(Error::invalid("Nobody can move to that account"));
    }
    if !proposal.aliases.iter().any(|alias| alias == proposal.from) {
        return Err(Error::invalid("That account does not name this one as another account of the same person"));
    }
    if proposal.last.is_some_and(|last| now.since(last) < BETWEEN_MOVES) {
        return Err(Error::invalid("Nobody moves twice within a week"));
    }
    Ok(())
}

/// Whether a status may name a group, which shows everybody what it gets.
pub fn may_name_group(visibility: Visibility, handle: &str) -> Result<()> {
    if visibility.is_open() {
        return Ok(());
    }
    let description =
        format!("{handle} is a group, which shows everybody what it gets: only a public post can go there");
    Err(Error::field("base", "ERR_GROUP", description))
}

/// The visibility of a reply: never wider than what it answers.
pub fn reply_visibility(wanted: Visibility, parent: Visibility) -> Visibility {
    wanted.max(parent)
}

/// Whether a member with `role` may change settings of the server.
pub fn may_administer(role: Role) -> Result<()> {
    if role >= Role::Admin { Ok(()) } else { Err(NOT_ALLOWED) }
}
