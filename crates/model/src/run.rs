//! The run as a whole: who looked at what, when, by which rules.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Listed, Target};

/// The run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The program: `kube-assay`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// What was asked for.
    pub command: Command,
    /// The node.
    pub host: Host,
    /// Where the node's file system was seen from: a directory, or the recording.
    pub root: String,
    /// How the node was provisioned; none where nothing of Kubernetes or etcd is on it.
    pub platform: Option<Platform>,
    /// The node's version of Kubernetes.
    pub kubernetes: Kubernetes,
    /// The cluster, where its objects were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// The benchmark.
    pub benchmark: Benchmark,
    /// Further benchmarks of the same run, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Benchmark>,
    /// The profile, where one is enabled.
    pub profile: Option<Profile>,
    /// Why each target is run, in the order of the report's targets.
    pub targets: Vec<TargetNote>,
    /// What the program gave up before it read what others wrote.
    pub sandbox: Sandbox,
    /// What the user should know about the run.
    pub notices: Vec<Notice>,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
}

impl Run {
    /// The benchmark that a target belongs to.
    pub fn benchmark_of(&self, target: &Target) -> &Benchmark {
        let named = |name: &String| self.further.iter().find(|benchmark| benchmark.name == *name);
        target.benchmark.as_ref().and_then(named).unwrap_or(&self.benchmark)
    }
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The subcommand: `run`.
    pub name: String,
    /// The choices that differ from the defaults, by the names of their options without dashes.
    pub choices: BTreeMap<String, Vec<String>>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// SHA-256, in hexadecimal, of `kube-assay machine-id:` and its machine id; none where it has none.
    pub machine_id: Option<String>,
}

/// How a node was provisioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// The name: `eks-anywhere`.
    pub name: String,
    /// The name for people.
    pub title: String,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

/// The cluster whose objects were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Where the objects come from: the API server's address, a file, a directory.
    pub source: String,
    /// The API server's version of Kubernetes, where it is known: `v1.32.4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whose Kubernetes it is, where that shows: `eks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
    /// What it is to EKS Anywhere, where it is one of its clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eks_anywhere: Option<EksAnywhere>,
    /// The network plugins that were seen, each with whether it enforces network policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<String>,
    /// The policy engines that were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_engines: Vec<String>,
    /// How many nodes there are of each role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, usize>,
}

/// What a cluster is to EKS Anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EksAnywhere {
    /// Whether it manages clusters.
    pub role: ClusterRole,
    /// The name for people: `EKS Anywhere management cluster mgmt`.
    pub title: String,
    /// What shows its role.
    pub evidence: String,
    /// Its name, where its own specification was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version of EKS Anywhere: `v0.26.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The name of the bundle that its components come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundles: Option<String>,
    /// Who provides its machines: `vSphere`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The names of the clusters that it manages beside itself.
    #[serde(default, skip_serializing_if = "Listed::is_empty")]
    pub manages: Listed,
}

/// Whether a cluster manages clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ClusterRole {
    /// It has the specifications of clusters, its own among them.
    Management,
    /// Another cluster has its specification.
    Workload,
    /// That cannot be told.
    Unknown,
}

/// The node's version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// The version as detected; none where the user chose the benchmark, or none was found.
    pub version: Option<String>,
    /// What shows it, or that the user gave it.
    pub evidence: String,
}

/// The rules that were applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The name: `cis-1.12`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The digest of the rules.
    pub digest: String,
    /// Why these rules.
    pub evidence: String,
}

/// The profile of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name: `eks-anywhere`.
    pub name: String,
    /// The title.
    pub title: String,
    /// Why it is enabled.
    pub evidence: String,
}

/// Why a target is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TargetNote {
    /// The target: `master`.
    pub name: String,
    /// The benchmark that it belongs to, where that is a further one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

/// What the program gave up before it read what others wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// The filter of system calls, which left `looking`, or `programs` too where they were allowed; none where there was
    /// no filter.
    pub seccomp: Option<Cow<'static, str>>,
    /// The version of Landlock that kept files out of reach; none where it did not.
    pub landlock: Option<u8>,
    /// The capabilities that were left, without `CAP_`; none where they were not reduced.
    pub capabilities: Option<Vec<String>>,
    /// What was not in force, and why.
    pub lacking: Vec<String>,
}

/// Something to know about the run as a whole: a guess, a doubt, a process that was ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// A stable name for programs: `version-unknown`.
    pub code: Cow<'static, str>,
    /// The text: subject first.
    pub text: String,
}

impl Notice {
    /// A notice with this code.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), text: text.into() }
    }
}
