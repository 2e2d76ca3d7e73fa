//! Codes: made when a member consents, turned into a token once.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::{Client, IssuedToken, Refusal, authenticate, by_client_id, check_scopes, insert, may_act};
use crate::app::{App, Change, crypto};
use crate::domain::id::AccountId;
use crate::domain::scope::Scopes;
use crate::error::{Error, Result};
use crate::store::entity::{auth_code, token};

/// For how long a code may be turned into a token.
const LASTS: Duration = Duration::from_secs(10 * 60);
/// For how long codes are remembered, so that using one twice is noticed.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// What a member consents to.
#[derive(Debug, Clone)]
pub struct AuthorizeRequest {
    /// The public name of the app.
    pub client_id: String,
    /// Where the code is sent.
    pub redirect_uri: String,
    /// What the app may do.
    pub scopes: Scopes,
    /// The S256 challenge of PKCE.
    pub code_challenge: Option<String>,
}

/// Makes a code for an app that a member lets speak for them.
pub async fn authorize(app: &App, account: AccountId, wanted: AuthorizeRequest) -> Result<String, Refusal> {
    let change = app.begin().await?;
    let client = by_client_id(&change, &wanted.client_id).await?.ok_or(Refusal::InvalidClient)?;
    if !client.redirect_uris.0.contains(&wanted.redirect_uri) {
        return Err(Refusal::InvalidRequest("The redirect URI is not one of the app"));
    }
    check_scopes(&client, &wanted.scopes)?;
    if wanted.code_challenge.as_deref().is_some_and(|challenge| !is_challenge(challenge)) {
        return Err(Refusal::InvalidRequest("The code challenge is not one of S256"));
    }
    let code = crypto::random_token();
    let now = app.now();
    let row = auth_code::ActiveModel {
        code_hash: Set(crypto::token_hash(&code)),
        app_id: Set(client.id),
        account_id: Set(account),
        redirect_uri: Set(wanted.redirect_uri),
        scopes: Set(wanted.scopes.to_string()),
        code_challenge: Set(wanted.code_challenge),
        created_at: Set(now),
        expires_at: Set(now + LASTS),
        used_at: Set(None),
    };
    forget_old(&change).await?;
    auth_code::Entity::insert(row).exec_without_returning(change.tx()).await?;
    change.commit().await?;
    Ok(code)
}

/// What an app sends to turn a code into a token.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The code.
    pub code: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What the challenge was made of.
    pub code_verifier: Option<String>,
}

/// Turns a code into a token, once; whoever comes with it again ends what the first one got.
pub async fn exchange(app: &App, client: &Client, given: Exchange) -> Result<IssuedToken, Refusal> {
    let mut change = app.begin().await?;
    let client = authenticate(&change, client).await?;
    let hash = crypto::token_hash(&given.code);
    let code = auth_code::Entity::find_by_id(hash.clone()).one(change.tx()).await?;
    let code = code.filter(|code| code.app_id == client.id).ok_or(Refusal::InvalidGrant)?;
    if !claim(&change, &hash).await? {
        token::Entity::delete_many().filter(token::Column::CodeHash.eq(hash)).exec(change.tx()).await?;
        change.touch_grants();
        change.commit().await?;
        return Err(Refusal::InvalidGrant);
    }
    let fits = code.expires_at > app.now()
        && code.redirect_uri == given.redirect_uri
        && is_proof(code.code_challenge.as_deref(), given.code_verifier.as_deref());
    if !fits || !may_act(&change, code.account_id).await? {
        // Dropping the change leaves the code unused.
        return Err(Refusal::InvalidGrant);
    }
    let scopes: Scopes = code.scopes.parse().map_err(Error::internal)?;
    let issued = insert(&change, client.id, Some(code.account_id), &scopes, Some(hash)).await?;
    change.commit().await?;
    Ok(issued)
}

/// Marks a code as used; false when it was used before.
async fn claim(change: &Change, hash: &str) -> Result<bool> {
    let marked = auth_code::Entity::update_many()
        .col_expr(auth_code::Column::UsedAt, Expr::val(change.now()))
        .filter(auth_code::Column::CodeHash.eq(hash))
        .filter(auth_code::Column::UsedAt.is_null())
        .exec(change.tx())
        .await?;
    Ok(marked.rows_affected == 1)
}

async fn forget_old(change: &Change) -> Result<()> {
    auth_code::Entity::delete_many()
        .filter(auth_code::Column::ExpiresAt.lt(change.now() - REMEMBERED))
        .exec(change.tx())
        .await?;
    Ok(())
}

/// Whether a text can be a SHA-256 in URL-safe base64.
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether the verifier belongs to the challenge; a verifier without a challenge means that somebody removed it.
fn is_proof(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            (43..=128).contains(&verifier.len()) && crypto::is_same(challenge, &crypto::s256_challenge(verifier))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_standard_is_a_proof() {
        assert!(is_challenge(CHALLENGE));
        assert!(is_proof(Some(CHALLENGE), Some(VERIFIER)));
        assert!(is_proof(None, None));
    }

    #[test]
    fn a_challenge_cannot_be_left_out_or_answered_by_itself() {
        assert!(!is_proof(Some(CHALLENGE), None));
        assert!(!is_proof(None, Some(VERIFIER)));
        assert!(!is_proof(Some(CHALLENGE), Some(CHALLENGE)));
        assert!(!is_proof(Some(&crypto::s256_challenge("short")), Some("short")));
    }
}
