//! What statuses and their attachments are.

use crate::domain::account::words;

words! {
    /// What sort of object a status is in the fediverse.
    Kind {
        /// A short post.
        Note = "note",
        /// A long post with a title.
        Article = "article",
        /// A link or post of a forum.
        Page = "page",
        /// A poll.
        Question = "question",
        /// Something at a time and a place.
        Event = "event",
        /// A film.
        Video = "video",
        /// A recording.
        Audio = "audio",
        /// A picture.
        Image = "image",
    }
}

impl Kind {
    /// Whether `summary` is an abstract rather than a content warning.
    pub fn has_abstract(self) -> bool {
        !matches!(self, Self::Note | Self::Question)
    }
}

words! {
    /// What sort of file an attachment is, in the words of the client API.
    MediaKind {
        /// A still picture.
        Image = "image",
        /// A short film without sound that repeats.
        Gifv = "gifv",
        /// A film.
        Video = "video",
        /// A recording.
        Audio = "audio",
        /// Something else.
        Unknown = "unknown",
    }
}
