//! The programs that a benchmark speaks of, and where their things lie.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByVersion, Deferred, KubernetesVersion};

/// A program of Kubernetes, or a thing that belongs to one (its certificates, its network configuration).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Component {
    /// The short name by which controls refer to it: `apiserver`.
    pub key: String,
    /// The name that the field uses: `kube-apiserver`.
    pub name: String,
    /// How its process is called, word by word: `kubelet`, `hyperkube kubelet`. Empty where `part_of` is given.
    pub executables: Vec<String>,
    /// Names that other programs bear too: these count only where one of `bare_with` is among the arguments.
    pub bare: Vec<String>,
    /// Flags that tell Kubernetes' own program from another of the same bare name.
    pub bare_with: Vec<String>,
    /// Programs that hold this one within themselves, word by word: `k3s server`.
    pub embedded_in: Vec<String>,
    /// What such programs pass to it by themselves: by program (the first word of its name, without what follows a
    /// dash) and flag, the cases in which they do.
    pub passed_by: Deferred<BTreeMap<String, BTreeMap<String, Vec<Passed>>>>,
    /// The component whose arguments and presence count for this one.
    pub part_of: Option<String>,
    /// What it belongs to, where that is no component at all.
    pub belongs_to: Option<BelongsTo>,
    /// The namespaces whose pods may run it (kube-proxy's `DaemonSet`); empty where it must be the node's own.
    pub namespaces: Namespaces,
    /// The users besides root as whom it customarily runs, by name.
    pub users: Vec<String>,
    /// Whether it works only with the node's own process numbers, whatever container it runs in.
    pub needs_host_pids: bool,
    /// Which container runtime it is, where it is one.
    pub runtime: Option<Runtime>,
    /// The systemd unit that usually runs it: `kubelet.service`.
    pub unit: Option<String>,
    /// How its command line is read.
    pub grammar: Grammar,
    /// The configuration file, where it has one.
    pub config: Option<Config>,
    /// What its flags take.
    pub flags: Flags,
    /// Older names that flags may still be given by, by flag: such a name counts where the flag itself is not given.
    pub former: Deferred<BTreeMap<String, String>>,
    /// What unset means to the program itself, by flag: said in the evidence.
    pub defaults: Deferred<BTreeMap<String, ByVersion<String>>>,
    /// What values mean that are not what they seem, by flag and value: said in the evidence.
    pub meanings: Deferred<BTreeMap<String, BTreeMap<String, ByVersion<String>>>>,
    /// Its feature gates, as far as controls ask for them.
    pub feature_gates: Deferred<BTreeMap<String, ByVersion<GateState>>>,
    /// Where its things lie, by name: `manifest`, `kubeconfig`.
    pub places: BTreeMap<String, Place>,
}

/// The namespaces whose pods may run a component: only those that the platform alone may fill with pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespaces {
    /// On every node.
    pub all: Vec<String>,
    /// On nodes of a distribution besides, by its name.
    pub distributions: BTreeMap<String, Vec<String>>,
}

impl Namespaces {
    /// Whether no pod may run the component.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.distributions.is_empty()
    }

    /// Whether pods of this namespace may run the component; `is_of` tells whether this is a node of a distribution.
    pub fn hold(&self, namespace: &str, is_of: impl Fn(&str) -> bool) -> bool {
        let has = |known: &[String]| known.iter().any(|known| known == namespace);
        has(&self.all) || self.distributions.iter().any(|(name, known)| has(known) && is_of(name))
    }
}

/// A case in which a program that embeds components passes an argument automatically.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// As what, `{data}` being the program's directory and `{host}` the node's name; none where that depends on more than
    /// is known here.
    pub value: Option<String>,
    /// What must hold of the program's own settings besides.
    pub when: Option<PassedWhen>,
    /// Arguments of the user's to the component with which the program leaves it out.
    pub unless: Vec<String>,
    /// The release line from which it does.
    pub since: Option<KubernetesVersion>,
    /// The release line from which it no longer does.
    pub before: Option<KubernetesVersion>,
    /// Release lines in which some releases do, and others do not.
    pub unsure: Vec<KubernetesVersion>,
}

/// What must hold of the settings of a program that holds components within itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PassedWhen {
    /// `etcd`: it runs etcd within itself, or beside other servers that do.
    Etcd,
    /// `kine`: it keeps the cluster's data in another database.
    Kine,
    /// `external-etcd`: it keeps the cluster's data in an etcd of others.
    ExternalEtcd,
    /// `encryption`: secrets are encrypted.
    Encryption,
    /// `egress`: the API server reaches nodes through it.
    Egress,
    /// `protect`: the kernel's settings are left alone.
    Protect,
    /// `cloud`: it runs a cloud controller.
    Cloud,
}

/// What a feature gate is in a release line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateState {
    /// How far the feature has come.
    pub stage: Stage,
    /// Whether it is on where nothing sets it.
    pub default: bool,
}

/// How far a feature has come. `AllAlpha` and `AllBeta` set the gates of one stage each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// `alpha`
    Alpha,
    /// `beta`
    Beta,
    /// `ga`: of no group.
    Stable,
    /// `deprecated`: of no group.
    Deprecated,
    /// `removed`: the component refuses to start with it.
    Removed,
}

impl Stage {
    /// As definitions and reports name it: `beta`.
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
    /// What unset means to the program, in words: of a flag, or of an entry of a map. None where the definitions do not
    /// say.
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
            // A default whose meaning changes is told with it.
            None => self.defaults.get(flag).map(|default| {
                default.in_words(version, |value, line| match self.meaning_in_words(flag, value, Some(line)) {
                    Some(meaning) => format!("{value}: {meaning}"),
                    None => value.clone(),
                })
            }),
        }
    }

    /// What a value means to the program, where that is not what it seems.
    pub fn meaning_in_words(&self, flag: &str, value: &str, version: Option<KubernetesVersion>) -> Option<String> {
        self.meanings.get(flag)?.get(value).map(|meaning| meaning.in_words(version, |text, _| text.clone()))
    }
}

/// The flag of Kubernetes' components that sets feature gates.
pub const FEATURE_GATES: &str = "--feature-gates";

/// The gates that set those of a stage: alpha and beta.
pub const GATE_GROUPS: [&str; 2] = ["AllAlpha", "AllBeta"];

/// How a command line is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grammar {
    /// pflag, as Kubernetes' components use it.
    Kubernetes,
    /// Go's own `flag`, with `ETCD_*` variables behind it.
    Etcd,
    /// Go's own `flag`, or what takes command lines as it does, without variables (containerd, CRI-O).
    Go,
}

/// What a component is to its cluster: which targets of a benchmark apply to a node follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// `control-plane`: it runs the cluster.
    ControlPlane,
    /// `node`: it makes a machine a node of the cluster.
    Node,
    /// `store`: it keeps the cluster's data.
    Store,
}

/// What things belong to that are no component's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BelongsTo {
    /// `machine`: they are looked at wherever any component is.
    Machine,
    /// `cluster-directory`: the directory of a cluster that the user names. Their candidates begin with
    /// [`CLUSTER_DIRECTORY`].
    ClusterDirectory,
}

/// What stands for the directory of a cluster at the beginning of a candidate.
pub const CLUSTER_DIRECTORY: &str = "/{cluster-directory}";

/// What stands for the home directory of each user who may log in, at the beginning of a candidate.
pub const HOMES: &str = "/{homes}";

/// What stands for the home directory of the owner of a cluster's directory, at the beginning of a candidate.
pub const ADMINISTRATOR: &str = "/{administrator}";

/// A container runtime that chooses the network of pods: how it is told where the network's configuration lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Runtime {
    /// containerd: `conf_dir` of its CRI plugin.
    Containerd,
    /// CRI-O: `network_dir`, or an argument.
    Crio,
    /// cri-dockerd: an argument alone.
    CriDockerd,
}

/// A component's configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The flag that names the file.
    pub flag: String,
    /// The flag that names a directory of drop-ins (`*.conf`), where there is one.
    pub drop_ins: Option<String>,
    /// What counts where both an argument and the file say something.
    pub precedence: Precedence,
}

/// Whether arguments or the file decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precedence {
    /// Arguments override the file (kubelet).
    Arguments,
    /// With a file, arguments and variables do not count (etcd, kube-proxy).
    File,
}

/// What flags take, by kind; a flag that is not listed takes one word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Flags {
    /// `--name` alone is true, and a value comes after `=` only.
    pub boolean: Deferred<Vec<String>>,
    /// Comma-separated; repeated ones accumulate.
    pub list: Vec<String>,
    /// `key=value`, comma-separated; repeated ones accumulate.
    pub map: Vec<String>,
    /// Go durations.
    pub duration: Vec<String>,
}

/// Where a thing of a component lies.
///
/// What runs says where its things lie; candidates are for what does not, and for what no setting names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Settings that name it.
    pub follow: Vec<Follow>,
    /// Whether it is the file that holds the arguments of the component: the manifest of its static pod, or what starts
    /// its service.
    pub static_pod: bool,
    /// What of the running node shows where it lies, besides settings.
    pub shown_by: Option<ShownBy>,
    /// Files of arguments, as snaps have them: those of the snap whose service runs the component count, where arguments
    /// hold what the place is about.
    pub arguments: Vec<String>,
    /// A variable that names it, where the files of a shell set it.
    pub named_in: Option<NamedIn>,
    /// Where it usually lies: absolute paths; the last part may hold `*`.
    pub candidates: Vec<String>,
    /// Where it lies on the nodes of a distribution that is known by its processes; written as candidates.
    pub distributions: BTreeMap<String, Vec<String>>,
    /// How many of the candidates count.
    pub take: Take,
    /// Whether its being there proves that the component belongs on this node.
    pub evidence: bool,
    /// Whether it says nothing where the component is not on this node: packages leave such things.
    pub needs_component: bool,
    /// What the files are that settings name; such a file need not be there.
    pub holds: Option<Holds>,
}

/// A variable of a shell that names a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedIn {
    /// The place of the same component that is the files of the shell.
    pub place: String,
    /// The variable: `EKSA_GIT_PRIVATE_KEY`.
    pub variable: String,
}

/// A setting that names a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The component whose setting it is; none for that of the place.
    pub of: Option<String>,
    /// The argument (and, for etcd, its variable).
    pub flag: Option<String>,
    /// The key in the component's configuration file.
    pub key: Option<String>,
    /// The setting does not count where the arguments say this: `--container-runtime=remote`.
    pub unless: Option<String>,
    /// Which part of a value such as `a.crt,a.key:*.example.com` is the path, from 1. Every such argument counts.
    pub part: Option<usize>,
    /// Where it lies if nothing is set; `{--name}` stands for the value of that flag.
    pub unset: Option<String>,
    /// Take the directory that the named file lies in.
    pub parent: bool,
    /// Take what lies there, seen from the directory of the named file; it need not be there.
    pub beside: Option<String>,
    /// Take what matches this in the named directory.
    pub glob: Option<String>,
}

/// What of a running node shows where something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShownBy {
    /// The service that runs the component: its unit, with all drop-ins.
    Service,
    /// The container runtimes that run: the directory in which they look for the network's configuration.
    Runtimes,
    /// Where no setting names a file: the files from which the service that runs the component takes its arguments.
    Arguments,
}

/// What files are taken for by the component that names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holds {
    /// Private keys.
    Keys,
    /// Certificates.
    Certificates,
    /// Keys of which only the content says whether they are private ones.
    Either,
}

/// Distributions whose own places and namespaces are known, as [`Place::distributions`] names them.
pub const DISTRIBUTIONS: [&str; 5] = ["k0s", "k3s", "microk8s", "openshift", "rke2"];

/// How many candidates count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Take {
    /// The first that is there.
    #[default]
    First,
    /// All that are there.
    Every,
}
