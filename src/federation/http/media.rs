//! Media types: what is asked for, and what counts as an answer.

use mime::Mime;

/// The media type of ActivityStreams as JSON-LD.
pub const LD_JSON: &str = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#;

/// The media type of what we send.
pub const ACTIVITY: &str = "application/activity+json";
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// What kind of document is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// An actor, object or collection of ActivityPub.
    Activity,
    /// WebFinger or NodeInfo.
    Jrd,
    /// The XML that says where WebFinger lives.
    HostMeta,
    /// A page for people.
    Html,
}

impl Accept {
    /// The `Accept` header that asks for it.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Activity => {
                r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#
            }
            Self::Jrd => "application/jrd+json, application/json",
            Self::HostMeta => "application/xrd+xml, application/xml",
            Self::Html => "text/html, application/xhtml+xml",
        }
    }

    /// Whether an answer of this media type is one.
    pub(super) fn takes(self, content_type: &str) -> bool {
        let is_one_of = |types: &[&str]| types.iter().any(|known| essence(content_type).eq_ignore_ascii_case(known));
        match self {
            Self::Activity => is_activity_media_type(content_type),
            Self::Jrd => is_one_of(&["application/jrd+json", "application/json"]),
            Self::HostMeta => is_one_of(&["application/xrd+xml", "application/xml", "text/xml"]),
            Self::Html => is_one_of(&["text/html", "application/xhtml+xml"]),
        }
    }
}

/// Whether a media type is that of ActivityPub.
///
/// `application/json` is not: servers give it to files that people upload, which would then speak for their host.
pub fn is_activity_media_type(text: &str) -> bool {
    let essence = essence(text);
    essence.eq_ignore_ascii_case(ACTIVITY)
        || (essence.eq_ignore_ascii_case("application/ld+json") && has_profile(essence, text))
}

fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

fn has_profile(essence: &str, text: &str) -> bool {
    let Some((_, parameters)) = text.split_once(';') else { return false };
    // Put together again, because the parser takes no space before the semicolon.
    let Ok(parsed) = format!("{essence};{}", parameters.trim()).parse::<Mime>() else { return false };
    let Some(profile) = parsed.get_param("profile") else { return false };
    profile.as_str().split_ascii_whitespace().any(|item| item.eq_ignore_ascii_case(PROFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_media_types_of_activitypub_are_known_in_every_spelling() {
        for text in [
            "application/activity+json",
            "Application/Activity+JSON",
            "application/activity+json; charset=utf-8",
            "application/activity+json;charset=UTF-8",
            "application/activity+json ; charset=utf-8",
            r#"application/activity+json; profile="https://example.org/other""#,
            r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
            r#"application/ld+json;profile="https://www.w3.org/ns/activitystreams""#,
            r#"application/ld+json ; profile="https://www.w3.org/ns/activitystreams""#,
            r#"APPLICATION/LD+JSON; PROFILE="https://www.w3.org/ns/activitystreams"; charset=utf-8"#,
            r#"application/ld+json; charset=utf-8; profile="https://www.w3.org/ns/activitystreams""#,
            r#"application/ld+json; profile="https://www.w3.org/ns/anno https://www.w3.org/ns/activitystreams""#,
        ] {
            assert!(is_activity_media_type(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_activitypub() {
        for text in [
            "",
            ";",
            "application/json",
            "application/json; charset=utf-8",
            r#"application/json; profile="https://www.w3.org/ns/activitystreams""#,
            "text/plain",
            "text/html",
            "text/activity+json",
            "application/octet-stream",
            "application/ld+json",
            "application/ld+json; charset=utf-8",
            r#"application/ld+json; profile="https://www.w3.org/ns/anno""#,
            r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams2""#,
            r#"application/ld+json; x="profile=https://www.w3.org/ns/activitystreams""#,
            "application/activity+jsonx",
            "application/activity+json, text/html",
            "x application/activity+json",
        ] {
            assert!(!is_activity_media_type(text), "{text}");
        }
    }

    #[test]
    fn every_kind_takes_its_own() {
        assert!(Accept::Jrd.takes("application/jrd+json; charset=utf-8"));
        assert!(Accept::Jrd.takes("application/json"));
        assert!(!Accept::Jrd.takes("text/html"));
        assert!(Accept::HostMeta.takes("application/xrd+xml"));
        assert!(Accept::Html.takes("text/html; charset=utf-8"));
        assert!(!Accept::Html.takes("application/json"));
        assert!(!Accept::Activity.takes("application/json"));
    }
}
