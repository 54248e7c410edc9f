//! What is looked at, and what is expected there.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::file_condition::FileCondition;
use super::text::{Placeholder, placeholders};
use super::{Deferred, Platform, Remediation};

/// One thing that should be so on a node, written once for every benchmark that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Control {
    /// Its stable name: `apiserver/anonymous-auth`.
    pub key: String,
    /// What should be so, in one line. May hold `{{parameter}}`.
    pub title: String,
    /// Its CIS profile level, 1 or 2; an index may set another.
    pub level: u8,
    /// How bad a failure is.
    pub severity: ControlSeverity,
    /// The rationale and the references.
    pub background: Deferred<Background>,
    /// How to fix it, by platform where that differs.
    pub remediation: Remediation,
    /// What a person should look at where the program does not judge.
    pub review: Option<String>,
    /// What an index may set, with the value where it sets nothing. [`Value::Null`]: it must be given.
    pub parameters: BTreeMap<String, Value>,
    /// What is looked at.
    pub audit: Audit,
    /// What is expected there; none for a control that only people judge.
    pub expect: Option<Expectation>,
    /// By what it is judged where a run sees the objects of the cluster.
    pub objects: Option<Objects>,
    /// By what it is judged where a run has what AWS says.
    pub aws: Option<Aws>,
    /// What people are shown who judge it: settings of which nothing is expected.
    pub shows: Option<Expectation>,
    /// The platforms on which it does not apply where nothing is set or there; none for a control that applies wherever
    /// its component is.
    pub applies: Option<Applies>,
}

/// The parts of a control that explanations show and runs do not need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    /// Why it matters.
    pub rationale: String,
    /// Pages to read: Kubernetes documentation and the like.
    pub references: Vec<String>,
}

/// How bad it is when a control fails. `CONTRIBUTING.md` has the rule.
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
    /// All of them, the worst first.
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
    /// Why the control does not apply on a platform unless its setting is given; none where it applies.
    pub fn exempt_on(&self, platform: Option<Platform>) -> Option<&str> {
        let is_of = |applies: &&Applies| platform.is_some_and(|platform| applies.not_on.contains(&platform));
        self.applies
            .as_ref()
            .filter(|applies| applies.not_on.is_empty() || is_of(applies))
            .map(|applies| applies.because.trim_end())
    }

    /// Its texts, which may speak of parameters and places.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.title.as_str()).chain(self.remediation.texts())
    }

    /// The snippets that its remediation names.
    pub(crate) fn snippets(&self) -> impl Iterator<Item = String> {
        self.texts().flat_map(|text| placeholders(text).unwrap_or_default()).filter_map(|found| match found {
            Placeholder::Snippet(name) => Some(name),
            Placeholder::Parameter(_) | Placeholder::Place(_) => None,
        })
    }

    /// The settings that its expectation, and the condition under which it applies, speak of.
    pub fn settings(&self) -> impl Iterator<Item = &SettingCondition> {
        let condition = self.applies.as_ref().and_then(|applies| applies.condition.as_ref());
        self.expect.iter().chain(condition).flat_map(Expectation::settings)
    }
}

/// Platforms on which a control does not apply unless its setting is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applies {
    /// Which; none where the condition alone decides.
    pub not_on: Vec<Platform>,
    /// What must hold of the component's settings besides; none where the platform alone decides.
    pub condition: Option<Expectation>,
    /// Whether that holds even where the setting is given.
    pub even_if_set: bool,
    /// Why: the reason that reports give.
    pub because: String,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audit {
    /// The settings of each instance of a component: arguments, variables, configuration files.
    Settings {
        /// The component's key.
        component: String,
    },
    /// Files and directories.
    Files {
        /// Where.
        places: Vec<PlaceName>,
        /// In a directory: the files below it, at any depth, whose names match this (`*` matches any run).
        below: Option<String>,
        /// With `below`: the directory itself and those below it count too. Without: so do directories whose names match
        /// a place, as where nothing must be there.
        directories: bool,
        /// Of what is there, in directories at any depth: the files that are this.
        holding: Option<Holding>,
    },
    /// The settings of the systemd unit that runs a component: its file, with all drop-ins.
    Unit {
        /// The component's key.
        component: String,
    },
    /// Nothing: only people can judge it.
    Review,
}

/// By what a control is judged where a run sees the objects of the cluster. Where it does not, people judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objects {
    /// What decides: one of [`PREDICATES`](super::PREDICATES).
    pub predicate: String,
    /// What must hold, in words.
    pub expected: String,
}

/// By what a control is judged where a run has what AWS says of the cluster. Where it has not, its objects may, or people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aws {
    /// What decides: one of [`AWS_PREDICATES`].
    pub predicate: String,
    /// What must hold, in words.
    pub expected: String,
    /// What the judgement of the objects is to it.
    pub matching: Matching,
}

/// How two judgements of one control are one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matching {
    /// They look at the same from two sides: whatever is there judges, and a failure of one is one.
    #[default]
    Either,
    /// Each looks at another part: it passes where both do.
    All,
    /// Each is enough: it fails where both do.
    Any,
    /// AWS alone decides; what the objects show is told beside it, and without AWS it is for a person.
    Aws,
}

/// What can be decided by what AWS says, by name.
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

/// What files hold, by what names them, by their own names, and where those do not tell, by a look inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Holding {
    /// Private keys, alone or beside a certificate.
    Keys,
    /// Certificates.
    Certificates,
}

impl Holding {
    /// As people call them: `private keys`.
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
    pub component: String,
    /// The place's name.
    pub place: String,
}

/// What is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expectation {
    /// All of these.
    All(Vec<Expectation>),
    /// At least one of these.
    Any(Vec<Expectation>),
    /// Of a setting.
    Setting(SettingCondition),
    /// Of each file.
    File(FileCondition),
}

/// What is expected of one setting of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingCondition {
    /// The setting.
    pub setting: Setting,
    /// What its value must satisfy: all of them, save those whose operand is [`Value::Null`].
    pub comparisons: Vec<Comparison>,
    /// The outcome where it is not set: `pass` or `fail`, or a parameter. [`Value::Null`] before [`Control::with`],
    /// where `set` says it and is a parameter itself.
    pub unset: Value,
}

/// Where a setting is read, in the order of the component's own precedence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The argument, with its dashes. etcd's variable follows from it.
    pub flag: Option<String>,
    /// The key path in the component's configuration file: `authentication.anonymous.enabled`. Of a systemd unit,
    /// section and name: `Service.IPAddressDeny`.
    pub key: Option<String>,
    /// In a map (feature gates), the entry.
    pub entry: Option<String>,
    /// A further file that an argument names; what it says counts before the flag.
    pub file: Option<FileSetting>,
}

impl Setting {
    /// What is read from an argument alone.
    pub fn of_flag(flag: impl Into<String>) -> Self {
        Self::new(Some(flag.into()), None)
    }

    /// What is read from an argument, from a key of the configuration file, or from both.
    pub fn new(flag: Option<String>, key: Option<String>) -> Self {
        Self { flag, key, entry: None, file: None }
    }

    /// The same setting of one entry of the map that it is.
    #[must_use]
    pub fn entry(self, entry: impl Into<String>) -> Self {
        Self { entry: Some(entry.into()), ..self }
    }
}

impl Expectation {
    /// The settings that it speaks of, in its order.
    pub fn settings(&self) -> Vec<&SettingCondition> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::settings).collect(),
            Self::Setting(condition) => vec![condition],
            Self::File(_) => Vec::new(),
        }
    }
}

/// A setting in a file of its own, such as the one that `--authorization-config` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSetting {
    /// The argument that names the file.
    pub named_by: String,
    /// The key path in it.
    pub key: String,
    /// A key path in it whose values narrow down what the key says: shown with it.
    pub limited_by: Option<String>,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// How.
    pub operator: Operator,
    /// What it is compared with.
    pub operand: Value,
}

/// Comparisons. Values are compared as what they are: booleans as Go reads them, numbers, durations, items of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operator {
    /// `is`: equal.
    Is,
    /// `is_not`: another value.
    IsNot,
    /// `at_least`: this number or more.
    AtLeast,
    /// `at_most`: this number or less.
    AtMost,
    /// `includes`: the list has this item.
    Includes,
    /// `excludes`: the list lacks this item.
    Excludes,
    /// `only`: the list has no item but these, and at least one.
    Only,
    /// `host`: the host part of an address (`127.0.0.1:10249`, `[::1]`) is one of these.
    Host,
    /// `set`: it is given at all (`true`), or is not (`false`).
    Set,
    /// `differs_from`: a value different from that of `COMPONENT --flag`, where that component is on the node.
    DiffersFrom,
}

/// A value in a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing: as an operand, the condition does not apply.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// `{{name}}` alone: what the index gives for this parameter. Never left after [`Control::with`].
    Parameter(String),
}

impl fmt::Display for Value {
    /// As it is printed in a text or given as an argument: lists joined by commas.
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

/// What an unset value comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnsetOutcome {
    /// The component's default is as the benchmark wants it.
    Pass,
    /// It must be set.
    Fail,
}
