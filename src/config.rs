//! What an operator decides before the start: addresses, folders, networks, limits. Read once, then passed along.
//! What an administrator changes while the server runs lives in the database; no setting lives in both places.
//! Start reading at `config/default.toml`, which names every setting, and at [`Config::load`].

mod layers;
mod values;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use lettre::message::Mailbox;
use serde::Deserialize;
use url::Url;

pub use crate::config::layers::ConfigError;
use crate::config::layers::Layers;
pub use crate::config::values::Rate;
use crate::domain::handle::Host;

/// Names that can never be reached from elsewhere, so that development does no harm under them.
const PRIVATE_NAMES: [&str; 6] = ["localhost", "test", "example", "invalid", "local", "internal"];

/// Everything an operator decides, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The host of every address of this server, and of the ids it gives out. It never changes.
    pub domain: Host,
    /// The host people see behind the `@`, when it is not `domain`.
    pub account_domain: Option<Host>,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where files are kept.
    pub data_dir: PathBuf,
    /// Where browsers and other servers reach this server; its host is `domain`.
    pub public_url: Url,
    /// Whether this is a developer's machine, where plain HTTP and ports are allowed.
    pub development: bool,
    /// Which log messages are written, as a `tracing` filter.
    pub log: String,
    /// How log messages are written.
    pub log_format: LogFormat,
    /// Networks of reverse proxies, whose word about the caller's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Where rows are kept.
    pub database: Database,
    /// How other servers are met.
    pub federation: Federation,
    /// How mail is sent; nothing when it is not.
    pub mail: Option<Mail>,
    /// How often somebody may ask.
    pub rate_limits: RateLimits,
    /// How much somebody may write.
    pub limits: Limits,
}

impl Config {
    /// Reads the defaults, then the operator's file, then the variables of the environment that begin with `OUTLOUD__`.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::read(file, layers::environment())
    }

    /// Reads like [`load`](Self::load), with these variables in place of the environment.
    pub fn read<N, V>(file: Option<&Path>, variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, ConfigError>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let layers = Layers::read(file, variables)?;
        layers.extract::<Written>()?.checked(&layers)
    }

    /// The host people see behind the `@`.
    pub fn handle_domain(&self) -> &Host {
        self.account_domain.as_ref().unwrap_or(&self.domain)
    }
}

/// How log messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Where rows are kept.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://` or `postgres://`; it may hold a password.
    pub url: String,
}

/// Says which engine it is and keeps the password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = self.url.split_once(':').map_or("", |(scheme, _)| scheme);
        f.debug_struct("Database").field("url", &format_args!("{engine}:…")).finish()
    }
}

/// How other servers are met.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federation {
    /// Networks that may be asked although they are not public.
    #[serde(deserialize_with = "values::networks")]
    pub allow_addresses: Vec<IpNet>,
    /// Whether nobody reads anything over ActivityPub without saying who they are.
    pub authorized_fetch: bool,
    /// How many activities of one server may wait to be worked off.
    pub most_waiting: u32,
    /// How long one fetch with all its redirects, or one delivery, may take; less than the lease of a delivery.
    #[serde(deserialize_with = "values::short_time")]
    pub timeout: Duration,
}

/// How mail is sent.
#[derive(Clone)]
pub struct Mail {
    /// The server mail is handed to, `smtps://` or `smtp://`; it may hold a password.
    pub url: Url,
    /// Who mail is from.
    pub from: Mailbox,
}

/// Says who mail is from and keeps the password.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = format_args!("{}:…", self.url.scheme());
        f.debug_struct("Mail").field("url", &url).field("from", &self.from).finish()
    }
}

/// How often somebody may ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimits {
    /// Whether anything is counted at all.
    pub enabled: bool,
    /// Requests of one account, over all its apps.
    pub account: Rate,
    /// Requests with one token.
    pub token: Rate,
    /// Requests without a token, from one address.
    pub anonymous: Rate,
    /// Pages of long lists, from one address.
    pub paging: Rate,
    /// Uploads of one account.
    pub media: Rate,
    /// New statuses of one account.
    pub statuses: Rate,
    /// Deletions and withdrawn boosts of one account.
    pub deletes: Rate,
    /// New follows of one account.
    pub follows: Rate,
    /// Reports of one account.
    pub reports: Rate,
    /// New accounts from one address.
    pub sign_ups: Rate,
    /// New apps from one address.
    pub apps: Rate,
    /// Keys that requests from one address name and that are looked for in vain.
    pub bad_signatures: Rate,
}

/// How much somebody may write; characters are counted as people count them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Characters of a status, its warning included.
    pub status_characters: u32,
    /// Files attached to a status.
    pub status_media: u32,
    /// Characters that describe a file.
    pub media_description_characters: u32,
    /// Answers of a poll.
    pub poll_options: u32,
    /// Characters of one answer of a poll.
    pub poll_option_characters: u32,
    /// Characters of a display name.
    pub display_name_characters: u32,
    /// Characters of what people write about themselves.
    pub bio_characters: u32,
    /// Rows of name and value on a profile.
    pub profile_fields: u32,
    /// Characters of a name or a value in such a row.
    pub profile_field_characters: u32,
}

/// The settings as they are written, before anything is compared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(deserialize_with = "values::parsed")]
    domain: Host,
    #[serde(deserialize_with = "values::if_given")]
    account_domain: Option<Host>,
    #[serde(deserialize_with = "values::parsed")]
    listen: SocketAddr,
    data_dir: String,
    #[serde(deserialize_with = "values::if_given")]
    public_url: Option<Url>,
    #[serde(deserialize_with = "values::automatic")]
    development: Option<bool>,
    log: String,
    log_format: LogFormat,
    #[serde(deserialize_with = "values::networks")]
    trusted_proxies: Vec<IpNet>,
    database: Database,
    federation: Federation,
    mail: WrittenMail,
    rate_limits: RateLimits,
    limits: Limits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMail {
    url: String,
    from: String,
}

impl Written {
    /// Fills in what follows from other settings and refuses what contradicts them.
    fn checked(self, layers: &Layers) -> Result<Config, ConfigError> {
        let development = self.development.unwrap_or_else(|| is_this_machine(&self.domain));
        check_host(layers, "domain", &self.domain, development)?;
        if let Some(host) = &self.account_domain {
            check_host(layers, "account_domain", host, development)?;
        }

        let public_url = match self.public_url {
            Some(url) => url,
            None => default_public_url(&self.domain).map_err(|error| layers.wrong("domain", &error.to_string()))?,
        };
        check_public_url(layers, &public_url, &self.domain, development)?;

        if self.data_dir.is_empty() {
            return Err(layers.wrong("data_dir", "must name a folder"));
        }
        let url = if self.database.url.is_empty() { sqlite_in(&self.data_dir) } else { self.database.url };
        check_database_url(layers, &url)?;
        let mail = self.mail.checked(layers, &self.domain)?;

        Ok(Config {
            account_domain: self.account_domain.filter(|host| *host != self.domain),
            domain: self.domain,
            listen: self.listen,
            data_dir: PathBuf::from(self.data_dir),
            public_url,
            development,
            log: self.log,
            log_format: self.log_format,
            trusted_proxies: self.trusted_proxies,
            database: Database { url },
            federation: self.federation,
            mail,
            rate_limits: self.rate_limits,
            limits: self.limits,
        })
    }
}

impl WrittenMail {
    /// Reads both addresses; the value of the first stays out of the message, as it may hold a password.
    fn checked(self, layers: &Layers, domain: &Host) -> Result<Option<Mail>, ConfigError> {
        let (url, from) = (self.url.trim(), self.from.trim());
        let from = if from.is_empty() { format!("outloud@{}", domain.name()) } else { from.to_owned() };
        if url.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
        let Some(url) = url else {
            return Err(layers.wrong("mail.url", "must be an address that begins with smtps:// or smtp://"));
        };
        if !keeps_password(&url) {
            let problem = "would send the password unencrypted: use smtps://, or add ?tls=required";
            return Err(layers.wrong("mail.url", problem));
        }
        let from =
            from.parse().map_err(|_| layers.wrong("mail.from", "must be an address such as post@example.org"))?;
        Ok(Some(Mail { url, from }))
    }
}

/// Whether a password in `url` stays between this machine and the server for mail.
fn keeps_password(url: &Url) -> bool {
    let required = url.query_pairs().any(|(key, value)| key == "tls" && value == "required");
    let near = Host::of(url).is_some_and(|host| is_this_machine(&host));
    url.scheme() == "smtps" || required || near || url.password().is_none()
}

/// Public names are for public servers, ports are for developers.
fn check_host(layers: &Layers, key: &str, host: &Host, development: bool) -> Result<(), ConfigError> {
    if development && !is_private(host) {
        return Err(layers.wrong(
            key,
            &format!(
                "is `{host}`, which others can reach, and development mode is not safe there: \
                 use a name such as localhost or node.test, or set `development` to false"
            ),
        ));
    }
    if !development && host.name() != host.as_str() {
        return Err(layers.wrong(key, &format!("is `{host}`, but only development mode allows a port in it")));
    }
    Ok(())
}

/// The address must be the root of the domain, encrypted and on the usual port outside development.
fn check_public_url(layers: &Layers, url: &Url, domain: &Host, development: bool) -> Result<(), ConfigError> {
    let refuse = |problem: &str| Err(layers.wrong("public_url", problem));
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous {
        return refuse("must be an address without a path, such as https://example.org");
    }
    if !development && (url.scheme() != "https" || url.port().is_some()) {
        return refuse(&format!("is `{url}`, but outside development mode it must begin with https and have no port"));
    }
    if Host::of(url).as_ref() != Some(domain) {
        return refuse(&format!("is `{url}`, but `domain` is `{domain}`; the two must name the same host"));
    }
    Ok(())
}

/// Only addresses the two engines understand; the value stays out of the message, as it may hold a password.
fn check_database_url(layers: &Layers, url: &str) -> Result<(), ConfigError> {
    let known = ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    if !known || Url::parse(url).is_err() {
        return Err(layers.wrong("database.url", "must be an address that begins with sqlite:// or postgres://"));
    }
    Ok(())
}

/// Browsers know no certificate for this very machine, so plain HTTP is what works there.
fn default_public_url(domain: &Host) -> Result<Url, url::ParseError> {
    let scheme = if is_this_machine(domain) { "http" } else { "https" };
    Url::parse(&format!("{scheme}://{domain}/"))
}

/// A file in the data folder, in the spelling in which both URL and path readers agree.
fn sqlite_in(data_dir: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_');
    let mut url = String::from("sqlite://");
    for byte in data_dir.trim_end_matches('/').bytes() {
        if plain(byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url + "/outloud.db"
}

fn is_this_machine(host: &Host) -> bool {
    let address = host.name().trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(|_| is_under(host, "localhost"), |address| address.is_loopback())
}

fn is_private(host: &Host) -> bool {
    is_this_machine(host) || PRIVATE_NAMES.iter().any(|name| is_under(host, name))
}

fn is_under(host: &Host, parent: &str) -> bool {
    host.and_parents().any(|name| name == parent)
}

#[cfg(test)]
mod tests;
