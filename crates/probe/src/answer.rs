//! The answers that a node can give.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::accounts::Accounts;
use super::certificate::Certificates;

/// An answer. [`Question`](super::Question) documents which variant each question gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One or a few lines of text as stored on the node, with invalid UTF-8 replaced.
    Text(String),
    /// The node's accounts.
    Accounts(Accounts),
    /// Processes with the requested names.
    Processes(Processes),
    /// The arguments of a process, starting with the program, as bytes since they need not be UTF-8. Empty arguments
    /// are kept.
    Arguments(Vec<Vec<u8>>),
    /// The namespaces and root of a process.
    Standing(Standing),
    /// All processes, by PID.
    ProcessTable(Arc<[ListedProcess]>),
    /// The variables that are set, by name. Values are bytes since they need not be UTF-8.
    Variables(BTreeMap<String, Vec<u8>>),
    /// The metadata of the file that a path resolves to.
    Metadata(Metadata),
    /// The content of a file.
    Content(Content),
    /// The entries of a directory.
    Entries(Vec<Entry>),
    /// A yes-or-no answer.
    Truth(bool),
    /// The certificates in a file.
    Certificates(Certificates),
    /// Seconds since 1970 (UTC).
    Time(i64),
}

/// Processes with the requested names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processes {
    /// The processes of the requested users, by PID.
    pub listed: Vec<Process>,
    /// The number of other processes, by name and user.
    pub passed_over: BTreeMap<Bearer, usize>,
}

/// A process with one of the requested names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The PID.
    pub pid: i32,
    /// The file name of its first argument (`kubelet` for `/usr/bin/kubelet`), with invalid UTF-8 replaced.
    pub called: String,
    /// The UID, both real and effective.
    pub uid: u32,
}

/// A group of processes that are only counted, not listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bearer {
    /// Their common name.
    pub called: String,
    /// Their real UID.
    pub uid: u32,
    /// Why they are not listed.
    pub because: Foreign,
}

/// Why a process is only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Foreign {
    /// Its user is not one of the requested ones.
    User,
    /// Its effective user differs from its real one.
    EffectiveUser,
    /// It runs in a user namespace other than the node's own.
    UserNamespace,
    /// Its cgroup has many processes with this name and user, and only the first ones are listed.
    Alike,
}

/// The namespaces and root of a process. `None` where they could not be determined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The number of nested PID namespaces that it is in, including the node's own: 1 for a process on the node itself.
    pub pid_namespaces: Option<u32>,
    /// Whether it shares the network namespace of the node's PID 1.
    pub host_network: Option<bool>,
    /// Whether its root directory is the node's.
    pub host_root: Option<bool>,
}

/// The marker that ends a command line that was cut in the list of all processes.
pub const CUT: &str = "[cut: the command line is too long]";

/// An entry in the list of all processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProcess {
    /// The PID.
    pub pid: i32,
    /// The PID of its parent, or 0 for PID 1.
    pub parent: i32,
    /// The effective UID.
    pub uid: u32,
    /// The name that the kernel stores for it (15 bytes).
    pub name: String,
    /// Its arguments as in [`Answer::Arguments`], empty for kernel threads. An overlong command line is cut and ends
    /// with [`CUT`].
    pub arguments: Vec<Vec<u8>>,
}

/// The kinds of file system objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (only as an entry of a directory; elsewhere links are followed).
    Link,
    /// A FIFO.
    Fifo,
    /// A character or block device.
    Device,
    /// A socket.
    Socket,
}

impl FileKind {
    /// Returns its name with an article, for messages: `a FIFO`.
    pub const fn described(self) -> &'static str {
        match self {
            Self::File => "a regular file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Fifo => "a FIFO",
            Self::Device => "a device",
            Self::Socket => "a socket",
        }
    }
}

/// The metadata of the file that a path resolves to, all links followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The kind of file.
    pub kind: FileKind,
    /// The permission bits, set-id and sticky bits included (`0o7777`).
    pub mode: u32,
    /// The owner's UID.
    pub uid: u32,
    /// The owning group's GID.
    pub gid: u32,
    /// The size in bytes.
    pub size: u64,
    /// The device and inode, which identify the file across paths; zeros in recordings that lack them.
    pub identity: (u64, u64),
    /// Its path inside its root, links resolved.
    pub resolved: PathBuf,
}

/// The content of a regular file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The whole content, never truncated: a file over the limit is unknown (too large). For a recording, the recorded
    /// part of the requested excerpt.
    pub bytes: Vec<u8>,
    /// The parts of the excerpt that were not recorded, so that it is unknown whether the file has them.
    pub unrecorded: Vec<String>,
}

impl Content {
    /// Wraps the whole content of a file.
    pub const fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, unrecorded: Vec::new() }
    }

    /// Returns the content as text, with invalid UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl Content {
    /// Whether it contains a PEM private key, encrypted or not, alone or among other blocks.
    ///
    /// Source: RFC 7468.
    pub fn holds_private_key(&self) -> bool {
        self.bytes.split(|byte| *byte == b'\n').any(|line| {
            let label = line.trim_ascii().strip_prefix(b"-----BEGIN ").and_then(|rest| rest.strip_suffix(b"-----"));
            label.is_some_and(|label| label == b"PRIVATE KEY" || label.ends_with(b" PRIVATE KEY"))
        })
    }
}

/// A directory entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name. It may contain spaces, line breaks and bytes that are not UTF-8.
    pub name: OsString,
    /// The kind of the entry itself: links are not followed.
    pub kind: FileKind,
}
