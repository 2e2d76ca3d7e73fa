//! Ids, hosts and handles: whatever the spelling, our own name is ours.

use outloud::app::Urls;
use outloud::config::Config;
use outloud::domain::handle::{Handle, Host};
use outloud::domain::origin::{Borders, Id};
use url::Url;

use crate::runner::{fuzz, outcome};

const WORDS: [&str; 40] = [
    "https://",
    "http://",
    "HTTPS:",
    "node.test",
    "NODE.TEST",
    "nоde.test",
    "ｎｏｄｅ.test",
    "node.test.",
    "node\u{3002}test",
    "node.te\u{ad}st",
    "n%6fde.test",
    ":443",
    ":0443",
    ":8443",
    ":",
    "@",
    "user:pass@",
    "\\",
    "/users/1",
    "/@ann",
    "/users/1/statuses/2",
    "/inbox",
    "/..",
    "/./",
    "#main-key",
    "?a=b",
    "[::1]",
    "127.0.0.1",
    "0x7f.1",
    "xn--nde-1xa.test",
    "XN--",
    "a.test",
    "acct:",
    "acct:ann@node.test",
    "@ann@a.test",
    "9223372036854775808",
    "-1",
    "%40ann",
    "\u{1f600}",
    "..",
];

fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "https://node.test/users/1",
        "https://a.test/users/a/statuses/2#main-key",
        "https://www.node.test/@ann",
        "https://node.test.evil.test/@ann/117",
        "acct:ann@node.test",
        "@ann@bücher.test",
        "https://[::ffff:127.0.0.1]:8080/x?y=z",
        "ann@48..",
        "https:/a.test/users/a",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn an_id_of_somebody_else_is_never_on_our_host() {
    let borders = Borders::new(vec!["node.test".parse().unwrap(), "handles.test".parse().unwrap()], false);
    fuzz("ids", &seeds(), &WORDS, |input| {
        let text = String::from_utf8_lossy(input);
        match borders.read(&text) {
            Ok(Id::Local(url)) => {
                let host = url.host_str().unwrap().trim_end_matches('.');
                assert!(["node.test", "handles.test"].contains(&host), "{text}");
                1
            }
            Ok(Id::Remote(id)) => {
                assert_eq!(id.as_str(), text, "kept as it was written");
                let url = Url::parse(&text).unwrap();
                let host = url.host_str().unwrap().trim_end_matches('.').to_ascii_lowercase();
                assert!(!["node.test", "handles.test"].contains(&host.as_str()), "{text}");
                assert_eq!(url.scheme(), "https");
                assert!(id.host().is_some() && id.shares_origin(&id));
                // Read again in the spelling of a parser, it is still theirs.
                assert!(!matches!(borders.read(url.as_str()), Ok(Id::Local(_))), "{text}");
                outcome((url.port().is_some(), url.query().is_some(), url.domain().is_some()))
            }
            Err(_) => 2,
        }
    });
}

#[test]
fn an_address_of_ours_is_read_only_when_it_is_one() {
    let variables = [
        ("OUTLOUD__DOMAIN", "node.test"),
        ("OUTLOUD__DEVELOPMENT", "false"),
        ("OUTLOUD__PUBLIC_URL", "https://node.test"),
    ];
    let urls = Urls::new(&Config::read(None, variables).unwrap());
    fuzz("urls", &seeds(), &WORDS, |input| {
        let text = String::from_utf8_lossy(input);
        let read = urls.read(&text);
        if read.is_some() {
            assert_eq!(Url::parse(&text).unwrap().host_str(), Some("node.test"), "{text}");
        }
        outcome(read.map(|read| std::mem::discriminant(&read)))
    });
}

#[test]
fn a_handle_or_host_that_is_read_is_written_the_same() {
    fuzz("handles", &seeds(), &WORDS, |input| {
        let text = String::from_utf8_lossy(input);
        let handle = text.parse::<Handle>().ok();
        if let Some(handle) = &handle {
            assert_eq!(handle.to_string().parse::<Handle>().as_ref(), Ok(handle), "{text}");
        }
        let host = text.parse::<Host>().ok();
        if let Some(host) = &host {
            assert_eq!(host.to_string().parse::<Host>().as_ref(), Ok(host), "{text}");
            assert!(!host.to_string().contains(['/', '@', '?', '#', ' ']), "{text}");
        }
        outcome((handle.map(|handle| handle.host.is_some()), host.map(|host| host.to_string().contains(':'))))
    });
}

/// Found here: `48..` was read as a name, and what was written of it as an address of a machine.
#[test]
fn a_host_ends_in_one_dot_at_most() {
    assert_eq!("a.test.".parse::<Host>(), "a.test".parse());
    for text in ["48..", "a.test..", "..", "."] {
        assert!(text.parse::<Host>().is_err(), "{text}");
    }
    // Short as it is typed, too long as it is written down.
    let long = format!("{}test", "ü.".repeat(60));
    assert!(long.len() < 250 && long.parse::<Host>().is_err());
}

/// Found here: a parser fills in the slash, and the browser of whoever reads the page does not.
#[test]
fn an_id_is_written_with_both_slashes() {
    let borders = Borders::new(vec!["node.test".parse().unwrap()], false);
    assert!(borders.remote("https://a.test/users/a").is_ok());
    for text in [
        "https:/a.test/users/a",
        "https:a.test/users/a",
        "https:\\\\a.test/x",
        "https:///a.test/x",
        "https://\\a.test/x",
    ] {
        assert!(borders.read(text).is_err(), "{text}");
    }
}
