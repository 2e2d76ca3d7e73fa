//! Which network addresses may be connected to: the public internet, and what the operator adds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IPv4 that is private, reserved, for documentation, or not for one receiver.
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The one part of IPv6 that is handed out as public unicast.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);

/// What inside [`GLOBAL_V6`] is reserved: protocol assignments with Teredo, documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] =
    [v6([0x2001, 0], 23), v6([0x2001, 0xdb8], 32), v6([0x2002, 0], 16), v6([0x3fff, 0], 20)];

const COMPATIBLE: Ipv6Net = v6([0, 0], 96);
const NAT64: Ipv6Net = v6([0x64, 0xff9b], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0], 16);
const TEREDO: Ipv6Net = v6([0x2001, 0], 32);

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b]: [u16; 2], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// Which addresses may be connected to.
#[derive(Debug, Clone, Default)]
pub struct AddressPolicy {
    allowed: Vec<IpNet>,
}

impl AddressPolicy {
    /// Public addresses, and the networks in `allowed`.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// Whether `ip` may be connected to.
    ///
    /// An IPv6 address that stands for an IPv4 address has to pass as both.
    pub fn permits(&self, ip: IpAddr) -> bool {
        match ip.to_canonical() {
            IpAddr::V4(ip) => self.is_allowed(ip.into()) || is_public_v4(ip),
            IpAddr::V6(ip) => {
                (self.is_allowed(ip.into()) || is_public_v6(ip))
                    && embedded_v4(ip).into_iter().flatten().all(|inner| self.permits(inner.into()))
            }
        }
    }

    fn is_allowed(&self, ip: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&ip))
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|network| network.contains(&ip))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|network| network.contains(&ip))
}

/// The IPv4 addresses a gateway would talk to on behalf of `ip`.
fn embedded_v4(ip: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let bits = ip.to_bits();
    let part = |shift: u32| Some(Ipv4Addr::from_bits((bits >> shift) as u32));
    if ip.is_unspecified() || ip.is_loopback() {
        [None, None]
    } else if COMPATIBLE.contains(&ip) || NAT64.contains(&ip) {
        [part(0), None]
    } else if SIX_TO_FOUR.contains(&ip) {
        [part(80), None]
    } else if TEREDO.contains(&ip) {
        // The server in plain, the client with all bits turned over.
        [part(64), Some(Ipv4Addr::from_bits(!(bits as u32)))]
    } else {
        [None, None]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(policy: &AddressPolicy, ip: &str) -> bool {
        policy.permits(ip.parse().expect("an address"))
    }

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().expect("a network")).collect()
    }

    /// First and last address of every network that is no public unicast, and tunnels into them.
    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.255",
        "192.88.99.0",
        "192.88.99.255",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.0",
        "198.51.100.255",
        "203.0.113.0",
        "203.0.113.255",
        "224.0.0.0",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        "100::",
        "100::ffff:ffff:ffff:ffff",
        "2001::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::",
        "2001:db8::",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2002::",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::",
        "3fff:fff:ffff::",
        "5f00::",
        "5f00:ffff::",
        "4000::",
        "fc00::",
        "fdff:ffff::",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "feff::1",
        "ff00::",
        "ff02::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];

    const PERMITTED: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::1",
        "2606:4700::1111",
        "2a01:4f8::1",
        "3ffe:ffff::",
        "3fff:1000::",
    ];

    #[test]
    fn only_public_unicast_is_permitted() {
        let policy = AddressPolicy::new(vec![]);
        for ip in REFUSED {
            assert!(!permits(&policy, ip), "{ip} is permitted");
        }
        for ip in PERMITTED {
            assert!(permits(&policy, ip), "{ip} is refused");
        }
    }

    #[test]
    fn exactly_the_given_networks_are_added() {
        let policy = AddressPolicy::new(networks(&["127.0.0.0/8", "fd00::/64"]));
        for ip in ["127.0.0.1", "::ffff:127.0.0.1", "fd00::1", "8.8.8.8"] {
            assert!(permits(&policy, ip), "{ip} is refused");
        }
        for ip in ["::1", "10.0.0.1", "fd00:0:0:1::1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"] {
            assert!(!permits(&policy, ip), "{ip} is permitted");
        }
    }

    #[test]
    fn loopback_of_the_newer_protocol_can_be_added() {
        assert!(permits(&AddressPolicy::new(networks(&["::1/128"])), "::1"));
    }

    #[test]
    fn a_gateway_does_not_open_what_lies_behind_it() {
        let policy = AddressPolicy::new(networks(&["64:ff9b::/96", "2002::/16", "2001::/32", "::/96"]));
        for ip in ["64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7", "::8.8.8.8"] {
            assert!(permits(&policy, ip), "{ip} is refused");
        }
        let inside =
            ["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:808:808::80ff:fffe", "2001:0:7f00:1::f7f7:f7f7", "::7f00:1"];
        for ip in inside {
            assert!(!permits(&policy, ip), "{ip} is permitted");
        }
    }
}
