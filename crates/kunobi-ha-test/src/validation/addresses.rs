//! Addresses and networks, as kube-apiserver reads them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::field::Field;

/// An address with the length of its prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Field<'_> {
    /// An address, unless it was there before.
    pub(super) fn address(&self, text: &str, known: &[&str]) -> bool {
        let problem = problem(text).filter(|_| !known.contains(&text));
        if let Some(problem) = problem {
            self.invalid_as(&text.into(), problem);
        }
        problem.is_none()
    }

    /// An address in the one form in which it is written.
    pub(super) fn canonical_address(&self, text: &str) -> bool {
        let problems = canonical(text);
        for problem in &problems {
            self.invalid_as(&text.into(), problem);
        }
        problems.is_empty()
    }

    /// An address to which others may connect.
    pub(super) fn endpoint_address(&self, text: &str) {
        let Some(ip) = sloppy(text) else {
            self.invalid_as(&text.into(), "must be a valid IP address");
            return;
        };
        let ip = ip.to_canonical();
        if ip.is_unspecified() {
            self.invalid_as(&text.into(), &format!("may not be unspecified ({text})"));
        }
        if ip.is_loopback() {
            let detail = "may not be in the loopback range (127.0.0.0/8, ::1/128)";
            self.invalid_as(&text.into(), detail);
        }
        let (is_local, is_local_multicast) = match ip {
            IpAddr::V4(ip) => (ip.is_link_local(), ip.octets()[..3] == [224, 0, 0]),
            IpAddr::V6(ip) => {
                (ip.segments()[0] & 0xffc0 == 0xfe80, ip.segments()[0] & 0xff0f == 0xff02)
            }
        };
        if is_local {
            let detail = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
            self.invalid_as(&text.into(), detail);
        }
        if is_local_multicast {
            let detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
            self.invalid_as(&text.into(), detail);
        }
    }

    /// A network, unless it was there before. Returns it if it can be read.
    pub(super) fn network(&self, text: &str, known: &[&str]) -> Option<Network> {
        let network = Network::sloppy(text);
        if known.contains(&text) {
            return network;
        }
        let problem = match network {
            None => "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
            Some(_) if !Network::is_strict(text) => {
                "must not have leading 0s in IP or prefix length"
            }
            Some(Network { address: IpAddr::V6(ip), .. }) if ip.to_ipv4_mapped().is_some() => {
                "must not have an IPv4-mapped IPv6 address"
            }
            Some(network) if network.masked() != network.address => {
                "must not have bits set beyond the prefix length"
            }
            Some(_) => return network,
        };
        self.invalid_as(&text.into(), problem);
        network
    }
}

impl Network {
    fn sloppy(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address = sloppy(address)?;
        let is_number = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|_| is_number)?;
        (prefix <= bits(address)).then_some(Self { address, prefix })
    }

    fn is_strict(text: &str) -> bool {
        text.split_once('/').is_some_and(|(address, prefix)| {
            let is_plain = prefix == "0" || !prefix.starts_with('0');
            address.parse::<IpAddr>().is_ok() && is_plain
        })
    }

    /// Without the bits after the prefix.
    fn masked(self) -> IpAddr {
        let unused = bits(self.address) - self.prefix;
        match self.address {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(unused).unwrap_or_default();
                Ipv4Addr::from_bits(ip.to_bits() & mask).into()
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(unused).unwrap_or_default();
                Ipv6Addr::from_bits(ip.to_bits() & mask).into()
            }
        }
    }

    /// Whether another network is a part of this one, and smaller.
    pub(super) fn contains(self, other: Self) -> bool {
        let here = Self { address: other.address, prefix: self.prefix };
        self.address.is_ipv4() == other.address.is_ipv4()
            && self.prefix < other.prefix
            && here.masked() == self.masked()
    }
}

/// All that is wrong with an address that must be in the one form in which it is written.
pub(super) fn canonical(text: &str) -> Vec<String> {
    if let Some(problem) = problem(text) {
        return vec![problem.into()];
    }
    let canonical = sloppy(text).map(|ip| ip.to_string()).filter(|ip| ip != text);
    let problem = |ip| format!("must be in canonical form ({ip:?})");
    canonical.map(problem).into_iter().collect()
}

fn problem(text: &str) -> Option<&'static str> {
    match sloppy(text) {
        None => Some("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
        Some(_) if text.parse::<IpAddr>().is_err() => Some("must not have leading 0s"),
        Some(IpAddr::V6(ip)) if ip.to_ipv4_mapped().is_some() => {
            Some("must not be an IPv4-mapped IPv6 address")
        }
        Some(_) => None,
    }
}

/// An address whose numbers may begin with zeros.
pub(super) fn sloppy(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse().ok();
    }
    let parts: Option<Vec<u8>> = text.split('.').map(octet).collect();
    let parts: [u8; 4] = parts?.try_into().ok()?;
    Some(Ipv4Addr::from(parts).into())
}

fn octet(text: &str) -> Option<u8> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Whether the addresses are one of each family.
pub(super) fn is_dual_stack(addresses: &[&str]) -> bool {
    let parsed: Vec<IpAddr> = addresses.iter().filter_map(|text| sloppy(text)).collect();
    parsed.len() == addresses.len()
        && parsed.iter().any(IpAddr::is_ipv4)
        && parsed.iter().any(IpAddr::is_ipv6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("01.2.3.4", Some("1.2.3.4")),
            ("::1", Some("::1")),
            ("1.2.3", None),
            ("1.2.3.256", None),
            ("+1.2.3.4", None),
            ("", None),
        ] {
            assert_eq!(sloppy(text).map(|ip| ip.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_network_contains_smaller_ones() {
        let network = |text| Network::sloppy(text).unwrap();
        assert!(network("10.0.0.0/8").contains(network("10.1.0.0/16")));
        assert!(!network("10.0.0.0/8").contains(network("10.0.0.0/8")));
        assert!(!network("10.0.0.0/8").contains(network("11.0.0.0/9")));
        assert!(network("0.0.0.0/0").contains(network("11.0.0.0/9")));
        assert!(!network("::/0").contains(network("11.0.0.0/9")));
        assert_eq!(Network::sloppy("10.0.0.0/33"), None);
        assert_eq!(Network::sloppy("10.0.0.0"), None);
    }
}
