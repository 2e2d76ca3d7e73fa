//! What accounts are and carry.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// Turns an enum into one of a few words, in the database and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[sea_orm(value_type = "String")]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word that stands for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::visibility::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::domain::visibility::UnknownWord),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What sort of actor an account is.
    ActorKind {
        /// A human being.
        Person = "person",
        /// A bot.
        Service = "service",
        /// A group that shares what its members post.
        Group = "group",
        /// Several people under one name.
        Organization = "organization",
        /// A server itself.
        Application = "application",
    }
}

words! {
    /// What a member may do, least first.
    Role {
        /// Post and read.
        User = "user",
        /// Keep the peace.
        Moderator = "moderator",
        /// Run the server.
        Admin = "admin",
        /// Appoint those who run the server.
        Owner = "owner",
    }
}

/// A custom emoji as its author's server names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// Between the colons.
    pub shortcode: String,
    /// Where the picture lies.
    pub url: String,
}

/// Custom emoji used in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Emojis(pub Vec<Emoji>);

/// One line of a profile: a name and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name, plain text.
    pub name: String,
    /// The value as safe HTML.
    pub value: String,
}

/// The lines of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Fields(pub Vec<Field>);

/// A list of words or addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Names(pub Vec<String>);
