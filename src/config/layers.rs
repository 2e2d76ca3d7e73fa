//! Where settings come from, one layer over the other, and sentences that name the place of a wrong one.

use std::path::Path;

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider, Source};
use serde::Deserialize;

/// Every setting and its default.
const DEFAULTS: &str = include_str!("../../config/default.toml");
/// How the variables begin that are settings.
const PREFIX: &str = "OUTLOUD__";
/// Stands between a section and a setting in the name of a variable.
const SEPARATOR: &str = "__";
/// What is wrong with a setting nobody knows.
const NOT_KNOWN: &str = "is not known; every setting is listed in config/default.toml";

/// Why the server does not start: a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The variables this process was started with; what is not text becomes text with `\u{FFFD}` in it.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

/// The settings of all layers, each with the place it comes from.
pub(super) struct Layers(Figment);

impl Layers {
    /// The defaults under the file under the variables.
    pub(super) fn read(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Figment::from(Layer::toml("default.toml", DEFAULTS)?);
        if let Some(path) = file {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| ConfigError(format!("The configuration file {name} cannot be read: {error}.")))?;
            layers = layers.merge(Layer::toml(&name, &text)?);
        }
        Ok(Self(layers.merge(Layer::variables(variables)?)))
    }

    /// The settings as a type; texts pass for numbers and booleans, since variables know nothing else.
    pub(super) fn extract<'de, T: Deserialize<'de>>(&self) -> Result<T, ConfigError> {
        self.0.extract_lossy().map_err(|error| {
            let key = error.path.join(".");
            sentence(error.metadata.as_ref(), &key, &problem(error.kind))
        })
    }

    /// The sentence for a setting that cannot be used; `problem` goes on where the name of the setting ends.
    pub(super) fn wrong(&self, key: &str, problem: &str) -> ConfigError {
        sentence(self.0.find_metadata(key), key, problem)
    }
}

/// The settings of one place; a file is known by its source, the environment by having none.
struct Layer {
    place: Metadata,
    settings: Dict,
}

impl Layer {
    fn toml(name: &str, text: &str) -> Result<Self, ConfigError> {
        let settings = Toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            // The line itself is not shown: it could hold a password.
            ConfigError(format!("The configuration file {name} is not valid TOML in line {line}: {}.", error.message()))
        })?;
        Ok(Self { place: Metadata::from("file", Source::Custom(name.to_owned())), settings })
    }

    /// Values stay texts, so that nothing is guessed about a host that looks like a number.
    fn variables(variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let place = Metadata::named("environment");
        let mut settings = Dict::new();
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let key = rest.to_ascii_lowercase();
            if key.split(SEPARATOR).any(str::is_empty) {
                return Err(sentence(Some(&place), &key, NOT_KNOWN));
            }
            if text.contains(char::REPLACEMENT_CHARACTER) {
                return Err(sentence(Some(&place), &key, "is not a text in UTF-8"));
            }
            insert(&mut settings, &key, text);
        }
        Ok(Self { place, settings })
    }
}

fn insert(settings: &mut Dict, key: &str, text: String) {
    let Some((section, rest)) = key.split_once(SEPARATOR) else {
        settings.insert(key.to_owned(), Value::from(text));
        return;
    };
    let mut inner = match settings.remove(section) {
        Some(Value::Dict(_, inner)) => inner,
        _ => Dict::new(),
    };
    insert(&mut inner, rest, text);
    settings.insert(section.to_owned(), Value::from(inner));
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.place.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.settings.clone()))
    }
}

fn sentence(place: Option<&Metadata>, key: &str, problem: &str) -> ConfigError {
    let subject = match place {
        Some(Metadata { source: Some(file), .. }) => format!("The setting `{key}` in {file}"),
        Some(_) => format!("The environment variable {PREFIX}{}", key.to_ascii_uppercase().replace('.', SEPARATOR)),
        None => format!("The setting `{key}`"),
    };
    ConfigError(format!("{subject} {problem}."))
}

/// What is wrong, without the value: it could be a secret in the wrong place.
fn problem(kind: Kind) -> String {
    match kind {
        Kind::Message(message) => message,
        Kind::UnknownField(..) => NOT_KNOWN.to_owned(),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => format!("must be {}", plain(&expected)),
        Kind::UnknownVariant(_, known) => format!("must be {}", known.join(" or ")),
        other => format!("cannot be used: {other}"),
    }
}

/// The names of our types, in words.
fn plain(expected: &str) -> &str {
    match expected {
        "u32" => "a whole number from 0 to 4294967295",
        "a boolean" => "true or false",
        "a string" => "a text in quotation marks",
        section if section.starts_with("struct ") => "a section with settings of its own",
        other => other,
    }
}
