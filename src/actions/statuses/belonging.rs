//! To which thread a new status belongs (FEP-7888), and to which group (FEP-1b12).

use crate::app::Change;
use crate::domain::account::ActorKind;
use crate::domain::id::StatusId;
use crate::domain::policy;
use crate::domain::visibility::Visibility;
use crate::error::Result;
use crate::store::entity::{account, status};
use crate::store::{accounts, statuses};

/// The collection of the thread that a status of a member belongs to, where there is one.
///
/// A thread that began here has one of ours, when everybody may see how it began; elsewhere it is what others call it.
pub(super) async fn context(
    change: &Change,
    id: StatusId,
    parent: Option<&status::Model>,
    visibility: Visibility,
) -> Result<Option<String>> {
    let urls = &change.app().urls;
    let Some(parent) = parent else { return Ok(visibility.is_open().then(|| urls.context(id))) };
    if parent.local && parent.context_uri.is_some() {
        return Ok(parent.context_uri.clone());
    }
    let Some(root) = statuses::by_id(change.tx(), parent.conversation_id).await? else {
        return Ok(parent.context_uri.clone());
    };
    if root.local && root.in_reply_to_uri.is_none() {
        return Ok(root.visibility.is_open().then(|| urls.context(root.id)));
    }
    Ok(parent.context_uri.clone().or(root.context_uri))
}

/// The group a status of a member goes to: the one it names, or that of the thread.
///
/// A group shows everybody what it gets, so it gets what is public; to name one in a letter is refused.
pub(super) async fn group(
    change: &Change,
    named: &[account::Model],
    of_thread: Option<&str>,
    visibility: Visibility,
) -> Result<Option<account::Model>> {
    let is_group = |account: &account::Model| account.kind == ActorKind::Group && account.host.is_some();
    let named = named.iter().find(|account| is_group(account));
    if let Some(group) = named {
        let handle = group.host.as_ref().map_or_else(String::new, |host| format!("@{}@{host}", group.username));
        policy::may_name_group(visibility, &handle)?;
    }
    if visibility != Visibility::Public {
        return Ok(None);
    }
    let group = match (named, of_thread) {
        (Some(group), _) => Some(group.clone()),
        (None, Some(uri)) => accounts::by_uri(change.tx(), uri).await?.filter(is_group),
        (None, None) => None,
    };
    Ok(group.filter(account::Model::takes_part))
}
