//! Relays: servers that pass public posts on to whoever asked them to (FEP-ae0c).

use crate::domain::account::words;

words! {
    /// How a relay works.
    RelayKind {
        /// It passes activities on as they came, signed by itself.
        Mastodon = "mastodon",
        /// It announces the ids of posts, and follows back.
        LitePub = "litepub",
    }
}

words! {
    /// What a relay has said to us.
    RelayState {
        /// Nothing yet.
        Asked = "asked",
        /// That we may take part.
        Accepted = "accepted",
        /// That we may not.
        Refused = "refused",
    }
}
