//! What can be asked of a node.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use super::comparable;

/// Which file system a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// The node's own file system (`--root`).
    Node,
    /// The file system that the process of this number sees (`/proc/PID/root`).
    Process(i32),
}

/// An absolute path in one of the node's file systems, not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Where the path starts.
    pub root: Root,
    /// The path as it was written, beginning with `/`.
    ///
    /// Bytes rather than text: a name need not be UTF-8.
    pub path: PathBuf,
}

impl Location {
    /// A path of the node's own file system.
    pub fn node(path: impl Into<PathBuf>) -> Self {
        Self { root: Root::Node, path: path.into() }
    }

    /// A path as the process `pid` sees it.
    pub fn process(pid: i32, path: impl Into<PathBuf>) -> Self {
        Self { root: Root::Process(pid), path: path.into() }
    }
}

impl Hash for Location {
    /// As [`PathBuf`]'s, which hashes part by part, but in one go.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.root.hash(state);
        state.write(&comparable(&self.path));
        state.write_u8(0);
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.root, self.path.to_str()) {
            // Most paths are this, and are written many times.
            (Root::Node, Some(path)) => f.write_str(path),
            (Root::Node, None) => write!(f, "{}", self.path.display()),
            (Root::Process(pid), _) => write!(f, "{} (as process {pid} sees it)", self.path.display()),
        }
    }
}

/// One question. The comment of each names the [`Answer`](super::Answer) that it gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// The node's own name → `Text`.
    HostName,
    /// The accounts in the files that the node's name services read (`/etc/passwd` and `/etc/group` first) → `Accounts`.
    Accounts,
    /// The processes whose first argument's file name is one of these → `Processes`, by number. Those of other users
    /// than the ones named are only counted, whatever they are called.
    ///
    /// Names and users are sorted and unique. Nothing else of a process is read.
    Processes {
        /// File names, e.g. `kubelet`, `hyperkube`.
        called: Vec<String>,
        /// The numbers of the users whose processes are listed one by one.
        users: Vec<u32>,
    },
    /// All processes, with what a list of them shows → `ProcessTable`, by number.
    AllProcesses,
    /// The whole command line of a process → `Arguments`. One over the limit is unknown, never cut.
    Arguments(i32),
    /// Where the executable of a process lies, as the kernel says → `Text`; ` (deleted)` is stripped.
    Executable(i32),
    /// The file that a process runs, whatever lies at its path now → `Metadata`.
    ExecutableFile(i32),
    /// What the executable of a process prints first when it is run with `--version` → `Text`. It is the one question that
    /// starts a program: unknown ([`NotAllowed`](super::Cause::NotAllowed)) unless the user allows it, and where another
    /// than root may have put the program there.
    ProgramVersion {
        /// The process.
        pid: i32,
        /// Where its executable lies, as [`Question::Executable`] was answered; another one is not run.
        executable: String,
    },
    /// The directory in which a process runs, as the kernel says → `Text`.
    WorkingDirectory(i32),
    /// In whose namespaces and root a process runs → `Standing`.
    Standing(i32),
    /// The name that the kernel keeps of a process (15 bytes) → `Text`.
    CommandName(i32),
    /// The lines of a process's cgroup file → `Text`.
    Cgroup(i32),
    /// Variables in the environment of a process → `Variables`: those of the names that are set.
    ///
    /// The names are sorted and unique; nothing else of the environment is answered or recorded.
    Environment {
        /// The process.
        pid: i32,
        /// The names of interest.
        names: Vec<String>,
    },
    /// What a path leads to, links followed inside its root → `Metadata`.
    Metadata(Location),
    /// What a regular file holds → `Content`.
    Content(Location),
    /// What lies directly in a directory → `Entries`; links are entries, not followed. Live they come in the
    /// directory's own order, which `find` shows too; a recording has them by name. Sort them before you report them.
    Directory(Location),
    /// Whether a regular file holds a private key in PEM → `Truth`; nothing else of it is answered or recorded.
    PrivateKey(Location),
    /// What a regular file says of certificates → `Certificates`; nothing else of it is answered or recorded.
    Certificates(Location),
    /// What time it is: of a recording, when it was made → `Time`.
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
