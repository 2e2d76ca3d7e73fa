//! Posts that quote other posts, and who may do so (FEP-044f).

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::domain::account::words;
use crate::domain::visibility::Visibility;

words! {
    /// What became of a quote, in the words of the client API.
    QuoteState {
        /// Whoever is quoted has not answered yet, or the answer was not looked at yet.
        Pending = "pending",
        /// It may be shown.
        Accepted = "accepted",
        /// Whoever is quoted does not want it.
        Rejected = "rejected",
        /// Whoever is quoted does not want it any more.
        Revoked = "revoked",
        /// What was quoted is gone.
        Deleted = "deleted",
        /// Nobody has allowed it.
        Unauthorized = "unauthorized",
    }
}

words! {
    /// A circle of people around an author.
    Circle {
        /// Everybody.
        Public = "public",
        /// Who follows the author.
        Followers = "followers",
        /// Whom the author follows.
        Following = "following",
    }
}

words! {
    /// Who may quote a post of a member, as they choose it.
    QuoteChoice {
        /// Everybody.
        Public = "public",
        /// Their followers.
        Followers = "followers",
        /// They alone.
        Nobody = "nobody",
    }
}

impl QuoteChoice {
    /// What may be chosen for a post: what is not for everybody is not to be spread.
    pub fn for_post(self, visibility: Visibility) -> Self {
        if visibility.is_open() { self } else { Self::Nobody }
    }
}

/// Who may quote a post: whose quotes are allowed at once, and whose are looked at first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct QuotePolicy {
    /// Allowed at once.
    pub automatic: Vec<Circle>,
    /// Looked at by the author.
    pub manual: Vec<Circle>,
}

impl From<QuoteChoice> for QuotePolicy {
    fn from(choice: QuoteChoice) -> Self {
        let automatic = match choice {
            QuoteChoice::Public => vec![Circle::Public],
            QuoteChoice::Followers => vec![Circle::Followers],
            QuoteChoice::Nobody => Vec::new(),
        };
        Self { automatic, manual: Vec::new() }
    }
}

impl QuotePolicy {
    /// What a member once chose.
    pub fn choice(&self) -> QuoteChoice {
        match self.automatic.first() {
            Some(Circle::Public) => QuoteChoice::Public,
            Some(_) => QuoteChoice::Followers,
            None => QuoteChoice::Nobody,
        }
    }
}

/// What somebody is to the author of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tie {
    /// They are the author.
    pub author: bool,
    /// They follow the author.
    pub follows: bool,
    /// The author follows them.
    pub followed: bool,
}

words! {
    /// Whether somebody may quote a post, in the words of the client API.
    Verdict {
        /// At once.
        Automatic = "automatic",
        /// When the author agrees.
        Manual = "manual",
        /// Not at all.
        Denied = "denied",
        /// Nobody knows: the author's server says nothing.
        Unknown = "unknown",
    }
}

/// Whether somebody with this tie to the author may quote.
pub fn verdict(policy: Option<&QuotePolicy>, tie: Tie) -> Verdict {
    if tie.author {
        return Verdict::Automatic;
    }
    let Some(policy) = policy else { return Verdict::Unknown };
    let is_in = |circles: &[Circle]| {
        circles.iter().any(|circle| match circle {
            Circle::Public => true,
            Circle::Followers => tie.follows,
            Circle::Following => tie.followed,
        })
    };
    if is_in(&policy.automatic) {
        Verdict::Automatic
    } else if is_in(&policy.manual) {
        Verdict::Manual
    } else {
        Verdict::Denied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_in_the_circle_may_quote() {
        let followers = QuotePolicy::from(QuoteChoice::Followers);
        let (stranger, follower) = (Tie::default(), Tie { follows: true, ..Tie::default() });
        let author = Tie { author: true, ..Tie::default() };
        assert_eq!(verdict(Some(&followers), stranger), Verdict::Denied);
        assert_eq!(verdict(Some(&followers), follower), Verdict::Automatic);
        assert_eq!(verdict(Some(&QuoteChoice::Nobody.into()), follower), Verdict::Denied);
        assert_eq!(verdict(Some(&QuoteChoice::Nobody.into()), author), Verdict::Automatic);
        let asked = QuotePolicy { automatic: vec![Circle::Following], manual: vec![Circle::Public] };
        assert_eq!(verdict(Some(&asked), follower), Verdict::Manual);
        assert_eq!(verdict(Some(&asked), Tie { followed: true, ..stranger }), Verdict::Automatic);
        assert_eq!(verdict(None, follower), Verdict::Unknown);
    }

    #[test]
    fn what_is_not_for_everybody_is_quoted_by_its_author_alone() {
        assert_eq!(QuoteChoice::Public.for_post(Visibility::Private), QuoteChoice::Nobody);
        assert_eq!(QuoteChoice::Followers.for_post(Visibility::Unlisted), QuoteChoice::Followers);
    }
}
