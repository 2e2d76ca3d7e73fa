//! What members can be told about.

use crate::domain::account::words;

words! {
    /// What happened, in the words of the client API.
    NotificationKind {
        /// Somebody addressed the member.
        Mention = "mention",
        /// Somebody followed with the bell posted.
        Status = "status",
        /// Somebody boosted a post of the member.
        Reblog = "reblog",
        /// Somebody follows the member.
        Follow = "follow",
        /// Somebody asks to follow the member.
        FollowRequest = "follow_request",
        /// Somebody likes a post of the member.
        Favourite = "favourite",
        /// A poll the member asked or voted in has ended.
        Poll = "poll",
        /// A post the member boosted was edited.
        Update = "update",
        /// Somebody quotes a post of the member.
        Quote = "quote",
        /// A post the member quoted was edited.
        QuotedUpdate = "quoted_update",
        /// A server was shut out, and follows ended with it.
        SeveredRelationships = "severed_relationships",
    }
}
