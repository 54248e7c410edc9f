//! Controls: what each one audits and expects.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::file_condition::FileCondition;
use super::text::{Placeholder, placeholders};
use super::{Compiled, Deferred, Platform, Remediation};
use crate::SharedText;

/// A requirement on a node or cluster, defined once for all benchmarks that include it.
///
/// Parts that few controls have are boxed: a run decodes a hundred controls, most of which would be empty space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Control {
    /// The stable key: `apiserver/anonymous-auth`.
    pub key: SharedText,
    /// The requirement, in one line. May contain `{{parameter}}`.
    pub title: SharedText,
    /// The CIS profile level, 1 or 2; a benchmark may override it.
    pub level: u8,
    /// The severity of a failure.
    pub severity: ControlSeverity,
    /// The rationale and the references.
    pub background: Deferred<Background>,
    /// How to fix it, per platform where that differs.
    pub remediation: Remediation,
    /// Instructions for manual review, where the control is not evaluated automatically.
    pub review: Option<SharedText>,
    /// The parameters that a benchmark may set, with their defaults. [`Value::Null`]: no default, the benchmark must
    /// set it.
    pub parameters: BTreeMap<SharedText, Value>,
    /// What is inspected.
    pub audit: Audit,
    /// The expected result; none for a control that is only reviewed manually.
    pub expect: Option<Expectation>,
    /// How it is judged when the run has access to the cluster's objects.
    pub objects: Option<Box<Objects>>,
    /// How it is judged when the run has AWS evidence.
    pub aws: Option<Box<Aws>>,
    /// Settings shown to the reviewer, without an expectation.
    pub shows: Option<Box<Expectation>>,
    /// Where the control does not apply if its setting or file is missing; none if it applies wherever its component
    /// runs.
    pub applies: Option<Box<Applies>>,
}

/// The parts of a control that only explanations need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// Why the control matters.
    pub rationale: SharedText,
    /// URLs of further reading, such as Kubernetes documentation.
    pub references: Vec<SharedText>,
}

impl Compiled for Control {}

impl Compiled for Background {}

/// The severity of a failed control, assigned by the rule in `CONTRIBUTING.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ControlSeverity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl ControlSeverity {
    /// All severities, most severe first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The name in definitions and reports: `critical`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Control {
    /// Returns why the control does not apply on a platform if its setting is missing; `None` if it applies.
    pub fn exempt_on(&self, platform: Option<Platform>) -> Option<&str> {
        let is_of = |applies: &&Applies| platform.is_some_and(|platform| applies.not_on.contains(&platform));
        self.applies
            .as_deref()
            .filter(|applies| applies.not_on.is_empty() || is_of(applies))
            .map(|applies| applies.because.trim_end())
    }

    /// Returns the texts that may contain placeholders.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.title.as_str()).chain(self.remediation.texts())
    }

    /// Returns the names of the snippets that its texts use.
    pub(crate) fn snippets(&self) -> impl Iterator<Item = SharedText> {
        self.texts().flat_map(|text| placeholders(text).unwrap_or_default()).filter_map(|found| match found {
            Placeholder::Snippet(name) => Some(name),
            Placeholder::Parameter(_) | Placeholder::Place(_) => None,
        })
    }

    /// Returns the settings that its expectation and its `applies` condition refer to.
    pub fn settings(&self) -> impl Iterator<Item = &SettingCondition> {
        let condition = self.applies.as_ref().and_then(|applies| applies.condition.as_ref());
        self.expect.iter().chain(condition).flat_map(Expectation::settings)
    }
}

/// Where a control does not apply if its setting is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applies {
    /// The platforms; empty if `condition` alone decides.
    pub not_on: Vec<Platform>,
    /// What the component's settings must satisfy in addition; none if the platform alone decides.
    pub condition: Option<Expectation>,
    /// Whether the exemption holds even if the setting is set.
    pub even_if_set: bool,
    /// The reason shown in reports.
    pub because: SharedText,
}

/// What a control inspects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audit {
    /// The settings of each instance of a component: arguments, environment variables, configuration files.
    Settings {
        /// The component's key.
        component: SharedText,
    },
    /// Files and directories.
    Files {
        /// The places to inspect.
        places: Vec<PlaceName>,
        /// If a place is a directory: only files below it, at any depth, whose names match this pattern (`*` matches
        /// any text).
        below: Option<SharedText>,
        /// With `below`: whether to include the directory itself and its subdirectories. Without `below`: whether
        /// directories that match a place count as files, as when the file must be absent.
        directories: bool,
        /// Only files of this kind, in directories at any depth.
        holding: Option<Holding>,
    },
    /// The settings of the systemd unit that runs a component: its file with all drop-ins.
    Unit {
        /// The component's key.
        component: SharedText,
    },
    /// Nothing: the control can only be reviewed manually.
    Review,
}

/// How a control is judged by the objects of the cluster. Without access to them it is left to manual review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objects {
    /// The predicate that decides: one of [`PREDICATES`](super::PREDICATES).
    pub predicate: SharedText,
    /// What the predicate requires, as text.
    pub expected: SharedText,
}

/// How a control is judged by AWS evidence about the cluster. Without it, the control is judged by the cluster's
/// objects or left to manual review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aws {
    /// The predicate that decides: one of [`AWS_PREDICATES`].
    pub predicate: SharedText,
    /// What the predicate requires, as text.
    pub expected: SharedText,
    /// How the result is combined with that of the cluster's objects.
    pub matching: Matching,
}

/// How the results from AWS and from the cluster's objects are combined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matching {
    /// Both inspect the same thing from two sides: either one suffices for a result, and a failure of either fails the
    /// check.
    #[default]
    Either,
    /// Each inspects a different part: the check passes if both pass.
    All,
    /// Either is sufficient: the check fails only if both fail.
    Any,
    /// Only AWS decides. The result from the objects is shown as evidence; without AWS evidence the check is left to
    /// manual review.
    Aws,
}

/// The predicates over AWS evidence, by name.
pub const AWS_PREDICATES: [&str; 22] = [
    "aws/access-entries",
    "aws/administrators",
    "aws/audit-logs",
    "aws/authentication",
    "aws/control-plane-logs",
    "aws/endpoint-access",
    "aws/envelope-encryption",
    "aws/image-scanning",
    "aws/instance-metadata",
    "aws/network-plugin-role",
    "aws/node-ingress",
    "aws/node-registry-access",
    "aws/node-role",
    "aws/node-ssh",
    "aws/own-security-groups",
    "aws/private-endpoint",
    "aws/private-nodes",
    "aws/restricted-endpoint",
    "aws/role-trust",
    "aws/secrets-encryption",
    "aws/storage-encryption",
    "aws/vpc-dns",
];

/// The kind of content to look for. It is determined from the setting that names the file, then from the file name,
/// then from the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Holding {
    /// Private keys, alone or together with a certificate.
    Keys,
    /// Certificates.
    Certificates,
}

impl Holding {
    /// Returns the human-readable name: `private keys`.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Keys => "private keys",
            Self::Certificates => "certificates",
        }
    }
}

/// A place of a component: `apiserver.manifest`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceName {
    /// The component's key.
    pub component: SharedText,
    /// The place's name.
    pub place: SharedText,
}

/// The expected result of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expectation {
    /// All of these must hold.
    All(Vec<Expectation>),
    /// At least one of these must hold.
    Any(Vec<Expectation>),
    /// A condition on a setting.
    Setting(SettingCondition),
    /// A condition on every file.
    File(FileCondition),
}

/// A condition on one setting of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingCondition {
    /// The setting.
    pub setting: Setting,
    /// The comparisons, all of which must hold. One whose operand is [`Value::Null`] is ignored.
    pub comparisons: Vec<Comparison>,
    /// The outcome if the setting is not set: `pass` or `fail`, or a parameter. [`Value::Null`] before
    /// [`Control::with`] if it follows from a `set` comparison whose operand is a parameter.
    pub unset: Value,
}

/// Where a setting is read from. The component's own precedence decides between several sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The argument, with its dashes. For etcd, the environment variable is derived from it.
    pub flag: Option<SharedText>,
    /// The key path in the component's configuration file: `authentication.anonymous.enabled`. For a systemd unit,
    /// section and name: `Service.IPAddressDeny`.
    pub key: Option<SharedText>,
    /// The entry to read if the setting is a map, such as feature gates.
    pub entry: Option<SharedText>,
    /// A further file, named by an argument, that takes precedence over the flag.
    pub file: Option<FileSetting>,
}

impl Setting {
    /// Creates a setting that is read from an argument only.
    pub fn of_flag(flag: impl Into<SharedText>) -> Self {
        Self::new(Some(flag.into()), None)
    }

    /// Creates a setting that is read from an argument, from a key of the configuration file, or from both.
    pub fn new(flag: Option<SharedText>, key: Option<SharedText>) -> Self {
        Self { flag, key, entry: None, file: None }
    }

    /// Returns this map setting restricted to one entry.
    #[must_use]
    pub fn entry(self, entry: impl Into<SharedText>) -> Self {
        Self { entry: Some(entry.into()), ..self }
    }
}

impl Expectation {
    /// Returns the conditions on settings, in order.
    pub fn settings(&self) -> Vec<&SettingCondition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::settings).collect(),
            Self::Setting(condition) => vec![condition],
            Self::File(_) => Vec::new(),
        }
    }
}

/// A setting in a separate file, such as the one that `--authorization-config` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSetting {
    /// The argument that names the file.
    pub named_by: SharedText,
    /// The key path of the setting in the file.
    pub key: SharedText,
    /// The key path in the file of values that restrict the setting: shown along with it.
    pub limited_by: Option<SharedText>,
}

/// A comparison of a setting's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The operator.
    pub operator: Operator,
    /// The value to compare with.
    pub operand: Value,
}

/// A comparison operator. Values are compared by type: booleans as Go parses them, numbers, durations, list items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// `is`: equals this value.
    Is,
    /// `is_not`: differs from this value.
    IsNot,
    /// `at_least`: is this number or duration, or more.
    AtLeast,
    /// `at_most`: is this number or duration, or less.
    AtMost,
    /// `includes`: the list contains this item.
    Includes,
    /// `excludes`: the list does not contain this item.
    Excludes,
    /// `only`: the list has at least one item, and no others than these.
    Only,
    /// `host`: the host part of an address (`127.0.0.1:10249`, `[::1]`) is one of these.
    Host,
    /// `set`: the setting is set (`true`) or not set (`false`).
    Set,
    /// `differs_from`: differs from the value of `COMPONENT --flag`, if that component is on the node.
    DiffersFrom,
}

/// A value in a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// No value: as an operand, disables its condition.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(SharedText),
    /// A list of texts.
    List(Vec<SharedText>),
    /// `{{name}}` as the whole value: the parameter's value. Never present after [`Control::with`].
    Parameter(SharedText),
}

impl fmt::Display for Value {
    /// Writes the value as in a text or an argument: lists joined by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(truth) => truth.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Parameter(name) => write!(f, "{{{{{name}}}}}"),
        }
    }
}

/// The outcome if a setting is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnsetOutcome {
    /// The component's default satisfies the requirement.
    Pass,
    /// The setting must be set.
    Fail,
}
