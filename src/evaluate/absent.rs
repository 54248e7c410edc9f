//! Why checks of a component that is not on the node do not apply.

use std::collections::BTreeSet;

use crate::collect::observations::Observations;
use crate::component::{Reading, own};
use definitions::benchmark::{BelongsTo, Role, Setting};
use redact::mask_argument;

/// The component that is configured with the address of the store, which may run on separate machines, and the flag
/// that sets it.
const TOLD_OF_STORE: (&str, &str) = ("apiserver", own::ETCD_SERVERS);

/// Returns the reason why the checks of the component `key` do not apply; `name` is its display name.
pub(super) fn reason(key: &str, name: &str, observations: &Observations<'_>) -> String {
    if observations.library.components.get(key).and_then(|component| component.belongs_to)
        == Some(BelongsTo::ClusterDirectory)
    {
        return "no cluster directory is given (pass --cluster-dir)".to_owned();
    }
    let plain = format!("{name} is not on this node");
    if !observations.library.is_of_role(key, Role::Store) {
        return plain;
    }
    let (asked, flag) = TOLD_OF_STORE;
    match servers(asked, flag, observations) {
        Some((servers, true)) => format!("{plain}: the API server's {flag} is {servers}, a socket of another database"),
        Some((servers, false)) => {
            format!("{plain}, it runs on machines of its own: the API server's {flag} is {servers}")
        }
        None => plain,
    }
}

/// Returns the value of an argument of the component `key`, and whether it lists only sockets. `None` if the argument
/// is not set, or if it contains an address on the node itself and not only sockets.
fn servers(key: &str, flag: &str, observations: &Observations<'_>) -> Option<(String, bool)> {
    let component = observations.library.components.get(key)?;
    let setting = Setting::of_flag(flag);
    let mut said = BTreeSet::new();
    let mut are_sockets = true;
    for instance in observations.of(key) {
        if let Reading::Set { given, .. } = instance.read(&setting, component) {
            let items = given.items();
            let is_socket = items.iter().all(|server| server.trim().starts_with("unix:"));
            are_sockets &= is_socket;
            if !is_socket && items.iter().any(|server| is_here(server)) {
                return None;
            }
            said.insert(given.text());
        }
    }
    let said: Vec<String> = said.into_iter().map(|said| mask_argument(flag, &said).into_owned()).collect();
    Some((said.join(" and "), are_sockets)).filter(|(said, _)| !said.is_empty())
}

/// Whether a server's URL points at the node itself: a loopback address or a socket.
fn is_here(url: &str) -> bool {
    let (scheme, rest) = url.trim().split_once("://").unwrap_or(("", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let address = authority.rsplit('@').next().unwrap_or_default();
    let host = match address.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => address.split(':').next().unwrap_or_default(),
    };
    scheme.starts_with("unix") || host.is_empty() || host == "localhost" || is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_node_itself_is_told_from_other_machines() {
        let table = [
            ("https://127.0.0.1:2379", true),
            ("http://localhost:2379/", true),
            ("https://[::1]:2379", true),
            ("https://u:p@127.0.0.1:2379", true),
            ("unix:///run/etcd.sock", true),
            ("", true),
            ("https://10.0.0.5:2379", false),
            ("https://u:p@10.0.0.5:2379", false),
            ("https://[fd00::5]:2379", false),
            ("https://127.example.com:2379", false),
            ("etcd.example.com:2379", false),
        ];
        for (url, expected) in table {
            assert_eq!(is_here(url), expected, "{url}");
        }
    }
}
