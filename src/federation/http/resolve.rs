//! From names to addresses: the only way to a connection by name, and checked on that way.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::federation::addresses::AddressPolicy;

/// Who turns names into addresses.
#[derive(Debug, Clone)]
pub enum Resolver {
    /// The system.
    System,
    /// A fixed list that knows its names and no others; its ports are used where a URL names none.
    Fixed(Arc<RwLock<HashMap<String, SocketAddr>>>),
}

impl Resolver {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        match self {
            // Port 0 stands for the usual one of the scheme.
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
            Self::Fixed(known) => {
                let known = known.read().unwrap_or_else(PoisonError::into_inner);
                Ok(known.get(name.trim_end_matches('.')).copied().into_iter().collect())
            }
        }
    }
}

/// Hands on only addresses that may be connected to.
///
/// Connections are made to exactly these: nobody asks a second time and gets another answer.
#[derive(Clone)]
pub(super) struct CheckedResolver {
    resolver: Resolver,
    addresses: Arc<AddressPolicy>,
}

impl CheckedResolver {
    pub(super) fn new(resolver: Resolver, addresses: AddressPolicy) -> Self {
        Self { resolver, addresses: Arc::new(addresses) }
    }

    async fn permitted(&self, name: &str) -> Result<Vec<SocketAddr>, Box<dyn StdError + Send + Sync>> {
        let found = self.resolver.addresses(name).await?;
        if found.is_empty() {
            return Err("the name has no address".into());
        }
        let permitted = self.among(found);
        if permitted.is_empty() { Err(RefusedNetwork.into()) } else { Ok(permitted) }
    }

    /// Those of several addresses that may be connected to; one good one does not open the way to the others.
    fn among(&self, found: Vec<SocketAddr>) -> Vec<SocketAddr> {
        found.into_iter().filter(|address| self.addresses.permits(address.ip())).collect()
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let permitted = resolver.permitted(&name.as_str().to_ascii_lowercase()).await?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// A name leads only to addresses that may not be connected to.
#[derive(Debug)]
pub(super) struct RefusedNetwork;

impl fmt::Display for RefusedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no address of the name may be connected to")
    }
}

impl StdError for RefusedNetwork {}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver(known: &[(&str, &str)], allowed: &[&str]) -> CheckedResolver {
        let known = known.iter().map(|(name, at)| ((*name).to_owned(), at.parse().expect("an address"))).collect();
        let allowed = allowed.iter().map(|network| network.parse().expect("a network")).collect();
        CheckedResolver::new(Resolver::Fixed(Arc::new(RwLock::new(known))), AddressPolicy::new(allowed))
    }

    #[tokio::test]
    async fn a_fixed_list_knows_its_names_alone() {
        let resolver = resolver(&[("good.test", "127.0.0.1:4000")], &["127.0.0.0/8"]);
        let expected: SocketAddr = "127.0.0.1:4000".parse().expect("an address");
        assert_eq!(resolver.permitted("good.test").await.expect("is known"), [expected]);
        assert_eq!(resolver.permitted("good.test.").await.expect("is known"), [expected]);
        let unknown = resolver.permitted("localhost").await.expect_err("is not known");
        assert!(!unknown.is::<RefusedNetwork>());
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_refused() {
        let resolver = resolver(&[("evil.test", "127.0.0.1:80"), ("mapped.test", "[::ffff:10.0.0.1]:80")], &[]);
        for name in ["evil.test", "mapped.test"] {
            assert!(resolver.permitted(name).await.expect_err("is refused").is::<RefusedNetwork>(), "{name}");
        }
    }

    #[test]
    fn of_several_addresses_only_public_ones_are_handed_on() {
        let found = ["8.8.8.8:443", "127.0.0.1:443", "[::1]:443", "[2a01:4f8::1]:443", "[::ffff:10.0.0.1]:443"];
        let found = found.iter().map(|address| address.parse().expect("an address")).collect();
        let kept = resolver(&[], &[]).among(found);
        assert_eq!(kept.iter().map(ToString::to_string).collect::<Vec<_>>(), ["8.8.8.8:443", "[2a01:4f8::1]:443"]);
    }

    #[tokio::test]
    async fn the_name_of_this_machine_is_refused() {
        let resolver = CheckedResolver::new(Resolver::System, AddressPolicy::default());
        for name in ["localhost", "127.0.0.1"] {
            assert!(resolver.permitted(name).await.is_err(), "{name}");
        }
    }
}
