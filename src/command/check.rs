//! `outloud check`: looks at the configuration and at this machine, and gives plain advice.
//!
//! Nothing is changed and nothing is made; what the first start would make is said to be missing, which is no mistake.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use outloud::config::{Config, ConfigError};
use outloud::domain::account::Role;
use outloud::domain::moment::{Clock, Moment};
use outloud::domain::text::plural;
use outloud::federation::addresses::AddressPolicy;
use outloud::federation::http::{Remote, RemoteConfig, Resolver};
use outloud::store::{Db, Schema};
use outloud::{server, views};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Answer, Failure};

/// How long anything outside this program may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How far files may lie in the future; file systems round.
const TOLERANCE: Duration = Duration::from_secs(60);
/// This program did not exist before: 2026-01-01.
const EARLIEST: Moment = Moment(1_767_225_600_000);

/// Looks at everything and says what it sees; the process ends with 1 when something is wrong.
pub async fn run(config: Result<Config, ConfigError>) -> Result<Answer, Failure> {
    let mut report = Report::default();
    match config {
        Ok(config) => look(&config, &mut report).await,
        Err(error) => report.wrong("configuration", error.to_string()),
    }
    Ok(report.answer())
}

async fn look(config: &Config, report: &mut Report) {
    report.fine("configuration", "Every setting is known and fits the others.".to_owned());
    look_at_addresses(config, report).await;
    look_at_folder(config, report);
    look_at_clock(config, report);
    look_at_database(config, report).await;
    look_at_certificates(config, report);
    look_at_port(config, report).await;
}

/// Whether others will find this server under the name it gives itself.
async fn look_at_addresses(config: &Config, report: &mut Report) {
    let (domain, url) = (&config.domain, config.public_url.as_str().trim_end_matches('/'));
    if config.development {
        let text = format!(
            "Development mode is on: this server calls itself {url} and talks plain HTTP. \
             For the public, set `domain` to a name that others can reach."
        );
        report.note("public_url", text);
        if !config.listen.ip().is_loopback() {
            let text = format!(
                "Development mode is on, and {} can be reached from other machines: keep it away from the Internet.",
                config.listen
            );
            report.note("listen", text);
        }
        return;
    }
    report.fine("public_url", format!("This server calls itself {url}; ids and handles carry {domain} for good."));
    let found = timeout(PATIENCE, tokio::net::lookup_host((domain.name(), 443))).await;
    let found: Vec<IpAddr> = match found {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    let public = AddressPolicy::default();
    if found.is_empty() {
        let text = format!("The name {domain} has no address that could be found from here: look at its DNS entries.");
        report.note("domain", text);
    } else if !found.iter().any(|address| public.permits(*address)) {
        let text = format!("From here, {domain} leads to a private address; others must find a public one.");
        report.note("domain", text);
    } else {
        report.fine("domain", format!("The name {domain} leads to a public address."));
    }
}

/// Whether files can be kept, and whether they are kept from others.
fn look_at_folder(config: &Config, report: &mut Report) {
    let folder = &config.data_dir;
    let shown = folder.display();
    let Ok(about) = fs::metadata(folder) else {
        return report.note("data_dir", format!("The data folder {shown} is not there; the first start makes it."));
    };
    if !about.is_dir() {
        return report.wrong("data_dir", format!("{shown} is no folder: change the setting `data_dir`."));
    }
    if let Err(error) = try_to_write(folder) {
        let text =
            format!("The data folder {shown} cannot be written to ({error}): give it to the user of the server.");
        return report.wrong("data_dir", text);
    }
    report.fine("data_dir", format!("The data folder {shown} can be written to."));
    if is_open(folder) {
        let text = format!("Other users of this machine can look into {shown}: chmod 700 {shown}");
        report.note("data_dir", text);
    }
    let key = folder.join(server::KEY_FILE);
    match fs::metadata(&key) {
        Ok(about) if about.len() != 32 => {
            let text = format!("The key file {} is damaged: take it from a backup.", key.display());
            report.wrong("secret_key", text);
        }
        Ok(_) if is_open(&key) => {
            let text = format!("Others can read the key file {0}: chmod 600 {0}", key.display());
            report.wrong("secret_key", text);
        }
        Ok(_) => report.fine("secret_key", format!("The key file {} is there; keep a copy of it.", key.display())),
        Err(_) => {}
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".check-{}", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}

/// Whether others than the owner may do something with a file or folder.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

/// Whether others than the owner may do something with a file or folder; unknown here.
#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// Whether the clock is plausible: nothing was written in the future.
fn look_at_clock(config: &Config, report: &mut Report) {
    let now = Clock::System.now();
    let newest = files(config).iter().filter_map(|file| written(file)).max();
    if now < EARLIEST {
        let text =
            format!("The clock says {}, which is long ago: set it, others refuse what seems old.", now.seconds());
        return report.wrong("clock", text);
    }
    match newest.filter(|newest| *newest > now + TOLERANCE) {
        Some(newest) => {
            let text = format!(
                "The clock says {}, but files of this server were written at {}: set the clock.",
                now.seconds(),
                newest.seconds()
            );
            report.wrong("clock", text);
        }
        None => report.fine("clock", format!("The clock says {}.", now.seconds())),
    }
}

/// The files that the server writes.
fn files(config: &Config) -> Vec<PathBuf> {
    let mut files = vec![config.data_dir.join(server::KEY_FILE)];
    if let Some(file) = Db::file(&config.database.url) {
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        files.extend([file, PathBuf::from(log)]);
    }
    files
}

fn written(file: &Path) -> Option<Moment> {
    let time: SystemTime = fs::metadata(file).ok()?.modified().ok()?;
    let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
    i64::try_from(millis).ok().map(Moment)
}

/// Whether the database answers, fits this program, and belongs to this server.
async fn look_at_database(config: &Config, report: &mut Report) {
    if let Some(file) = Db::file(&config.database.url)
        && !file.exists()
    {
        let text = format!("The database {} is not there; the first start makes it.", file.display());
        return report.note("database", text);
    }
    let db = match timeout(PATIENCE, Db::connect(&config.database.url)).await {
        Ok(Ok(db)) => db,
        Ok(Err(error)) => {
            let text = format!("The database cannot be opened: {}.", server::cause(&error));
            return report.wrong("database", text);
        }
        Err(_) => {
            let text = "The database does not answer: is it running, and is `database.url` right?".to_owned();
            return report.wrong("database", text);
        }
    };
    match db.schema().await {
        Ok(Schema::Empty) => report.note("database", "The database is empty; the first start makes its tables.".into()),
        Ok(Schema::Behind(steps)) => {
            let unit = plural(i64::try_from(steps).unwrap_or(i64::MAX), "step", "steps");
            let text = format!("The database is {steps} {unit} behind: run `outloud migrate`, or start the server.");
            report.wrong("database", text);
        }
        Ok(Schema::Current) => {
            report.fine("database", "The database answers and is up to date.".to_owned());
            if let Err(error) = look_inside(config, &db, report).await {
                report.wrong("database", format!("The database cannot be read: {}.", server::cause(&error)));
            }
        }
        Err(error) => report.wrong("database", format!("The database cannot be used: {}.", server::cause(&error))),
    }
    // Nothing was written, so nothing can be lost.
    let _ = db.close().await;
}

async fn look_inside(config: &Config, db: &Db, report: &mut Report) -> outloud::error::Result<()> {
    let domain = &config.domain;
    match views::instance::domain(db).await? {
        Some(known) if known != domain.as_str() => {
            let text = format!("The database belongs to {known}, but `domain` is {domain}: set it back to {known}.");
            report.wrong("domain", text);
        }
        Some(_) => report.fine("domain", format!("The database belongs to {domain}.")),
        None => {}
    }
    let members = views::admin::members(db).await?;
    let key = config.data_dir.join(server::KEY_FILE);
    if !members.is_empty() && !key.exists() {
        let text = format!(
            "The key file {} is missing, so the keys of {} members cannot be opened: take it from a backup.",
            key.display(),
            members.len()
        );
        report.wrong("secret_key", text);
    }
    if members.is_empty() {
        report.note("members", "Nobody is a member yet: start the server and open the address it prints.".to_owned());
    } else if !members.iter().any(|found| matches!(found.member.role, Role::Owner | Role::Admin)) {
        report.note("members", "Nobody runs this server: `outloud account role NAME owner` changes that.".to_owned());
    }
    if views::instance::settings(db).await?.confirm_email && config.mail.is_none() {
        let text = "Newcomers must confirm their address, but no mail can be sent: set `mail.url`, or run \
                    `outloud settings set confirm_email false`.";
        report.wrong("mail", text.to_owned());
    }
    Ok(())
}

/// Whether other servers can be recognised.
fn look_at_certificates(config: &Config, report: &mut Report) {
    let client = RemoteConfig {
        user_agent: String::new(),
        addresses: Vec::new(),
        allow_http: config.development,
        local_hosts: vec![config.domain.clone()],
        resolver: Resolver::System,
        timeout: PATIENCE,
    };
    match Remote::new(client, None) {
        Ok(_) => report.fine("certificates", "This machine knows certificate authorities.".to_owned()),
        Err(error) => {
            let text = format!(
                "Other servers cannot be recognised: install the package ca-certificates ({}).",
                server::cause(&error)
            );
            report.wrong("certificates", text);
        }
    }
}

/// Whether somebody else listens where this server wants to.
async fn look_at_port(config: &Config, report: &mut Report) {
    let address = config.listen;
    match TcpListener::bind(address).await {
        Ok(_) => report.fine("listen", format!("{address} is free.")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            if lives(address).await {
                report.fine("listen", format!("A server of this kind runs and listens at {address}."));
            } else {
                let text = format!("Something else listens at {address}: stop it, or change the setting `listen`.");
                report.wrong("listen", text);
            }
        }
        Err(error) => {
            let text = format!("The server cannot listen at {address} ({error}): change the setting `listen`.");
            report.wrong("listen", text);
        }
    }
}

/// Whether a node answers at an address.
async fn lives(mut address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        let here =
            if address.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]) };
        address.set_ip(here);
    }
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    timeout(PATIENCE, asking).await.is_ok_and(|answer| answer.is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200")))
}

/// What was seen.
#[derive(Debug, Default)]
struct Report(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    about: &'static str,
    weight: Weight,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Fine,
    Note,
    Wrong,
}

impl Weight {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

impl Report {
    fn fine(&mut self, about: &'static str, text: String) {
        self.0.push(Finding { about, weight: Weight::Fine, text });
    }

    /// Something to know, which may be as it should be.
    fn note(&mut self, about: &'static str, text: String) {
        self.0.push(Finding { about, weight: Weight::Note, text });
    }

    fn wrong(&mut self, about: &'static str, text: String) {
        self.0.push(Finding { about, weight: Weight::Wrong, text });
    }

    fn answer(self) -> Answer {
        let fine = self.0.iter().all(|finding| finding.weight != Weight::Wrong);
        let mut text = String::new();
        for finding in &self.0 {
            text += &format!("{:5}  {}\n", finding.weight.word(), finding.text);
        }
        text += if fine { "Nothing is wrong.\n" } else { "Something is wrong.\n" };
        let findings = self
            .0
            .iter()
            .map(|finding| json!({ "about": finding.about, "weight": finding.weight.word(), "text": finding.text }));
        let json = json!({ "ok": fine, "findings": findings.collect::<Vec<_>>() });
        Answer { text, json, code: if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE } }
    }
}
