//! The options given to k3s, and the settings of each component that follow from them.
//!
//! Source: pkg/cli and pkg/configfilearg of <https://github.com/k3s-io/k3s>.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::component::{EmbedderOptions, GivenOption, SetIn, own};
use definitions::benchmark::{Component, KubernetesVersion, Role};
use probe::{Cause, Location, Node, Reason};

use super::super::ask::lies_there;
use super::super::embedder::Embedder;
use super::super::stand_in::StandIn;
use super::arguments::arguments;
use super::command::{Command, filled_in};
use super::found::{Found, instance, unread};
use super::settings;
use super::told::{K3s, Store, Told};

/// The default data directory.
const DATA: &str = "/var/lib/rancher/k3s";

/// The variables that set options, and the options.
const VARIABLES: [(&str, &str); 4] = [
    ("K3S_CONFIG_FILE", "config"),
    ("K3S_DATA_DIR", "data-dir"),
    ("K3S_DATASTORE_ENDPOINT", "datastore-endpoint"),
    ("K3S_NODE_NAME", "node-name"),
];

/// The names of the variables that set options.
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|(name, _)| *name)
}

/// The components, by key, and the options that disable them.
const LEFT_OUT_BY: [(&str, &str); 5] = [
    ("apiserver", "disable-apiserver"),
    ("controller-manager", "disable-controller-manager"),
    ("scheduler", "disable-scheduler"),
    ("etcd", "disable-etcd"),
    ("proxy", "disable-kube-proxy"),
];

/// The option that disables all node components.
const WITHOUT_NODE: &str = "disable-agent";

/// Reads the options given to a k3s process.
pub(super) fn read(
    node: &dyn Node,
    embedder: &Embedder,
    read: &mut BTreeSet<Location>,
    stand_ins: &mut Vec<StandIn>,
) -> K3s {
    K3s { told: told(node, embedder, read, stand_ins) }
}

fn told(
    node: &dyn Node,
    embedder: &Embedder,
    read: &mut BTreeSet<Location>,
    stand_ins: &mut Vec<StandIn>,
) -> Result<Told, Reason> {
    let command = Command::read(node, embedder, read)?;
    let mut wanted: BTreeSet<String> = sorting::set(variables().map(str::to_owned));
    filled_in(&command.words, &mut |name| {
        wanted.insert(name.to_owned());
        String::new()
    });
    let variables = command.variables(node, embedder, &wanted, stand_ins)?;
    let value = &mut |name: &str| variables.get(name).cloned().unwrap_or_default();
    let words = filled_in(&command.words, value).ok_or_else(|| {
        Reason::new(
            Cause::TooLarge,
            &command.set_in.file,
            format!("passes {embedder} more than a command line can hold"),
        )
    })?;
    let of_command = EmbedderOptions::of_words(&words, &command.set_in);
    let named = of_command.last("config").or_else(|| variables.get("K3S_CONFIG_FILE").map(String::as_str));
    let named = named.filter(|named| !named.is_empty());
    let files = settings::read(node, named, embedder, read)?;
    let settings = named.unwrap_or(settings::USUAL).to_owned();
    let mut options = EmbedderOptions::of_files(&files).then(of_command);
    for (variable, name) in VARIABLES {
        if let Some(value) = variables.get(variable).filter(|value| !value.is_empty()) {
            let set_in = SetIn { file: variable.to_owned(), line: None };
            options.or_give(GivenOption { name: name.to_owned(), value: value.clone(), set_in });
        }
    }
    let data =
        options.last("data-dir").filter(|path| !path.is_empty()).unwrap_or(DATA).trim_end_matches('/').to_owned();
    if !Path::new(&data).is_absolute() {
        return Err(Reason::new(Cause::System, data, format!("data-dir of {embedder}, but not by its whole path")));
    }
    let store = store(node, &options, &data);
    Ok(Told { options, settings, data, store })
}

/// Where k3s keeps the cluster's data.
fn store(node: &dyn Node, options: &EmbedderOptions, data: &str) -> Result<Store, Reason> {
    if let Some(endpoint) = options.last("datastore-endpoint").filter(|endpoint| !endpoint.is_empty()) {
        let is_etcd = endpoint.starts_with("http://") || endpoint.starts_with("https://");
        return Ok(if is_etcd { Store::ExternalEtcd } else { Store::Kine });
    }
    // A server with etcd disabled uses the etcd of other servers.
    if options.is_on("disable-etcd") {
        return Ok(Store::Etcd);
    }
    let has_etcd = lies_there(node, &format!("{data}/server/db/etcd/config"))?;
    Ok(if has_etcd { Store::Etcd } else { Store::Kine })
}

/// Returns the settings of a component, for this version if it is known.
pub(super) fn component(
    node: &dyn Node,
    component: &Component,
    role: Option<Role>,
    embedder: &Embedder,
    k3s: &Arc<K3s>,
    host: &str,
    version: Option<KubernetesVersion>,
) -> Found {
    let is_etcd = role == Some(Role::Store);
    let told = match &k3s.told {
        Ok(told) => told,
        Err(why) if is_etcd => return Found::Unsure(why.clone()),
        Err(why) => return Found::Here(Box::new(unread(component, embedder, why.clone()))),
    };
    let leaves_out = |(key, option): &(&str, &str)| *key == component.key && told.options.is_on(option);
    let without_node = role == Some(Role::Node) && told.options.is_on(WITHOUT_NODE);
    if without_node || LEFT_OUT_BY.iter().any(leaves_out) {
        return Found::LeftOut;
    }
    match &told.store {
        Ok(Store::Etcd) => {}
        Ok(_) if is_etcd => return Found::LeftOut,
        Err(why) if is_etcd => return Found::Unsure(why.clone()),
        Ok(_) | Err(_) => {}
    }
    let mut found = instance(component, embedder, arguments(node, component, told, host, version));
    if is_etcd {
        found.manifest = found.arguments.last(own::CONFIG_FILE).map(Location::node);
    }
    Found::Here(Box::new(found))
}
