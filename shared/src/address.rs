//! Which addresses are on somebody's own machine or network, where the same address means another machine for everybody
//! else. By spelling and by number alone. Not here: asking for a name's address (`helper/network/reach`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether the host of `host[:port]` is local by its very spelling: a number that is not public, in any form that a resolver
/// takes (`127.1`, `0x7f000001`, `017700000001`), or a name that no public name server answers for (RFC 6761, RFC 8375).
///
/// # Examples
/// ```
/// use provenear_shared::address::is_local;
///
/// assert!(!is_local("github.com:443"));
/// assert!(is_local("gitea.internal"));
/// // Resolvers take this number for 127.0.0.1.
/// assert!(is_local("0x7f000001:8080"));
/// ```
pub fn is_local(authority: &str) -> bool {
    let name = host(authority).trim_end_matches('.').to_ascii_lowercase();
    match number(&name) {
        Some(address) => !is_public(address),
        None => {
            let top = name.rsplit('.').next().unwrap_or_default();
            !name.contains('.')
                || ["localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "test"]
                    .contains(&top)
                || name.ends_with(".home.arpa")
        }
    }
}

/// The host of `host[:port]`, without the brackets of an IPv6 address.
pub fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// A host by what it leads to, however it is spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// This machine, by number or by name.
    Here,
    /// Another one, by number.
    Number(IpAddr),
    /// Another one, by name: in lower case, without a dot at the end.
    Name(String),
}

impl Host {
    /// Of a host without port and brackets.
    pub fn of(host: &str) -> Self {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        match number(&name).map(|address| address.to_canonical()) {
            // The unspecified address leads to this machine, too.
            Some(address) if address.is_loopback() || address.is_unspecified() => Self::Here,
            Some(address) => Self::Number(address),
            None if name == "localhost" || name.ends_with(".localhost") => Self::Here,
            None => Self::Name(name),
        }
    }
}

/// Whether an address is the same machine for everybody (IANA's special-purpose registries, 2026-11).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    // This network, private, shared (RFC 6598), loopback, link-local, protocol assignments, documentation, benchmarks,
    // multicast and reserved.
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Those that carry an IPv4 address lead there: NAT64 and 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inside(high, low),
        // Teredo and other protocol assignments, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All that is given out; loopback, mapped IPv4, unique local, link-local and multicast lie elsewhere.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// An address by any of the numeric forms of `inet_aton`, and IPv6.
fn number(name: &str) -> Option<IpAddr> {
    if name.contains(':') {
        return name.split('%').next().and_then(|address| address.parse().ok()).map(IpAddr::V6);
    }
    let parts: Vec<u32> = name.split('.').map(part).collect::<Option<_>>()?;
    let (last, first) = parts.split_last().filter(|(_, first)| first.len() < 4)?;
    let fits = first.iter().all(|part| *part < 256) && u64::from(*last) < 1 << (8 * (4 - first.len()));
    let high = first.iter().enumerate().map(|(position, part)| part << (24 - 8 * position)).sum::<u32>();
    fits.then(|| IpAddr::V4(Ipv4Addr::from(high | last)))
}

fn part(text: &str) -> Option<u32> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        (None, _) => (text, 10),
    };
    // `+` is no digit, though Rust reads it.
    digits.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| u32::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_local_address_is_known() {
        for authority in [
            "localhost",
            "LOCALHOST:80",
            "localhost.",
            "a.localhost",
            "git.local",
            "gitea",
            "metadata.google.internal",
            "host.docker.internal",
            "nas.lan:3000",
            "x.home.arpa",
            "127.0.0.1",
            "127.0.0.1:8471",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.168.257",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "192.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::1]:80",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[fc00::1]",
            "[fd12::1]:443",
            "[fe80::1]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[::127.0.0.1]",
        ] {
            assert!(is_local(authority), "{authority}");
        }
        for authority in [
            "github.com",
            "codeberg.org:443",
            "local.example",
            "localhost.example",
            "127.0.0.1.nip.io",
            "8.8.8.8",
            "134744072",
            "172.32.0.1",
            "172.15.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.169.0.1",
            "[2606:4700::1]",
            "[2a00:1450::1]:443",
            "[64:ff9b::808:808]",
            "[2002:808:808::]",
            "1.2.3.4.example",
            "0x7f.example",
        ] {
            assert!(!is_local(authority), "{authority}");
        }
    }
}
