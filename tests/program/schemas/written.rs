//! The files of definitions as people write them, for JSON Schema alone.
//!
//! Why types of their own: what the program holds is not what is written (defaults are filled in, places and
//! conditions taken apart), and what is written is read into a tree that keeps places, not by serde. So the written
//! form has one description, here, of which the schemas are made; `main.rs` holds it against the loader, key by key,
//! so that neither can know a key that the other does not. What depends on other files (names of controls, values
//! that fit a condition) only the loader can say: `kube-assay lint`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A name: small letters, digits, dashes and underscores, a letter first.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct Name(#[schemars(regex(pattern = "^[a-z][a-z0-9_-]*$"))] String);

/// A flag with its dashes.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct Flag(#[schemars(regex(pattern = "^--[A-Za-z0-9][^= {]*$"))] String);

/// A key path in a configuration file: `authentication.anonymous.enabled`, `resources[*].providers[0]~`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct KeyPath(#[schemars(length(min = 1))] String);

/// A place of a component: `apiserver.manifest`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct PlaceName(#[schemars(regex(pattern = r"^[^.]+\.[^.]+$"))] String);

/// The key of a control: `apiserver/anonymous-auth`.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct ControlKey(#[schemars(regex(pattern = "^[^/]+/[a-z][a-z0-9_-]*$"))] String);

/// A text that says something.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// A list that holds something.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct NotEmpty<T>(#[schemars(length(min = 1))] Vec<T>);

/// What a value is compared with, or `"{{name}}"`: the parameter of that name.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Operand {
    Truth(bool),
    Number(i64),
    Text(String),
    List(NotEmpty<Text>),
}

/// The value of a parameter. One of `~` drops its condition.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Value {
    Nothing(()),
    Truth(bool),
    Number(i64),
    Text(String),
    List(NotEmpty<Text>),
}

/// The programs of Kubernetes, by the key that controls and places refer to: `components.yaml`.
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

/// A program with processes of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Program {
    /// As the field calls it.
    name: Text,
    /// How its process is called, word by word; the first word by its file name.
    executables: NotEmpty<Text>,
    /// Names that other programs bear too: they count only with one of the flags of `bare_with`.
    bare: Option<NotEmpty<Text>>,
    /// Flags that tell this program from others of a bare name.
    bare_with: Option<NotEmpty<Flag>>,
    /// Programs that hold this one within themselves, word by word: `k3s server`.
    embedded_in: Option<NotEmpty<Text>>,
    /// What such programs pass to it by themselves: by program (`k3s`) and flag.
    passed_by: Option<BTreeMap<Name, BTreeMap<Flag, Passed>>>,
    /// What it is to the cluster, from which the targets of a node follow.
    role: Option<Role>,
    /// Which container runtime it is, whose configuration says where the network's lies.
    runtime: Option<Runtime>,
    /// The namespaces whose pods may run it (kube-proxy's `DaemonSet`); else a process in an ordinary pod is another
    /// cluster's.
    namespaces: Option<BTreeMap<NodesOf, NotEmpty<Text>>>,
    /// The users besides root as whom it customarily runs.
    users: Option<NotEmpty<Text>>,
    /// Whether it works only with the node's own process numbers, whatever container it runs in.
    #[schemars(default)]
    needs_host_pids: bool,
    /// The systemd unit that usually runs it.
    unit: Option<UnitName>,
    /// How its command line is read.
    grammar: Grammar,
    /// Its configuration file.
    config: Option<Config>,
    /// What its flags take; one that is not listed takes a word.
    flags: Option<Flags>,
    /// Older names that flags may still be given by: such a name counts where the flag itself is not given.
    former: Option<BTreeMap<Flag, Flag>>,
    /// What unset means to the program, by flag: said in the evidence.
    defaults: Option<BTreeMap<Flag, ByVersion<Text>>>,
    /// What single values mean that are not what they seem, by flag and value: said in the evidence.
    meanings: Option<BTreeMap<Flag, BTreeMap<String, ByVersion<Text>>>>,
    /// Its feature gates, as far as controls ask for them, each by the release line from which it holds.
    feature_gates: Option<BTreeMap<String, BTreeMap<ReleaseLine, GateState>>>,
    /// Where its things lie; only a container runtime may have none.
    places: Option<BTreeMap<Name, Place>>,
}

/// Where namespaces are the platform's alone: on all nodes, or on those of a distribution.
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

/// One for every version of Kubernetes, or one by the release line from which it holds; the oldest holds before too.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum ByVersion<T> {
    Always(T),
    Since(BTreeMap<ReleaseLine, T>),
}

/// An argument that a program passes which holds the component within itself: always as this, or the cases in which it
/// does. `{data}` is the program's directory, `{host}` the node's name.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Passed {
    Always(Text),
    Cases(NotEmpty<PassedCase>),
}

/// A case in which a program passes an argument.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PassedCase {
    /// As what; left out where that depends on more than the program's own settings.
    value: Option<Text>,
    /// What must hold of the program's own settings besides.
    when: Option<PassedWhen>,
    /// Arguments that the user gives to the component, with which the program leaves it out.
    unless: Option<NotEmpty<Flag>>,
    /// The release line from which it does.
    since: Option<ReleaseLine>,
    /// The release line from which it no longer does.
    before: Option<ReleaseLine>,
    /// Release lines in which some releases do, and others do not.
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

/// What a feature gate is in a release line.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GateState {
    /// How far the feature has come: `AllAlpha` sets alpha gates, `AllBeta` beta ones.
    stage: Stage,
    /// Whether it is on where nothing sets it; left out where it was removed.
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

/// A thing without a process of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the keys that people write")]
struct Part {
    /// As the field calls it.
    name: Text,
    /// The component whose arguments and presence count for it.
    part_of: Name,
    /// Where its things lie.
    places: BTreeMap<Name, Place>,
}

/// A thing that belongs to no component.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Belonging {
    /// As the field calls it.
    name: Text,
    /// What it belongs to instead.
    belongs_to: BelongsTo,
    /// Where its things lie.
    places: BTreeMap<Name, Place>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum BelongsTo {
    /// The machine: its things are looked at wherever any component is.
    Machine,
    /// The directory of a cluster that the user names; `/{cluster-directory}` stands for it in candidates.
    ClusterDirectory,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Role {
    /// It runs the cluster.
    ControlPlane,
    /// It makes a machine a node of the cluster.
    Node,
    /// It keeps the cluster's data.
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
    /// The flag that names it.
    flag: Flag,
    /// The flag that names a directory of `*.conf`.
    drop_ins: Option<Flag>,
    /// What counts where both say something: arguments override the file, or with a file it alone counts.
    precedence: Precedence,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Precedence {
    Arguments,
    File,
}

/// What flags take.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Flags {
    /// Nothing, or a truth value after `=`.
    boolean: Option<NotEmpty<Flag>>,
    /// Items with commas between them.
    list: Option<NotEmpty<Flag>>,
    /// `key=value` with commas between them.
    map: Option<NotEmpty<Flag>>,
    /// A duration such as `1h30m`.
    duration: Option<NotEmpty<Flag>>,
}

/// A variable of a shell that names a file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NamedIn {
    /// The place of the shell's files.
    place: Name,
    /// The variable.
    variable: Text,
}

/// Where a thing lies: at least one of `candidates`, `distributions`, `follow`, `named_in`, `shown_by` and `static_pod`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Place {
    /// It is the file that holds the component's arguments: the manifest of its static pod, or what starts its service.
    #[schemars(default)]
    static_pod: bool,
    /// What of the running node shows where it lies: the service that runs the component (its unit, with all drop-ins),
    /// or the container runtimes that run (where they look for the network's configuration); or, where no setting names a
    /// file, the files from which that service takes the arguments.
    shown_by: Option<ShownBy>,
    /// With `static_pod` or `shown_by: arguments`: files of arguments, which count where the service is that of the snap
    /// below whose directory they lie.
    arguments: Option<NotEmpty<AbsolutePath>>,
    /// Where it lies on nodes of a distribution, by its name.
    distributions: Option<BTreeMap<Distribution, NotEmpty<AbsolutePath>>>,
    /// What the component takes the files for that settings name; they need not be there.
    holds: Option<Holds>,
    /// A variable that names it, where the files of a shell set it, which are another place of the same component.
    named_in: Option<NamedIn>,
    /// Where it usually lies: absolute paths, the last part of which may hold `*`.
    candidates: Option<NotEmpty<AbsolutePath>>,
    /// How many of the candidates count; `first` where it is left out.
    take: Option<Take>,
    /// Whether its being there proves that the component belongs on the node.
    #[schemars(default)]
    evidence: bool,
    /// Whether it says nothing where the component is not on the node: packages leave such things.
    #[schemars(default)]
    needs_component: bool,
    /// Settings that name it; those that are set take the candidates' place.
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

/// A distribution that is known by its processes.
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

/// A setting that names a place: a flag, a key, or both.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Follow {
    /// The component whose setting it is; that of the place where it is left out.
    of: Option<Name>,
    /// It does not count where the arguments say this: `--container-runtime=remote`.
    unless: Option<Text>,
    /// Of a value such as `a.crt,a.key:*.example.com`: which of the two paths.
    part: Option<WhichPart>,
    /// Where it lies if nothing is set; `{--name}` stands for the value of that flag.
    unset: Option<Text>,
    /// Take what lies there, seen from the directory of the named file, if it is there.
    beside: Option<Text>,
    /// The argument.
    flag: Option<Flag>,
    /// The key in the component's configuration file.
    key: Option<KeyPath>,
    /// Take the directory that the named file lies in.
    #[schemars(default)]
    parent: bool,
    /// Take what matches in the named directory.
    glob: Option<Glob>,
}

/// A pattern for the names of files: `*.conf`.
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Glob(#[schemars(regex(pattern = "^[^/]+$"))] String);

/// Controls, each thing that should be so: `controls/STEM.yaml`. A control's key is `STEM/NAME`.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct Controls(BTreeMap<Name, Control>);

/// A judgement by the objects of a cluster.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Objects {
    /// What decides: the name of a predicate of the program.
    predicate: Predicate,
    /// What must hold, in words.
    expect: Text,
}

/// A judgement by what AWS says of a cluster.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Aws {
    /// What decides: the name of a predicate of the program.
    predicate: AwsPredicate,
    /// What must hold, in words.
    expect: Text,
    /// With `objects`: whether either judges alone (the default), all must hold, any is enough, or AWS alone decides.
    #[schemars(rename = "match")]
    matching: Option<Matching>,
}

/// How the judgement of the objects and that of AWS are one.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Matching {
    Either,
    All,
    Any,
    Aws,
}

/// A predicate over what AWS says.
struct AwsPredicate;

impl JsonSchema for AwsPredicate {
    fn schema_name() -> Cow<'static, str> {
        "AwsPredicate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": &definitions::benchmark::AWS_PREDICATES[..] })
    }
}

/// A predicate, by the key of the control that it was made for.
struct Predicate;

impl JsonSchema for Predicate {
    fn schema_name() -> Cow<'static, str> {
        "Predicate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": &definitions::benchmark::PREDICATES[..] })
    }
}

/// One thing that should be so: judged by `audit` and `expect`, or reviewed by a person, who is shown `review`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Control {
    /// What should be so, in one line. `{{name}}` is a parameter, `{{COMPONENT.PLACE}}` a path on the node.
    title: Text,
    /// Its CIS profile level, 1 or 2; an index may set another.
    level: Level,
    /// How bad a failure is.
    severity: Severity,
    /// Why it matters.
    rationale: Text,
    /// What an index may set, with what it is where none does; `~` where each must.
    parameters: Option<BTreeMap<Name, Value>>,
    /// Where it does not apply.
    applies: Option<Applies>,
    /// What is looked at.
    audit: Option<Audit>,
    /// What is expected there.
    expect: Option<Expectation>,
    /// What a person should look at, for what the program does not judge.
    review: Option<Text>,
    /// By what of the cluster it is judged where a run sees that; with `review`, for where it does not.
    objects: Option<Objects>,
    /// By what AWS says it is judged where a run has that; with `review`, for where it has not.
    aws: Option<Aws>,
    /// Flags whose values that person is shown; with `review` and an audit of settings.
    show: Option<NotEmpty<Flag>>,
    /// How to fix it. `{{name}}` is a parameter, `{{COMPONENT.PLACE}}` a path on the node, `{{snippet.NAME}}` a text of
    /// `snippets.yaml`.
    remediation: Remediation,
    /// Pages to read.
    references: Option<NotEmpty<Page>>,
}

/// A CIS profile level: 1, or 2, which is stricter and may cost function.
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

/// Texts that remediations share, by the name that `{{snippet.NAME}}` gives: `snippets.yaml`.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct Snippets(BTreeMap<Name, Text>);

/// A text, or one by platform where that differs.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Remediation {
    Text(Text),
    ByPlatform(Box<ByPlatform>),
}

/// By platform: a platform's own text goes before that of its family, and that before the default.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "kebab-case")]
struct ByPlatform {
    /// For platforms without a text of their own.
    default: Text,
    /// kubeadm, or something that leaves a node like it.
    kubeadm: Option<Text>,
    /// EKS Anywhere, whatever the machine.
    eks_anywhere: Option<Text>,
    /// EKS Anywhere on Bottlerocket.
    eks_anywhere_bottlerocket: Option<Text>,
    /// A machine that runs etcd and no Kubernetes component.
    external_etcd: Option<Text>,
    /// Managed EKS, whatever the machine.
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
    /// RKE 1, in containers of Docker.
    rke: Option<Text>,
    /// `MicroK8s`.
    microk8s: Option<Text>,
    /// Canonical Kubernetes, the snap `k8s`.
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
    /// A node of TKGI, set up by BOSH.
    tkgi: Option<Text>,
    /// kOps.
    kops: Option<Text>,
    /// Kubespray.
    kubespray: Option<Text>,
    /// minikube.
    minikube: Option<Text>,
    /// A container that kind runs as a node.
    kind: Option<Text>,
    /// Kubernetes components that none of the others put there.
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

/// Platforms on which a control says nothing.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Applies {
    /// Which; left out where the condition alone decides.
    not_on: Option<NotEmpty<PlatformName>>,
    /// What must hold of the component's settings besides; only with an audit of settings.
    #[schemars(rename = "if")]
    condition: Option<OfSettings>,
    /// Whether that holds even where the setting is given.
    #[schemars(default)]
    even_if_set: bool,
    /// Why: the reason that reports give.
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

/// The settings of a component: arguments, variables, configuration files.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SettingsAudit {
    /// The component's key.
    settings: Name,
}

/// The settings of the systemd unit that runs a component: its file, with all drop-ins.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnitAudit {
    /// The component's key.
    unit: Name,
}

/// Files and directories.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FilesAudit {
    /// `COMPONENT.PLACE`, or a list of such.
    files: Places,
    /// In a directory: the files at any depth whose names match.
    below: Option<Glob>,
    /// With `below`: the directory itself and those below it too.
    #[schemars(default)]
    directories: bool,
    /// Of what is there, in directories at any depth: the files that hold this.
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

/// Of settings and units: one condition, or several in `all` or `any`. Of files: `mode`, `owner`, `certificate`, `says` and
/// `missing`, or that there is none.
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
    /// Expectations of settings.
    all: NotEmpty<OfSettings>,
}

/// One of these must hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Any {
    /// Expectations of settings.
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

/// What a setting's value must satisfy: all the conditions that are given.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Setting {
    /// The argument, with its dashes; etcd's variable follows from it.
    flag: Option<Flag>,
    /// The key path in the component's configuration file.
    key: Option<KeyPath>,
    /// In a map such as feature gates: this entry.
    entry: Option<Text>,
    /// A further file that an argument names; what it says counts before the flag.
    file: Option<FurtherFile>,
    /// Equal, compared as what the value is.
    is: Option<Operand>,
    /// Another value.
    is_not: Option<Operand>,
    /// This number or duration, or more.
    at_least: Option<Operand>,
    /// This number or duration, or less.
    at_most: Option<Operand>,
    /// The list has this item, or these.
    includes: Option<Operand>,
    /// The list lacks this item, or these.
    excludes: Option<Operand>,
    /// The list has no item but these, and at least one.
    only: Option<Operand>,
    /// An address, with a port or without, whose host is one of these.
    host: Option<Operand>,
    /// It is given, or it is not.
    set: Option<Operand>,
    /// A value different from that of `COMPONENT --flag`.
    differs_from: Option<Operand>,
    /// The outcome where it is not set, by the benchmark's text: pass or fail, or a parameter. Needed without `set`.
    unset: Option<Unset>,
}

/// What a setting of a systemd unit must satisfy: all the conditions that are given.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnitSetting {
    /// The section and the name: `Service.IPAddressDeny`.
    key: UnitKey,
    /// Equal: the last value that is given.
    is: Option<Operand>,
    /// Another value.
    is_not: Option<Operand>,
    /// Of all values that are given, one is this word, or these are among them.
    includes: Option<Operand>,
    /// None of the values that are given is this word, or one of these.
    excludes: Option<Operand>,
    /// There is no word but these, and at least one.
    only: Option<Operand>,
    /// It is given, or it is not.
    set: Option<Operand>,
    /// The outcome where it is not set, by the benchmark's text: pass or fail, or a parameter. Needed without `set`.
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
    /// The key path in it.
    key: KeyPath,
    /// A key path in it whose values narrow down what the key says: shown with it.
    limited_by: Option<KeyPath>,
}

/// What is expected of each file: at least one of `mode`, `owner`, `owned_by`, `certificate` and `says`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct File {
    /// No permission beyond these, in octal and in quotes: `"600"`; or a parameter.
    mode: Option<Mode>,
    /// `user:group`, by the node's own names; or a parameter.
    owner: Option<Owner>,
    /// The users of whom one owns it, whatever its group: by name, by number in quotes, or as `COMPONENT.PLACE`, for
    /// the owner of what lies there.
    owned_by: Option<NotEmpty<Text>>,
    /// What each certificate in it must be, which has to be valid at any rate.
    certificate: Option<Certificate>,
    /// What it is read as, where it must say nothing that this kind calls a fault.
    says: Option<Says>,
    /// With `says`: the names by which the kind tells what is a fault, such as the machine's own users.
    names: Option<NotEmpty<Text>>,
    /// The outcome where the component is here but the file is not.
    missing: Missing,
}

/// What a file is read as.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Says {
    /// `/etc/passwd`: who may log in and is not of `names`.
    Accounts,
    /// An audit policy of the API server: whether it logs requests, and contents of Secrets.
    AuditPolicy,
    /// Keys that may log in over SSH: weak ones. A person judges the others.
    AuthorizedKeys,
    /// The manifest of a static pod: capabilities beyond `names`.
    Capabilities,
    /// What Docker keeps of a container: whether one of `names` runs.
    Containers,
    /// The configuration of a clone of a Git repository: credentials.
    Git,
    /// `/etc/shadow`: whether a user of `names` has a password, or any user needs none.
    Passwords,
    /// containerd's registries: unverified ones, and credentials that every user may read.
    Registries,
    /// Files of a shell: whether a variable of `names` has its value there. A person judges the rest.
    Shell,
    /// sudo's rules: who needs no password and is not of `names`.
    Sudoers,
}

/// That there must be no file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NoFile {
    /// What is expected of it.
    file: Absence,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Absence {
    /// `true`: it must not be there.
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

/// What each certificate must be: at least one of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Certificate {
    /// For how many days more it must be valid; or a parameter. 0 where it is not given.
    days_left: Option<Days>,
    /// The same of the certificate of a CA; as the others where it is not given.
    ca_days_left: Option<Days>,
    /// An organization that the subject must name, unless it is a CA's; or a parameter.
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

/// A benchmark: one edition's numbers, and the control that each stands for: `NAME.yaml`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Benchmark {
    Whole(Whole),
    Extension(Extension),
}

/// A benchmark that says everything itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Whole {
    /// The edition's title.
    title: Text,
    /// The Kubernetes versions that it is for; without them it is only taken by its name.
    kubernetes: Option<VersionRange>,
    /// The platforms on which it is taken whatever the Kubernetes version.
    platforms: Option<NotEmpty<PlatformName>>,
    /// The platforms on which a run by another benchmark suggests this one.
    suggested_on: Option<NotEmpty<PlatformName>>,
    /// Whether it divides its checks into levels 1 and 2; `true` where it is left out and nothing is extended.
    levels: Option<bool>,
    /// Its targets.
    targets: Targets<Target>,
}

/// A benchmark that builds on another.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Extension {
    /// The title.
    title: Text,
    /// The Kubernetes versions that it is for; without them it is only taken by its name.
    kubernetes: Option<VersionRange>,
    /// The platforms on which it is taken whatever the Kubernetes version.
    platforms: Option<NotEmpty<PlatformName>>,
    /// The platforms on which a run by another benchmark suggests this one.
    suggested_on: Option<NotEmpty<PlatformName>>,
    /// Whether it divides its checks into levels 1 and 2; `true` where it is left out and nothing is extended.
    levels: Option<bool>,
    /// The benchmark that it has everything of that is not left out, set otherwise or replaced here.
    extends: Text,
    /// What is left out: numbers of checks or groups, and controls.
    without: Option<NotEmpty<Text>>,
    /// Parameters that are set otherwise, by control, under whatever number it bears.
    with: Option<BTreeMap<ControlKey, BTreeMap<Name, Value>>>,
    /// What is added, or takes the place of what bears the same number.
    targets: Option<Targets<TargetToExtend>>,
}

/// A range of Kubernetes versions, both ends included.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct VersionRange {
    /// The oldest.
    from: ReleaseLine,
    /// The newest.
    to: ReleaseLine,
}

/// A release line, in quotes: `"1.32"`.
#[derive(JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[schemars(transparent)]
struct ReleaseLine(#[schemars(regex(pattern = r"^[0-9]+\.[0-9]+$"))] String);

/// The parts of a benchmark that are run on their own.
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
    /// What only the API can answer (CIS section 5).
    policies: Option<T>,
    /// What a managed service's provider is asked for.
    managedservices: Option<T>,
    /// The cluster as its API shows it, in lists that have no section of policies.
    cluster: Option<T>,
    /// The machine from which a cluster is administered. It is no node of the cluster.
    admin: Option<T>,
}

/// A target's section.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Target {
    /// The section's number; a word where the target is a part of several sections, whose groups then bear any number.
    id: Text,
    /// The section's name.
    title: Text,
    /// Its groups, by number.
    groups: BTreeMap<String, Group>,
}

/// A target's section; of one that is extended, what is left out stays.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TargetToExtend {
    /// The section's number.
    id: Option<Text>,
    /// The section's name.
    title: Option<Text>,
    /// Its groups, by number.
    groups: Option<BTreeMap<String, GroupToExtend>>,
}

/// A group of checks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Group {
    /// Its name.
    title: Text,
    /// Its checks, by number, in the order of the document.
    checks: BTreeMap<String, Check>,
}

/// A group of checks; of one that is extended, what is left out stays.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GroupToExtend {
    /// Its name.
    title: Option<Text>,
    /// Its checks, by number, in the order of the document.
    checks: Option<BTreeMap<String, Check>>,
}

/// A control under a number.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Check {
    /// The control's key.
    control: ControlKey,
    /// Its parameters.
    with: Option<BTreeMap<Name, Value>>,
    /// Its level in this edition where that is not the control's.
    level: Option<Level>,
    /// Whether a failure is FAIL, or only WARN.
    scored: bool,
    /// What CIS prints beside the title.
    assessment: Assessment,
    /// Whether the program judges it; `true` where it is left out.
    evaluate: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Assessment {
    Automated,
    Manual,
}

/// A profile: what a platform's guide leaves out or asks for otherwise: `profiles/NAME.yaml`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Profile {
    /// What it is for, in one line.
    title: Text,
    /// The platforms that it is for.
    platforms: Option<NotEmpty<PlatformName>>,
    /// Controls that are left out, under whatever number.
    skip: Option<Vec<Skip>>,
    /// Parameters that the platform sets otherwise.
    adjust: Option<Vec<Adjustment>>,
    /// The only benchmark that it goes with; needed with `skip_numbers`.
    benchmark: Option<Text>,
    /// Numbers that are left out, whatever they mean: only to reproduce a published list.
    skip_numbers: Option<Vec<NumberSkip>>,
}

/// A control that is left out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Skip {
    /// The control's key.
    control: ControlKey,
    /// The setting that has the control judged after all where it is set.
    unless_set: Option<UnlessSet>,
    /// Why, in your own words.
    reason: Text,
    /// Where that is written.
    source: Text,
    /// The guide's own numbers.
    guide_ids: Option<NotEmpty<Text>>,
}

/// A setting that takes a skip back where it is set.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum UnlessSet {
    Flag(UnlessFlag),
    Key(UnlessKey),
}

/// An argument, with the key that the configuration file has for it, if there is one.
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

/// A key of the configuration file that no argument has.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnlessKey {
    /// The component's key.
    component: Name,
    /// The key path in the component's configuration file.
    key: KeyPath,
}

/// Parameters that the platform sets otherwise.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Adjustment {
    /// The control's key.
    control: ControlKey,
    /// The parameters.
    with: BTreeMap<Name, Value>,
    /// Why.
    reason: Text,
    /// Where that is written.
    source: Text,
}

/// A number that is left out.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NumberSkip {
    /// Where the number is used.
    target: TargetName,
    /// The number.
    id: Text,
    /// The control that the list's author meant.
    meant: ControlKey,
    /// Why, in your own words.
    reason: Text,
    /// Where that is written.
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
