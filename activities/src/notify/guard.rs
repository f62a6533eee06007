//! Which addresses a notification may go to. A receiver's URL is given by a tenant, and what it leads to is reached from
//! inside our network: without this it would open whatever listens there.
//!
//! Judged is the address that is connected to, after the name was resolved, and never how the host is written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a receiver may stand in a private network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Only public addresses.
    Public,
    /// This machine and private networks as well. What hands out credentials is not reached even so.
    Private,
}

/// A network: an address, and how many of its leading bits count.
type Net4 = (Ipv4Addr, u32);
type Net6 = (Ipv6Addr, u32);

/// IPv4 networks that are private, and reached only by who says so.
const PRIVATE_4: [Net4; 5] = [
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Carrier-grade NAT.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// IPv4 networks in which no receiver stands: this network, link-local with the metadata services of most clouds, those of
/// two more, protocol assignments, documentation, benchmarks, multicast, reserved, broadcast.
const NEVER_4: [Net4; 12] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Metadata services of four clouds, in the middle of unique local addresses. Each has its prefix to itself.
const METADATA_6: [Net6; 4] = [
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd00, 0x0042, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd00, 0x00c1, 0, 0, 0, 0, 0, 0), 32),
];

/// Unique local addresses.
const PRIVATE_6: Net6 = (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7);

/// All that is public in IPv6 lies in here,
const GLOBAL_6: Net6 = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// but for these: Teredo and other protocol assignments, documentation (two), 6to4.
const NEVER_6: [Net6; 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0x0db8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// IPv4 addresses as a network that has none of its own reaches them (NAT64).
const NAT64: Net6 = (Ipv6Addr::new(0x0064, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether a receiver may be reached at this address.
pub(super) fn may_reach(address: IpAddr, reach: Reach) -> bool {
    match address {
        IpAddr::V4(address) => may_reach_4(address, reach),
        IpAddr::V6(address) => may_reach_6(address, reach),
    }
}

fn may_reach_4(address: Ipv4Addr, reach: Reach) -> bool {
    if NEVER_4.iter().any(|net| within_4(address, *net)) {
        return false;
    }
    reach == Reach::Private || !PRIVATE_4.iter().any(|net| within_4(address, *net))
}

fn may_reach_6(address: Ipv6Addr, reach: Reach) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return may_reach_4(inner, reach);
    }
    if within_6(address, NAT64) {
        let [.., a, b, c, d] = address.octets();
        return may_reach_4(Ipv4Addr::new(a, b, c, d), reach);
    }
    if METADATA_6.iter().any(|net| within_6(address, *net)) {
        return false;
    }
    let private = address == Ipv6Addr::LOCALHOST || within_6(address, PRIVATE_6);
    if private {
        return reach == Reach::Private;
    }
    // Whatever is not global is link-local, multicast, unspecified, IPv4-compatible or not assigned.
    within_6(address, GLOBAL_6) && !NEVER_6.iter().any(|net| within_6(address, *net))
}

fn within_4(address: Ipv4Addr, (net, bits): Net4) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= bits
}

fn within_6(address: Ipv6Addr, (net, bits): Net6) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= bits
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(text: &str) -> (bool, bool) {
        let address = text.parse().unwrap();
        (may_reach(address, Reach::Public), may_reach(address, Reach::Private))
    }

    #[test]
    fn public_addresses_are_reached() {
        for text in [
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
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::8a",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert_eq!(judged(text), (true, true), "{text}");
        }
    }

    #[test]
    fn private_addresses_are_reached_by_who_says_so() {
        for text in [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fd00:ec3::254",
            "fd20:cf::254",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "64:ff9b::192.168.0.1",
        ] {
            assert_eq!(judged(text), (false, true), "{text}");
        }
    }

    #[test]
    fn what_hands_out_credentials_or_is_no_host_is_never_reached() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:42::42",
            "fd00:c1::a9fe:a9fe",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:0:a9fe:a9fe::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
        ] {
            assert_eq!(judged(text), (false, false), "{text}");
        }
    }

    proptest! {
        #[test]
        fn wrapping_an_address_makes_nothing_reachable(bits: u32) {
            let inner = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = inner.octets().map(u16::from);
            let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
            for reach in [Reach::Public, Reach::Private] {
                let plain = may_reach(inner.into(), reach);
                prop_assert_eq!(may_reach(inner.to_ipv6_mapped().into(), reach), plain);
                prop_assert_eq!(may_reach(nat64.into(), reach), plain);
                let compatible = Ipv6Addr::new(0, 0, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
                prop_assert!(!may_reach(compatible.into(), reach) || compatible == Ipv6Addr::LOCALHOST);
            }
        }

        #[test]
        fn whoever_reaches_the_public_alone_reaches_no_more_than_others(bits: u128) {
            let address = Ipv6Addr::from_bits(bits).into();
            prop_assert!(!may_reach(address, Reach::Public) || may_reach(address, Reach::Private));
        }

        #[test]
        fn the_standard_library_s_own_words_agree(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let special = address.is_loopback() || address.is_private() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_unspecified()
                || address.is_documentation();
            prop_assert!(!(special && may_reach(address.into(), Reach::Public)));
        }
    }
}
