//! Exemptions of workloads from controls, as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::ObjectName;
use super::workloads::PlatformRegistries;

/// An exemption of a workload from specific controls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadExemption {
    /// The keys of the controls, such as `pod-security/host-network`.
    pub controls: Vec<String>,
    /// The namespace; a trailing `*` matches any suffix. Empty if the exempt object is a namespace.
    #[serde(default)]
    pub namespace: String,
    /// The workload, or the namespace (`Namespace/shop`).
    pub controller: Controller,
    /// The reason, which findings show.
    pub reason: String,
}

/// A file of exemptions: `benchmarks/exemptions/workloads.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadExemptions {
    /// Named sets of controls.
    needs: BTreeMap<String, Vec<String>>,
    /// Exemptions by section: a platform, or one of [`EVERYWHERE`].
    exemptions: BTreeMap<String, Vec<Needed>>,
    /// Registries by platform.
    #[serde(default)]
    registries: BTreeMap<String, Vec<PlatformRegistries>>,
}

/// Sections that apply on all platforms.
const EVERYWHERE: [&str; 3] = ["kubernetes", "cni", "csi"];

/// An exemption of several workloads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Needed {
    reason: String,
    namespaces: Vec<String>,
    controllers: Vec<Controller>,
    needs: Vec<String>,
}

/// An undefined need.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("needs: {0:?} is not defined")]
pub struct UnknownNeed(String);

impl WorkloadExemptions {
    /// The platforms with their own exemptions, and the sections that apply everywhere.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.exemptions.keys().map(String::as_str)
    }

    /// The registries of each platform's own workloads.
    pub fn registries(&self) -> impl Iterator<Item = (&str, &[PlatformRegistries])> {
        self.registries.iter().map(|(platform, all)| (platform.as_str(), all.as_slice()))
    }

    /// The exemptions for a cluster of these platforms (such as `eks`), one per workload.
    pub fn on(&self, platforms: &[&str]) -> Result<Vec<WorkloadExemption>, UnknownNeed> {
        let holds = |platform: &str| EVERYWHERE.contains(&platform) || platforms.contains(&platform);
        let mut all = Vec::new();
        for needed in self.exemptions.iter().filter(|(platform, _)| holds(platform)).flat_map(|(_, all)| all) {
            let mut controls = BTreeSet::new();
            for need in &needed.needs {
                controls.extend(self.needs.get(need).ok_or_else(|| UnknownNeed(need.clone()))?);
            }
            for namespace in &needed.namespaces {
                all.extend(needed.controllers.iter().map(|controller| WorkloadExemption {
                    controls: controls.iter().map(|control| (*control).clone()).collect(),
                    namespace: namespace.clone(),
                    controller: controller.clone(),
                    reason: needed.reason.clone(),
                }));
            }
        }
        Ok(all)
    }
}

/// A controller, such as `DaemonSet/kube-proxy`. A trailing `*` matches any suffix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Controller {
    /// The kind, such as `DaemonSet`.
    pub kind: String,
    /// The name, such as `kube-proxy` or `gke-metrics-agent*`.
    pub name: String,
}

impl TryFrom<String> for Controller {
    type Error = ControllerError;

    fn try_from(text: String) -> Result<Self, ControllerError> {
        match text.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { kind: kind.to_owned(), name: name.to_owned() })
            }
            _ => Err(ControllerError(text)),
        }
    }
}

/// The text is not a controller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?}: not a controller (write KIND/NAME, such as DaemonSet/kube-proxy)")]
pub struct ControllerError(String);

impl WorkloadExemption {
    /// Whether the exemption is from this control.
    pub fn is_from(&self, control: &str) -> bool {
        self.controls.iter().any(|exempt| exempt == control)
    }

    /// Whether the exemption is for this workload.
    pub fn is_of(&self, object: &ObjectName) -> bool {
        self.controller.kind == object.kind
            && matches(&self.namespace, &object.namespace)
            && matches(&self.controller.name, &object.name)
    }

    /// Whether the exemption covers this workload and control.
    pub fn covers(&self, control: &str, object: &ObjectName) -> bool {
        self.is_from(control) && self.is_of(object)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Controller, WorkloadExemption};
    use crate::policy::ObjectName;

    fn exemption(controller: &str) -> WorkloadExemption {
        WorkloadExemption {
            controls: vec!["pod-security/privileged".to_owned()],
            namespace: "kube-system".to_owned(),
            controller: Controller::try_from(controller.to_owned()).unwrap(),
            reason: "it sets up the node's packet filter".to_owned(),
        }
    }

    #[test]
    fn an_exemption_covers_its_control_its_namespace_and_its_workload() {
        let exact = exemption("DaemonSet/kube-proxy");
        let prefix = exemption("DaemonSet/kube-*");
        for (control, kind, namespace, name, expected) in [
            ("pod-security/privileged", "DaemonSet", "kube-system", "kube-proxy", (true, true)),
            ("pod-security/privileged", "DaemonSet", "kube-system", "kube-proxy-2", (false, true)),
            ("pod-security/privileged", "DaemonSet", "kube-system", "proxy", (false, false)),
            ("pod-security/privileged", "Deployment", "kube-system", "kube-proxy", (false, false)),
            ("pod-security/privileged", "DaemonSet", "default", "kube-proxy", (false, false)),
            ("pod-security/host-path", "DaemonSet", "kube-system", "kube-proxy", (false, false)),
        ] {
            let object = ObjectName { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
            assert_eq!((exact.covers(control, &object), prefix.covers(control, &object)), expected, "{object:?}");
        }
    }

    #[test]
    fn a_controller_is_a_kind_and_a_name() {
        for text in ["", "kube-proxy", "/kube-proxy", "DaemonSet/", "DaemonSet/kube-system/kube-proxy"] {
            assert!(Controller::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
