//! Members as the doors know them: who is behind a token.

use std::sync::Arc;

pub use crate::store::members::Grant;

use crate::error::Result;
use crate::store::{Db, members};

/// What is behind a token, of which only the hash is known.
pub async fn by_token(db: &Db, token_hash: String) -> Result<Option<Arc<Grant>>> {
    members::by_token(db, token_hash).await
}
