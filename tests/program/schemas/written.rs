//! The written form of definition files, for generating JSON Schemas.
//!
//! These are separate types because the program's own types differ from what is written (defaults are filled in, places
//! and conditions split up), and because files are parsed into a tree with locations rather than by serde. This is the
//! only description of the written form; `keys.rs` compares it with the loader, key by key, so that neither can know a
//! key that the other does not. What depends on other files (names of controls, values that fit a condition) only the
//! loader can check: `kube-assay lint`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A name: lowercase letters, digits, dashes and underscores, starting with a letter.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct Name(#[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))] String);

/// A flag with its dashes: `--anonymous-auth`.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct Flag(#[schemars(regex(pattern = "^--[A-Za-z0-9][^= {]*$"))] String);

/// A key path in a configuration file: `authentication.anonymous.enabled`, `resources[*].providers[0]~`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct KeyPath(#[schemars(length(min = 1))] String);

/// A place of a component, as `COMPONENT.PLACE`: `apiserver.manifest`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct PlaceName(#[schemars(regex(pattern = r"^[^.]+\.[^.]+$"))] String);

/// The key of a control, as `FILE/NAME`: `apiserver/anonymous-auth`.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct ControlKey(#[schemars(regex(pattern = "^[^/]+/[a-z][a-z0-9_-]*$"))] String);

/// A text that is not empty.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// A list with at least one item.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct NotEmpty<T>(#[schemars(length(min = 1))] Vec<T>);

/// The value to compare with, or `"{{name}}"` for the parameter of that name.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Operand {
    Truth(bool),
    Number(i64),
    Text(String),
    List(NotEmpty<Text>),
}

/// The value of a parameter. `~` disables the conditions that use it.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Value {
    Nothing(()),
    Truth(bool),
    Number(i64),
    Text(String),
    List(NotEmpty<Text>),
}

/// The components that controls and places refer to, by key: `components.yaml`.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct Components(BTreeMap<Name, Component>);

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Component {
    Program(Box<Program>),
    Part(Part),
    Belonging(Belonging),
}

/// A component with processes of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Program {
    /// The usual name: `kube-apiserver`.
    name: Text,
    /// The names of its process, each as the leading words of the command line, the first word being a file name:
    /// `kubelet`, `hyperkube kubelet`.
    executables: NotEmpty<Text>,
    /// Executable names shared with other programs. They count only with one of the flags in `bare_with`.
    bare: Option<NotEmpty<Text>>,
    /// Flags that distinguish this program from others with a name in `bare`.
    bare_with: Option<NotEmpty<Flag>>,
    /// Programs that embed this one, each as the leading words of the command line: `k3s server`.
    embedded_in: Option<NotEmpty<Text>>,
    /// Arguments that such programs pass to it automatically, by program (`k3s`) and flag.
    passed_by: Option<BTreeMap<Name, BTreeMap<Flag, Passed>>>,
    /// Its role in the cluster, which decides the targets that apply to a node.
    role: Option<Role>,
    /// Which container runtime it is, if any. A runtime's configuration names the directory of the network
    /// configuration.
    runtime: Option<Runtime>,
    /// The namespaces whose pods may run it (kube-proxy's `DaemonSet`). Processes in other ordinary pods are taken for
    /// those of another cluster.
    namespaces: Option<BTreeMap<NodesOf, NotEmpty<Text>>>,
    /// The names of users, besides root, that it usually runs as.
    users: Option<NotEmpty<Text>>,
    /// Whether it works only in the host's PID namespace, even in a container.
    #[schemars(default)]
    needs_host_pids: bool,
    /// The systemd unit that usually runs it: `kubelet.service`.
    unit: Option<UnitName>,
    /// The syntax of its command line: pflag, etcd's flags and environment variables, or Go's `flag` package.
    grammar: Grammar,
    /// Its configuration file.
    config: Option<Config>,
    /// The types of its flags. A flag that is not listed takes one word.
    flags: Option<Flags>,
    /// Former names of flags, by current flag. A former name counts only if the current one is not set.
    former: Option<BTreeMap<Flag, Flag>>,
    /// The program's own defaults, by flag; shown in the evidence.
    defaults: Option<BTreeMap<Flag, ByVersion<Text>>>,
    /// Explanations of values whose effect is not obvious, by flag and value; shown in the evidence.
    meanings: Option<BTreeMap<Flag, BTreeMap<String, ByVersion<Text>>>>,
    /// Its feature gates, as far as controls refer to them: by name, the state from each minor release on.
    feature_gates: Option<BTreeMap<String, BTreeMap<ReleaseLine, GateState>>>,
    /// The locations of its files, by name. Required, except for container runtimes.
    places: Option<BTreeMap<Name, Place>>,
}

/// Where the namespaces are reserved for the platform: `all` nodes, or those of a distribution.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct NodesOf(#[schemars(regex(pattern = "^(all|k0s|k3s|microk8s|openshift|rke2)$"))] String);

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Runtime {
    Containerd,
    Crio,
    CriDockerd,
}

/// A value for every Kubernetes version, or values by the minor release from which each holds. The oldest also holds
/// for earlier releases.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum ByVersion<T> {
    Always(T),
    Since(BTreeMap<ReleaseLine, T>),
}

/// An argument that an embedding program passes to the component: its value if always passed, or a list of cases.
/// `{data}` stands for the program's data directory, `{host}` for the node's name.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Passed {
    Always(Text),
    Cases(NotEmpty<PassedCase>),
}

/// A case in which an embedding program passes an argument.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PassedCase {
    /// The value passed; omitted if it depends on more than the program's own settings.
    value: Option<Text>,
    /// A condition on the program's own settings.
    when: Option<PassedWhen>,
    /// Arguments that the user passes to the component which make the program omit this one.
    unless: Option<NotEmpty<Flag>>,
    /// The first minor release in which it is passed.
    since: Option<ReleaseLine>,
    /// The first minor release in which it is no longer passed.
    before: Option<ReleaseLine>,
    /// Minor releases of which only some patch releases pass it.
    unsure: Option<NotEmpty<ReleaseLine>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum PassedWhen {
    Etcd,
    Kine,
    ExternalEtcd,
    Encryption,
    Egress,
    Protect,
    Cloud,
}

/// The state of a feature gate in a minor release.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GateState {
    /// The maturity of the feature. The gate `AllAlpha` sets all alpha gates, `AllBeta` all beta gates.
    stage: Stage,
    /// Whether the gate is enabled by default; omitted if the gate was removed.
    default: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Stage {
    Alpha,
    Beta,
    Ga,
    Deprecated,
    Removed,
}

/// The name of a systemd service: `kubelet.service`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct UnitName(#[schemars(regex(pattern = r"^[^/ ]+\.service$"))] String);

/// Something without a process of its own that belongs to a component, such as its certificates.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the keys that people write")]
struct Part {
    /// The usual name, for reports.
    name: Text,
    /// The key of the component that it belongs to, whose arguments and presence count for it.
    part_of: Name,
    /// The locations of its files, by name.
    places: BTreeMap<Name, Place>,
}

/// Files that belong to no component.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Belonging {
    /// The usual name, for reports.
    name: Text,
    /// What the files belong to instead.
    belongs_to: BelongsTo,
    /// The locations of the files, by name.
    places: BTreeMap<Name, Place>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum BelongsTo {
    /// The machine: the files are inspected wherever any component is present.
    Machine,
    /// The directory of a cluster that the user names; `/{cluster-directory}` stands for it in candidates.
    ClusterDirectory,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Role {
    /// Part of the control plane.
    ControlPlane,
    /// Makes a machine a node of the cluster.
    Node,
    /// Stores the cluster's data.
    Store,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Grammar {
    Kubernetes,
    Etcd,
    Go,
}

/// A component's configuration file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Config {
    /// The flag that names the file: `--config`.
    flag: Flag,
    /// The flag that names a directory of drop-ins (`*.conf`).
    drop_ins: Option<Flag>,
    /// Which takes precedence if both set a value: `arguments` override the file; `file`: if there is a file, arguments
    /// are ignored.
    precedence: Precedence,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Precedence {
    Arguments,
    File,
}

/// The types of flags.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Flags {
    /// Flags without a value, or with `true` or `false` after `=`.
    boolean: Option<NotEmpty<Flag>>,
    /// Flags with comma-separated items; repeated flags accumulate.
    list: Option<NotEmpty<Flag>>,
    /// Flags with comma-separated `key=value` pairs; repeated flags accumulate.
    map: Option<NotEmpty<Flag>>,
    /// Flags with a duration in Go's format: `1h30m`.
    duration: Option<NotEmpty<Flag>>,
}

/// A shell variable that names a file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NamedIn {
    /// The place of the same component that lists the shell files to read.
    place: Name,
    /// The name of the variable: `EKSA_GIT_PRIVATE_KEY`.
    variable: Text,
}

/// The location of a file or directory. At least one of `candidates`, `distributions`, `follow`, `named_in`, `shown_by`
/// and `static_pod` is required.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Place {
    /// Whether it is the file that contains the component's arguments: the manifest of its static pod, or the file that
    /// starts its service.
    #[schemars(default)]
    static_pod: bool,
    /// How the running node reveals the location. `service`: the unit of the component's service, with all drop-ins.
    /// `runtimes`: the directory from which the running container runtimes read the network configuration. `arguments`:
    /// if no setting names a file, the files from which the component's service takes its arguments.
    shown_by: Option<ShownBy>,
    /// Argument files of snaps, with `static_pod` or `shown_by: arguments`. A file counts if the component's service
    /// belongs to the snap in whose directory the file is.
    arguments: Option<NotEmpty<AbsolutePath>>,
    /// The paths on nodes of a distribution, by its name.
    distributions: Option<BTreeMap<Distribution, NotEmpty<AbsolutePath>>>,
    /// The content that the component expects in files named by settings. Such files need not exist.
    holds: Option<Holds>,
    /// A shell variable that names the file.
    named_in: Option<NamedIn>,
    /// The usual paths: absolute, where the last part may contain `*`.
    candidates: Option<NotEmpty<AbsolutePath>>,
    /// Whether to use the `first` existing candidate or `every` one; default `first`.
    take: Option<Take>,
    /// Whether its existence proves that the component belongs on the node.
    #[schemars(default)]
    evidence: bool,
    /// Whether to ignore it if the component is not on the node, because packages leave such files behind.
    #[schemars(default)]
    needs_component: bool,
    /// Settings that name the path. Those that are set replace the candidates.
    follow: Option<Vec<Follow>>,
}

#[derive(JsonSchema)]
#[schemars(transparent)]
struct AbsolutePath(#[schemars(regex(pattern = r"^/([^*]*/)?[^/]*$"))] String);

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Take {
    First,
    Every,
}

/// A distribution, detected by its processes.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct Distribution(#[schemars(regex(pattern = "^(k0s|k3s|microk8s|openshift|rke2)$"))] String);

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ShownBy {
    Service,
    Runtimes,
    Arguments,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Holds {
    Keys,
    Certificates,
    Either,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum WhichPart {
    First,
    Second,
}

/// A setting that names a path: a flag, a key, or both.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Follow {
    /// The key of the component whose setting it is; by default the component of the place.
    of: Option<Name>,
    /// An argument that disables the setting: `--container-runtime=remote`.
    unless: Option<Text>,
    /// Which of the two paths to use in a value such as `a.crt,a.key:*.example.com`.
    part: Option<WhichPart>,
    /// The path if nothing is set; `{--name}` stands for the value of that flag.
    unset: Option<Text>,
    /// Use this path relative to the directory of the named file, if it exists.
    beside: Option<Text>,
    /// The argument, with its dashes.
    flag: Option<Flag>,
    /// The key path in the component's configuration file.
    key: Option<KeyPath>,
    /// Use the directory that contains the named file.
    #[schemars(default)]
    parent: bool,
    /// Use the files in the named directory that match this pattern.
    glob: Option<Glob>,
}

/// A pattern for file names, where `*` matches any text: `*.conf`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Glob(#[schemars(regex(pattern = "^[^/]+$"))] String);

/// Controls, by name: `controls/FILE.yaml`. A control's key is `FILE/NAME`.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct Controls(BTreeMap<Name, Control>);

/// How the objects of the cluster judge a control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Objects {
    /// The name of the built-in predicate that decides.
    predicate: Predicate,
    /// What the predicate requires, as text for reports.
    expect: Text,
}

/// How AWS evidence about the cluster judges a control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Aws {
    /// The name of the built-in predicate that decides.
    predicate: AwsPredicate,
    /// What the predicate requires, as text for reports.
    expect: Text,
    /// With `objects`: how the two results are combined. `either` (default): either one suffices for a result, and a
    /// failure of either fails; `all`: both must pass; `any`: one must pass; `aws`: only AWS decides.
    #[schemars(rename = "match")]
    matching: Option<Matching>,
}

/// How the results from the cluster's objects and from AWS are combined.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Matching {
    Either,
    All,
    Any,
    Aws,
}

/// The name of a predicate over AWS evidence.
struct AwsPredicate;

impl JsonSchema for AwsPredicate {
    fn schema_name() -> Cow<'static, str> {
        "AwsPredicate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": &definitions::benchmark::AWS_PREDICATES[..] })
    }
}

/// The name of a predicate over cluster objects, after the control it was made for.
struct Predicate;

impl JsonSchema for Predicate {
    fn schema_name() -> Cow<'static, str> {
        "Predicate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": &definitions::benchmark::PREDICATES[..] })
    }
}

/// A requirement: evaluated by `audit` and `expect`, or left to manual review by the instructions in `review`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Control {
    /// The requirement, in one line. `{{name}}` stands for a parameter, `{{COMPONENT.PLACE}}` for a path on the node.
    title: Text,
    /// The CIS profile level, 1 or 2; a benchmark may override it.
    level: Level,
    /// The severity of a failure.
    severity: Severity,
    /// Why the control matters.
    rationale: Text,
    /// The parameters that a benchmark may set, with their defaults; `~`: no default, every benchmark must set it.
    parameters: Option<BTreeMap<Name, Value>>,
    /// Where the control does not apply.
    applies: Option<Applies>,
    /// What is inspected.
    audit: Option<Audit>,
    /// The expected result of the audit.
    expect: Option<Expectation>,
    /// Instructions for manual review, for what is not evaluated automatically.
    review: Option<Text>,
    /// How cluster objects judge the control if the run has access to them. Requires `review`, for runs without access.
    objects: Option<Objects>,
    /// How AWS evidence judges the control if the run has it. Requires `review`, for runs without it.
    aws: Option<Aws>,
    /// Flags whose values are shown to the reviewer. Requires `review` and an audit of settings.
    show: Option<NotEmpty<Flag>>,
    /// How to fix a failure. `{{name}}` stands for a parameter, `{{COMPONENT.PLACE}}` for a path on the node,
    /// `{{snippet.NAME}}` for a text in `snippets.yaml`.
    remediation: Remediation,
    /// URLs of further reading.
    references: Option<NotEmpty<Page>>,
}

/// The CIS profile level: 1, or 2, which is stricter and may reduce functionality.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Level(#[schemars(range(min = 1, max = 2))] u8);

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

/// Texts shared by remediations, by the name used in `{{snippet.NAME}}`: `snippets.yaml`.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct Snippets(BTreeMap<Name, Text>);

/// A text, or texts by platform.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Remediation {
    Text(Text),
    ByPlatform(Box<ByPlatform>),
}

/// Texts by platform. A platform's own text takes precedence over that of its family, and that over the default.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
struct ByPlatform {
    /// The text for platforms without one of their own.
    default: Text,
    /// kubeadm, or a tool that produces equivalent nodes.
    kubeadm: Option<Text>,
    /// EKS Anywhere, on any operating system.
    eks_anywhere: Option<Text>,
    /// EKS Anywhere on Bottlerocket.
    eks_anywhere_bottlerocket: Option<Text>,
    /// A machine that runs etcd and no Kubernetes component.
    external_etcd: Option<Text>,
    /// Managed EKS, on any operating system.
    eks: Option<Text>,
    /// A worker of managed EKS on Amazon Linux 2.
    eks_al2: Option<Text>,
    /// A worker of managed EKS on Amazon Linux 2023.
    eks_al2023: Option<Text>,
    /// A worker of managed EKS on Bottlerocket.
    eks_bottlerocket: Option<Text>,
    /// K3s.
    k3s: Option<Text>,
    /// RKE2.
    rke2: Option<Text>,
    /// RKE 1, whose components run in Docker containers.
    rke: Option<Text>,
    /// `MicroK8s`.
    microk8s: Option<Text>,
    /// Canonical Kubernetes (the `k8s` snap).
    canonical_k8s: Option<Text>,
    /// k0s.
    k0s: Option<Text>,
    /// Talos Linux.
    talos: Option<Text>,
    /// `OpenShift` 4 and OKD.
    openshift: Option<Text>,
    /// `MicroShift`.
    microshift: Option<Text>,
    /// A worker of GKE.
    gke: Option<Text>,
    /// A worker of AKS.
    aks: Option<Text>,
    /// A node of Alibaba Cloud's ACK.
    ack: Option<Text>,
    /// A TKGI node, provisioned by BOSH.
    tkgi: Option<Text>,
    /// kOps.
    kops: Option<Text>,
    /// Kubespray.
    kubespray: Option<Text>,
    /// minikube.
    minikube: Option<Text>,
    /// A kind node container.
    kind: Option<Text>,
    /// Kubernetes components not installed by any of the others.
    self_managed: Option<Text>,
    /// A kubelet that belongs to no cluster.
    standalone_kubelet: Option<Text>,
}

#[derive(JsonSchema)]
#[schemars(transparent)]
struct Page(
    #[schemars(regex(pattern = "^https://[^ ]*$"))]
    String,
);

/// Where a control does not apply if its setting is missing.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Applies {
    /// The platforms; omitted if `if` alone decides.
    not_on: Option<NotEmpty<PlatformName>>,
    /// What the component's settings must satisfy in addition. Requires an audit of settings.
    #[schemars(rename = "if")]
    condition: Option<OfSettings>,
    /// Whether the exemption holds even if the setting is set.
    #[schemars(default)]
    even_if_set: bool,
    /// The reason shown in reports.
    because: Text,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum PlatformName {
    Kubeadm,
    EksAnywhere,
    EksAnywhereBottlerocket,
    ExternalEtcd,
    EksAl2,
    EksAl2023,
    EksBottlerocket,
    K3s,
    Rke2,
    Rke,
    Microk8s,
    CanonicalK8s,
    K0s,
    Talos,
    Openshift,
    Microshift,
    Gke,
    Aks,
    Ack,
    Tkgi,
    Kops,
    Kubespray,
    Minikube,
    Kind,
    SelfManaged,
    StandaloneKubelet,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Audit {
    Settings(SettingsAudit),
    Unit(UnitAudit),
    Files(FilesAudit),
}

/// Audits the settings of a component: arguments, environment variables, configuration files.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SettingsAudit {
    /// The component's key.
    settings: Name,
}

/// Audits the settings of the systemd unit that runs a component: its file with all drop-ins.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnitAudit {
    /// The component's key.
    unit: Name,
}

/// Audits files and directories.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FilesAudit {
    /// The places to inspect: one `COMPONENT.PLACE`, or a list of them.
    files: Places,
    /// If a place is a directory: only files below it, at any depth, whose names match this pattern.
    below: Option<Glob>,
    /// With `below`: whether to include the directory itself and its subdirectories.
    #[schemars(default)]
    directories: bool,
    /// Only files with this content, in directories at any depth.
    holding: Option<Holding>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Holding {
    Keys,
    Certificates,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Places {
    One(PlaceName),
    Several(NotEmpty<PlaceName>),
}

/// The expected result. For settings and units: one condition, or several in `all` or `any`. For files: `mode`,
/// `owner`, `owned_by`, `certificate` or `says`, with `missing`; or `file`, if there must be none.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Expectation {
    All(All),
    Any(Any),
    Setting(Box<Setting>),
    OfUnit(Box<UnitSetting>),
    File(File),
    NoFile(NoFile),
}

/// All of these must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct All {
    /// Conditions on settings.
    all: NotEmpty<OfSettings>,
}

/// At least one of these must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Any {
    /// Conditions on settings.
    any: NotEmpty<OfSettings>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum OfSettings {
    All(All),
    Any(Any),
    Setting(Box<Setting>),
    OfUnit(Box<UnitSetting>),
}

/// A condition on a setting: its value must satisfy all given comparisons.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Setting {
    /// The argument, with its dashes. For etcd, the environment variable is derived from it.
    flag: Option<Flag>,
    /// The key path in the component's configuration file: `authentication.anonymous.enabled`.
    key: Option<KeyPath>,
    /// The entry to read if the setting is a map, such as feature gates.
    entry: Option<Text>,
    /// A further file, named by an argument, that takes precedence over the flag.
    file: Option<FurtherFile>,
    /// Equals this value, compared by type.
    is: Option<Operand>,
    /// Differs from this value.
    is_not: Option<Operand>,
    /// Is this number or duration, or more.
    at_least: Option<Operand>,
    /// Is this number or duration, or less.
    at_most: Option<Operand>,
    /// The list contains this item, or these items.
    includes: Option<Operand>,
    /// The list does not contain this item, or any of these.
    excludes: Option<Operand>,
    /// The list has at least one item, and no others than these.
    only: Option<Operand>,
    /// The host part of an address, with or without a port, is one of these.
    host: Option<Operand>,
    /// The setting is set (`true`) or not set (`false`).
    set: Option<Operand>,
    /// Differs from the value of `COMPONENT --flag`.
    differs_from: Option<Operand>,
    /// The outcome if the setting is not set, according to the benchmark: `pass`, `fail` or a parameter. Required
    /// without `set`.
    unset: Option<Unset>,
}

/// A condition on a systemd setting: its value must satisfy all given comparisons.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnitSetting {
    /// Section and name: `Service.IPAddressDeny`.
    key: UnitKey,
    /// The last value given equals this.
    is: Option<Operand>,
    /// The last value given differs from this.
    is_not: Option<Operand>,
    /// The values given include this word, or these words.
    includes: Option<Operand>,
    /// The values given do not include this word, or any of these.
    excludes: Option<Operand>,
    /// The values given contain at least one word, and no others than these.
    only: Option<Operand>,
    /// The setting is set (`true`) or not set (`false`).
    set: Option<Operand>,
    /// The outcome if the setting is not set, according to the benchmark: `pass`, `fail` or a parameter. Required
    /// without `set`.
    unset: Option<Unset>,
}

#[derive(JsonSchema)]
#[schemars(transparent)]
struct UnitKey(#[schemars(regex(pattern = r"^[A-Za-z0-9-]+\.[A-Za-z0-9-]+$"))] String);

#[derive(JsonSchema)]
#[schemars(transparent)]
struct Unset(#[schemars(regex(pattern = r"^(pass|fail|\{\{.*\}\})$"))] String);

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FurtherFile {
    /// The argument that names the file.
    named_by: Flag,
    /// The key path of the setting in the file.
    key: KeyPath,
    /// The key path in the file of values that restrict the setting: shown along with it.
    limited_by: Option<KeyPath>,
}

/// Conditions on every file: at least one of `mode`, `owner`, `owned_by`, `certificate` and `says`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct File {
    /// The most permissive mode allowed, in octal and in quotes: `"600"`; or a parameter.
    mode: Option<Mode>,
    /// The owner as `user:group`, by the names the node uses; or a parameter.
    owner: Option<Owner>,
    /// The users who may own the file, whatever its group: by name, by ID in quotes, or as `COMPONENT.PLACE` for the
    /// owner of the file at that place.
    owned_by: Option<NotEmpty<Text>>,
    /// Conditions on each certificate in the file, which must always be currently valid.
    certificate: Option<Certificate>,
    /// The format to read the file as. Its contents must include nothing that counts as a fault for that format.
    says: Option<Says>,
    /// With `says`: names that decide what counts as a fault, such as the machine's own users.
    names: Option<NotEmpty<Text>>,
    /// The outcome if the file does not exist although the component is on the node.
    missing: Missing,
}

/// The format to read a file as, and what counts as a fault in it.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Says {
    /// `/etc/passwd`: users who can log in and are not in `names`.
    Accounts,
    /// An audit policy of the API server: rules that do not log requests, or that log the contents of Secrets.
    AuditPolicy,
    /// SSH `authorized_keys`: weak keys. Other keys are left to manual review.
    AuthorizedKeys,
    /// The manifest of a static pod: capabilities other than `names`.
    Capabilities,
    /// Docker's container state: running containers in `names`.
    Containers,
    /// The configuration of a Git clone: credentials.
    Git,
    /// `/etc/shadow`: users in `names` with a password, or any user with an empty one.
    Passwords,
    /// containerd's registry configuration: unverified registries, and credentials that every user can read.
    Registries,
    /// Shell files: values of variables in `names`. The rest is left to manual review.
    Shell,
    /// sudo rules: users without a password prompt who are not in `names`.
    Sudoers,
}

/// A condition that no file exists.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NoFile {
    /// The condition on the file.
    file: Absence,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Absence {
    /// `true`: the file must not exist.
    absent: Truth,
}

/// `true`.
struct Truth;

impl JsonSchema for Truth {
    fn schema_name() -> Cow<'static, str> {
        "Truth".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}

/// Conditions on each certificate: at least one of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Certificate {
    /// The number of days for which it must remain valid, or a parameter; default 0.
    days_left: Option<Days>,
    /// The same for CA certificates; default `days_left`.
    ca_days_left: Option<Days>,
    /// An organization (O) that the subject must contain, or a parameter; CA certificates are exempt.
    subject_group: Option<Text>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Days {
    Number(#[schemars(range(min = 0, max = 36500))] i64),
    Parameter(#[schemars(regex(pattern = r"^\{\{.*\}\}$"))] String),
}

#[derive(JsonSchema)]
#[schemars(transparent)]
struct Mode(#[schemars(regex(pattern = r"^([0-7]{1,4}|\{\{.*\}\})$"))] String);

#[derive(JsonSchema)]
#[schemars(transparent)]
struct Owner(#[schemars(regex(pattern = r"^([^:\s]+:[^:\s]+|\{\{.*\}\})$"))] String);

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Missing {
    Fail,
    NotApplicable,
}

/// A benchmark, which assigns numbers to controls: `NAME.yaml`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Benchmark {
    Whole(Whole),
    Extension(Extension),
}

/// A benchmark that extends no other.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Whole {
    /// The title of the edition.
    title: Text,
    /// The Kubernetes versions it covers. Without a range, it is used only when requested by name or selected for
    /// `platforms`.
    kubernetes: Option<VersionRange>,
    /// The platforms it is selected for, whatever the Kubernetes version.
    platforms: Option<NotEmpty<PlatformName>>,
    /// The platforms on which a run with another benchmark suggests this one.
    suggested_on: Option<NotEmpty<PlatformName>>,
    /// Whether its checks have levels 1 and 2; default `true`.
    levels: Option<bool>,
    /// The targets.
    targets: Targets<Target>,
}

/// A benchmark that extends another.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Extension {
    /// The title of the benchmark.
    title: Text,
    /// The Kubernetes versions it covers. Without a range, it is used only when requested by name or selected for
    /// `platforms`.
    kubernetes: Option<VersionRange>,
    /// The platforms it is selected for, whatever the Kubernetes version.
    platforms: Option<NotEmpty<PlatformName>>,
    /// The platforms on which a run with another benchmark suggests this one.
    suggested_on: Option<NotEmpty<PlatformName>>,
    /// Whether its checks have levels 1 and 2; by default as in the extended benchmark.
    levels: Option<bool>,
    /// The benchmark to extend. Everything is inherited that is not left out, changed or replaced here.
    extends: Text,
    /// What to leave out: check numbers, group numbers and control keys.
    without: Option<NotEmpty<Text>>,
    /// Parameters to change, by control, whatever its number.
    with: Option<BTreeMap<ControlKey, BTreeMap<Name, Value>>>,
    /// Checks to add, or to replace those with the same number.
    targets: Option<Targets<TargetToExtend>>,
}

/// An inclusive range of Kubernetes versions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct VersionRange {
    /// The oldest version.
    from: ReleaseLine,
    /// The newest version.
    to: ReleaseLine,
}

/// A Kubernetes minor release, in quotes: `"1.32"`.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct ReleaseLine(#[schemars(regex(pattern = r"^[0-9]+\.[0-9]+$"))] String);

/// The parts of a benchmark that can be run separately.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Targets<T> {
    /// The control plane's files and components (CIS section 1).
    master: Option<T>,
    /// etcd (CIS section 2).
    etcd: Option<T>,
    /// Authentication and logging of the control plane (CIS section 3).
    controlplane: Option<T>,
    /// The worker's files and components (CIS section 4).
    node: Option<T>,
    /// Cluster policies, which only the API shows (CIS section 5).
    policies: Option<T>,
    /// Services of a managed Kubernetes provider.
    managedservices: Option<T>,
    /// The cluster as seen through its API, in benchmarks without a policies section.
    cluster: Option<T>,
    /// The machine from which a cluster is administered, which is not a node of the cluster.
    admin: Option<T>,
}

/// The section of a target.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Target {
    /// The section number, or a word if the target covers parts of several sections; its groups may then have any
    /// number.
    id: Text,
    /// The section title.
    title: Text,
    /// The groups, by number.
    groups: BTreeMap<String, Group>,
}

/// The section of a target. If it extends one, omitted keys are inherited.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TargetToExtend {
    /// The section number.
    id: Option<Text>,
    /// The section title.
    title: Option<Text>,
    /// The groups, by number.
    groups: Option<BTreeMap<String, GroupToExtend>>,
}

/// A group of checks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Group {
    /// The group title.
    title: Text,
    /// The checks, by number, in the order of the benchmark's document.
    checks: BTreeMap<String, Check>,
}

/// A group of checks. If it extends one, omitted keys are inherited.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GroupToExtend {
    /// The group title.
    title: Option<Text>,
    /// The checks, by number, in the order of the benchmark's document.
    checks: Option<BTreeMap<String, Check>>,
}

/// A control under a check number.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Check {
    /// The control's key.
    control: ControlKey,
    /// The control's parameters, by name.
    with: Option<BTreeMap<Name, Value>>,
    /// The level in this edition, if it differs from the control's.
    level: Option<Level>,
    /// Whether a failure is reported as FAIL (`true`) or WARN (`false`).
    scored: bool,
    /// The assessment status that CIS prints after the title.
    assessment: Assessment,
    /// Whether the check is evaluated rather than left to manual review; default `true`.
    evaluate: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Assessment {
    Automated,
    Manual,
}

/// A profile, which skips controls or changes parameters for a platform: `profiles/NAME.yaml`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Profile {
    /// What the profile is for, in one line.
    title: Text,
    /// The platforms the profile is written for.
    platforms: Option<NotEmpty<PlatformName>>,
    /// Controls to skip, whatever their number.
    skip: Option<Vec<Skip>>,
    /// Controls whose parameters the platform changes.
    adjust: Option<Vec<Adjustment>>,
    /// The only benchmark the profile can be used with; required with `skip_numbers`.
    benchmark: Option<Text>,
    /// Check numbers to skip, whatever control they refer to: only to reproduce a published list.
    skip_numbers: Option<Vec<NumberSkip>>,
}

/// A control to skip.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Skip {
    /// The control's key.
    control: ControlKey,
    /// The setting that cancels the skip when it is set.
    unless_set: Option<UnlessSet>,
    /// Why it is skipped, in your own words.
    reason: Text,
    /// The document that says so.
    source: Text,
    /// The numbers that the guide itself uses for the control.
    guide_ids: Option<NotEmpty<Text>>,
}

/// A setting that cancels a skip when it is set.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum UnlessSet {
    Flag(UnlessFlag),
    Key(UnlessKey),
}

/// An argument, and its key in the configuration file, if there is one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnlessFlag {
    /// The component's key.
    component: Name,
    /// The argument, with its dashes.
    flag: Flag,
    /// The key path in the component's configuration file.
    key: Option<KeyPath>,
}

/// A key in the configuration file without an equivalent argument.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnlessKey {
    /// The component's key.
    component: Name,
    /// The key path in the component's configuration file.
    key: KeyPath,
}

/// A control's parameters, changed for the platform.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Adjustment {
    /// The control's key.
    control: ControlKey,
    /// The parameters, by name.
    with: BTreeMap<Name, Value>,
    /// Why they are changed.
    reason: Text,
    /// The document that says so.
    source: Text,
}

/// A check number to skip.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NumberSkip {
    /// The target that the number is in.
    target: TargetName,
    /// The check number: `1.2.1`.
    id: Text,
    /// The key of the control that the list's author meant.
    meant: ControlKey,
    /// Why it is skipped, in your own words.
    reason: Text,
    /// The document that says so.
    source: Text,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum TargetName {
    Master,
    Etcd,
    ControlPlane,
    Node,
    Policies,
    ManagedServices,
}
