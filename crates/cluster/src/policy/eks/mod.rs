//! Controls for EKS clusters that depend on neither RBAC nor pods.

mod deployments;
mod identities;
mod node;
mod storage;
mod versions;

pub use deployments::{BudgetSpec, Deployments, DisruptionBudget};
pub use node::{Authorization, NodeAccess};
pub use storage::{CsiVolume, PersistentVolume, StorageClass, VolumeSpec};

use probe::Reason;

use super::workloads::ServiceAccount;
use super::{Judgement, ObjectName, Outcome, Seen};
use crate::balancers::Service;
use crate::nodes::Node;
use crate::{Identities, Listed};

/// The input of these controls.
pub struct Evidence<'a> {
    /// The platform, if known, such as `eks`.
    pub distribution: Option<&'a str>,
    /// The version of the API server, if it reports it.
    pub server: Option<&'a str>,
    /// The nodes.
    pub nodes: &'a Listed<Node>,
    /// The service accounts.
    pub accounts: &'a Listed<ServiceAccount>,
    /// The identities that `aws-auth` admits.
    pub identities: &'a Identities,
    /// Why `aws-auth` could not be read, if so.
    pub identities_gap: Option<&'a Reason>,
    /// The services.
    pub services: &'a Listed<Service>,
    /// Judges the host ports of pods.
    pub host_ports: &'a dyn Fn() -> Option<Judgement>,
    /// What was observed on one of the nodes.
    pub node: &'a NodeAccess,
    /// The Deployments.
    pub deployments: &'a Deployments,
    /// The `PodDisruptionBudgets`.
    pub budgets: &'a Listed<DisruptionBudget>,
    /// The `StorageClasses`.
    pub storage_classes: &'a Listed<StorageClass>,
    /// The volumes.
    pub volumes: &'a Listed<PersistentVolume>,
}

type Predicate = fn(&Evidence<'_>) -> Judgement;

const CONTROLS: [(&str, Predicate); 10] = [
    ("eks/administrators", identities::administrators),
    ("eks/authorization", identities::authorization),
    ("eks/disruption-budgets", deployments::disruption_budgets),
    ("eks/kubelet-skew", versions::kubelet_skew),
    ("eks/network-plugin-role", identities::network_plugin_role),
    ("eks/node-ports", node::ports),
    ("eks/node-ssh", node::ssh),
    ("eks/rolling-updates", deployments::rolling_updates),
    ("eks/storage-encryption", storage::storage_encryption),
    ("eks/token-secrets", identities::token_secrets),
];

/// Judges the control with this key; `None` if it is not one of these.
pub fn judge(control: &str, evidence: &Evidence<'_>) -> Option<Judgement> {
    CONTROLS.iter().find(|(key, _)| *key == control).map(|(_, predicate)| predicate(evidence))
}

/// The judgement from offenders, notes, and a gap.
fn judged(offenders: Vec<Seen>, noted: Vec<Seen>, gap: Option<&Reason>) -> Judgement {
    let outcome = match gap {
        _ if !offenders.is_empty() => Outcome::Fail,
        Some(reason) => Outcome::Unknown(reason.clone()),
        None => Outcome::Pass,
    };
    let (mut offenders, mut noted) = (offenders, noted);
    offenders.sort_unstable();
    noted.sort_unstable();
    Judgement { outcome, offenders, exempt: Vec::new(), noted }
}

fn seen(kind: &str, namespace: &str, name: &str, found: impl Into<String>) -> Seen {
    let object = ObjectName { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
    Seen { object, part: None, path: Vec::new(), found: found.into() }
}
