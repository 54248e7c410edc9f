//! The arguments that k3s passes to a component: its own, merged with the user's.
//!
//! Source: pkg/daemons and pkg/util/args.go of <https://github.com/k3s-io/k3s>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::component::{Arguments, GivenBy, GivenOption, Word, parse_boolean};
use definitions::benchmark::{Component, KubernetesVersion, PassedWhen};
use probe::{Cause, Node, Reason};

use super::super::ask::lies_there;
use super::passed::{Facts, Lines, Open, PassedOutcome, outcomes};
use super::told::{PROGRAM, Store, Told};

/// The component that has its settings in a drop-in directory from 1.32 on, and the drop-in that k3s writes there.
const KUBELET: &str = "kubelet";
const DROP_IN: &str = "agent/etc/kubelet.conf.d/00-k3s-defaults.conf";
const DROP_INS_SINCE: KubernetesVersion = KubernetesVersion { major: 1, minor: 32 };
/// The user's arguments to it that k3s copies there instead of passing them.
const COPIED: [&str; 2] = ["config", "config-dir"];

/// The oldest release line whose automatic arguments are known, and the last one without the drop-in.
const OLDEST: KubernetesVersion = KubernetesVersion { major: 1, minor: 27 };
const BEFORE_DROP_INS: KubernetesVersion = KubernetesVersion { major: 1, minor: 31 };

/// An argument given by the user.
struct Given<'a> {
    name: &'a str,
    value: &'a str,
    how: How,
    by: Arc<GivenBy>,
}

/// How a user's argument changes what k3s passes automatically.
#[derive(PartialEq, Eq)]
enum How {
    Replaces,
    Appends,
    Prepends,
}

fn given(option: &GivenOption) -> Given<'_> {
    let argument = option.value.strip_prefix("--").or_else(|| option.value.strip_prefix('-')).unwrap_or(&option.value);
    let (name, value) = argument.split_once('=').unwrap_or((argument, "true"));
    let (name, how) = match (name.strip_suffix('+'), name.strip_suffix('-')) {
        (Some(name), _) => (name, How::Appends),
        (None, Some(name)) => (name, How::Prepends),
        (None, None) => (name, How::Replaces),
    };
    let key = Some(format!("{} {name}", option.name));
    Given { name, value, how, by: Arc::new(GivenBy::File { set_in: option.set_in.clone(), key }) }
}

/// Returns the arguments that k3s passes to a component: its own, merged with the user's.
pub(super) fn arguments(
    node: &dyn Node,
    component: &Component,
    told: &Told,
    host: &str,
    version: Option<KubernetesVersion>,
) -> Arguments {
    let lines = lines(node, component, told, version);
    let list = format!("{}-arg", component.name);
    let mut user: Vec<Given<'_>> = told.options.all(&list).map(given).collect();
    if component.key == KUBELET && lines.from >= DROP_INS_SINCE {
        user.retain(|given| !COPIED.contains(&given.name));
    }
    let gives = |flag: &str| user.iter().any(|given| flag.strip_prefix("--") == Some(given.name));
    let holds = |when: PassedWhen| {
        let is_store = |store: Store| told.store.clone().map(|known| known == store);
        match when {
            PassedWhen::Etcd => is_store(Store::Etcd),
            PassedWhen::Kine => is_store(Store::Kine),
            PassedWhen::ExternalEtcd => is_store(Store::ExternalEtcd),
            PassedWhen::Encryption => Ok(told.options.is_on("secrets-encryption")),
            PassedWhen::Egress => Ok(told.options.last("egress-selector-mode") != Some("disabled")),
            PassedWhen::Protect => Ok(told.options.is_on("protect-kernel-defaults")),
            PassedWhen::Cloud => Ok(!told.options.is_on("disable-cloud-controller")),
        }
    };
    let node_name = match told.options.last("node-name").filter(|name| !name.is_empty()) {
        Some(name) => Some(name.to_owned()),
        None => Some(host.to_ascii_lowercase()).filter(|name| !name.is_empty()),
    };
    let node_name =
        node_name.filter(|_| told.options.last("with-node-id").is_none_or(|on| parse_boolean(on) == Some(false)));
    let fill = |value: &str| match (value.contains("{host}"), &node_name) {
        (true, None) => None,
        (true, Some(name)) => Some(value.replace("{host}", name)),
        (false, _) => Some(value.replace("{data}", &told.data)),
    };
    let nothing = BTreeMap::new();
    let passed = component.passed_by.get(PROGRAM).unwrap_or(&nothing);
    let is_there = |path: &str| lies_there(node, path);
    let facts = Facts { lines, holds: &holds, gives: &gives, fill: &fill, is_there: &is_there };
    let outcomes = outcomes(passed, &facts);
    let own = Arc::new(GivenBy::Embedder(PROGRAM.to_owned()));

    // By the name as given, since k3s sorts by it and the last argument counts.
    let mut all: BTreeMap<&str, Vec<(String, Arc<GivenBy>)>> = BTreeMap::new();
    let mut open: BTreeMap<&str, Reason> = BTreeMap::new();
    for (flag, outcome) in &outcomes {
        let name = flag.trim_start_matches('-');
        match outcome {
            PassedOutcome::Passed(value) if is_known(version) => {
                all.insert(name, vec![(value.clone(), Arc::clone(&own))]);
            }
            PassedOutcome::Passed(_) => drop(open.insert(name, unknown(component, flag, &Open::Version, version))),
            PassedOutcome::Open(why) => drop(open.insert(name, unknown(component, flag, why, version))),
        }
    }
    let mut replaced: BTreeSet<&str> = BTreeSet::new();
    for Given { name, value, how, by } in user {
        let is_first = replaced.insert(name);
        let values = all.entry(name).or_default();
        if how == How::Replaces {
            if is_first {
                values.clear();
                open.remove(name);
            }
            values.push((value.to_owned(), by));
            continue;
        }
        match values.last_mut() {
            Some((own, given_by)) => {
                *own = if how == How::Appends { format!("{own},{value}") } else { format!("{value},{own}") };
                *given_by = by;
            }
            // Adding to an unknown value does not make it known.
            None if open.contains_key(name) => {}
            None => values.push((value.to_owned(), by)),
        }
    }
    let words = all.into_iter().flat_map(|(name, values)| {
        let word = move |(value, by)| Word { text: format!("--{name}={value}"), given_by: Some(by) };
        values.into_iter().map(word)
    });
    let mut arguments = Arguments::of_words(words.collect(), component);
    for (name, why) in open {
        arguments.leave_open(format!("--{name}"), why);
    }
    arguments
}

/// Whether the automatic arguments of this k3s version are known; an unknown version counts as known.
fn is_known(version: Option<KubernetesVersion>) -> bool {
    version.is_none_or(|version| version >= OLDEST)
}

/// The release lines that this k3s may belong to. If the version is unknown, the kubelet's drop-in, which k3s writes at
/// each start, tells them apart.
fn lines(node: &dyn Node, component: &Component, told: &Told, version: Option<KubernetesVersion>) -> Lines {
    if let Some(version) = version {
        return Lines { from: version, to: Some(version) };
    }
    let any = Lines { from: OLDEST, to: None };
    if component.key != KUBELET {
        return any;
    }
    match lies_there(node, &format!("{}/{DROP_IN}", told.data)) {
        Ok(true) => Lines { from: DROP_INS_SINCE, to: None },
        Ok(false) => Lines { from: OLDEST, to: Some(BEFORE_DROP_INS) },
        Err(_) => any,
    }
}

/// Why the value of an argument is not known.
fn unknown(component: &Component, flag: &str, open: &Open, version: Option<KubernetesVersion>) -> Reason {
    let subject = format!("{} {flag}", component.name);
    match (open, version) {
        (Open::Unseen(why), _) => why.clone(),
        (Open::Value, _) => Reason::new(
            Cause::System,
            subject,
            format!("{PROGRAM} derives it from the machine's or the cluster's settings"),
        ),
        (Open::Version, None) => {
            let detail = format!(
                "whether {PROGRAM} passes it automatically depends on its version, which the node does not show (give \
                 --version, or the argument under {}-arg)",
                component.name
            );
            Reason::new(Cause::System, subject, detail)
        }
        (Open::Version, Some(version)) if version < OLDEST => {
            let detail =
                format!("what {PROGRAM} passes automatically is known from {OLDEST} on, and this is {version}");
            Reason::new(Cause::System, subject, detail)
        }
        (Open::Version, Some(version)) => {
            let detail = format!(
                "some releases of {PROGRAM} {version} pass it automatically, and others do not (give the argument under \
                 {}-arg)",
                component.name
            );
            Reason::new(Cause::System, subject, detail)
        }
    }
}
