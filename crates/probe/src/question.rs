//! The questions that a node can be asked.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use super::comparable;

/// The file system that a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// The node's own file system (`--root`).
    Node,
    /// The file system as seen by the process with this PID (`/proc/PID/root`).
    Process(i32),
}

/// An absolute path in one of the node's file systems, not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file system that the path is in.
    pub root: Root,
    /// The path as written, beginning with `/`.
    ///
    /// A path rather than text: names need not be UTF-8.
    pub path: PathBuf,
}

impl Location {
    /// Creates a location in the node's own file system.
    pub fn node(path: impl Into<PathBuf>) -> Self {
        Self { root: Root::Node, path: path.into() }
    }

    /// Creates a location in the file system of the process `pid`.
    pub fn process(pid: i32, path: impl Into<PathBuf>) -> Self {
        Self { root: Root::Process(pid), path: path.into() }
    }
}

impl Hash for Location {
    /// Hashes the path in one go, unlike [`PathBuf`], which hashes each component.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.root.hash(state);
        state.write(&comparable(&self.path));
        state.write_u8(0);
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.root, self.path.to_str()) {
            // Fast path: almost all locations take it, and they are formatted often.
            (Root::Node, Some(path)) => f.write_str(path),
            (Root::Node, None) => write!(f, "{}", self.path.display()),
            (Root::Process(pid), _) => write!(f, "{} (as process {pid} sees it)", self.path.display()),
        }
    }
}

/// A question to a node. Each variant names the [`Answer`](super::Answer) that it gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// The host name of the node → `Text`.
    HostName,
    /// The accounts in the files that the node's name services read (`/etc/passwd` and `/etc/group` first) →
    /// `Accounts`.
    Accounts,
    /// The processes whose first argument has one of these file names → `Processes`, by PID. Processes of users other
    /// than the given ones are only counted.
    ///
    /// Names and users are sorted and unique. Nothing else about a process is read.
    Processes {
        /// File names, e.g. `kubelet`, `hyperkube`.
        called: Vec<String>,
        /// The UIDs whose processes are listed individually.
        users: Vec<u32>,
    },
    /// All processes, with the fields of [`ListedProcess`](super::ListedProcess) → `ProcessTable`, by PID.
    AllProcesses,
    /// The whole command line of a process → `Arguments`. If it exceeds the limit it is unknown, never truncated.
    Arguments(i32),
    /// The path of a process's executable as reported by the kernel → `Text`; ` (deleted)` is stripped.
    Executable(i32),
    /// The file that a process executes, whatever its path refers to now → `Metadata`.
    ExecutableFile(i32),
    /// The first line that the executable of a process prints with `--version` → `Text`. This is the only question that
    /// starts a program. The answer is unknown ([`NotAllowed`](super::Cause::NotAllowed)) unless the user allows it,
    /// and unknown if a user other than root may have put the program there.
    ProgramVersion {
        /// The process.
        pid: i32,
        /// The path of its executable, as returned by [`Question::Executable`]; nothing else is run.
        executable: String,
    },
    /// The working directory of a process as reported by the kernel → `Text`.
    WorkingDirectory(i32),
    /// The namespaces and root of a process → `Standing`.
    Standing(i32),
    /// The name that the kernel stores for a process (15 bytes) → `Text`.
    CommandName(i32),
    /// The lines of a process's cgroup file → `Text`.
    Cgroup(i32),
    /// Environment variables of a process → `Variables`: those of `names` that are set.
    ///
    /// The names are sorted and unique. Nothing else of the environment is returned or recorded.
    Environment {
        /// The process.
        pid: i32,
        /// The requested names.
        names: Vec<String>,
    },
    /// The metadata of the file that a path resolves to, links followed inside its root → `Metadata`.
    Metadata(Location),
    /// The content of a regular file → `Content`.
    Content(Location),
    /// The direct entries of a directory → `Entries`; links are listed, not followed. A live node returns them in
    /// directory order, like `find`; a recording returns them by name. Sort them before reporting.
    Directory(Location),
    /// Whether a regular file contains a PEM private key → `Truth`; nothing else of it is returned or recorded.
    PrivateKey(Location),
    /// The certificates in a regular file → `Certificates`; nothing else of it is returned or recorded.
    Certificates(Location),
    /// The current time, or for a recording the time it was made → `Time`.
    Time,
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;

    #[test]
    fn equal_locations_have_one_hash() {
        let state = RandomState::new();
        for (one, other) in [("/a/b", "/a//b"), ("/a/b", "/a/./b/"), ("/a/b", "/a/b/."), ("/", "//"), ("./a", "./a/")] {
            let [one, other] = [one, other].map(Location::node);
            assert_eq!(one, other);
            assert_eq!(state.hash_one(&one), state.hash_one(&other), "{one} and {other}");
        }
        assert_ne!(state.hash_one(Location::node("/a")), state.hash_one(Location::process(1, "/a")));
        assert_ne!(state.hash_one(Location::node("/a/b")), state.hash_one(Location::node("/ab")));
    }
}
