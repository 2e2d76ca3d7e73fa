//! What is read, what is refused, and what the refusal says.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::*;

fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(None, variables.iter().copied())
}

fn refusal(variables: &[(&str, &str)]) -> String {
    with(variables).expect_err("these settings are wrong").to_string()
}

/// The folder lives as long as the file is needed.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("outloud.toml");
    fs::write(&path, text).expect("is written");
    (folder, path)
}

fn refusal_of_file(text: &str) -> String {
    let (_folder, path) = file(text);
    let sentence = Config::read(Some(&path), [("", ""); 0]).expect_err("this file is wrong").to_string();
    sentence.replace(&path.display().to_string(), "outloud.toml")
}

#[test]
fn without_any_setting_the_server_is_a_developers() {
    let config = with(&[]).expect("can be read");
    assert!(config.development);
    assert_eq!(config.domain.as_str(), "localhost:8080");
    assert_eq!(config.handle_domain().as_str(), "localhost:8080");
    assert_eq!(config.public_url.as_str(), "http://localhost:8080/");
    assert_eq!(config.listen, "127.0.0.1:8080".parse().expect("can be parsed"));
    assert_eq!(config.database.url, "sqlite://data/outloud.db");
    assert_eq!(config.limits.status_characters, 5000);
    assert!(config.rate_limits.enabled);
    assert_eq!(config.rate_limits.statuses, Rate { count: 300, window: Duration::from_secs(3 * 60 * 60) });
    assert!(config.federation.allow_addresses.is_empty());
    assert_eq!(config.log_format, LogFormat::Text);
}

#[test]
fn a_public_domain_makes_a_public_server() {
    let config = with(&[("OUTLOUD__DOMAIN", "Example.ORG")]).expect("can be read");
    assert!(!config.development);
    assert_eq!(config.domain.as_str(), "example.org");
    assert_eq!(config.public_url.as_str(), "https://example.org/");
}

#[test]
fn a_variable_wins_over_the_file_and_the_file_over_the_default() {
    let (_folder, path) =
        file("domain = \"file.example\"\nlisten = \"[::1]:9000\"\n[limits]\nstatus_characters = 700\n");
    let config = Config::read(Some(&path), [("OUTLOUD__DOMAIN", "variable.example")]).expect("can be read");
    assert_eq!(config.domain.as_str(), "variable.example");
    assert_eq!(config.listen, "[::1]:9000".parse().expect("can be parsed"));
    assert_eq!(config.limits.status_characters, 700);
    assert_eq!(config.limits.poll_options, 4);
}

#[test]
fn every_kind_of_value_can_come_from_a_variable() {
    let config = with(&[
        ("OUTLOUD__DOMAIN", "node.test"),
        ("OUTLOUD__ACCOUNT_DOMAIN", "people.test"),
        ("OUTLOUD__PUBLIC_URL", "http://node.test"),
        ("OUTLOUD__DEVELOPMENT", "true"),
        ("OUTLOUD__LISTEN", "0.0.0.0:80"),
        ("OUTLOUD__DATA_DIR", "/var/lib/outloud/"),
        ("OUTLOUD__LOG_FORMAT", "json"),
        ("OUTLOUD__TRUSTED_PROXIES", "10.1.0.0/16, 192.0.2.7"),
        ("OUTLOUD__FEDERATION__ALLOW_ADDRESSES", "127.0.0.0/8,::1"),
        ("OUTLOUD__RATE_LIMITS__ENABLED", "false"),
        ("OUTLOUD__RATE_LIMITS__APPS", "7/1d"),
        ("OUTLOUD__LIMITS__STATUS_CHARACTERS", "1000"),
        ("OUTLOUDLY", "is somebody else's"),
        ("OUTLOUD_TEST_DATABASE_URL", "is for tests"),
    ])
    .expect("can be read");
    assert_eq!(config.handle_domain().as_str(), "people.test");
    assert_eq!(config.public_url.as_str(), "http://node.test/");
    assert_eq!(config.listen.port(), 80);
    assert_eq!(config.database.url, "sqlite:///var/lib/outloud/outloud.db");
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(
        config.trusted_proxies,
        ["10.1.0.0/16".parse().expect("can be parsed"), "192.0.2.7/32".parse().expect("can be parsed")]
    );
    assert_eq!(
        config.federation.allow_addresses,
        ["127.0.0.0/8".parse().expect("can be parsed"), "::1/128".parse().expect("can be parsed")]
    );
    assert!(!config.rate_limits.enabled);
    assert_eq!(config.rate_limits.apps, Rate { count: 7, window: Duration::from_secs(24 * 60 * 60) });
    assert_eq!(config.limits.status_characters, 1000);
}

#[test]
fn a_value_that_looks_like_a_number_stays_a_text() {
    let config = with(&[("OUTLOUD__DATA_DIR", "1234"), ("OUTLOUD__LOG", "[true]")]).expect("can be read");
    assert_eq!(config.data_dir, PathBuf::from("1234"));
    assert_eq!(config.log, "[true]");
}

#[test]
fn the_example_for_developers_is_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/development.toml");
    let config = Config::read(Some(&path), [("", ""); 0]).expect("can be read");
    assert!(config.development);
    assert!(!config.rate_limits.enabled);
    assert_eq!(config.federation.allow_addresses.len(), 2);
}

#[test]
fn only_names_of_this_machine_switch_development_on() {
    for local in ["localhost", "a.localhost:3000", "127.0.0.1:8080", "127.8.8.8", "[::1]:8080"] {
        let config = with(&[("OUTLOUD__DOMAIN", local)]).expect("can be read");
        assert!(config.development, "{local}");
        assert_eq!(config.public_url.as_str(), format!("http://{local}/"));
    }
    for other in ["example.org", "node.test", "localhost.example.org", "notlocalhost", "192.0.2.1"] {
        assert!(!with(&[("OUTLOUD__DOMAIN", other)]).expect("can be read").development, "{other}");
    }
}

#[test]
fn development_is_refused_under_a_public_name() {
    for domain in ["example.org", "test.example.org", "8.8.8.8", "contest", "example.com:8080"] {
        let sentence = refusal(&[("OUTLOUD__DOMAIN", domain), ("OUTLOUD__DEVELOPMENT", "true")]);
        assert!(sentence.starts_with(&format!("The environment variable OUTLOUD__DOMAIN is `{domain}`")), "{sentence}");
        assert!(sentence.contains("development mode is not safe there"), "{sentence}");
    }
    for domain in ["node.test", "a.b.example", "node.invalid:8080", "printer.local", "node.internal"] {
        let config = with(&[("OUTLOUD__DOMAIN", domain), ("OUTLOUD__DEVELOPMENT", "true")]).expect("can be read");
        assert_eq!(config.public_url.as_str(), format!("https://{domain}/"));
    }
    let sentence = refusal(&[("OUTLOUD__ACCOUNT_DOMAIN", "example.org")]);
    assert!(sentence.starts_with("The environment variable OUTLOUD__ACCOUNT_DOMAIN is `example.org`"), "{sentence}");
}

#[test]
fn a_public_server_has_no_port_and_no_plain_http() {
    let port = "but only development mode allows a port in it.";
    assert!(refusal(&[("OUTLOUD__DOMAIN", "example.org:8443")]).ends_with(port));
    assert!(refusal(&[("OUTLOUD__DEVELOPMENT", "false")]).ends_with(port));
    for url in ["http://example.org", "https://example.org:8443"] {
        let sentence = refusal(&[("OUTLOUD__DOMAIN", "example.org"), ("OUTLOUD__PUBLIC_URL", url)]);
        assert!(
            sentence.ends_with("outside development mode it must begin with https and have no port."),
            "{sentence}"
        );
    }
}

#[test]
fn the_public_address_is_the_root_of_the_domain() {
    let address = |url| refusal(&[("OUTLOUD__DOMAIN", "example.org"), ("OUTLOUD__PUBLIC_URL", url)]);
    assert_eq!(
        address("https://other.example"),
        "The environment variable OUTLOUD__PUBLIC_URL is `https://other.example/`, but `domain` is `example.org`; \
         the two must name the same host."
    );
    for url in ["https://example.org/node", "https://example.org/?a", "https://ann@example.org", "ftp://example.org"] {
        let sentence = address(url);
        assert!(sentence.ends_with("must be an address without a path, such as https://example.org."), "{sentence}");
    }
}

#[test]
fn the_same_host_twice_is_one_host() {
    let config =
        with(&[("OUTLOUD__DOMAIN", "example.org"), ("OUTLOUD__ACCOUNT_DOMAIN", "example.org")]).expect("can be read");
    assert_eq!(config.account_domain, None);
}

#[test]
fn an_unknown_setting_is_named_with_its_place() {
    let rest = "is not known; every setting is listed in config/default.toml.";
    assert_eq!(refusal_of_file("domian = \"a\""), format!("The setting `domian` in outloud.toml {rest}"));
    assert_eq!(refusal_of_file("[limits]\nwords = 1"), format!("The setting `limits.words` in outloud.toml {rest}"));
    assert_eq!(refusal_of_file("[a.b]\nc = 1"), format!("The setting `a` in outloud.toml {rest}"));
    for name in ["OUTLOUD__DOMIAN", "OUTLOUD__DATABASE__POOL", "OUTLOUD__", "OUTLOUD____DOMAIN"] {
        assert_eq!(refusal(&[(name, "1")]), format!("The environment variable {name} {rest}"));
    }
}

#[test]
fn a_wrong_value_is_named_with_its_place() {
    let file = |text, rest: &str| assert_eq!(refusal_of_file(text), format!("The setting {rest}."));
    file("listen = \"here\"", "`listen` in outloud.toml is `here`: invalid socket address syntax");
    file("listen = 80", "`listen` in outloud.toml must be a text in quotation marks");
    file("database = 1", "`database` in outloud.toml must be a section with settings of its own");
    file("log_format = \"xml\"", "`log_format` in outloud.toml must be text or json");
    file("[rate_limits]\nenabled = \"maybe\"", "`rate_limits.enabled` in outloud.toml must be true or false");
    file("development = \"maybe\"", "`development` in outloud.toml must be true, false or \"auto\"");
    let variable = |name, value, rest: &str| {
        assert_eq!(refusal(&[(name, value)]), format!("The environment variable {name} {rest}."));
    };
    variable("OUTLOUD__DOMAIN", "https://example.org", "is `https://example.org`: not a valid name");
    variable("OUTLOUD__DATA_DIR", "", "must name a folder");
    variable("OUTLOUD__DATA_DIR", "d\u{FFFD}ta", "is not a text in UTF-8");
    variable("OUTLOUD__LIMITS__POLL_OPTIONS", "-1", "must be a whole number from 0 to 4294967295");
    variable(
        "OUTLOUD__TRUSTED_PROXIES",
        "10.0.0.0/8,proxy",
        "holds `proxy`, which is not a network such as 10.0.0.0/8",
    );
    for rate in ["300", "300/5", "0/5m", "5/0m", "-1/5m", "5/m", "5/5é", "99999999999/1s", ""] {
        let rest = "must be a rate such as 300/5m, with s, m, h or d as the unit of time";
        variable("OUTLOUD__RATE_LIMITS__MEDIA", rate, rest);
    }
}

#[test]
fn a_file_that_is_missing_or_broken_is_named() {
    let sentence = Config::read(Some(Path::new("/nowhere/outloud.toml")), [("", ""); 0]).unwrap_err().to_string();
    assert!(sentence.starts_with("The configuration file /nowhere/outloud.toml cannot be read: "), "{sentence}");
    let sentence = refusal_of_file("log = \"info\"\ndomain = \n");
    assert!(sentence.starts_with("The configuration file outloud.toml is not valid TOML in line 2: "), "{sentence}");
}

#[test]
fn the_password_of_the_database_is_never_shown() {
    let url = "postgres://outloud:secret@db.internal/outloud";
    let config = with(&[("OUTLOUD__DATABASE__URL", url)]).expect("can be read");
    assert_eq!(config.database.url, url);
    assert!(!format!("{config:?}").contains("secret"));
    for (name, value) in [
        ("OUTLOUD__DATABASE__URL", "mysql://outloud:secret@db.internal/outloud"),
        ("OUTLOUD__DATABASE__URL", "postgres://outloud:secret@db internal/outloud"),
        ("OUTLOUD__DATABASE", url),
        ("OUTLOUD__LIMITS__POLL_OPTIONS", "secret"),
    ] {
        assert!(!refusal(&[(name, value)]).contains("secret"));
    }
    assert!(!refusal_of_file("[database]\nurl = \"postgres://outloud:secret@db").contains("secret"));
}

#[test]
fn a_folder_with_any_name_gives_a_readable_address() {
    for (folder, url) in [
        ("/srv/my data?", "sqlite:///srv/my%20data%3F/outloud.db"),
        ("../näher", "sqlite://../n%C3%A4her/outloud.db"),
        ("/", "sqlite:///outloud.db"),
    ] {
        assert_eq!(with(&[("OUTLOUD__DATA_DIR", folder)]).expect("can be read").database.url, url);
    }
}

#[test]
fn without_a_server_for_mail_there_is_no_mail() {
    assert!(with(&[("OUTLOUD__MAIL__FROM", "post@example.org")]).expect("can be read").mail.is_none());
}

#[test]
fn mail_is_from_the_domain_unless_said_otherwise() {
    let url = ("OUTLOUD__MAIL__URL", "smtps://ann:s%40cret@mail.example.org");
    let mail = with(&[("OUTLOUD__DOMAIN", "example.org"), url]).expect("can be read").mail.expect("can be read");
    assert_eq!(mail.from.to_string(), "outloud@example.org");
    assert!(!format!("{mail:?}").contains("cret"));
    let mail =
        with(&[("OUTLOUD__MAIL__FROM", "Ann <ann@example.org>"), url]).expect("can be read").mail.expect("can be read");
    assert_eq!(mail.from.email.to_string(), "ann@example.org");
    let sentence = refusal(&[("OUTLOUD__MAIL__FROM", "ann"), url]);
    assert_eq!(sentence, "The environment variable OUTLOUD__MAIL__FROM must be an address such as post@example.org.");
}

#[test]
fn the_password_for_mail_is_never_sent_in_the_open() {
    let with_url = |url| with(&[("OUTLOUD__MAIL__URL", url)]);
    for url in ["smtp://ann:secret@mail.example.org", "smtp://ann:secret@mail.example.org?tls=opportunistic", "mail"] {
        let sentence = with_url(url).unwrap_err().to_string();
        assert!(sentence.starts_with("The environment variable OUTLOUD__MAIL__URL "), "{sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
    for url in ["smtp://mail.example.org", "smtp://ann:secret@localhost", "smtp://a:b@mail.example.org?tls=required"] {
        assert!(with_url(url).expect("can be read").mail.is_some(), "{url}");
    }
}
