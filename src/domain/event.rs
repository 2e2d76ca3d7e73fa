//! What happened. Actions record it in their own transaction; other servers and open streams hear of it afterwards.

use serde::{Deserialize, Serialize};

use crate::domain::id::{AccountId, FollowId, ReportId, StatusId};

/// Something an action did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A status was posted, here or elsewhere.
    StatusPosted {
        /// Who posted.
        account: AccountId,
        /// What was posted.
        status: StatusId,
    },
    /// A status says something else now.
    StatusEdited {
        /// Who edited.
        account: AccountId,
        /// What was edited.
        status: StatusId,
    },
    /// A status is gone.
    StatusDeleted {
        /// Who deleted.
        account: AccountId,
        /// What was deleted.
        status: StatusId,
        /// Its id in the fediverse.
        uri: String,
        /// Who may have it.
        audience: Audience,
    },
    /// A status was boosted.
    Boosted {
        /// Who boosted.
        account: AccountId,
        /// The boost, a status of its own.
        boost: StatusId,
        /// What was boosted.
        original: StatusId,
    },
    /// A boost was taken back.
    Unboosted {
        /// Who boosted.
        account: AccountId,
        /// The boost that is gone.
        boost: StatusId,
        /// What was boosted.
        original: StatusId,
        /// The id of the Announce activity.
        uri: String,
        /// Who may have it.
        audience: Audience,
    },
    /// Somebody likes a status.
    Favourited {
        /// Who likes.
        account: AccountId,
        /// What is liked.
        status: StatusId,
        /// The id of the Like activity.
        uri: String,
    },
    /// Somebody does not like a status any more.
    Unfavourited {
        /// Who liked.
        account: AccountId,
        /// What was liked.
        status: StatusId,
        /// The id of the Like activity.
        uri: String,
    },
    /// A member shows a post first.
    Pinned {
        /// Who.
        account: AccountId,
        /// What.
        status: StatusId,
        /// Its id in the fediverse.
        uri: String,
    },
    /// A member does not show a post first any more.
    Unpinned {
        /// Who.
        account: AccountId,
        /// What.
        status: StatusId,
        /// Its id in the fediverse.
        uri: String,
    },
    /// Somebody asks to follow.
    FollowRequested {
        /// Who asks.
        account: AccountId,
        /// Whom.
        target: AccountId,
        /// The follow that waits for an answer.
        follow: FollowId,
        /// The id of the Follow activity.
        uri: String,
    },
    /// A follow was accepted.
    FollowAccepted {
        /// Who accepted.
        account: AccountId,
        /// Who follows now.
        follower: AccountId,
        /// The id of the Follow activity.
        uri: String,
    },
    /// A follow was refused, or a follower removed.
    FollowRejected {
        /// Who refused.
        account: AccountId,
        /// Who does not follow.
        follower: AccountId,
        /// The id of the Follow activity.
        uri: String,
    },
    /// Somebody does not follow any more.
    Unfollowed {
        /// Who followed.
        account: AccountId,
        /// Whom.
        target: AccountId,
        /// The id of the Follow activity.
        uri: String,
    },
    /// A profile says something else now.
    ProfileUpdated {
        /// Whose profile.
        account: AccountId,
    },
    /// A member chose in a poll of another server.
    Voted {
        /// Who.
        account: AccountId,
        /// The status that asks.
        status: StatusId,
        /// What was chosen, counted from 0.
        choice: i32,
    },
    /// Others have voted in a poll of a member, or it has ended.
    PollCounted {
        /// Whose poll.
        account: AccountId,
        /// The status that asks.
        status: StatusId,
    },
    /// A member goes on under another account, to which their followers are asked to come along.
    Moved {
        /// Who moves.
        account: AccountId,
        /// Where to.
        target: AccountId,
    },
    /// A member wants to quote somebody elsewhere.
    QuoteRequested {
        /// Who.
        account: AccountId,
        /// The status that quotes.
        status: StatusId,
    },
    /// Something about the quote in a status of a member, or about who may quote it, has changed.
    QuoteSettled {
        /// Whose status.
        account: AccountId,
        /// The status.
        status: StatusId,
    },
    /// Somebody elsewhere, who asked to quote a member, has an answer.
    QuoteAnswered {
        /// Who is quoted.
        account: AccountId,
        /// Who asked.
        asker: AccountId,
        /// What is quoted.
        status: StatusId,
        /// The id of the post that quotes.
        quoting: String,
        /// The id of the QuoteRequest.
        request: String,
        /// The id of the approval; nothing for a refusal.
        approval: Option<String>,
    },
    /// A member does not allow a quote any more.
    QuoteRevoked {
        /// Who is quoted.
        account: AccountId,
        /// Who quotes.
        quoter: AccountId,
        /// The id of the approval that is gone.
        approval: String,
    },
    /// A member reports somebody elsewhere, whose server is to hear of it.
    Reported {
        /// Who reports; nobody is told.
        account: AccountId,
        /// What is reported.
        report: ReportId,
    },
    /// A member is gone, with everything they wrote.
    AccountDeleted {
        /// Who.
        account: AccountId,
    },
    /// A relay is asked to let this server take part.
    RelayAsked {
        /// The account of the server itself.
        account: AccountId,
        /// Where the relay is spoken to.
        inbox: String,
        /// The actor that is followed; nothing when the relay is asked for everything public.
        actor: Option<String>,
        /// The id of the Follow activity.
        uri: String,
    },
    /// This server takes part in a relay no more.
    RelayLeft {
        /// The account of the server itself.
        account: AccountId,
        /// Where the relay is spoken to.
        inbox: String,
        /// The actor that was followed, if any.
        actor: Option<String>,
        /// The id of the Follow activity.
        uri: String,
    },
    /// An account signs with other keys now.
    KeysReplaced {
        /// Whose keys.
        account: AccountId,
        /// The id of the key that others still know.
        signed_with: String,
    },
}

/// Whom something must be told to, as far as it cannot be found out later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Whether everybody may see it.
    pub public: bool,
    /// Whether the followers of the author get it.
    pub followers: bool,
    /// Whether every server that is known gets it.
    #[serde(default)]
    pub everywhere: bool,
    /// Who else gets it: mentioned, answered, boosted by.
    pub accounts: Vec<AccountId>,
    /// Whether it may be spread by relays: a post that is meant for every timeline.
    #[serde(default)]
    pub relays: bool,
}

impl Event {
    /// Who did it.
    pub fn by(&self) -> AccountId {
        match self {
            Self::StatusPosted { account, .. }
            | Self::KeysReplaced { account, .. }
            | Self::QuoteRequested { account, .. }
            | Self::QuoteSettled { account, .. }
            | Self::QuoteAnswered { account, .. }
            | Self::QuoteRevoked { account, .. }
            | Self::Reported { account, .. }
            | Self::Moved { account, .. }
            | Self::AccountDeleted { account }
            | Self::Voted { account, .. }
            | Self::RelayAsked { account, .. }
            | Self::RelayLeft { account, .. }
            | Self::PollCounted { account, .. }
            | Self::StatusEdited { account, .. }
            | Self::StatusDeleted { account, .. }
            | Self::Boosted { account, .. }
            | Self::Unboosted { account, .. }
            | Self::Favourited { account, .. }
            | Self::Unfavourited { account, .. }
            | Self::Pinned { account, .. }
            | Self::Unpinned { account, .. }
            | Self::FollowRequested { account, .. }
            | Self::FollowAccepted { account, .. }
            | Self::FollowRejected { account, .. }
            | Self::Unfollowed { account, .. }
            | Self::ProfileUpdated { account } => *account,
        }
    }
}
