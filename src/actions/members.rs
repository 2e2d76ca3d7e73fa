//! Members: when they were last seen.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app::App;
use crate::domain::id::{AccountId, TokenId};
use crate::error::Result;
use crate::store::entity::{member, token};

/// Notes that a token was used today, and that its member was here.
pub async fn seen(app: &App, token: TokenId, account: AccountId) -> Result<()> {
    let today = app.now().midnight();
    let change = app.begin().await?;
    token::Entity::update_many()
        .col_expr(token::Column::LastUsedAt, Expr::val(today))
        .filter(token::Column::Id.eq(token))
        .exec(change.tx())
        .await?;
    member::Entity::update_many()
        .col_expr(member::Column::LastActiveAt, Expr::val(today))
        .filter(member::Column::AccountId.eq(account))
        .exec(change.tx())
        .await?;
    change.commit().await
}
