//! What a node can answer.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::accounts::Accounts;
use super::certificate::Certificates;

/// An answer; which variant belongs to which question says [`Question`](super::Question).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A line or a few of text, as the node holds it (bytes that are not UTF-8 are replaced).
    Text(String),
    /// The node's accounts.
    Accounts(Accounts),
    /// Processes that bear certain names.
    Processes(Processes),
    /// The arguments of a process, the program first, as bytes: nothing says that they are text. Empty ones are kept.
    Arguments(Vec<Vec<u8>>),
    /// Where a process stands.
    Standing(Standing),
    /// All processes, by number.
    ProcessTable(Arc<[ListedProcess]>),
    /// The variables that are set, by name. Values are bytes: nothing says that they are text.
    Variables(BTreeMap<String, Vec<u8>>),
    /// What a path leads to.
    Metadata(Metadata),
    /// What a file holds.
    Content(Content),
    /// What lies in a directory.
    Entries(Vec<Entry>),
    /// Whether something is so.
    Truth(bool),
    /// Certificates.
    Certificates(Certificates),
    /// Seconds since 1970 (UTC).
    Time(i64),
}

/// Processes that bear certain names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Processes {
    /// Those of the users that were asked for, by number.
    pub listed: Vec<Process>,
    /// How many others there are, by name and user.
    pub passed_over: BTreeMap<Bearer, usize>,
}

/// A process that bears one of the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// The file name of its first argument (`kubelet` of `/usr/bin/kubelet`), bytes that are no text replaced.
    pub called: String,
    /// As whom it acts: the number of its real and effective user.
    pub uid: u32,
}

/// Who runs processes that are only counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bearer {
    /// What they are called.
    pub called: String,
    /// The number of the user who started them.
    pub uid: u32,
    /// Why they are not listed.
    pub because: Foreign,
}

/// Why a process is only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Foreign {
    /// Its user is none of those that were asked for.
    User,
    /// Its effective user is another than its real one.
    EffectiveUser,
    /// Its user namespace is not the node's own.
    UserNamespace,
    /// There are many of its name and user in its cgroup, of which the first are listed.
    Alike,
}

/// Where a process stands. What could not be seen is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// In how many PID namespaces it is, the node's own included: 1 for a process of the node itself.
    pub pid_namespaces: Option<u32>,
    /// Whether its network is that of the node's first process.
    pub host_network: Option<bool>,
    /// Whether its root directory is that of the node.
    pub host_root: Option<bool>,
}

/// What stands behind the begin of a command line that is too long for a list of all processes.
pub const CUT: &str = "[cut: the command line is too long]";

/// A process as a list of all processes shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedProcess {
    /// Its number.
    pub pid: i32,
    /// The number of the process that started it, or adopted it; 0 for the first.
    pub parent: i32,
    /// The number of the user as whom it acts.
    pub uid: u32,
    /// The name that the kernel keeps of it (15 bytes).
    pub name: String,
    /// Its arguments, as [`Answer::Arguments`]; none of the kernel's own processes. Of a command line that is too long,
    /// the begin and [`CUT`].
    pub arguments: Vec<Vec<u8>>,
}

/// The kinds of things that lie in a file system.
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
    /// With its article, for messages: `a FIFO`.
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

/// What a path leads to, after all links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: FileKind,
    /// The permission bits, set-id and sticky bits included (`0o7777`).
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// The device and inode, by which two paths to one file are known; zeros in recordings that lack them.
    pub identity: (u64, u64),
    /// Where it lies inside its root, links resolved.
    pub resolved: PathBuf,
}

/// What a regular file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The whole of it: a file that is larger than the bound is unknown (too large), never cut. Of a recording, what it
    /// holds of the excerpt that was asked for.
    pub bytes: Vec<u8>,
    /// The parts of the excerpt that were not recorded: whether the file has them is not known.
    pub unrecorded: Vec<String>,
}

impl Content {
    /// The whole of a file.
    pub const fn whole(bytes: Vec<u8>) -> Self {
        Self { bytes, unrecorded: Vec::new() }
    }

    /// As text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl Content {
    /// Whether a private key in PEM stands in it, encrypted or not, alone or among other blocks.
    ///
    /// Source: RFC 7468.
    pub fn holds_private_key(&self) -> bool {
        self.bytes.split(|byte| *byte == b'\n').any(|line| {
            let label = line.trim_ascii().strip_prefix(b"-----BEGIN ").and_then(|rest| rest.strip_suffix(b"-----"));
            label.is_some_and(|label| label == b"PRIVATE KEY" || label.ends_with(b" PRIVATE KEY"))
        })
    }
}

/// A thing in a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name: spaces, line breaks and bytes that are no text are all allowed.
    pub name: OsString,
    /// What it is, itself: links are not followed.
    pub kind: FileKind,
}
