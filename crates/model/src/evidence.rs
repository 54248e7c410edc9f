//! The evidence for verdicts.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::{FileKey, Requirement};

/// Where a check looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LookedAt {
    /// Settings of a component.
    Settings {
        /// The names of the settings: flags and key paths.
        names: Vec<String>,
        /// The component's name.
        component: String,
        /// The IDs of its processes, at most 100.
        processes: Vec<i32>,
        /// The number of its processes that are not listed.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// The systemd units that run a component.
    Unit {
        /// The keys in the units.
        keys: Vec<String>,
        /// The names of the units, at most 20.
        units: Vec<String>,
        /// The number of units that are not listed.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// Files.
    Files {
        /// Whether their modes were checked.
        mode: bool,
        /// Whether their owners were checked.
        owner: bool,
        /// Whether the certificates in them were checked.
        #[serde(default, skip_serializing_if = "is_false")]
        certificate: bool,
        /// Whether their content was checked.
        #[serde(default, skip_serializing_if = "is_false")]
        content: bool,
        /// The paths of the files found; if none was found, the usual paths.
        paths: Listed,
    },
    /// Objects in the cluster.
    Objects {
        /// The resources that were listed, as `PLURAL` or `PLURAL.GROUP`: `pods`,
        /// `clusterroles.rbac.authorization.k8s.io`.
        resources: Vec<String>,
    },
    /// The output of a rule file's audits.
    Audit {
        /// The audit's shell command; may be empty, as may the other two.
        audit: String,
        /// The shell command for the environment.
        environment: String,
        /// The shell command for the configuration.
        configuration: String,
        /// Whether each line of the output is judged separately.
        each_line: bool,
    },
}

/// A list, cut to its first few items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The first items.
    pub first: Vec<String>,
    /// The number of items that are not listed.
    pub more: usize,
}

/// One observation, and where it was made. Texts may contain any bytes of the node; reports escape them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Where it was found.
    pub source: Source,
    /// What was found.
    pub found: Found,
    /// What is required of it; absent if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Requirement>,
    /// Whether it violates the expectation.
    pub violates: bool,
}

/// Where an observation was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// A command-line argument of a process.
    Argument {
        /// The component: `kube-apiserver`.
        component: String,
        /// The process ID.
        process: i32,
        /// The flag: `--anonymous-auth`.
        flag: String,
    },
    /// An environment variable of a process.
    Variable {
        /// The component: `etcd`.
        component: String,
        /// The process ID.
        process: i32,
        /// The variable's name: `ETCD_CERT_FILE`.
        name: String,
    },
    /// A value in a configuration file.
    Setting {
        /// The file's path on the node.
        path: String,
        /// The line number, from 1, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        /// The key path: `authentication.anonymous.enabled`.
        key: String,
    },
    /// A file or directory.
    File {
        /// Its path on the node.
        path: String,
    },
    /// A component's default, since nothing sets the value.
    Default {
        /// The name of the component or systemd unit.
        component: String,
        /// The process ID; absent for a unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<i32>,
        /// The flag or key that is not set.
        setting: String,
    },
    /// A component, or its absence.
    Component {
        /// The component's name, or what was looked for.
        component: String,
    },
    /// An object in the cluster.
    Object {
        /// The object's kind: `Deployment`.
        kind: String,
        /// The object's namespace; absent for cluster-scoped kinds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// The object's name.
        name: String,
        /// The part of the object concerned: a container (`container web`), a subject (`User alice`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<String>,
    },
    /// Further items of the same kind, counted but not listed.
    Further {
        /// The number of items, at least 1.
        count: usize,
    },
    /// The output of a rule file's audit.
    Audit,
}

/// What was found at a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// A value, as found on the node, with secrets masked.
    Value {
        /// The value.
        value: String,
        /// Remarks on the value.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<Note>,
    },
    /// An empty value.
    Empty,
    /// Findings that differ from each other and are not listed.
    Unlisted,
    /// Nothing sets the value.
    NotSet {
        /// The default that the component uses instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// A value that is present but means "not set", such as an empty one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<String>,
        /// A key in a file that the component's arguments name; it is not set there either.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nor_in: Option<FileKey>,
    },
    /// The key is missing from the file that should set it.
    NotInFile {
        /// The file and the missing key.
        place: FileKey,
        /// The default that the component uses instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
    /// The permission bits, as octal digits: `644`.
    Mode(String),
    /// The owner of a file.
    Owner {
        /// The user's name; absent if the node has none for `uid`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// The group's name; absent if the node has none for `gid`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The user ID.
        uid: u32,
        /// The group ID.
        gid: u32,
    },
    /// A certificate.
    Certificate(Box<Certificate>),
    /// The file exists, although it must not.
    Present,
    /// The file does not exist.
    Missing {
        /// The setting that names the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        named_by: Option<String>,
    },
    /// None of the places where the file may be contains one.
    NoFile {
        /// The file name pattern looked for, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
        /// A description of the content looked for, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holding: Option<String>,
        /// The paths where it was looked for.
        looked_for: Listed,
    },
    /// The systemd unit does not exist.
    NoUnit {
        /// The unit's name.
        name: String,
    },
    /// The processes belong to no systemd service.
    NoService {
        /// The process IDs, at most 100.
        processes: Vec<i32>,
        /// The number of processes that are not listed.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// Nothing was observed; the text says why.
    Unseen(String),
    /// The text that an audit printed.
    Output(#[cfg_attr(feature = "schema", schemars(with = "String"))] Rc<str>),
}

/// A certificate, as judged at a given time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The subject, as in RFC 4514.
    pub subject: String,
    /// The issuer, as in RFC 4514.
    pub issuer: String,
    /// Whether it is a CA certificate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ca: bool,
    /// The start of its validity (RFC 3339, UTC).
    pub not_before: String,
    /// The end of its validity (RFC 3339, UTC).
    pub not_after: String,
    /// The time it was judged at (RFC 3339, UTC): the node's clock or the time of its recording.
    pub at: String,
    /// Whole days from `at` to `not_after`, rounded down; negative if it had expired.
    pub days_left: i64,
}

impl Certificate {
    /// Whether it was not yet valid.
    pub fn is_early(&self) -> bool {
        // Times in this format compare like their texts.
        self.at < self.not_before
    }
}

/// A remark on a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Note {
    /// The items of the list that are not accepted.
    NotAccepted(Vec<String>),
    /// Why the value cannot be compared: `not a boolean`.
    Malformed(String),
    /// A feature gate that is set by its group, not individually.
    Gate {
        /// The setting of the group: `AllAlpha=true`.
        group: String,
        /// The gate's stage: `alpha`.
        stage: String,
    },
    /// The value applies only to these, such as paths of URLs.
    OnlyFor(Listed),
    /// What the value means to the component.
    Meaning(String),
    /// The program that passes the argument automatically.
    PassedBy(String),
    /// The steps that lead to a right: `ClusterRole admin`, `rule 2: get secrets`.
    Path(Vec<String>),
    /// Why the finding is exempt and does not count.
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
    /// The number of things the evidence is about: 1, unless it counts further ones.
    pub const fn count(&self) -> usize {
        match &self.source {
            Source::Further { count } => *count,
            _ => 1,
        }
    }
}

impl Source {
    /// The kind as serialized: `argument`, `variable`, `setting`, `file`, `default`, `component`, `object`, `further`,
    /// `audit`.
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
    /// Lists the first `count` items and counts the rest.
    pub fn of<T: Into<String>>(items: impl IntoIterator<Item = T>, count: usize) -> Self {
        let mut items = items.into_iter();
        let first = items.by_ref().take(count).map(Into::into).collect();
        Self { first, more: items.count() }
    }

    /// Whether the list has no items.
    pub const fn is_empty(&self) -> bool {
        self.first.is_empty() && self.more == 0
    }
}
