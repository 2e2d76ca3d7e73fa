//! What must happen later.

use serde::{Deserialize, Serialize};

use crate::domain::event::Event;
use crate::domain::id::{AccountId, JobId, StatusId};

/// What gave rise to a job. Each has a loop of its own, so that the doings of other servers hold up nobody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Somebody here did something.
    Here,
    /// Other servers did, or have to be asked.
    Elsewhere,
}

impl Source {
    /// How the lanes of jobs begin that somebody here gave rise to.
    pub const LANES_HERE: [&str; 2] = ["publish:", "mail"];
}

/// One piece of work. Each may run twice; it must not matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Tell other servers what happened.
    Publish {
        /// What happened.
        happened: Event,
    },
    /// Work off what another server sent.
    Receive(Envelope),
    /// Fetch a remote profile again.
    RefreshAccount {
        /// Whose.
        account: AccountId,
    },
    /// Look at something on its own server: it may be new, changed or gone.
    LookAgain {
        /// Its id.
        uri: String,
    },
    /// An inbox is gone: look whether those are who were told there.
    LookForOwners {
        /// Its address.
        inbox: String,
    },
    /// Fetch a post that a relay brought word of.
    LookAtRelayed {
        /// Its id.
        uri: String,
    },
    /// Ask the server of an account who follows it from here (FEP-8fcf).
    CompareFollowers {
        /// Whose followers.
        account: AccountId,
        /// The collection of all of them, as the account was said to have.
        collection: String,
        /// Where those from here are listed.
        url: String,
        /// The digest over them.
        digest: String,
    },
    /// Fetch the rest of a thread.
    FillThread {
        /// The status somebody looked at.
        status: StatusId,
    },
    /// Fetch the last posts of somebody who is followed now.
    Backfill {
        /// Whose.
        account: AccountId,
    },
    /// Tell other servers the counts of a poll.
    TellPollCounts {
        /// The status that asks.
        status: StatusId,
    },
    /// Tell whoever took part in a poll that it has ended.
    ClosePoll {
        /// The status that asks.
        status: StatusId,
    },
    /// Look at what a post from elsewhere quotes, and at who has allowed it.
    LookAtQuote {
        /// The status that quotes.
        status: StatusId,
        /// Whether it quotes without asking.
        legacy: bool,
    },
    /// Bring the followers here of somebody who has moved to where they are now.
    FollowMove {
        /// Who has moved.
        from: AccountId,
        /// Where to.
        to: AccountId,
    },
    /// Take away what a member who is gone has left behind, piece by piece.
    EraseAccount {
        /// Who.
        account: AccountId,
    },
    /// Send a mail.
    Mail {
        /// The address.
        to: String,
        /// The first line.
        subject: String,
        /// The rest.
        text: String,
    },
}

/// An activity as it came, with who is known to have sent it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The actor whose key signed the request.
    pub signer: String,
    /// The JSON, byte for byte.
    pub body: String,
    /// Whether an activity with this id has come from there before.
    #[serde(default)]
    pub again: bool,
    /// The member in whose own inbox it was left; nobody, when that was the inbox for everybody.
    #[serde(default)]
    pub left_with: Option<String>,
    /// Whether it was brought by a relay that was asked to.
    #[serde(default)]
    pub relayed: bool,
}

impl Job {
    /// The lane of the job: jobs of one lane run one after the other, in the order they were queued.
    pub fn lane(&self) -> String {
        match self {
            Self::Publish { happened } => format!("publish:{}", happened.by()),
            Self::Receive(envelope) => format!("receive:{}", envelope.signer),
            Self::RefreshAccount { account } => format!("refresh:{account}"),
            Self::LookAgain { uri } | Self::LookAtRelayed { uri } => format!("look:{}", host_of(uri)),
            Self::LookForOwners { inbox } => format!("look:{}", host_of(inbox)),
            Self::CompareFollowers { account, .. } => format!("followers:{account}"),
            Self::FillThread { status } => format!("thread:{status}"),
            Self::Backfill { account } => format!("backfill:{account}"),
            Self::TellPollCounts { status } => format!("poll:{status}:count"),
            Self::ClosePoll { status } => format!("poll:{status}:close"),
            Self::LookAtQuote { status, .. } => format!("quote:{status}"),
            Self::FollowMove { from, .. } => format!("move:{from}"),
            Self::EraseAccount { account } => format!("erase:{account}"),
            Self::Mail { .. } => "mail".to_owned(),
        }
    }

    /// How the lanes begin of what a server sends that gives out ids like `https://example.org`.
    pub fn lanes_of(server: &str) -> String {
        format!("receive:{server}/")
    }

    /// What gave rise to it.
    pub fn source(&self) -> Source {
        match self {
            Self::Publish { .. } | Self::Mail { .. } => Source::Here,
            Self::Receive(_)
            | Self::RefreshAccount { .. }
            | Self::LookAgain { .. }
            | Self::LookForOwners { .. }
            | Self::LookAtRelayed { .. }
            | Self::CompareFollowers { .. }
            | Self::FillThread { .. }
            | Self::Backfill { .. }
            | Self::TellPollCounts { .. }
            | Self::ClosePoll { .. }
            | Self::LookAtQuote { .. }
            | Self::FollowMove { .. }
            | Self::EraseAccount { .. } => Source::Elsewhere,
        }
    }

    /// Where a job waits for another try, when nobody else has to wait because one server or address is out of reach.
    pub fn lane_of_its_own(lane: &str, id: JobId) -> Option<String> {
        let alone = ["receive:", "look:"].iter().any(|kind| lane.starts_with(kind)) || lane == "mail";
        alone.then(|| format!("{lane}/{id}"))
    }

    /// At most one waiting job carries this key, where there is one.
    pub fn unique_key(&self) -> Option<String> {
        match self {
            Self::RefreshAccount { account } => Some(format!("refresh:{account}")),
            Self::LookAgain { uri } | Self::LookAtRelayed { uri } => Some(format!("look:{uri}")),
            Self::LookForOwners { inbox } => Some(format!("owners:{inbox}")),
            Self::FillThread { .. }
            | Self::Backfill { .. }
            | Self::TellPollCounts { .. }
            | Self::ClosePoll { .. }
            | Self::CompareFollowers { .. }
            | Self::LookAtQuote { .. }
            | Self::FollowMove { .. }
            | Self::EraseAccount { .. } => Some(self.lane()),
            Self::Publish { .. } | Self::Receive(_) | Self::Mail { .. } => None,
        }
    }
}

/// The server in an address, as far as lanes go.
fn host_of(uri: &str) -> &str {
    uri.split('/').nth(2).unwrap_or_default()
}
