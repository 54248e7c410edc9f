//! Lookups in `/etc/hosts`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of a name in a hosts file, in file order. `localhost` gives the loopback addresses and is never sent
/// to a name server (RFC 6761).
pub fn addresses(hosts: &str, name: &str) -> Vec<IpAddr> {
    let name = name.trim_end_matches('.');
    let mut found = Vec::new();
    for line in hosts.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.split('%').next()?.parse().ok()) else { continue };
        if words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(name)) && !found.contains(&address) {
            found.push(address);
        }
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if found.is_empty() && last.eq_ignore_ascii_case("localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_column_and_case() {
        let hosts = "127.0.0.1 localhost\n# 1.1.1.1 api\n10.0.0.1\tnode api.example.com # api2\n\nbroken api\n\
                     fd00::1%eth0 api.example.com.\n10.0.0.1 API.example.com\n";
        let of = |name| addresses(hosts, name).iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(of("api.example.com"), "10.0.0.1 fd00::1");
        assert_eq!(of("Api.Example.Com."), "10.0.0.1 fd00::1");
        assert_eq!(of("node"), "10.0.0.1");
        assert_eq!(of("api2"), "");
        assert_eq!(of("api"), "");
        assert_eq!(of("localhost"), "127.0.0.1");
        assert_eq!(of("kind.localhost"), "127.0.0.1 ::1");
        assert_eq!(of("notlocalhost"), "");
    }
}
