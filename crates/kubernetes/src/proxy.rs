//! The proxy to the API server, if any.

use std::net::IpAddr;

use http::Uri;
use probe::{Cause, Reason};

use crate::options::Environment;
use crate::text;

/// The proxy for a server: the kubeconfig's, or the environment's unless `NO_PROXY` exempts the server.
pub fn of(server: &Uri, proxy_url: Option<&str>, environment: &Environment) -> Result<Option<Uri>, Reason> {
    if let Some(url) = proxy_url {
        return parse(url, "proxy-url of the kubeconfig").map(Some);
    }
    let host = host(server);
    // As everywhere in Go, HTTPS_PROXY applies to TLS only, and never to the local host.
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let exempt = local || environment.no_proxy.as_deref().is_some_and(|list| is_exempt(&host, server.port_u16(), list));
    match environment.https_proxy.as_deref().filter(|url| !url.is_empty()) {
        Some(url) if server.scheme_str() == Some("https") && !exempt => parse(url, "HTTPS_PROXY").map(Some),
        _ => Ok(None),
    }
}

/// The host of a URL, without the brackets of an IPv6 address.
pub fn host(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

fn parse(url: &str, subject: &str) -> Result<Uri, Reason> {
    let wrong = |what: &str| Reason::new(Cause::Malformed, subject, what);
    // The URL may contain a password, so errors do not show it.
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let uri: Uri = with_scheme.trim_end_matches('/').parse().map_err(|_| wrong("not a URL"))?;
    let mut parts = uri.into_parts();
    let scheme = parts.scheme.as_ref().map(|scheme| scheme.as_str().to_owned()).unwrap_or_default();
    let port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        "socks5" | "socks5h" => 1080,
        other => {
            let other = text::name(other);
            return Err(wrong(&format!("`{other}` proxies are not supported (use http, https or socks5)")));
        }
    };
    let authority = parts.authority.take().ok_or_else(|| wrong("not a URL"))?;
    let authority = if authority.port().is_some() { authority.to_string() } else { format!("{authority}:{port}") };
    parts.authority = Some(authority.parse().map_err(|_| wrong("not a URL"))?);
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).map_err(|_| wrong("not a URL"))
}

/// Whether `NO_PROXY` exempts a host: by `*`, its name, a parent domain, its address or a network, each with or
/// without a port (golang.org/x/net/http/httpproxy).
fn is_exempt(host: &str, port: Option<u16>, list: &str) -> bool {
    let address = host.parse::<IpAddr>().ok();
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some((network, bits)) = entry.split_once('/') {
            return address.is_some_and(|address| is_within(address, network, bits));
        }
        let (name, wanted) = split_port(&entry);
        if name.is_empty() || wanted.is_some_and(|wanted| port.unwrap_or(443) != wanted) {
            return false;
        }
        if let Some(address) = address {
            return name.parse() == Ok(address);
        }
        let name = name.strip_prefix('*').unwrap_or(name);
        match name.strip_prefix('.') {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
        }
    })
}

/// Splits `host:port` or `[address]:port`; the port is optional.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, port) = rest.split_once(']').unwrap_or((rest, ""));
        return (address, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    }
}

fn is_within(address: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (address, network.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network))) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network))) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_read_as_in_go() {
        let table = [
            ("api.example.com", "example.com", true),
            ("api.example.com", ".example.com", true),
            ("api.example.com", "*.example.com", true),
            ("example.com", ".example.com", false),
            ("badexample.com", "example.com", false),
            ("api.example.com", "foo, api.example.com:6443", true),
            ("api.example.com", "api.example.com:443", false),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("10.1.2.3", "11.0.0.0/8", false),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("fd00::1", "fd00::/8", true),
            ("fd00::1", "[fd00::1]:6443", true),
            ("fd00::1", "fd00::1", true),
            ("api.example.com", "*", true),
            ("api.example.com", "", false),
            ("10.1.2.3", "10.0.0.0/99", false),
        ];
        for (host, list, expected) in table {
            assert_eq!(is_exempt(host, Some(6443), list), expected, "{host} in {list}");
        }
    }

    #[test]
    fn the_kubeconfig_goes_before_the_environment() {
        let environment = Environment {
            https_proxy: Some("proxy.example.com:3128".into()),
            no_proxy: Some("10.0.0.0/8".into()),
            ..Environment::default()
        };
        let of = |server: &str, url: Option<&str>| {
            of(&server.parse().unwrap(), url, &environment).map(|proxy| proxy.map(|proxy| proxy.to_string()))
        };
        assert_eq!(of("https://api.example.com", None), Ok(Some("http://proxy.example.com:3128/".into())));
        assert_eq!(of("https://10.0.0.1:6443", None), Ok(None));
        assert_eq!(of("https://[::1]:6443", None), Ok(None));
        assert_eq!(of("http://api.example.com", None), Ok(None));
        assert_eq!(of("https://10.0.0.1:6443", Some("socks5://p")), Ok(Some("socks5://p:1080/".into())));
        assert_eq!(of("https://10.0.0.1", Some("https://u:p@p/")), Ok(Some("https://u:p@p:443/".into())));
        let wrong = of("https://10.0.0.1", Some("ftp://secret@p")).unwrap_err().to_string();
        assert!(wrong.contains("`ftp` proxies are not supported") && !wrong.contains("secret"), "{wrong}");
    }
}
