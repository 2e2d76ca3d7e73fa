//! Finding accounts and hashtags by the beginning of their names.

use crate::domain::id::{AccountId, StatusId};
use crate::domain::text::Tag;
use crate::error::Result;
use crate::store::entity::tag;
use crate::store::{Db, accounts, statuses, tags};
use crate::views::AccountView;

pub use crate::store::entity::tag::Model as FoundTag;

/// What a known address stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// An account.
    Account(AccountId),
    /// A status, whoever may see it.
    Status(StatusId),
}

/// What an address stands for, as far as it is known here: the id of something, or its page.
pub async fn by_address(db: &Db, address: &str) -> Result<Option<Known>> {
    if let Some(known) = accounts::by_address(db.reader(), address).await?.filter(|account| !account.pending) {
        return Ok(Some(Known::Account(known.id)));
    }
    Ok(statuses::by_address(db.reader(), address).await?.map(|known| Known::Status(known.id)))
}

/// Accounts whose name begins with `text`; those of this server and those followed by many come first.
pub async fn accounts(db: &Db, text: &str, limit: u64, offset: u64) -> Result<Vec<AccountView>> {
    let text = text.trim().trim_start_matches('@');
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rows = accounts::search(db.reader(), text, limit, offset).await?;
    Ok(rows.into_iter().map(AccountView::new).collect())
}

/// Hashtags whose name begins with `text`; the shortest, which is the exact one if there is one, comes first.
pub async fn tags(db: &Db, text: &str, limit: u64, offset: u64) -> Result<Vec<tag::Model>> {
    match Tag::parse(text.trim()) {
        Some(tag) => tags::search(db.reader(), &tag.key, limit, offset).await,
        None => Ok(Vec::new()),
    }
}
