//! What an app may do, in sentences that everybody understands.

use crate::domain::scope::Scopes;

/// One sentence for each thing an app may do; what a wider one includes is not said twice.
pub fn sentences(scopes: &Scopes) -> Vec<&'static str> {
    let all: Vec<&str> = scopes.iter().collect();
    let has = |scope: &str| all.contains(&scope);
    let is_said = |scope: &str| match scope.split_once(':') {
        Some(("read", _)) => has("read"),
        Some(("write", _)) => has("write"),
        Some(("admin", rest)) => rest.split_once(':').is_some_and(|(wider, _)| has(&format!("admin:{wider}"))),
        _ => false,
    };
    let mut sentences: Vec<&'static str> = Vec::new();
    for scope in all.iter().filter(|scope| !is_said(scope)) {
        let sentence = sentence(scope);
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}

fn sentence(scope: &str) -> &'static str {
    match scope {
        "read" => "Read everything you can read here, also what is for you alone",
        "profile" => "See who you are: your name and your profile",
        "write" => "Do everything in your name: write and delete posts, like, follow, change your profile",
        "follow" => "See and change whom you follow, mute and block",
        "push" => "Send you notifications",
        "read:accounts" => "See your account and the profiles you can see",
        "read:blocks" => "See whom you block",
        "read:bookmarks" => "See your bookmarks",
        "read:favourites" => "See what you like",
        "read:filters" => "See your filters",
        "read:follows" => "See whom you follow",
        "read:lists" => "See your lists",
        "read:mutes" => "See whom you mute",
        "read:notifications" => "See your notifications",
        "read:search" => "Search in your name",
        "read:statuses" => "Read all posts you can read, also those for you alone",
        "write:accounts" => "Change your profile",
        "write:blocks" => "Block people in your name",
        "write:bookmarks" => "Change your bookmarks",
        "write:conversations" => "Mute and delete conversations in your name",
        "write:favourites" => "Like posts in your name",
        "write:filters" => "Change your filters",
        "write:follows" => "Follow people in your name",
        "write:lists" => "Change your lists",
        "write:media" => "Upload files in your name",
        "write:mutes" => "Mute people and conversations in your name",
        "write:notifications" => "Put your notifications away",
        "write:reports" => "Report people in your name",
        "write:statuses" => "Write and delete posts in your name",
        reading if reading.starts_with("admin:read") => {
            "See what those who run this server see, if you are one of them"
        }
        acting if acting.starts_with("admin:write") => "Do what those who run this server do, if you are one of them",
        _ => "Do something this server does not know yet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scope::KNOWN;

    #[test]
    fn every_scope_has_a_sentence() {
        for scope in KNOWN {
            assert_ne!(sentence(scope), "Do something this server does not know yet", "{scope}");
        }
    }

    #[test]
    fn what_a_wider_scope_includes_is_not_said_twice() {
        let scopes: Scopes = "read read:statuses write:media admin:read admin:read:accounts".parse().expect("known");
        assert_eq!(sentences(&scopes).len(), 3);
        let fine: Scopes = "read:statuses read:lists".parse().expect("known");
        assert_eq!(sentences(&fine).len(), 2);
    }
}
