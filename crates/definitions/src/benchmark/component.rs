//! Components: the programs that benchmarks refer to, and the locations of their files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByVersion, Compiled, Deferred, KubernetesVersion};
use crate::SharedText;

/// A program of Kubernetes, or something that belongs to one (its certificates, its network configuration).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Component {
    /// The short name that controls use: `apiserver`.
    pub key: SharedText,
    /// The usual name: `kube-apiserver`.
    pub name: SharedText,
    /// The names of its process, each as the leading words of the command line: `kubelet`, `hyperkube kubelet`. Empty
    /// if `part_of` is set.
    pub executables: Vec<SharedText>,
    /// Executable names shared with other programs: they count only if an argument is one of `bare_with`.
    pub bare: Vec<SharedText>,
    /// Flags that distinguish the Kubernetes program from another with the same bare name.
    pub bare_with: Vec<SharedText>,
    /// Programs that embed this one, each as the leading words of the command line: `k3s server`.
    pub embedded_in: Vec<SharedText>,
    /// Arguments that such programs pass to it automatically: by program (the first word of its name, up to the first
    /// dash) and flag, the cases in which they do.
    pub passed_by: Deferred<BTreeMap<SharedText, BTreeMap<SharedText, Vec<Passed>>>>,
    /// The component that this one belongs to: its arguments and presence count for this one.
    pub part_of: Option<SharedText>,
    /// The owner of its files, if that is not a component.
    pub belongs_to: Option<BelongsTo>,
    /// The namespaces whose pods may run it (kube-proxy's `DaemonSet`); empty if it must run as a process of the node
    /// itself.
    pub namespaces: Namespaces,
    /// The names of the users, besides root, that it usually runs as.
    pub users: Vec<SharedText>,
    /// Whether it works only in the host's PID namespace, even in a container.
    pub needs_host_pids: bool,
    /// Which container runtime it is, if any.
    pub runtime: Option<Runtime>,
    /// The systemd unit that usually runs it: `kubelet.service`.
    pub unit: Option<SharedText>,
    /// The syntax of its command line.
    pub grammar: Grammar,
    /// The configuration file, if it has one.
    pub config: Option<Config>,
    /// The types of its flags.
    pub flags: Flags,
    /// Former names of flags, by current flag. A former name counts only if the current one is not set.
    pub former: Deferred<BTreeMap<SharedText, SharedText>>,
    /// The program's own defaults, by flag; shown in the evidence.
    pub defaults: Deferred<BTreeMap<SharedText, ByVersion<SharedText>>>,
    /// Explanations of values whose effect is not obvious, by flag and value; shown in the evidence.
    pub meanings: Deferred<BTreeMap<SharedText, BTreeMap<SharedText, ByVersion<SharedText>>>>,
    /// Its feature gates, as far as controls refer to them.
    pub feature_gates: Deferred<BTreeMap<SharedText, ByVersion<GateState>>>,
    /// The locations of its files, by name: `manifest`, `kubeconfig`.
    pub places: BTreeMap<SharedText, Place>,
}

impl<V: Deserialize<'static>> Compiled for BTreeMap<SharedText, ByVersion<V>> {}

/// The namespaces whose pods may run a component: only those reserved for the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespaces {
    /// Namespaces on every node.
    pub all: Vec<SharedText>,
    /// Additional namespaces on the nodes of a distribution, by its name.
    pub distributions: BTreeMap<SharedText, Vec<SharedText>>,
}

impl Namespaces {
    /// Whether no pod may run the component.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.distributions.is_empty()
    }

    /// Whether pods in this namespace may run the component. `is_of` returns whether the node belongs to a
    /// distribution.
    pub fn hold(&self, namespace: &str, is_of: impl Fn(&str) -> bool) -> bool {
        let has = |known: &[SharedText]| known.iter().any(|known| known == namespace);
        has(&self.all) || self.distributions.iter().any(|(name, known)| has(known) && is_of(name))
    }
}

/// A case in which a program that embeds components passes an argument automatically.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The value passed, where `{data}` is the program's data directory and `{host}` the node's name; none if it
    /// depends on more than is known.
    pub value: Option<SharedText>,
    /// The condition on the program's own settings, if any.
    pub when: Option<PassedWhen>,
    /// Arguments that the user passes to the component which make the program omit this one.
    pub unless: Vec<SharedText>,
    /// The first Kubernetes release in which it is passed.
    pub since: Option<KubernetesVersion>,
    /// The first Kubernetes release in which it is no longer passed.
    pub before: Option<KubernetesVersion>,
    /// Minor releases of which only some patch releases pass it.
    pub unsure: Vec<KubernetesVersion>,
}

/// A condition on the settings of a program that embeds components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PassedWhen {
    /// `etcd`: it runs embedded etcd, or joins servers that do.
    Etcd,
    /// `kine`: it stores the cluster's data in another database.
    Kine,
    /// `external-etcd`: it stores the cluster's data in an external etcd.
    ExternalEtcd,
    /// `encryption`: encryption of Secrets is enabled.
    Encryption,
    /// `egress`: the API server reaches nodes through it.
    Egress,
    /// `protect`: kernel parameters are not changed.
    Protect,
    /// `cloud`: it runs a cloud controller manager.
    Cloud,
}

/// The state of a feature gate in a minor release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateState {
    /// The maturity of the feature.
    pub stage: Stage,
    /// Whether the gate is enabled by default.
    pub default: bool,
}

/// The maturity of a feature. The gates `AllAlpha` and `AllBeta` set all gates of their stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// `alpha`
    Alpha,
    /// `beta`
    Beta,
    /// `ga`: in no gate group.
    Stable,
    /// `deprecated`: in no gate group.
    Deprecated,
    /// `removed`: the component refuses to start if the gate is set.
    Removed,
}

impl Stage {
    /// Returns the name in definitions and reports: `beta`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Stable => "GA",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
        }
    }
}

impl Component {
    /// Returns the program's default for a flag or for an entry of a map flag, as text; `None` if the definitions do
    /// not give one.
    pub fn default_in_words(
        &self,
        flag: &str,
        entry: Option<&str>,
        version: Option<KubernetesVersion>,
    ) -> Option<String> {
        let gate = entry.and_then(|entry| self.feature_gates.get(entry)).filter(|_| flag == FEATURE_GATES);
        match gate {
            Some(gate) => Some(gate.in_words(version, |state, _| match state.stage {
                Stage::Removed => "no such gate".to_owned(),
                stage => format!("{} ({})", state.default, stage.name()),
            })),
            // The meaning of a default may depend on the version, so it is shown with the value.
            None => self.defaults.get(flag).map(|default| {
                default.in_words(version, |value, line| match self.meaning_in_words(flag, value, Some(line)) {
                    Some(meaning) => format!("{value}: {meaning}"),
                    None => value.to_string(),
                })
            }),
        }
    }

    /// Returns an explanation of a value whose effect is not obvious.
    pub fn meaning_in_words(&self, flag: &str, value: &str, version: Option<KubernetesVersion>) -> Option<String> {
        self.meanings.get(flag)?.get(value).map(|meaning| meaning.in_words(version, |text, _| text.to_string()))
    }
}

/// The flag that sets feature gates in Kubernetes components.
pub const FEATURE_GATES: &str = "--feature-gates";

/// The gates that set all gates of a stage: alpha and beta.
pub const GATE_GROUPS: [&str; 2] = ["AllAlpha", "AllBeta"];

/// The syntax of a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grammar {
    /// pflag, as used by the Kubernetes components.
    Kubernetes,
    /// Go's own `flag` package, with `ETCD_*` environment variables as a fallback.
    Etcd,
    /// Go's own `flag` package or a compatible parser, without environment variables (containerd, CRI-O).
    Go,
}

/// A component's role in its cluster, which decides which targets of a benchmark apply to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// `control-plane`: part of the control plane.
    ControlPlane,
    /// `node`: makes a machine a node of the cluster.
    Node,
    /// `store`: stores the cluster's data.
    Store,
}

/// The owner of files that belong to no component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BelongsTo {
    /// `machine`: the files are inspected wherever any component is present.
    Machine,
    /// `cluster-directory`: the directory of a cluster that the user names. Candidates begin with
    /// [`CLUSTER_DIRECTORY`].
    ClusterDirectory,
}

/// The prefix of a candidate that stands for the directory of a cluster.
pub const CLUSTER_DIRECTORY: &str = "/{cluster-directory}";

/// The prefix of a candidate that stands for the home directory of each user who can log in.
pub const HOMES: &str = "/{homes}";

/// The prefix of a candidate that stands for the home directory of the owner of a cluster's directory.
pub const ADMINISTRATOR: &str = "/{administrator}";

/// A container runtime that selects the pod network: how the location of the network configuration is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Runtime {
    /// containerd: `conf_dir` of its CRI plugin.
    Containerd,
    /// CRI-O: `network_dir`, or an argument.
    Crio,
    /// cri-dockerd: an argument only.
    CriDockerd,
}

/// A component's configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The flag that names it.
    pub flag: SharedText,
    /// The flag that names a directory of drop-ins (`*.conf`), if there is one.
    pub drop_ins: Option<SharedText>,
    /// Which one wins if both an argument and the file set a value.
    pub precedence: Precedence,
}

/// Whether arguments or the configuration file take precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precedence {
    /// Arguments override the file (kubelet).
    Arguments,
    /// If there is a file, arguments and variables are ignored (etcd, kube-proxy).
    File,
}

/// The types of flags. A flag that is not listed takes one word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Flags {
    /// `--name` alone means true; a value must follow `=`.
    pub boolean: Deferred<Vec<SharedText>>,
    /// Comma-separated items; repeated flags accumulate.
    pub list: Vec<SharedText>,
    /// Comma-separated `key=value` pairs; repeated flags accumulate.
    pub map: Vec<SharedText>,
    /// Durations in Go's format.
    pub duration: Vec<SharedText>,
}

/// The location of a component's file or directory.
///
/// The settings of a running component determine it. Candidates are used if the component does not run, or if no
/// setting names the location.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The settings that name it.
    pub follow: Vec<Follow>,
    /// Whether it is the file that contains the component's arguments: the manifest of its static pod, or the file that
    /// starts its service.
    pub static_pod: bool,
    /// How the running node reveals it, apart from settings.
    pub shown_by: Option<ShownBy>,
    /// Argument files, as used by snaps: those of the snap whose service runs the component count, if the place is
    /// about arguments.
    pub arguments: Vec<SharedText>,
    /// A shell variable that names it.
    pub named_in: Option<NamedIn>,
    /// The usual locations: absolute paths, whose last part may contain `*`.
    pub candidates: Vec<SharedText>,
    /// The locations on nodes of a distribution, which is detected by its processes; same format as `candidates`.
    pub distributions: BTreeMap<SharedText, Vec<SharedText>>,
    /// How many of the candidates to use.
    pub take: Take,
    /// Whether its existence proves that the component belongs on this node.
    pub evidence: bool,
    /// Whether to ignore it if the component is not on this node, because packages leave such files behind.
    pub needs_component: bool,
    /// The content of the files that settings name; these need not exist.
    pub holds: Option<Holds>,
}

/// A shell variable that names a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedIn {
    /// The place of the same component that lists the shell files to read.
    pub place: SharedText,
    /// The name of the variable: `EKSA_GIT_PRIVATE_KEY`.
    pub variable: SharedText,
}

/// A setting that names a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The component whose setting it is; none for the component of the place.
    pub of: Option<SharedText>,
    /// The argument (for etcd, also its environment variable).
    pub flag: Option<SharedText>,
    /// The key in the component's configuration file.
    pub key: Option<SharedText>,
    /// An argument that disables the setting: `--container-runtime=remote`.
    pub unless: Option<SharedText>,
    /// Which part of a value such as `a.crt,a.key:*.example.com` is the path, from 1. All occurrences of the argument
    /// count.
    pub part: Option<usize>,
    /// The path if nothing is set; `{--name}` stands for the value of that flag.
    pub unset: Option<SharedText>,
    /// Use the directory that contains the named file.
    pub parent: bool,
    /// Use this path relative to the directory of the named file; it need not exist.
    pub beside: Option<SharedText>,
    /// Use the files in the named directory that match this pattern.
    pub glob: Option<SharedText>,
}

/// How a running node reveals a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShownBy {
    /// The service that runs the component: its unit file with all drop-ins.
    Service,
    /// The running container runtimes: the directory from which they read the network configuration.
    Runtimes,
    /// If no setting names a file: the files from which the component's service takes its arguments.
    Arguments,
}

/// The content that a component expects in the files it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holds {
    /// Private keys.
    Keys,
    /// Certificates.
    Certificates,
    /// Keys; only their content shows whether they are private.
    Either,
}

/// Distributions with known places and namespaces of their own: the keys of [`Place::distributions`].
pub const DISTRIBUTIONS: [&str; 5] = ["k0s", "k3s", "microk8s", "openshift", "rke2"];

/// How many candidates to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Take {
    /// The first that exists.
    #[default]
    First,
    /// All that exist.
    Every,
}
