//! What members do with a button: to posts and to people. Every form leads back to where it stood.

use axum::extract::Path;

use crate::actions::follows::Wishes;
use crate::actions::{follows, interactions, pins, polls, relations, statuses};
use crate::domain::id::{AccountId, StatusId};
use crate::error::{Error, Result};
use crate::views;
use crate::web::pages::answer::{Onward, PageError};
use crate::web::pages::people;
use crate::web::pages::posted::{Form, MemberPosted};
use crate::web::pages::scene::Scene;

/// `POST /actions/posts/{id}/{deed}`
pub async fn to_post(
    Path((id, deed)): Path<(String, String)>,
    MemberPosted { scene, me, form }: MemberPosted,
) -> Result<Onward, PageError> {
    let (app, by) = (scene.app(), me.account.id);
    let id: StatusId = id.parse().map_err(|_| Error::NotFound("status"))?;
    match deed.as_str() {
        "favourite" => drop(interactions::favourite(app, by, id).await?),
        "unfavourite" => drop(interactions::unfavourite(app, by, id).await?),
        "boost" => drop(interactions::boost(app, by, id, None).await?),
        "unboost" => drop(interactions::unboost(app, by, id).await?),
        "pin" => pins::pin(app, by, id).await?,
        "unpin" => pins::unpin(app, by, id).await?,
        "vote" => {
            let choices: Vec<i32> = form.all("choice").filter_map(|choice| choice.parse().ok()).collect();
            polls::vote(app, by, id, &choices).await?;
        }
        "delete" => {
            statuses::delete(app, by, id).await?;
            return Ok(Onward::to(people::path(&me.account)).saying(app, "The post is deleted."));
        }
        _ => return Err(Error::NotFound("page").into()),
    }
    Ok(back(&scene, &form))
}

/// `POST /actions/people/{id}/{deed}`
pub async fn to_person(
    Path((id, deed)): Path<(String, String)>,
    MemberPosted { scene, me, form }: MemberPosted,
) -> Result<Onward, PageError> {
    let (app, by) = (scene.app(), me.account.id);
    let id: AccountId = id.parse().map_err(|_| Error::NotFound("account"))?;
    let handle = people::handle(&views::accounts::one(&app.db, id).await?);
    let said = match deed.as_str() {
        "follow" => {
            follows::follow(app, by, id, Wishes::default()).await?;
            followed(&scene, by, id, &handle).await?
        }
        "unfollow" => {
            follows::unfollow(app, by, id).await?;
            format!("You do not follow {handle} any more.")
        }
        "accept" => {
            follows::accept(app, by, id).await?;
            format!("{handle} follows you now.")
        }
        "reject" => {
            follows::reject(app, by, id).await?;
            format!("{handle} does not follow you.")
        }
        "remove" => {
            follows::remove_follower(app, by, id).await?;
            format!("{handle} does not follow you any more.")
        }
        "mute" => {
            relations::mute(app, by, id, None, None).await?;
            format!("You do not see {handle} in your timelines any more.")
        }
        "unmute" => {
            relations::unmute(app, by, id).await?;
            format!("You see {handle} again.")
        }
        "block" => {
            relations::block(app, by, id).await?;
            format!("You and {handle} have nothing to do with each other any more.")
        }
        "unblock" => {
            relations::unblock(app, by, id).await?;
            format!("{handle} is not blocked any more.")
        }
        _ => return Err(Error::NotFound("page").into()),
    };
    Ok(back(&scene, &form).saying(app, said))
}

/// A follow is done, or waits for the other side.
async fn followed(scene: &Scene, by: AccountId, target: AccountId, handle: &str) -> Result<String> {
    let app = scene.app();
    let found = views::accounts::relationships(&app.db, by, &[target], app.now()).await?;
    let following = found.first().is_some_and(|(_, relation)| relation.following);
    Ok(if following { format!("You follow {handle} now.") } else { format!("{handle} was asked to let you follow.") })
}

/// Where the form stood, in a field or in its address.
fn back(scene: &Scene, form: &Form) -> Onward {
    let path = form.filled("back").map(str::to_owned).or_else(|| scene.query("back"));
    Onward::to(path.unwrap_or_else(|| "/".to_owned()))
}
