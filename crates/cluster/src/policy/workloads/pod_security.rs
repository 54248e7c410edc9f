//! The API servers' configuration of Pod Security admission: defaults for namespaces without labels, and exemptions.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/>.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use probe::Reason;

use super::lists::Namespace;
use crate::pods::standard::{Level, Policy};

/// An API server's configuration of Pod Security admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodSecurityConfiguration {
    /// Where it is set, such as `/etc/kubernetes/admission.yaml`.
    pub source: String,
    /// What disables Pod Security, such as `--disable-admission-plugins of kube-apiserver`.
    pub turned_off: Option<String>,
    /// The policy enforced in namespaces without a label.
    pub enforced: Policy,
    /// Users whose requests are exempt.
    pub users: BTreeSet<String>,
    /// Namespaces whose pods are exempt.
    pub namespaces: BTreeSet<String>,
    /// Runtime classes whose pods are exempt.
    pub runtime_classes: BTreeSet<String>,
}

impl PodSecurityConfiguration {
    /// The configuration of an API server without an admission configuration.
    pub fn unset(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            turned_off: None,
            enforced: Policy::latest(Level::Privileged),
            users: BTreeSet::new(),
            namespaces: BTreeSet::new(),
            runtime_classes: BTreeSet::new(),
        }
    }
}

/// The observed configuration of Pod Security admission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PodSecurityAdmission {
    /// No API server was inspected.
    #[default]
    NotSeen,
    /// At least one API server was inspected.
    Seen {
        /// Their configurations.
        configurations: Vec<PodSecurityConfiguration>,
        /// Why the configurations of further API servers are unknown, if there are any.
        others: Option<Reason>,
    },
    /// An API server was inspected, but its configuration could not be read.
    Unknown(Reason),
}

/// Whether a namespace enforces a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Enforces<'a> {
    /// It does.
    Yes,
    /// It does not, for the reason found.
    No(String),
    /// That depends on missing evidence.
    Unknown(&'a Reason),
}

/// The users as which controllers create pods. Exempting one exempts everyone who can create the controllers' objects.
const POD_MAKERS: [&str; 6] = [
    "system:kube-controller-manager",
    "system:serviceaccount:kube-system:daemon-set-controller",
    "system:serviceaccount:kube-system:job-controller",
    "system:serviceaccount:kube-system:replicaset-controller",
    "system:serviceaccount:kube-system:replication-controller",
    "system:serviceaccount:kube-system:statefulset-controller",
];

/// The most names listed of a kind.
const LISTED: usize = 10;

impl PodSecurityAdmission {
    /// Whether a namespace enforces at least this level on new pods.
    pub(super) fn enforces(&self, namespace: &Namespace, level: Level) -> Enforces<'_> {
        let label = namespace.enforced();
        let found = label.map_or("not set", Level::name);
        let without = |rest: &str| Enforces::No(format!("pod-security.kubernetes.io/enforce: {found}{rest}"));
        if label.is_some_and(|label| label < level) {
            return without("");
        }
        let (configurations, others) = match self {
            Self::NotSeen if label.is_some() => return Enforces::Yes,
            Self::NotSeen => return without(""),
            Self::Unknown(reason) => return Enforces::Unknown(reason),
            Self::Seen { configurations, others } => (configurations, others),
        };
        // Any API server may handle a request, so the weakest configuration counts.
        for configuration in configurations {
            if let Some(why) = configuration.exempts(&namespace.metadata.name) {
                return without(&format!(", without effect ({why})"));
            }
            let enforced = configuration.enforced;
            if label.is_none() && enforced.level < level {
                return without(&format!(" (default {enforced}, {})", configuration.source));
            }
        }
        match others {
            Some(reason) if label.is_none() => Enforces::Unknown(reason),
            _ => Enforces::Yes,
        }
    }

    /// Describes the configurations, one line each.
    pub(super) fn described(&self) -> impl Iterator<Item = String> {
        let configurations = match self {
            Self::Seen { configurations, .. } => configurations.as_slice(),
            Self::NotSeen | Self::Unknown(_) => &[],
        };
        configurations.iter().map(PodSecurityConfiguration::described)
    }
}

impl PodSecurityConfiguration {
    /// Why all pods in a namespace are admitted, if they are.
    fn exempts(&self, namespace: &str) -> Option<String> {
        let source = &self.source;
        if let Some(by) = &self.turned_off {
            return Some(format!("Pod Security is turned off by {by}"));
        }
        if self.namespaces.contains(namespace) {
            return Some(format!("exemptions.namespaces in {source}"));
        }
        let maker = POD_MAKERS.iter().find(|maker| self.users.contains(**maker))?;
        Some(format!("exemptions.usernames in {source} has {maker}, which makes the pods of workloads"))
    }

    fn described(&self) -> String {
        let Self { source, turned_off, enforced, users, namespaces, runtime_classes } = self;
        if let Some(by) = turned_off {
            return format!("Pod Security is turned off by {by}");
        }
        let mut said = format!("Pod Security by default: enforce {enforced} ({source})");
        for (what, names) in [("namespaces", namespaces), ("users", users), ("runtime classes", runtime_classes)] {
            if !names.is_empty() {
                let listed: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
                let more =
                    if names.len() > LISTED { format!(", {} more", names.len() - LISTED) } else { String::new() };
                // Writing to a String cannot fail.
                let _ = write!(said, "; exempt {what}: {}{more}", listed.join(", "));
            }
        }
        said
    }
}
