//! A member leaves for good: everything they wrote goes, and what stays is a name that nobody can have again.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use crate::actions::statuses;
use crate::app::App;
use crate::domain::account::{ActorKind, Emojis, Fields, Names};
use crate::domain::event::Event;
use crate::domain::id::AccountId;
use crate::domain::job::Job;
use crate::error::{Error, Result};
use crate::store::entity::{
    account, block, favourite, featured_tag, filter, follow, home_entry, idempotency_key, marker, media, member,
    mention, mute, notification, pin, poll_vote, reaction,
};
use crate::store::{accounts, received};

/// Deletes the account of a member. They are signed out and unseen at once; what they wrote goes after that, and
/// everybody who might know them is told.
///
/// The row stays, with its keys: the last thing it says must be signed, and its name must not come back.
pub async fn delete(app: &App, id: AccountId) -> Result<()> {
    let mut change = app.begin().await?;
    let gone = accounts::find(change.tx(), id).await?;
    if gone.host.is_some() || gone.kind == ActorKind::Application {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    if received::is_buried(change.tx(), &gone.uri, id).await? {
        // Asked twice: what was given up before is taken up again.
        change.enqueue(&Job::EraseAccount { account: id }).await?;
        return change.commit().await;
    }
    received::bury(change.tx(), &gone.uri, &gone, app.now()).await?;
    let mut row = gone.into_active_model();
    row.display_name = Set(String::new());
    row.note = Set(String::new());
    row.note_source = Set(None);
    row.fields = Set(Fields::default());
    row.emojis = Set(Emojis::default());
    row.avatar_url = Set(None);
    row.avatar_description = Set(String::new());
    row.header_url = Set(None);
    row.header_description = Set(String::new());
    row.also_known_as = Set(Names::default());
    row.moved_to_id = Set(None);
    row.discoverable = Set(false);
    row.indexable = Set(false);
    row.suspended_at = Set(Some(app.now()));
    row.pending = Set(false);
    row.update(change.tx()).await?;
    // Sessions, tokens and codes go with it.
    member::Entity::delete_by_id(id).exec(change.tx()).await?;
    change.touch_grants();
    change.touch_account(id);
    change.record(Event::AccountDeleted { account: id }).await?;
    change.enqueue(&Job::EraseAccount { account: id }).await?;
    change.commit().await
}

/// Takes away what a member who is gone has left behind; may be called again when it was interrupted.
pub async fn erase(app: &App, id: AccountId) -> Result<()> {
    if !received::is_buried(app.db.reader(), &accounts::find(app.db.reader(), id).await?.uri, id).await? {
        return Err(Error::Forbidden("This action is not allowed"));
    }
    while statuses::erase_some(app, id).await? {}
    let mut change = app.begin().await?;
    let touched = accounts::forget_traces(change.tx(), id).await?;
    let tx = change.tx();
    let between = |by, of| Condition::any().add(by).add(of);
    let follows = between(follow::Column::AccountId.eq(id), follow::Column::TargetId.eq(id));
    follow::Entity::delete_many().filter(follows).exec(tx).await?;
    let blocks = between(block::Column::AccountId.eq(id), block::Column::TargetId.eq(id));
    block::Entity::delete_many().filter(blocks).exec(tx).await?;
    let mutes = between(mute::Column::AccountId.eq(id), mute::Column::TargetId.eq(id));
    mute::Entity::delete_many().filter(mutes).exec(tx).await?;
    let news = between(notification::Column::AccountId.eq(id), notification::Column::FromId.eq(id));
    notification::Entity::delete_many().filter(news).exec(tx).await?;
    featured_tag::Entity::delete_many().filter(featured_tag::Column::AccountId.eq(id)).exec(tx).await?;
    reaction::Entity::delete_many().filter(reaction::Column::AccountId.eq(id)).exec(tx).await?;
    favourite::Entity::delete_many().filter(favourite::Column::AccountId.eq(id)).exec(tx).await?;
    filter::Entity::delete_many().filter(filter::Column::AccountId.eq(id)).exec(tx).await?;
    home_entry::Entity::delete_many().filter(home_entry::Column::AccountId.eq(id)).exec(tx).await?;
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::AccountId.eq(id)).exec(tx).await?;
    marker::Entity::delete_many().filter(marker::Column::AccountId.eq(id)).exec(tx).await?;
    media::Entity::delete_many().filter(media::Column::AccountId.eq(id)).exec(tx).await?;
    mention::Entity::delete_many().filter(mention::Column::AccountId.eq(id)).exec(tx).await?;
    pin::Entity::delete_many().filter(pin::Column::AccountId.eq(id)).exec(tx).await?;
    poll_vote::Entity::delete_many().filter(poll_vote::Column::AccountId.eq(id)).exec(tx).await?;
    account::Entity::update_many()
        .col_expr(account::Column::MovedToId, Expr::val(None::<AccountId>))
        .filter(Expr::col(account::Column::MovedToId).eq(id))
        .exec(tx)
        .await?;
    for counter in [account::Column::FollowersCount, account::Column::FollowingCount, account::Column::StatusesCount] {
        account::Entity::update_many()
            .col_expr(counter, Expr::val(0_i64))
            .filter(account::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    change.touch_account(id);
    touched.accounts.into_iter().for_each(|account| change.touch_account(account));
    touched.statuses.into_iter().for_each(|status| change.touch_status(status));
    change.commit().await
}
