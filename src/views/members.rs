//! Members as the doors know them: who is behind a token.

pub use crate::store::members::Grant;

use crate::error::Result;
use crate::store::{Db, members};

/// What is behind a token, of which only the hash is known.
pub async fn by_token(db: &Db, token_hash: &str) -> Result<Option<Grant>> {
    members::by_token(db.reader(), token_hash).await
}
