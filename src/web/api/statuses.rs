//! Statuses: posting, reading, changing, liking, boosting.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::actions::statuses::{self as actions, Draft, Edit};
use crate::actions::{interactions, pins};
use crate::app::App;
use crate::domain::id::StatusId;
use crate::domain::moment::Moment;
use crate::domain::policy;
use crate::domain::poll::Ask;
use crate::domain::quote::QuoteChoice;
use crate::domain::visibility::{Viewer, Visibility};
use crate::error::{Error, Result};
use crate::views;
use crate::web::Web;
use crate::web::api::accounts::people;
use crate::web::api::entity::{Context, Status, StatusEdit, StatusSource};
use crate::web::api::{Id, Paging, json};
use crate::web::caller::{Caller, MaybeCaller, ReadStatuses, WriteAccounts, WriteFavourites, WriteStatuses};
use crate::web::params::{Params, word};

/// How many statuses can be asked for at once.
const MOST: usize = 20;
/// What a client calls one attempt to post.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What somebody wants to post, or to say instead.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Post {
    status: Option<String>,
    spoiler_text: Option<String>,
    sensitive: Option<bool>,
    #[serde(deserialize_with = "word")]
    visibility: Option<Visibility>,
    language: Option<String>,
    in_reply_to_id: Option<StatusId>,
    local_only: Option<bool>,
    media_ids: Vec<IgnoredAny>,
    poll: Option<PollForm>,
    scheduled_at: Option<String>,
    quoted_status_id: Option<StatusId>,
    #[serde(deserialize_with = "word")]
    quote_approval_policy: Option<QuoteChoice>,
}

/// What somebody asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PollForm {
    options: Vec<String>,
    expires_in: Option<i64>,
    multiple: bool,
    hide_totals: bool,
}

impl PollForm {
    fn ask(self) -> Ask {
        let seconds = self.expires_in.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        Ask {
            options: self.options,
            open_for: Duration::from_secs(seconds),
            multiple: self.multiple,
            hide_totals: self.hide_totals,
        }
    }
}

impl Post {
    /// Refuses what would be left out otherwise: somebody who posts a picture does not mean the text alone.
    fn refuse_unknown(&self, now: Moment) -> Result<()> {
        let refuse = |field, why: &str| Err(Error::field(field, "ERR_UNSUPPORTED", why));
        if !self.media_ids.is_empty() {
            return refuse("media_ids", "Files cannot be attached on this server");
        }
        match self.scheduled_at.as_deref().map(Moment::parse) {
            Some(None) => Err(Error::field("scheduled_at", "ERR_INVALID", "Scheduled at is not a date")),
            Some(Some(then)) if then > now => refuse("scheduled_at", "Posts cannot be scheduled on this server"),
            _ => Ok(()),
        }
    }
}

/// `POST /api/v1/statuses`
pub async fn create(
    State(web): State<Web>,
    caller: Caller<WriteStatuses>,
    headers: HeaderMap,
    Params(form): Params<Post>,
) -> Result<Response> {
    let app = &web.app;
    form.refuse_unknown(app.now())?;
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
    let draft = Draft {
        text: form.status.unwrap_or_default(),
        spoiler_text: form.spoiler_text.unwrap_or_default(),
        visibility: form.visibility,
        sensitive: form.sensitive,
        language: form.language,
        in_reply_to: form.in_reply_to_id,
        local_only: form.local_only.unwrap_or_default(),
        app: Some(caller.app),
        idempotency_key: key,
        poll: form.poll.map(PollForm::ask),
        quote: form.quoted_status_id,
        quote_choice: form.quote_approval_policy,
    };
    web.federation.find_mentioned(&draft.text).await;
    let id = actions::post(app, caller.account, draft).await?;
    one(app, caller.viewer(), id).await
}

/// `PUT /api/v1/statuses/ID`
pub async fn update(
    State(web): State<Web>,
    caller: Caller<WriteStatuses>,
    Id(id): Id<StatusId>,
    Params(form): Params<Post>,
) -> Result<Response> {
    let app = &web.app;
    form.refuse_unknown(app.now())?;
    let edit = Edit {
        text: form.status.unwrap_or_default(),
        spoiler_text: form.spoiler_text.unwrap_or_default(),
        sensitive: form.sensitive.unwrap_or_default(),
        language: form.language,
        poll: form.poll.map(PollForm::ask),
        quote_choice: form.quote_approval_policy,
    };
    web.federation.find_mentioned(&edit.text).await;
    actions::edit(app, caller.account, id, edit).await?;
    one(app, caller.viewer(), id).await
}

/// `GET /api/v1/statuses/ID`
pub async fn show(State(app): State<App>, caller: MaybeCaller<ReadStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    one(&app, caller.viewer(), id).await
}

/// Several statuses by id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Several {
    id: Vec<StatusId>,
}

/// `GET /api/v1/statuses`
pub async fn index(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Params(form): Params<Several>,
) -> Result<Response> {
    if form.id.len() > MOST {
        return Err(Error::field("id", "ERR_TOO_LONG", "Too many statuses are asked for at once"));
    }
    let found = views::statuses::several(&app.db, caller.viewer(), &form.id).await?;
    json(&Status::all(&found, &app))
}

/// `DELETE /api/v1/statuses/ID`
pub async fn delete(State(app): State<App>, caller: Caller<WriteStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    let view = views::statuses::one(&app.db, caller.viewer(), id).await?;
    let text = actions::delete(&app, caller.account, id).await?;
    json(&Status::deleted(&view, &text, &app))
}

/// `GET /api/v1/statuses/ID/context`
pub async fn context(
    State(web): State<Web>,
    caller: MaybeCaller<ReadStatuses>,
    Id(id): Id<StatusId>,
) -> Result<Response> {
    let thread = views::statuses::thread(&web.app.db, caller.viewer(), id).await?;
    web.federation.fill_thread(caller.viewer(), id).await?;
    json(&Context::new(&thread, &web.app))
}

/// `GET /api/v1/statuses/ID/source`
pub async fn source(State(app): State<App>, caller: Caller<ReadStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    let view = views::statuses::one(&app.db, caller.viewer(), id).await?;
    policy::owns(caller.account, view.row().account_id)?;
    json(&StatusSource::new(&view))
}

/// `GET /api/v1/statuses/ID/history`
pub async fn history(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Id(id): Id<StatusId>,
) -> Result<Response> {
    let (view, earlier) = views::statuses::history(&app.db, caller.viewer(), id).await?;
    json(&StatusEdit::all(&view, &earlier, &app))
}

/// `POST /api/v1/statuses/ID/favourite`
pub async fn favourite(
    State(app): State<App>,
    caller: Caller<WriteFavourites>,
    Id(id): Id<StatusId>,
) -> Result<Response> {
    let id = interactions::favourite(&app, caller.account, id).await?;
    one(&app, caller.viewer(), id).await
}

/// `POST /api/v1/statuses/ID/unfavourite`
pub async fn unfavourite(
    State(app): State<App>,
    caller: Caller<WriteFavourites>,
    Id(id): Id<StatusId>,
) -> Result<Response> {
    let id = interactions::unfavourite(&app, caller.account, id).await?;
    one(&app, caller.viewer(), id).await
}

/// Who a boost is for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Boost {
    #[serde(deserialize_with = "word")]
    visibility: Option<Visibility>,
}

/// `POST /api/v1/statuses/ID/reblog`
pub async fn reblog(
    State(app): State<App>,
    caller: Caller<WriteStatuses>,
    Id(id): Id<StatusId>,
    Params(form): Params<Boost>,
) -> Result<Response> {
    let boost = interactions::boost(&app, caller.account, id, form.visibility).await?;
    one(&app, caller.viewer(), boost).await
}

/// `POST /api/v1/statuses/ID/unreblog`
pub async fn unreblog(State(app): State<App>, caller: Caller<WriteStatuses>, Id(id): Id<StatusId>) -> Result<Response> {
    let original = interactions::unboost(&app, caller.account, id).await?;
    one(&app, caller.viewer(), original).await
}

/// `POST /api/v1/statuses/ID/pin`
pub async fn pin(State(app): State<App>, caller: Caller<WriteAccounts>, Id(id): Id<StatusId>) -> Result<Response> {
    pins::pin(&app, caller.account, id).await?;
    one(&app, caller.viewer(), id).await
}

/// `POST /api/v1/statuses/ID/unpin`
pub async fn unpin(State(app): State<App>, caller: Caller<WriteAccounts>, Id(id): Id<StatusId>) -> Result<Response> {
    pins::unpin(&app, caller.account, id).await?;
    one(&app, caller.viewer(), id).await
}

/// `GET /api/v1/statuses/ID/favourited_by`
pub async fn favourited_by(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Id(id): Id<StatusId>,
    paging: Paging<40, 80>,
) -> Result<Response> {
    let found = views::statuses::favourited_by(&app.db, caller.viewer(), id, &paging.page).await?;
    people(&app, &paging, &found)
}

/// `GET /api/v1/statuses/ID/reblogged_by`
pub async fn reblogged_by(
    State(app): State<App>,
    caller: MaybeCaller<ReadStatuses>,
    Id(id): Id<StatusId>,
    paging: Paging<40, 80>,
) -> Result<Response> {
    let found = views::statuses::reblogged_by(&app.db, caller.viewer(), id, &paging.page).await?;
    people(&app, &paging, &found)
}

/// Prints one status.
async fn one(app: &App, viewer: Viewer, id: StatusId) -> Result<Response> {
    let view = views::statuses::one(&app.db, viewer, id).await?;
    json(&Status::new(&view, app))
}
