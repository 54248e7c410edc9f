//! What a verdict rests on.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::{FileKey, Requirement};

/// Where a check looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LookedAt {
    /// The settings of a component.
    Settings {
        /// The names that the settings go by.
        names: Vec<String>,
        /// The component's name.
        component: String,
        /// Its processes.
        processes: Vec<i32>,
        /// How many more it has.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// The systemd units that run a component.
    Unit {
        /// The keys.
        keys: Vec<String>,
        /// The units.
        units: Vec<String>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// Files.
    Files {
        /// Whether their modes were looked at.
        mode: bool,
        /// Whether their owners were looked at.
        owner: bool,
        /// Whether the certificates in them were looked at.
        #[serde(default, skip_serializing_if = "is_false")]
        certificate: bool,
        /// Whether what they say was looked at.
        #[serde(default, skip_serializing_if = "is_false")]
        content: bool,
        /// Their paths; where there are none, those where they usually lie.
        paths: Listed,
    },
    /// Objects of the cluster.
    Objects {
        /// What was listed, as the API names it: `pods`, `clusterroles.rbac.authorization.k8s.io`.
        resources: Vec<String>,
    },
    /// What the audits of a rule file print.
    Audit {
        /// The audit.
        audit: String,
        /// The audit of the environment.
        environment: String,
        /// The audit of the configuration.
        configuration: String,
        /// Whether each line of the output is judged.
        each_line: bool,
    },
}

/// The first few of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The first few.
    pub first: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// One thing that was seen, and where. Texts may hold whatever a node holds: reports escape them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Where.
    pub source: Source,
    /// What was found there.
    pub found: Found,
    /// What was expected of it; none where a person judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Requirement>,
    /// Whether it speaks against the check.
    pub violates: bool,
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// An argument of a process.
    Argument {
        /// The component: `kube-apiserver`.
        component: String,
        /// The process.
        process: i32,
        /// The flag: `--anonymous-auth`.
        flag: String,
    },
    /// A variable in a process's environment.
    Variable {
        /// The component.
        component: String,
        /// The process.
        process: i32,
        /// The variable's name.
        name: String,
    },
    /// A value in a configuration file.
    Setting {
        /// The file.
        path: String,
        /// The line, from 1, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        /// The key path.
        key: String,
    },
    /// The mode or owner of a file or directory.
    File {
        /// Its path on the node.
        path: String,
    },
    /// The component's own default, since nothing sets the value.
    Default {
        /// The component, or the unit.
        component: String,
        /// The process, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<i32>,
        /// The flag or key.
        setting: String,
    },
    /// The component itself: that it is there, or not.
    Component {
        /// Its name, or what of it was looked for.
        component: String,
    },
    /// An object of the cluster.
    Object {
        /// The kind: `Deployment`.
        kind: String,
        /// The namespace; none of a kind that has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// The name.
        name: String,
        /// What of it is meant: a container (`container web`), a subject (`User alice`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// So many things besides, which are not listed.
    Further {
        /// How many.
        count: usize,
    },
    /// What a rule file's audit printed.
    Audit,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// A value, as the node holds it.
    Value {
        /// The value.
        value: String,
        /// What to know of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<Note>,
    },
    /// Nothing, where a value could stand.
    Empty,
    /// What differs from one to the next, and is not listed.
    Unlisted,
    /// Nothing sets the value.
    NotSet {
        /// What the component takes instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// What stands there and means that it is not set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<String>,
        /// A file that is named for it and lacks it too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nor_in: Option<FileKey>,
    },
    /// The file that should hold the value lacks it.
    NotInFile {
        /// The file and the key.
        place: FileKey,
        /// What the component takes instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
    /// The mode, as octal digits.
    Mode(String),
    /// The owner.
    Owner {
        /// The user's name, where the node has one for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// The group's name, where the node has one for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The user's number.
        uid: u32,
        /// The group's number.
        gid: u32,
    },
    /// A certificate.
    Certificate(Box<Certificate>),
    /// The file is there, where there must be none.
    Present,
    /// The file is not there.
    Missing {
        /// What names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        named_by: Option<String>,
    },
    /// No file is in any of the places where it may lie.
    NoFile {
        /// What it is called, where it is known by that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// What it holds, where it is known by that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holding: Option<String>,
        /// Where it was looked for.
        looked_for: Listed,
    },
    /// There is no such unit of systemd.
    NoUnit {
        /// The unit's name.
        name: String,
    },
    /// The processes belong to no systemd service.
    NoService {
        /// The processes.
        processes: Vec<i32>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// Nothing, and why.
    Unseen(String),
    /// What an audit printed.
    Output(#[cfg_attr(feature = "schema", schemars(with = "String"))] Rc<str>),
}

/// A certificate, as it was at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The subject, in the form of RFC 4514.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// Whether it is a CA's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ca: bool,
    /// From when it is valid (RFC 3339, UTC).
    pub not_before: String,
    /// Until when it is valid.
    pub not_after: String,
    /// The time: that of the node, or of its recording.
    pub at: String,
    /// How many whole days it was valid from then on; below zero where it had expired.
    pub days_left: i64,
}

impl Certificate {
    /// Whether it was not valid yet.
    pub fn is_early(&self) -> bool {
        // Times of one form are in the order of their texts.
        self.at < self.not_before
    }
}

/// What to know of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Note {
    /// Items of the list that are not accepted.
    NotAccepted(Vec<String>),
    /// What the value is not, and is compared as: `not a boolean`.
    Malformed(String),
    /// A feature gate that is set by its group.
    Gate {
        /// The group: `AllAlpha=true`.
        group: String,
        /// The stage of the gate.
        stage: String,
    },
    /// It counts for these alone.
    OnlyFor(Listed),
    /// What it means to the component.
    Meaning(String),
    /// The program that passes it without being told to.
    PassedBy(String),
    /// How it comes about, step by step: `ClusterRole admin`, `rule 2: get secrets`.
    Path(Vec<String>),
    /// Why it does not count.
    Exempt(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Evidence {
    /// How many things it is about.
    pub const fn count(&self) -> usize {
        match &self.source {
            Source::Further { count } => *count,
            _ => 1,
        }
    }
}

impl Source {
    /// The kind: `argument`, `variable`, `setting`, `file`, `default`, `component`, `object`, `further`, `audit`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Argument { .. } => "argument",
            Self::Variable { .. } => "variable",
            Self::Setting { .. } => "setting",
            Self::File { .. } => "file",
            Self::Default { .. } => "default",
            Self::Component { .. } => "component",
            Self::Object { .. } => "object",
            Self::Further { .. } => "further",
            Self::Audit => "audit",
        }
    }
}

impl Listed {
    /// The first `count` of these, and how many more there are.
    pub fn of<T: Into<String>>(items: impl IntoIterator<Item = T>, count: usize) -> Self {
        let mut items = items.into_iter();
        let first = items.by_ref().take(count).map(Into::into).collect();
        Self { first, more: items.count() }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.first.is_empty() && self.more == 0
    }
}
