//! The distribution that is running on the node, and where it keeps its files.
//!
//! Sources: <https://docs.k3s.io/cli/server>, <https://docs.rke2.io/reference/server_config>,
//! <https://docs.k0sproject.io/stable/cli/>, <https://microk8s.io/docs/services-and-ports>.

use std::path::{Path, PathBuf};

use crate::component::{Assigned, Instance, Located, own};
use definitions::SharedText;
use definitions::benchmark::Place;
use probe::{Answer, Cause, Excerpt, FileKind, Form, Location, Observed, Question, Reason};
use sorting::Sorting;

use super::configuration;
use super::inventory::Presence;
use super::place::Places;
use super::unit;
use super::wildcard::matches;

/// A distribution that is recognized by its processes.
struct Distribution {
    /// Its name in the definitions of places.
    name: &'static str,
    /// Its display name.
    title: &'static str,
    /// The programs that embed components.
    programs: &'static [&'static str],
    /// The services in which its child processes run, without the suffix.
    services: &'static [&'static str],
    /// Its default data directory.
    data: &'static str,
    /// The arguments of its child processes that show the directory: the component, the flag, and the path below it.
    shown_by: &'static [(&'static str, &'static str, &'static str)],
    /// Where it stores the cluster's data if not in etcd, relative to its directory.
    store: Option<&'static str>,
    /// Its settings file, which may set the directory.
    settings: Option<&'static str>,
}

const KNOWN: [Distribution; 5] = [
    Distribution {
        name: "k3s",
        title: "k3s",
        store: Some("server/db/state.db"),
        programs: &["k3s", "k3s-server", "k3s-agent"],
        services: &[],
        data: "/var/lib/rancher/k3s",
        shown_by: &[("kubelet", "--kubeconfig", "agent/kubelet.kubeconfig")],
        settings: Some("/etc/rancher/k3s/config.yaml"),
    },
    Distribution {
        name: "rke2",
        title: "RKE2",
        store: None,
        programs: &[],
        services: &["rke2-server", "rke2-agent"],
        data: "/var/lib/rancher/rke2",
        shown_by: &[
            ("kubelet", "--kubeconfig", "agent/kubelet.kubeconfig"),
            ("apiserver", "--client-ca-file", "server/tls/client-ca.crt"),
        ],
        settings: Some("/etc/rancher/rke2/config.yaml"),
    },
    Distribution {
        name: "k0s",
        title: "k0s",
        store: Some("db/state.db"),
        programs: &[],
        services: &["k0scontroller", "k0sworker"],
        data: "/var/lib/k0s",
        shown_by: &[("kubelet", "--kubeconfig", "kubelet.conf"), ("apiserver", "--client-ca-file", "pki/ca.crt")],
        settings: None,
    },
    Distribution {
        name: "microk8s",
        title: "MicroK8s",
        store: Some("var/kubernetes/backend"),
        programs: &["kubelite"],
        services: &[],
        data: "/var/snap/microk8s/current",
        shown_by: &[],
        settings: None,
    },
    Distribution {
        name: "openshift",
        title: "OpenShift",
        store: None,
        programs: &[],
        services: &[],
        data: "/etc/kubernetes/static-pod-resources",
        shown_by: &[],
        settings: None,
    },
];

/// The flags that show the data directories of distributions.
pub(super) fn flags() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().flat_map(|known| known.shown_by).map(|(_, flag, _)| *flag)
}

/// The paths of a place on a distribution.
pub(super) struct Own {
    pub(super) paths: Vec<String>,
    /// The message if nothing exists there.
    pub(super) missing: String,
    /// Why the paths may differ, if the distribution's settings cannot be read.
    pub(super) unread: Option<Reason>,
}

/// Returns the paths of a place on the distribution that is running; `None` if no running distribution has its own
/// paths for it.
///
/// `key` is the component that the place belongs to.
pub(super) fn candidates(places: &Places<'_>, key: &str, place: &Place) -> Option<Own> {
    if place.distributions.is_empty() {
        return None;
    }
    let known = KNOWN.iter().find(|known| runs(places, key, known))?;
    let usual = place.distributions.get(known.name)?;
    let (data, unread) = match data_directory(places, known) {
        Ok(named) => (named.unwrap_or_else(|| PathBuf::from(known.data)), None),
        Err(why) => (PathBuf::from(known.data), Some(why)),
    };
    let moved = |path: &SharedText| match Path::new(path.as_str()).strip_prefix(known.data) {
        Ok(below) => data.join(below).to_string_lossy().into_owned(),
        Err(_) => path.to_string(),
    };
    let paths: Vec<String> = usual.iter().map(moved).collect();
    let store = known.store.filter(|_| key == ETCD).map(|below| data.join(below));
    let store = store.filter(|store| places.node.ask(&Question::Metadata(Location::node(store))) != Observed::Absent);
    let missing = match store {
        Some(store) => {
            format!("{} keeps the cluster's data in {}, not in etcd", known.title, store.display())
        }
        None => format!("{} has no such file here (looked for {})", known.title, paths.join(", ")),
    };
    Some(Own { paths, missing, unread })
}

/// The component that distributions may replace with another store.
const ETCD: &str = "etcd";

fn runs(places: &Places<'_>, key: &str, known: &Distribution) -> bool {
    let inventory = places.inventory;
    let embeds = |presence: &Presence| match presence {
        Presence::Embedded(program) => program.split(' ').next().is_some_and(|first| known.programs.contains(&first)),
        _ => false,
    };
    let serves = |instance: &Instance| match &instance.service {
        Observed::Present(name) => {
            let stem = name.strip_suffix(".service").unwrap_or(name);
            known.services.contains(&stem)
        }
        Observed::Absent | Observed::Unknown(_) => false,
    };
    let is_openshift = || {
        known.name == "openshift"
            && inventory.of("apiserver").iter().any(|instance| instance.arguments.has(own::OPENSHIFT_CONFIG))
    };
    inventory.presence.get(key).is_some_and(embeds)
        || inventory.presence.values().any(embeds)
        || inventory.instances.values().flatten().any(serves)
        || is_openshift()
}

/// The data directory of a distribution, if anything names it.
///
/// # Errors
///
/// Returns the reason if the distribution's settings exist but cannot be read.
fn data_directory(places: &Places<'_>, known: &Distribution) -> Result<Option<PathBuf>, Reason> {
    let shown = known.shown_by.iter().find_map(|(component, flag, below)| {
        places.inventory.of(component).iter().find_map(|instance| {
            let path = instance.arguments.last(flag)?.strip_suffix(below)?.strip_suffix('/')?;
            path.starts_with('/').then(|| PathBuf::from(path))
        })
    });
    if shown.is_some() {
        return Ok(shown);
    }
    match of_unit(places, known)? {
        // Arguments take precedence over the file.
        Some(named) => Ok(Some(named)),
        None => known.settings.map_or(Ok(None), |file| of_settings(places, file)),
    }
}

/// The directory that the distribution's settings files set; the last one that sets it counts.
fn of_settings(places: &Places<'_>, file: &str) -> Result<Option<PathBuf>, Reason> {
    let mut files = vec![Location::node(file)];
    let drop_ins = Location::node(format!("{file}.d"));
    match places.node.ask(&Question::Directory(drop_ins.clone())) {
        Observed::Present(Answer::Entries(mut entries)) => {
            entries.order();
            let parts = entries.into_iter().filter(|entry| entry.kind != FileKind::Directory);
            let parts = parts.filter(|entry| matches("*.yaml", &entry.name) || matches("*.yml", &entry.name));
            files.extend(parts.map(|entry| Location::node(drop_ins.path.join(entry.name))));
        }
        Observed::Present(_) | Observed::Absent => {}
        Observed::Unknown(why) => return Err(why),
    }
    if files.len() > MOST {
        let detail = format!("holds more than {MOST} settings files, the limit");
        return Err(Reason::new(Cause::TooLarge, drop_ins, detail));
    }
    for file in files.iter().rev() {
        match configuration::document(places.node, file, &|| Excerpt::new(Form::Document, [DATA_DIR])) {
            Observed::Present(document) => {
                if let Some(path) = document.at(&[DATA_DIR]).and_then(Located::text) {
                    return Ok(Some(PathBuf::from(path)).filter(|path| path.is_absolute()));
                }
            }
            Observed::Absent => {}
            Observed::Unknown(why) => return Err(why),
        }
    }
    Ok(None)
}

/// The key that sets the directory.
const DATA_DIR: &str = "data-dir";

/// The maximum number of settings files to read.
const MOST: usize = 64;

/// The directory that the unit of the distribution's service sets. The process's own arguments are not used, since a
/// program that embeds components may overwrite them.
fn of_unit(places: &Places<'_>, known: &Distribution) -> Result<Option<PathBuf>, Reason> {
    for program in known.programs {
        let Some(found) = unit::find(places.node, &format!("{program}.service"), &unit::command, &mut Vec::new())?
        else {
            continue;
        };
        let Assigned::As(commands) = found.unit.read("Service.ExecStart") else { continue };
        let words = commands.last().map(|command| command.words()).unwrap_or_default();
        let mut words = words.iter();
        let mut named = None;
        while let Some(word) = words.next() {
            match word.split_once('=') {
                Some(("--data-dir" | "-d", path)) => named = Some(path),
                None if word == "--data-dir" || word == "-d" => named = words.next().map(String::as_str),
                _ => {}
            }
        }
        if let Some(path) = named.filter(|path| path.starts_with('/')) {
            return Ok(Some(PathBuf::from(path)));
        }
    }
    Ok(None)
}
