//! Who may see what: the only rule, as SQL, for one row and for a thousand.
//!
//! Nobody else filters by visibility, follow or block.

use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::event::Audience;
use crate::domain::id::{AccountId, StatusId};
use crate::domain::moment::Moment;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::store::constant;
use crate::store::entity::{account, block, follow, mention, mute, status};

/// Which rows of `status` the viewer may see; a boost may be seen when its original may.
pub fn visible_to(viewer: Viewer) -> Condition {
    let original = Alias::new("original");
    let boosted = Query::select()
        .expr(Expr::val(1))
        .from_as(status::Entity, original.clone())
        .and_where(
            Expr::col((original.clone(), status::Column::Id)).equals((status::Entity, status::Column::ReblogOfId)),
        )
        .cond_where(readable(&Row::named("original"), viewer))
        .take();
    let whole = Condition::any()
        .add(Expr::col((status::Entity, status::Column::ReblogOfId)).is_null())
        .add(Expr::exists(boosted));
    Condition::all().add(readable(&Row::named("status"), viewer)).add(whole)
}

/// Which rows of `status` belong in the timelines of a reader: seen, and not by somebody muted.
pub fn wanted_by(viewer: Viewer, now: Moment) -> Condition {
    let Some(reader) = viewer.account() else { return Condition::all() };
    let muted = |author: SimpleExpr| {
        let mutes = Query::select()
            .expr(Expr::val(1))
            .from(mute::Entity)
            .and_where(Expr::col((mute::Entity, mute::Column::AccountId)).eq(reader))
            .and_where(author.eq(Expr::col((mute::Entity, mute::Column::TargetId))))
            .cond_where(
                Condition::any()
                    .add(Expr::col((mute::Entity, mute::Column::ExpiresAt)).is_null())
                    .add(Expr::col((mute::Entity, mute::Column::ExpiresAt)).gt(now)),
            )
            .take();
        Expr::exists(mutes).not()
    };
    let original = Alias::new("boosted");
    let author_of_original = Query::select()
        .column((original.clone(), status::Column::AccountId))
        .from_as(status::Entity, original.clone())
        .and_where(Expr::col((original, status::Column::Id)).equals((status::Entity, status::Column::ReblogOfId)))
        .take();
    Condition::all().add(muted(Expr::col((status::Entity, status::Column::AccountId)))).add(
        Condition::any()
            .add(Expr::col((status::Entity, status::Column::ReblogOfId)).is_null())
            .add(muted(SimpleExpr::SubQuery(None, Box::new(author_of_original.into())))),
    )
}

/// Which rows of `status` are not by somebody kept at arm's length: only their followers meet them unasked.
pub fn not_held_off(viewer: Viewer) -> Condition {
    let author = Expr::col((status::Entity, status::Column::AccountId));
    let mut held_off = Query::select();
    held_off
        .expr(Expr::val(1))
        .from(account::Entity)
        .and_where(author.clone().eq(Expr::col((account::Entity, account::Column::Id))))
        .and_where(Expr::col((account::Entity, account::Column::LimitedAt)).is_not_null());
    if let Some(reader) = viewer.account() {
        held_off.and_where(author.clone().ne(reader)).and_where(Expr::exists(followed(author, reader)).not());
    }
    Condition::all().add(Expr::exists(held_off.take()).not())
}

/// The status, or "not found": for the unseen and the absent alike.
pub async fn find(db: &impl ConnectionTrait, viewer: Viewer, id: StatusId) -> Result<status::Model> {
    let found = status::Entity::find_by_id(id).filter(visible_to(viewer)).one(db).await?;
    found.ok_or(Error::NotFound("status"))
}

/// The status with this address, if the viewer may see it.
pub async fn find_by_uri(db: &impl ConnectionTrait, viewer: Viewer, uri: &str) -> Result<Option<status::Model>> {
    let query = status::Entity::find().filter(status::Column::Uri.eq(uri)).filter(visible_to(viewer));
    Ok(query.one(db).await?)
}

/// Those of `ids` that the viewer may see.
pub async fn among(db: &impl ConnectionTrait, viewer: Viewer, ids: &[StatusId]) -> Result<Vec<StatusId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = status::Entity::find().select_only().column(status::Column::Id);
    let query = query.filter(status::Column::Id.is_in(ids.iter().copied())).filter(visible_to(viewer));
    Ok(query.into_tuple().all(db).await?)
}

/// Those of `ids` that the viewer may see, and meets unasked.
pub async fn met_among(db: &impl ConnectionTrait, viewer: Viewer, ids: &[StatusId]) -> Result<Vec<StatusId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = status::Entity::find().select_only().column(status::Column::Id);
    let query = query.filter(status::Column::Id.is_in(ids.iter().copied())).filter(visible_to(viewer));
    Ok(query.filter(not_held_off(viewer)).into_tuple().all(db).await?)
}

/// Whom a status is sent to. Everyone here can see it.
pub async fn audience(db: &impl ConnectionTrait, status: &status::Model) -> Result<Audience> {
    let mut accounts: Vec<AccountId> = mention::Entity::find()
        .filter(mention::Column::StatusId.eq(status.id))
        .all(db)
        .await?
        .into_iter()
        .map(|mention| mention.account_id)
        .collect();
    if status.visibility.is_open() {
        accounts.extend(status.in_reply_to_account_id);
    }
    accounts.sort_unstable();
    accounts.dedup();
    accounts.retain(|account| *account != status.account_id);
    Ok(Audience {
        public: status.visibility.is_open(),
        followers: status.visibility != Visibility::Direct,
        accounts,
        everywhere: false,
        relays: status.visibility == Visibility::Public && status.reblog_of_id.is_none(),
    })
}

/// A row of `status` under the name it has in a query.
struct Row(Alias);

impl Row {
    fn named(name: &str) -> Self {
        Self(Alias::new(name))
    }

    fn col(&self, column: status::Column) -> SimpleExpr {
        Expr::col((self.0.clone(), column))
    }
}

fn readable(row: &Row, viewer: Viewer) -> Condition {
    let open =
        row.col(status::Column::Visibility).is_in([constant(Visibility::Public), constant(Visibility::Unlisted)]);
    let stays_here = Condition::all().add(row.col(status::Column::Federated).eq(true));
    let by_somebody_shut_out = Expr::exists(shut_out(row)).not();
    match viewer {
        Viewer::Anyone => Condition::all().add(open).add(stays_here).add(by_somebody_shut_out),
        Viewer::Member(reader) => Condition::all().add(for_account(row, reader, open)).add(by_somebody_shut_out),
        Viewer::Peer(reader) => {
            Condition::all().add(for_account(row, reader, open)).add(stays_here).add(by_somebody_shut_out)
        }
    }
}

fn for_account(row: &Row, reader: AccountId, open: SimpleExpr) -> Condition {
    let addressed = Query::select()
        .expr(Expr::val(1))
        .from(mention::Entity)
        .and_where(row.col(status::Column::Id).eq(Expr::col((mention::Entity, mention::Column::StatusId))))
        .and_where(Expr::col((mention::Entity, mention::Column::AccountId)).eq(reader))
        .take();
    let followed = followed(row.col(status::Column::AccountId), reader);
    let for_followers =
        row.col(status::Column::Visibility).eq(constant(Visibility::Private)).and(Expr::exists(followed));
    Condition::any().add(row.col(status::Column::AccountId).eq(reader)).add(
        Condition::all()
            .add(Condition::any().add(open).add(for_followers).add(Expr::exists(addressed)))
            .add(Expr::exists(blocked(row, reader)).not()),
    )
}

/// That `reader` follows an author.
fn followed(author: SimpleExpr, reader: AccountId) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(follow::Entity)
        .and_where(Expr::col((follow::Entity, follow::Column::AccountId)).eq(reader))
        .and_where(author.eq(Expr::col((follow::Entity, follow::Column::TargetId))))
        .and_where(Expr::col((follow::Entity, follow::Column::Accepted)).eq(true))
        .take()
}

/// A block between reader and author, in either direction.
fn blocked(row: &Row, reader: AccountId) -> SelectStatement {
    let author = row.col(status::Column::AccountId);
    let by = Expr::col((block::Entity, block::Column::AccountId));
    let of = Expr::col((block::Entity, block::Column::TargetId));
    Query::select()
        .expr(Expr::val(1))
        .from(block::Entity)
        .cond_where(
            Condition::any()
                .add(by.clone().eq(reader).and(author.clone().eq(of.clone())))
                .add(of.eq(reader).and(author.eq(by))),
        )
        .take()
}

fn shut_out(row: &Row) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(account::Entity)
        .and_where(row.col(status::Column::AccountId).eq(Expr::col((account::Entity, account::Column::Id))))
        .and_where(Expr::col((account::Entity, account::Column::SuspendedAt)).is_not_null())
        .take()
}
