//! One bag of parameters per request, however they were sent: in the address, as JSON, as a form, in parts.
//!
//! A body wins over the address, a later word over an earlier one. Names nobody asks for are ignored.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use mime::Mime;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::web::error;
use crate::web::params::lenient::Lenient;
use crate::web::params::tree::{TooComplex, Tree};

mod lenient;
mod tree;

/// The largest body that is read.
const LARGEST: usize = 1024 * 1024;
/// How much of a larger one is read without being kept.
const MOST_IGNORED: usize = 8 * 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The parameters of a request, from wherever it carries them.
///
/// The fields of `T` are optional or lists. A text that may be emptied is read with [`text`], because an empty
/// text counts as nothing otherwise. `#[serde(flatten)]` does not work: it reads before leniency begins.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let mut tree = Tree::default();
        put_query(&mut tree, request.uri().query())?;
        put_body(&mut tree, request).await?;
        read(&tree.into_value()).map(Self)
    }
}

/// The parameters in the address alone.
pub fn query<T: DeserializeOwned>(parts: &Parts) -> Result<T, Refusal> {
    let mut tree = Tree::default();
    put_query(&mut tree, parts.uri.query())?;
    read(&tree.into_value())
}

/// Reads a text that may be empty; `null` is nothing.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Text;

    impl Visitor<'_> for Text {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Some(flag.to_string()))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
    }

    deserializer.deserialize_any(Text)
}

/// Reads a value that may be taken away: nothing when it is not named, `Some(None)` when it is named and empty.
pub fn told<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads one of a few words.
pub fn word<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
{
    let word: Option<String> = Option::deserialize(deserializer)?;
    word.map(|word| word.parse().map_err(|_| D::Error::custom("is not one of the words that can stand here")))
        .transpose()
}

/// Why the parameters of a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not what it says it is.
    Malformed(&'static str),
    /// A field holds something it cannot mean.
    Field {
        /// Its name, with the names around it.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The body is larger than we take.
    TooLarge,
    /// The body does not come.
    TooSlow,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(why) => error::answer(StatusCode::BAD_REQUEST, why, None),
            Self::TooLarge => error::answer(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large", None),
            Self::TooSlow => error::answer(StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive", None),
            Self::Field { name, why } => {
                let text = format!("Validation failed: {name}: {why}");
                let details = json!({ name: [error::detail("ERR_INVALID", &why)] });
                error::answer(StatusCode::UNPROCESSABLE_ENTITY, &text, Some(details))
            }
        }
    }
}

impl From<TooComplex> for Refusal {
    fn from(_: TooComplex) -> Self {
        Self::Malformed("The request has too many parameters, or they nest too deep")
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(Lenient(value)).map_err(|error| {
        let name = error.path().to_string();
        Refusal::Field { name, why: error.into_inner().to_string() }
    })
}

fn put_query(tree: &mut Tree, query: Option<&str>) -> Result<(), Refusal> {
    put_pairs(tree, query.unwrap_or_default().as_bytes())
}

fn put_pairs(tree: &mut Tree, pairs: &[u8]) -> Result<(), Refusal> {
    for (name, value) in form_urlencoded::parse(pairs) {
        tree.put(&name, value.into_owned())?;
    }
    Ok(())
}

/// How a body is to be read.
enum Form {
    Json,
    Urlencoded,
    Multipart,
    Unknown,
}

async fn put_body(tree: &mut Tree, request: Request) -> Result<(), Refusal> {
    let (parts, body) = request.into_parts();
    let body = collect(body).await?;
    if body.is_empty() {
        return Ok(());
    }
    match form(&parts, &body) {
        Form::Json => put_json(tree, &body),
        Form::Urlencoded => put_pairs(tree, &body),
        Form::Multipart => put_multipart(tree, parts, body).await,
        Form::Unknown => Ok(()),
    }
}

/// Reads the body to its end, or as far as makes sense.
async fn collect(body: Body) -> Result<Bytes, Refusal> {
    tokio::time::timeout(PATIENCE, gather(body)).await.unwrap_or(Err(Refusal::TooSlow))
}

/// What is too large is read on for a while and thrown away: who still sends does not hear the answer.
async fn gather(mut body: Body) -> Result<Bytes, Refusal> {
    let (mut whole, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Malformed("The request ended too early"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= LARGEST {
            whole.extend_from_slice(&data);
        } else if length > MOST_IGNORED {
            break;
        }
    }
    if length > LARGEST { Err(Refusal::TooLarge) } else { Ok(whole.into()) }
}

/// What the body says it is; when it says nothing, what it looks like.
fn form(parts: &Parts, body: &[u8]) -> Form {
    let Some(said) = parts.headers.get(CONTENT_TYPE) else {
        let looks_like_json = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        return if looks_like_json { Form::Json } else { Form::Urlencoded };
    };
    let Some(said) = said.to_str().ok().and_then(|said| said.parse::<Mime>().ok()) else { return Form::Unknown };
    match (said.type_().as_str(), said.subtype().as_str(), said.suffix().map(|suffix| suffix.as_str())) {
        ("application", "json", _) | ("application", _, Some("json")) => Form::Json,
        ("application", "x-www-form-urlencoded", _) => Form::Urlencoded,
        ("multipart", "form-data", _) => Form::Multipart,
        _ => Form::Unknown,
    }
}

fn put_json(tree: &mut Tree, body: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => tree.extend(object),
        Ok(Value::Null) => {}
        Ok(_) => return Err(Refusal::Malformed("The body must be a JSON object")),
        Err(_) => return Err(Refusal::Malformed("The body is not valid JSON")),
    }
    Ok(())
}

/// Text parts are parameters; of a file only the name is kept, so that it can be told that there was one.
async fn put_multipart(tree: &mut Tree, parts: Parts, body: Bytes) -> Result<(), Refusal> {
    const BROKEN: Refusal = Refusal::Malformed("The parts of the body cannot be told apart");
    let request = Request::from_parts(parts, Body::from(body));
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_| BROKEN)?;
    while let Some(field) = multipart.next_field().await.map_err(|_| BROKEN)? {
        let Some(name) = field.name().map(str::to_owned) else { continue };
        let file = field.file_name().map(str::to_owned);
        let value = match file {
            Some(file) => file,
            None => field.text().await.map_err(|_| BROKEN)?,
        };
        tree.put(&name, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Form {
        a: Vec<String>,
        b: Option<u64>,
        #[serde(deserialize_with = "text")]
        c: Option<String>,
        #[serde(deserialize_with = "told")]
        d: Option<Option<u64>>,
    }

    async fn send(query: &str, content_type: Option<&str>, body: &str) -> Result<Form, Refusal> {
        let mut request = Request::post(format!("/x?{query}"));
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.to_owned())).expect("is a request");
        Params::from_request(request, &()).await.map(|Params(form)| form)
    }

    #[tokio::test]
    async fn every_way_of_sending_means_the_same() {
        let wanted = Form { a: vec!["x".into(), "y".into()], b: Some(7), c: Some(String::new()), d: Some(None) };
        let parts = "--B\r\nContent-Disposition: form-data; name=\"a[0]\"\r\n\r\nx\r\n\
            --B\r\nContent-Disposition: form-data; name=\"a[1]\"\r\n\r\ny\r\n\
            --B\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n7\r\n\
            --B\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n\r\n\
            --B\r\nContent-Disposition: form-data; name=\"d\"\r\n\r\n\r\n--B--\r\n";
        let pairs = "a%5B%5D=x&a[]=y&b=7&c=&d=";
        let json = r#"{ "a": ["x", "y"], "b": 7, "c": "", "d": null, "e": {} }"#;
        for (query, content_type, body) in [
            (pairs, None, ""),
            ("", None, pairs),
            ("", None, json),
            ("", Some("application/x-www-form-urlencoded"), pairs),
            ("b=1", Some("application/json; charset=utf-8"), json),
            ("b=1&c=1", Some("multipart/form-data; boundary=B"), parts),
        ] {
            assert_eq!(send(query, content_type, body).await.expect("is read"), wanted, "{query} {content_type:?}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused_with_its_reason() {
        let json = Some("application/json");
        assert!(matches!(send("", json, "{").await, Err(Refusal::Malformed(_))));
        assert!(matches!(send("", json, "[1]").await, Err(Refusal::Malformed(_))));
        assert!(matches!(send("", json, &"[".repeat(100_000)).await, Err(Refusal::Malformed(_))));
        let deep = format!("a{}=1", "[b]".repeat(50));
        assert!(matches!(send(&deep, None, "").await, Err(Refusal::Malformed(_))));
        assert_eq!(send("", json, &" ".repeat(LARGEST + 1)).await, Err(Refusal::TooLarge));
        let Err(Refusal::Field { name, .. }) = send("b=many", None, "").await else { panic!("was read") };
        assert_eq!(name, "b");
    }
}
