//! A small cluster to judge.

use std::fmt::Debug;

use cluster::pods::{Pod, Workload, WorkloadKind};
use cluster::policy::exempt_workload::WorkloadExemption;
use cluster::policy::workloads::{
    Admission, Balancers, Evidence, Listed, Namespace, Networks, NodeEvidence, PodFacts, PodSummary, Registries,
    Rights, ServiceAccount, Settings, judge,
};
use cluster::policy::{Judgement, ObjectName, Outcome, Seen};
use probe::{Cause, Reason};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// All evidence that a judgement takes.
pub struct World {
    pub facts: PodFacts,
    pub namespaces: Listed<Namespace>,
    pub accounts: Listed<ServiceAccount>,
    pub rights: Box<Rights<'static>>,
    pub in_default: Listed<ObjectName>,
    pub admission: Admission,
    pub networks: Networks,
    pub balancers: Balancers,
    pub registries: Registries,
    pub node_roles: Vec<String>,
    pub definitions: Listed<String>,
    pub exemptions: Vec<WorkloadExemption>,
    pub node: NodeEvidence,
    pub settings: Settings,
}

impl Default for World {
    fn default() -> Self {
        Self {
            facts: PodFacts::default(),
            namespaces: Listed::default(),
            accounts: Listed::default(),
            rights: Box::new(|_, _| Ok(false)),
            in_default: Listed::default(),
            admission: Admission::default(),
            networks: Networks::default(),
            balancers: Balancers::default(),
            registries: Registries::default(),
            node_roles: Vec::new(),
            definitions: Listed::default(),
            exemptions: Vec::new(),
            node: NodeEvidence::default(),
            settings: Settings::default(),
        }
    }
}

impl World {
    /// Adds a pod `namespace/name` of a controller `Kind/name`, or of none if `owner` is empty.
    pub fn pod(mut self, name: &str, owner: &str, spec: Value) -> Self {
        self.facts.see_pod(&pod(name, owner, spec, json!({})));
        self
    }

    /// Adds a workload object; its name is `namespace/name`.
    pub fn workload(mut self, kind: WorkloadKind, name: &str, owner: &str, spec: Value) -> Self {
        let workload: Workload = recorded(json!({"metadata": metadata(name, owner), "spec": spec}));
        self.facts.see_workload(kind, &workload);
        self
    }

    /// Adds a namespace with these labels.
    pub fn namespace(mut self, name: &str, labels: Value) -> Self {
        self.namespaces.items.push(recorded(json!({"metadata": {"name": name, "labels": labels}})));
        self
    }

    pub fn exemption(mut self, exemption: Value) -> Self {
        self.exemptions.push(parse(exemption));
        self
    }

    /// Marks the list of some pods as incomplete.
    pub fn without(mut self, what: &str) -> Self {
        self.facts.miss(forbidden(what));
        self
    }

    pub fn summary(&self) -> PodSummary {
        self.facts.clone().summary()
    }

    pub fn judge(&self, control: &str) -> Judgement {
        let pods = self.summary();
        let evidence = Evidence {
            pods: &pods,
            namespaces: &self.namespaces,
            accounts: &self.accounts,
            rights: &*self.rights,
            in_default: &self.in_default,
            admission: &self.admission,
            networks: &self.networks,
            balancers: &self.balancers,
            registries: &self.registries,
            node_roles: &self.node_roles,
            definitions: &self.definitions,
            exemptions: &self.exemptions,
            node: &self.node,
            settings: self.settings,
        };
        judge(control, &evidence).unwrap_or_else(|| panic!("{control}"))
    }

    /// The outcome, and each offender as one line.
    pub fn verdict(&self, control: &str) -> (Outcome, Vec<String>) {
        let judgement = self.judge(control);
        (judgement.outcome, judgement.offenders.iter().map(line).collect())
    }

    pub fn outcome(&self, control: &str) -> Outcome {
        self.judge(control).outcome
    }
}

/// `namespace/Kind/name [part] (path): found`.
pub fn line(seen: &Seen) -> String {
    let Seen { object, part, path, found } = seen;
    let part = part.as_ref().map(|part| format!(" [{part}]")).unwrap_or_default();
    let path = if path.is_empty() { String::new() } else { format!(" ({})", path.join(", ")) };
    format!("{}/{}/{}{part}{path}: {found}", object.namespace, object.kind, object.name)
}

pub fn parse<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// Parses an object and checks that it survives recording.
pub fn recorded<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: Value) -> T {
    let read: T = parse(value);
    assert_eq!(parse::<T>(serde_json::to_value(&read).unwrap()), read);
    read
}

pub fn forbidden(what: &str) -> Reason {
    Reason::new(Cause::PermissionDenied, format!("list {what}"), "forbidden")
}

pub fn metadata(name: &str, owner: &str) -> Value {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let owners: Vec<Value> = owner
        .split_once('/')
        .map(|(kind, name)| json!({"kind": kind, "name": name, "controller": true}))
        .into_iter()
        .collect();
    json!({"namespace": namespace, "name": name, "ownerReferences": owners})
}

pub fn pod(name: &str, owner: &str, spec: Value, status: Value) -> Pod {
    recorded(json!({"metadata": metadata(name, owner), "spec": spec, "status": status}))
}

/// A pod specification to which no control objects.
pub fn good() -> Value {
    json!({
        "serviceAccountName": "web",
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "web", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]})
}

/// The good specification with another value at a JSON pointer.
pub fn good_but(at: &str, value: Value) -> Value {
    let mut spec = good();
    let (parent, key) = at.rsplit_once('/').unwrap();
    spec.pointer_mut(parent).unwrap()[key] = value;
    spec
}
