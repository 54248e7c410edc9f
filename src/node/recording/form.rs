//! The file format of recorded nodes: the types used for both reading and writing.
//!
//! Two kinds of files share it. A file without `form:` describes a made-up node, a closed world in which everything
//! that it does not name is absent. A file with `form: 3` contains the questions that a real node was asked and their
//! results; everything else is unknown. Form 2, which can still be read, contains whole files where form 3 has
//! excerpts. Form 1 did not record who runs a process, and is rejected.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::base64;
use super::certificates::{CertificateItem, Time};
use probe::{Cause, FileKind, Foreign, Form};

/// Implements conversions between an enum of this format and its counterpart in `probe`. They have the same variants,
/// except that the former may have one more.
macro_rules! mirrors {
    ($written:ident, $meant:ident { $($variant:ident),+ $(,)? }) => {
        mirrors!(@written $written, $meant { $($variant),+ });

        impl From<$written> for $meant {
            fn from(written: $written) -> Self {
                match written {
                    $($written::$variant => Self::$variant,)+
                }
            }
        }
    };
    ($written:ident, $meant:ident { $($variant:ident),+ $(,)? } else $none:ident) => {
        mirrors!(@written $written, $meant { $($variant),+ });

        impl From<$written> for Option<$meant> {
            fn from(written: $written) -> Self {
                match written {
                    $($written::$variant => Some($meant::$variant),)+
                    $written::$none => None,
                }
            }
        }
    };
    (@written $written:ident, $meant:ident { $($variant:ident),+ }) => {
        impl From<$meant> for $written {
            fn from(meant: $meant) -> Self {
                match meant {
                    $($meant::$variant => Self::$variant,)+
                }
            }
        }
    };
}

/// A recorded node, as stored in its file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a recorded node")]
pub struct Recording {
    /// 3 (or 2) for the recording of a real node; not set for a made-up node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) form: Option<u32>,
    /// The time of the recording, at which certificates must be valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hostname: Option<Bytes>,
    /// The name of a made-up node without a host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Bytes>,
    /// The environment of commands that are tried on a made-up node; not part of the node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, Bytes>>"))]
    pub(super) env: BTreeMap<String, Bytes>,
    /// Lines of `/etc/passwd`, of which a recording keeps the first three fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) passwd: Option<Lines>,
    /// Lines of `/etc/group`, of which a recording keeps the first three fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<Lines>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Asked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<NodeErrors>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<Vec<ProcessItem>>"))]
    pub(super) processes: Vec<ProcessItem>,
    /// The number of processes with a requested name that are not listed, by name, user and reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) passed_over: Vec<PassedOverItem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "items")]
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::PathOrItem>>"))]
    pub(super) dirs: Vec<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "items")]
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::PathOrItem>>"))]
    pub(super) files: Vec<Item>,
    /// Programs of a made-up node.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    #[cfg_attr(test, schemars(with = "Option<Vec<ExecutableItem>>"))]
    pub(super) executables: Vec<ExecutableItem>,
    /// Paths that were asked for and do not exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "items")]
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::PathOrItem>>"))]
    pub(super) absent: Vec<Item>,
}

/// The questions that are not evident from their answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The process names that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) processes: Vec<String>,
    /// The users whose processes were listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) users: Vec<u32>,
    /// Whether all processes were listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) all_processes: bool,
}

/// What is unknown about the node as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct NodeErrors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hostname: Option<Error>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<Error>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) accounts: Option<Error>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) processes: Vec<ProcessesError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) all_processes: Option<Error>,
}

/// Why the processes of these names could not be listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProcessesError {
    pub(super) called: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) users: Vec<u32>,
    pub(super) error: Error,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Error {
    pub(super) cause: CauseName,
    /// The subject of the error, if it is not the item that contains the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Bytes::is_empty")]
    pub(super) detail: Bytes,
}

/// The causes of [`Cause`], and absence of something that belongs to an existing item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum CauseName {
    Absent,
    PermissionDenied,
    NotAllowed,
    NotRecorded,
    Malformed,
    TooLarge,
    NotRegular,
    LinkLoop,
    Vanished,
    NotRunning,
    TimedOut,
    System,
}

mirrors!(CauseName, Cause {
    PermissionDenied,
    NotAllowed,
    NotRecorded,
    Malformed,
    TooLarge,
    NotRegular,
    LinkLoop,
    Vanished,
    NotRunning,
    TimedOut,
    System,
} else Absent);

impl CauseName {
    /// Returns the cause; `None` for absence.
    pub(super) fn cause(self) -> Option<Cause> {
        self.into()
    }
}

/// Processes that are only counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct PassedOverItem {
    pub(super) called: String,
    pub(super) uid: u32,
    pub(super) because: ForeignName,
    pub(super) count: usize,
}

/// The reasons of [`Foreign`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ForeignName {
    User,
    EffectiveUser,
    UserNamespace,
    Alike,
}

mirrors!(ForeignName, Foreign { User, EffectiveUser, UserNamespace, Alike });

/// The owner and mode of the file that a process executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ExecutableFileItem {
    pub(super) mode: Mode,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The namespaces and root of a process, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StandingItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pid_namespaces: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) host_network: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) host_root: Option<bool>,
}

/// The root directory of a process of a made-up node, if it is not the node's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RootItem {
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "items")]
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::PathOrItem>>"))]
    pub(super) dirs: Vec<Item>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "items")]
    #[cfg_attr(test, schemars(with = "Option<Vec<super::schema::PathOrItem>>"))]
    pub(super) files: Vec<Item>,
}

/// A process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ProcessItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pid: Option<i32>,
    /// The requested name by which it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) called: Option<String>,
    /// Its real and effective UID, if it was found by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) acts_as: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) argv: Option<Vec<Bytes>>,
    /// The command line of a process of a made-up node, as written in a shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cmd: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) comm: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exe: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exe_file: Option<ExecutableFileItem>,
    /// The output of its executable with `--version`, if running it was allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) program_version: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cgroup: Option<Bytes>,
    /// Its namespaces and root compared with the node's; for made-up nodes, only the ones that differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<StandingItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cwd: Option<Bytes>,
    /// The requested variables that are set; for made-up nodes, all variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) env: Option<BTreeMap<String, Bytes>>,
    /// The names of the requested variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) env_asked: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) errors: BTreeMap<ProcessPart, Error>,
    /// The PID of its parent, if all processes were listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<i32>,
    /// Its effective UID, if all processes were listed; for made-up nodes, its UID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<u32>,
    /// Its name in the list of all processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) listed: Option<Bytes>,
    /// The user's name. This field and those below are for made-up nodes only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// Its GID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gid: Option<u32>,
    /// Its effective UID, if it differs from the real one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) euid: Option<u32>,
    /// The UID on the node of user 0 in its user namespace; 0 if that is the node's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) userns: Option<u32>,
    /// Its root directory, if it is not the node's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) root: Option<RootItem>,
    /// The links that may not be read: `exe`, `root`, `cwd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hidden: Vec<HiddenPart>,
}

/// Links of a process that only its tracers may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum HiddenPart {
    Exe,
    Root,
    Cwd,
}

/// The parts of a process that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProcessPart {
    Argv,
    Comm,
    Exe,
    ExeFile,
    ProgramVersion,
    Cgroup,
    Cwd,
    Standing,
    Env,
}

/// A file, directory or other file system object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub(super) path: Bytes,
    /// The PID of the process whose file system the path is in; not set for the node's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) process: Option<i32>,
    /// Its path with links resolved, if that differs from `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resolved: Option<Bytes>,
    /// The kind, if it is not a file in `files` or a directory in `dirs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<KindName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Mode>,
    /// The owner's name, if the node has one for the UID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    /// The group's name, if the node has one for the GID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gid: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    /// The target of a symbolic link on a made-up node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) symlink: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Bytes>,
    /// The excerpts of its content, by form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) excerpts: BTreeMap<FormName, ExcerptItem>,
    /// The content of a file on a made-up node, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) json: Option<serde_json::Value>,
    /// The names in a directory, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entries: Option<BTreeMap<KindName, Vec<Bytes>>>,
    /// Whether it contains a private key, if that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) private_key: Option<bool>,
    /// The certificates in it, if that was asked; for made-up nodes, those in a file without described content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) certificates: Option<Vec<CertificateItem>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) errors: BTreeMap<FilePart, Error>,
}

/// The excerpt of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ExcerptItem {
    /// The parts in the excerpt; any other part is unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<String>,
    /// The content of these parts, with everything else left out and line numbers preserved where they are reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Bytes>,
    /// Why there is no content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Error>,
}

/// The forms of [`Form`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum FormName {
    Document,
    Toml,
    Unit,
    Variables,
    Names,
    Arguments,
    Container,
    Lines,
    Said,
    Version,
}

mirrors!(FormName, Form { Document, Toml, Unit, Variables, Names, Arguments, Container, Lines, Said, Version });

/// The parts of a path that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum FilePart {
    Metadata,
    Content,
    Entries,
    #[serde(rename = "private_key")]
    PrivateKey,
    Certificates,
}

/// A program of a made-up node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ExecutableItem {
    pub(super) path: Bytes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    /// Its output when run, which nothing here does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stdout: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stderr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exit: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) script: Option<String>,
}

/// The kinds of [`FileKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum KindName {
    File,
    Directory,
    Link,
    Fifo,
    Device,
    Socket,
}

mirrors!(KindName, FileKind { File, Directory, Link, Fifo, Device, Socket });

/// Permission bits, written in octal: `'0644'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode(pub(super) u32);

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:04o}", self.0))
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0o").unwrap_or(&text);
        match u32::from_str_radix(digits, 8) {
            Ok(mode) if mode <= 0o7777 => Ok(Self(mode)),
            _ => Err(de::Error::custom(format!("{text:?} is not a mode (write it in octal: '0644')"))),
        }
    }
}

/// Bytes, written as text if they are text, otherwise as `base64:`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Bytes {
    /// Creates the bytes of a text.
    pub(super) fn of_text(text: impl Into<String>) -> Self {
        Self(text.into().into_bytes())
    }

    /// Returns the bytes as text, with invalid UTF-8 replaced.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of_path(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_vec())
    }

    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(self.name())
    }

    pub(super) fn name(&self) -> OsString {
        OsString::from_vec(self.0.clone())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) if is_plain(text) => serializer.serialize_str(text),
            _ => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &base64::encode(&self.0))?;
                map.end()
            }
        }
    }
}

/// Whether text can be written verbatim: control characters could harm a terminal, and parsers treat them differently.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| matches!(letter, '\n' | '\t') || !(letter.is_control() || is_special(letter)))
}

/// Line breaks that only some parsers recognize, marks of text direction, and noncharacters.
fn is_special(letter: char) -> bool {
    matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Encoded {
            base64: String,
        }

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, or base64: of bytes that are not text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                Ok(Bytes(text.as_bytes().to_vec()))
            }

            // An integer keeps the text that was written; for other unquoted scalars (`yes`, `1.10`) that is not
            // certain.
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bytes, E> {
                Ok(Bytes(number.to_string().into_bytes()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Bytes, E> {
                Ok(Bytes(number.to_string().into_bytes()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bytes, A::Error> {
                let encoded = Encoded::deserialize(de::value::MapAccessDeserializer::new(map))?;
                base64::decode(&encoded.base64)
                    .map(Bytes)
                    .ok_or_else(|| de::Error::custom("this is not base64 (RFC 4648, with padding)"))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// The lines of a file, written as a list or as one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Lines(pub(super) Vec<Bytes>);

impl Lines {
    /// Returns the text of the file.
    pub(super) fn text(&self) -> Vec<u8> {
        self.0.iter().flat_map(|line| line.0.iter().copied().chain([b'\n'])).collect()
    }
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Lines;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of lines, or text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Lines, E> {
                Ok(Lines(text.lines().map(Bytes::of_text).collect()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Lines, E> {
                Ok(Lines::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Lines, A::Error> {
                let mut all = Vec::new();
                while let Some(line) = lines.next_element()? {
                    all.push(line);
                }
                Ok(Lines(all))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// Reads a key without a value as the default, such as an empty list.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a list of items, where an item with nothing but a path may be written as that path.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Item>, D::Error> {
    struct Short(Item);

    impl<'de> Deserialize<'de> for Short {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Either;

            impl<'de> Visitor<'de> for Either {
                type Value = Short;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a path, or a map with a path")
                }

                fn visit_str<E: de::Error>(self, path: &str) -> Result<Short, E> {
                    Ok(Short(Item { path: Bytes(path.as_bytes().to_vec()), ..Item::default() }))
                }

                fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Short, A::Error> {
                    Item::deserialize(de::value::MapAccessDeserializer::new(map)).map(Short)
                }
            }

            deserializer.deserialize_any(Either)
        }
    }

    let items: Option<Vec<Short>> = Option::deserialize(deserializer)?;
    Ok(items.unwrap_or_default().into_iter().map(|Short(item)| item).collect())
}
