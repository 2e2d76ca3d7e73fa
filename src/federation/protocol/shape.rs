//! The many shapes in which other servers write the same thing.
//!
//! One value, several or none; an id, or the whole object; a string, or a link.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// How many members of a list are read.
const LONGEST_LIST: usize = 5_000;

/// What `https://www.w3.org/ns/activitystreams#Public` is called, in every spelling.
pub const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

/// Ids, from strings or from objects that have one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(pub Vec<String>);

impl Ids {
    /// The first id.
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The id, if there is exactly one.
    pub fn only(&self) -> Option<&str> {
        match self.0.as_slice() {
            [id] => Some(id),
            _ => None,
        }
    }

    /// Whether everybody is among them.
    pub fn name_everybody(&self) -> bool {
        self.0.iter().any(|id| PUBLIC.contains(&id.as_str()))
    }

    /// Reads ids from a value of any shape.
    pub fn read(value: &Value) -> Self {
        let ids = members(value).filter_map(|member| match member {
            Value::String(id) => Some(id.clone()),
            Value::Object(object) => object.get("id")?.as_str().map(str::to_owned),
            _ => None,
        });
        Self(ids.collect())
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::read(&value))
    }
}

/// The id of a value that is an id or an object with one.
pub fn id_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(object) => object.get("id")?.as_str(),
        Value::Array(several) => match several.as_slice() {
            [only] => id_of(only),
            _ => None,
        },
        _ => None,
    }
}

/// The ids of a value that is an id, an object with one or several, or a list of them.
pub fn ids_of(value: &Value) -> impl Iterator<Item = &str> {
    let ids = members(value).flat_map(|member| match member {
        Value::Object(object) => object.get("id").into_iter().flat_map(members).collect(),
        other => vec![other],
    });
    ids.filter_map(Value::as_str)
}

/// The type of an object; the first when there are several.
pub fn type_of(value: &Value) -> Option<&str> {
    match value.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.first()?.as_str(),
        _ => None,
    }
}

/// The members of a list, or the one value that stands for a list.
pub fn members(value: &Value) -> impl Iterator<Item = &Value> {
    let (several, one) = match value {
        Value::Array(several) => (several.as_slice(), None),
        Value::Null => (&[] as &[Value], None),
        one => (&[] as &[Value], Some(one)),
    };
    several.iter().take(LONGEST_LIST).chain(one)
}

/// A list of objects; members of another shape are left out.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(members(&value).filter_map(|member| T::deserialize(member).ok()).collect())
}

/// A string; anything else counts as nothing.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Array(several) => several.into_iter().find_map(|member| member.as_str().map(str::to_owned)),
        _ => None,
    })
}

/// A type, or the first of several.
pub fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(text(deserializer)?.unwrap_or_default())
}

/// Yes or no; anything else counts as nothing.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool())
}

/// A link: where to, and what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// The media type, if it is told.
    pub media_type: Option<String>,
    /// How many lines a film has, if it is told.
    pub height: Option<u64>,
}

/// Links, from strings or from objects; those inside of a link follow it, as playlists have them (PeerTube).
pub fn links<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Link>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let nested = |member| members(member).flat_map(|link: &Value| link.get("tag").into_iter().flat_map(members));
    Ok(members(&value).chain(nested(&value)).filter_map(link).take(LONGEST_LIST).collect())
}

fn link(value: &Value) -> Option<Link> {
    match value {
        Value::String(href) => Some(Link { href: href.clone(), media_type: None, height: None }),
        Value::Object(object) => {
            let href = object.get("href").or_else(|| object.get("url"))?.as_str()?.to_owned();
            let media_type = object.get("mediaType").and_then(Value::as_str).map(str::to_owned);
            Some(Link { href, media_type, height: object.get("height").and_then(Value::as_u64) })
        }
        _ => None,
    }
}

/// The page for people among several links.
pub fn page_of(links: &[Link]) -> Option<&str> {
    let html = |link: &&Link| link.media_type.as_deref().is_some_and(|kind| kind.starts_with("text/html"));
    links.iter().find(html).or_else(|| links.first()).map(|link| link.href.as_str())
}
