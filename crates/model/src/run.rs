//! The run as a whole: program, node, benchmarks, time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Listed, Target};

/// Information about the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The program's name: `kube-assay`.
    pub tool: String,
    /// The program's version.
    pub version: String,
    /// The subcommand and its options.
    pub command: Command,
    /// The node that was checked.
    pub host: Host,
    /// Where the node was read from: the root directory of its file system, or the recording's file. If a cluster was
    /// checked without its nodes, the cluster's source or name.
    pub root: String,
    /// How the node was provisioned; null if it runs neither Kubernetes nor etcd.
    pub platform: Option<Platform>,
    /// The node's version of Kubernetes.
    pub kubernetes: Kubernetes,
    /// The cluster; absent if its objects were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// The first benchmark.
    pub benchmark: Benchmark,
    /// The run's other benchmarks, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Benchmark>,
    /// The profile; null if none is enabled.
    pub profile: Option<Profile>,
    /// Why each target was run, in the order of the report's targets.
    pub targets: Vec<TargetNote>,
    /// The restrictions that the program put itself under before reading untrusted data.
    pub sandbox: Sandbox,
    /// Messages about the run.
    pub notices: Vec<Notice>,
    /// When the run started (RFC 3339, UTC).
    pub started: String,
    /// When the run finished (RFC 3339, UTC).
    pub finished: String,
}

impl Run {
    /// Returns the benchmark that a target belongs to.
    pub fn benchmark_of(&self, target: &Target) -> &Benchmark {
        let named = |name: &String| self.further.iter().find(|benchmark| benchmark.name == *name);
        target.benchmark.as_ref().and_then(named).unwrap_or(&self.benchmark)
    }
}

/// The command that the user gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The subcommand: `run`; may be empty.
    pub name: String,
    /// The options that differ from their defaults, by name without leading dashes, each with its values.
    pub choices: BTreeMap<String, Vec<String>>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The node's name; if a cluster was checked without its nodes, the cluster's source or name.
    pub name: String,
    /// SHA-256 of `kube-assay machine-id:` followed by the machine ID, as 64 lowercase hexadecimal digits; null if the
    /// node has no machine ID.
    pub machine_id: Option<String>,
}

/// How a node was provisioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// The platform's name: `eks-anywhere`.
    pub name: String,
    /// The platform's human-readable name.
    pub title: String,
    /// The evidence for the detected platform.
    pub evidence: Vec<String>,
}

/// The cluster whose objects were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Where the objects were read from: the API server's address, a file or a directory.
    pub source: String,
    /// The API server's Kubernetes version, if known: `v1.32.4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The Kubernetes distribution, if detected: `eks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
    /// The cluster's role in EKS Anywhere; absent if it is not an EKS Anywhere cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eks_anywhere: Option<EksAnywhere>,
    /// The network plugins detected, each with whether it enforces network policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<String>,
    /// The policy engines detected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_engines: Vec<String>,
    /// The number of nodes by role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, usize>,
}

/// A cluster's role in EKS Anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EksAnywhere {
    /// Whether the cluster manages clusters.
    pub role: ClusterRole,
    /// A human-readable description: `EKS Anywhere management cluster mgmt`.
    pub title: String,
    /// The evidence for the role.
    pub evidence: String,
    /// The cluster's name; absent if its own specification was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The cluster's EKS Anywhere version: `v0.26.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The name of the `Bundles` object that its components come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundles: Option<String>,
    /// The infrastructure provider: `vSphere`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The names of the other clusters that it manages.
    #[serde(default, skip_serializing_if = "Listed::is_empty")]
    pub manages: Listed,
}

/// Whether a cluster manages clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ClusterRole {
    /// It contains the specifications of clusters, including its own.
    Management,
    /// Another cluster contains its specification.
    Workload,
    /// The role could not be determined.
    Unknown,
}

/// The node's version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// The detected version; null if the user chose the benchmark, or no version was detected.
    pub version: Option<String>,
    /// The evidence for the version, or that the user gave it.
    pub evidence: String,
}

/// A benchmark that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The benchmark's name: `cis-1.12`.
    pub name: String,
    /// The benchmark's title.
    pub title: String,
    /// A digest of its rules, as 16 lowercase hexadecimal digits.
    pub digest: String,
    /// Why this benchmark was used.
    pub evidence: String,
}

/// The profile that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile's name: `eks-anywhere`.
    pub name: String,
    /// The profile's title.
    pub title: String,
    /// Why the profile is enabled.
    pub evidence: String,
}

/// Why a target was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TargetNote {
    /// The target's name: `master`.
    pub name: String,
    /// The name of the benchmark that the target belongs to; absent for the run's first benchmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// The reasons for running the target.
    pub evidence: Vec<String>,
}

/// The restrictions that the program put itself under before reading untrusted data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// The system calls that remained allowed: `looking`, `asking an API server`, or `programs` if it may start
    /// programs; null if all did.
    pub seccomp: Option<Cow<'static, str>>,
    /// The version of Landlock that restricted access to files; null if access was not restricted.
    pub landlock: Option<u8>,
    /// The remaining capabilities, without `CAP_`; null if they were not reduced.
    pub capabilities: Option<Vec<String>>,
    /// The restrictions that are not in force, each with the reason.
    pub lacking: Vec<String>,
}

/// A message about the run as a whole: a guess, a doubt, a process that was ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// A stable, machine-readable name: `version-unknown`.
    pub code: Cow<'static, str>,
    /// The message.
    pub text: String,
}

impl Notice {
    /// Creates a notice with this code.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), text: text.into() }
    }
}
