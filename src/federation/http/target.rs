//! Which URLs may be asked, and where a redirect leads.

use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use crate::domain::handle::Host;
use crate::error::RemoteError;
use crate::federation::addresses::AddressPolicy;

/// The longest URL that is asked, in bytes.
const LONGEST_URL: usize = 4096;

/// What may be asked.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) allow_http: bool,
    pub(super) local_hosts: Vec<Host>,
    pub(super) addresses: AddressPolicy,
}

impl Rules {
    /// Refuses what may never be asked; names are checked again as addresses when they are connected to.
    pub(super) fn check(&self, url: &Url) -> Result<(), RemoteError> {
        if url.as_str().len() > LONGEST_URL {
            return Err(refused("too long"));
        }
        if url.scheme() != "https" && !(self.allow_http && url.scheme() == "http") {
            return Err(refused("scheme"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("credentials"));
        }
        if url.port().is_some() && !self.allow_http {
            return Err(refused("port"));
        }
        let host = Host::of(url).ok_or_else(|| refused("no host"))?;
        if self.local_hosts.contains(&host) {
            return Err(refused("this is our own host"));
        }
        // An address in place of a name never reaches the resolver.
        let permitted = match url.host() {
            Some(url::Host::Ipv4(ip)) => self.addresses.permits(ip.into()),
            Some(url::Host::Ipv6(ip)) => self.addresses.permits(ip.into()),
            Some(url::Host::Domain(_)) => true,
            None => false,
        };
        if permitted { Ok(()) } else { Err(refused("network")) }
    }
}

/// Where the answer sends us, if it does.
pub(super) fn redirect(from: &Url, response: &Response) -> Result<Option<Url>, RemoteError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or_else(|| RemoteError::Unusable("a redirect without an address".to_owned()))?;
    follow(from, location).map(Some)
}

fn follow(from: &Url, location: &str) -> Result<Url, RemoteError> {
    let mut next = from.join(location).map_err(|_| RemoteError::Unusable("a redirect to no address".to_owned()))?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(refused("redirect from https to another scheme"));
    }
    next.set_fragment(None);
    Ok(next)
}

fn refused(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow_http: bool, allowed: &[&str]) -> Rules {
        let allowed = allowed.iter().map(|network| network.parse().expect("a network")).collect();
        let local = "node.test".parse().expect("a host");
        Rules { allow_http, local_hosts: vec![local], addresses: AddressPolicy::new(allowed) }
    }

    fn is_asked(rules: &Rules, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| rules.check(&url).is_ok())
    }

    #[test]
    fn ordinary_urls_may_be_asked() {
        let rules = rules(false, &[]);
        for url in ["https://good.test/users/alice?page=1", "https://good.test:443/", "https://8.8.8.8/"] {
            assert!(is_asked(&rules, url), "{url}");
        }
    }

    #[test]
    fn strange_urls_may_not_be_asked() {
        let rules = rules(false, &[]);
        for url in [
            "http://good.test/",
            "ftp://good.test/",
            "file:///etc/passwd",
            "data:application/activity+json,{}",
            "gopher://good.test/",
            "https://user@good.test/",
            "https://:secret@good.test/",
            "https://good.test:8443/",
            "https://good.test:22/",
            &format!("https://good.test/{}", "a".repeat(LONGEST_URL)),
        ] {
            assert!(!is_asked(&rules, url), "{url}");
        }
    }

    #[test]
    fn our_own_host_is_never_asked() {
        for rules in [rules(false, &[]), rules(true, &["127.0.0.0/8"])] {
            for url in ["https://node.test/", "https://NODE.test./users/ann", "https://node.test:443/"] {
                assert!(!is_asked(&rules, url), "{url}");
            }
        }
        assert!(!is_asked(&rules(true, &[]), "http://node.test/users/ann"));
    }

    #[test]
    fn private_addresses_are_refused_in_every_spelling() {
        let rules = rules(false, &[]);
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "169.254.169.254",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fc00::1]",
            "１２７.0.0.1",
            "127。0。0。1",
        ] {
            assert!(!is_asked(&rules, &format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn development_opens_http_and_ports_and_the_given_networks() {
        let rules = rules(true, &["127.0.0.0/8"]);
        for url in ["http://good.test:3000/", "http://127.0.0.1:3000/", "http://127.1:3000/"] {
            assert!(is_asked(&rules, url), "{url}");
        }
        assert!(!is_asked(&rules, "http://10.0.0.1:3000/"));
    }

    #[test]
    fn redirects_keep_to_https_and_lose_their_fragment() {
        let from = Url::parse("https://good.test/a/b").expect("a URL");
        assert_eq!(follow(&from, "../c?d#e").expect("leads on").as_str(), "https://good.test/c?d");
        assert_eq!(follow(&from, "//other.test/x").expect("leads on").as_str(), "https://other.test/x");
        for location in ["http://good.test/", "file:///etc/passwd", "data:,x", "gopher://x/", "https://", "http://[::1"]
        {
            assert!(follow(&from, location).is_err(), "{location}");
        }
    }
}
