//! A node that is looked at while it runs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::accounts;
use super::errors::{Failure, PROCESSES_HINT};
use super::processes::Processes;
use super::root::Tree;
use super::subject::{file_system, subject};
use crate::probe::{Accounts, Answer, Cause, Location, Node, Observed, Question, Root, Why};

/// Where a live node is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOptions {
    /// Its file system as seen from here: `/`, or the place where it is mounted.
    pub root: PathBuf,
    /// Its proc file system as seen from here.
    pub proc: PathBuf,
}

/// Why a live node cannot be looked at, at all.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", root.display())]
pub struct OpenError {
    /// The directory that was to be its root.
    pub root: PathBuf,
    /// What is wrong with it.
    pub detail: String,
}

/// A running node: this machine, or one that is mounted here.
#[derive(Debug)]
pub struct Live {
    root: Tree,
    processes: Processes,
    /// The file systems of processes, opened once each.
    process_roots: RefCell<HashMap<i32, Result<Rc<Tree>, Failure>>>,
}

impl Live {
    /// Opens the root; the proc file system is looked at when something is asked of it.
    pub fn open(options: LiveOptions) -> Result<Self, OpenError> {
        let LiveOptions { root, proc } = options;
        match Tree::open(&root, "permission denied (run as root)") {
            Ok(tree) => Ok(Self { root: tree, processes: Processes::new(proc), process_roots: RefCell::default() }),
            Err(Failure::Absent) => Err(OpenError {
                root,
                detail: "no such directory (give the node's file system with --root)".to_owned(),
            }),
            Err(Failure::Unknown(_, detail)) => Err(OpenError { root, detail }),
        }
    }

    /// The node's name: its own file's, else the kernel's, which in a pod is the pod's.
    fn host_name(&self) -> Observed<Answer> {
        let of_root = self.root.content(Path::new("/etc/hostname")).ok().and_then(|content| first_line(&content.bytes));
        let of_proc = || {
            let tree = Tree::open(&self.processes.proc().join("sys/kernel"), PROCESSES_HINT).ok()?;
            first_line(&tree.content(Path::new("hostname")).ok()?.bytes)
        };
        if let Some(name) = of_root.or_else(of_proc) {
            return Observed::Present(Answer::Text(name));
        }
        match nix::unistd::gethostname() {
            Ok(name) => Observed::Present(Answer::Text(name.to_string_lossy().into_owned())),
            Err(errno) => Observed::Unknown(Why::new(Cause::System, "the node's name", errno.desc())),
        }
    }

    fn accounts(&self) -> Observed<Accounts> {
        let read = |path: &str| match self.root.content(Path::new(path)) {
            Ok(content) => Observed::Present(content.bytes),
            // A node without the file has no names to give.
            Err(Failure::Absent) => Observed::Present(Vec::new()),
            Err(failure) => failure.about(path),
        };
        read("/etc/passwd").and_then(|passwd| read("/etc/group").map(|group| accounts::parse(&passwd, &group)))
    }

    /// Looks into the file system that `location` names.
    fn look<T>(&self, location: &Location, look: impl FnOnce(&Tree, &Path) -> Result<T, Failure>) -> Observed<T> {
        let seen = match location.root {
            Root::Node => look(&self.root, &location.path),
            Root::Process(pid) => match self.process_root(pid) {
                Ok(tree) => look(&tree, &location.path),
                Err(failure) => return failure.about(file_system(location.root)),
            },
        };
        seen.map_or_else(|failure| failure.about(location), Observed::Present)
    }

    fn process_root(&self, pid: i32) -> Result<Rc<Tree>, Failure> {
        let mut roots = self.process_roots.borrow_mut();
        let opened = roots.entry(pid).or_insert_with(|| {
            Tree::open(&self.processes.root(pid), PROCESSES_HINT).map(Rc::new).map_err(|failure| match failure {
                Failure::Absent if !self.processes.is_there(pid) => Failure::vanished(),
                // Files of a file system that cannot be found are not known to be absent.
                Failure::Absent => Failure::Unknown(Cause::System, "cannot be found".to_owned()),
                failure @ Failure::Unknown(..) => failure,
            })
        });
        opened.clone()
    }
}

impl Node for Live {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::HostName => self.host_name(),
            Question::Accounts => self.accounts().map(Answer::Accounts),
            Question::Processes { called } => self.processes.called(called).map(Answer::Processes),
            Question::AllProcesses => self.processes.all().map(|all| Answer::ProcessTable(all.into())),
            Question::Executable(pid) => of_process(question, self.processes.executable(*pid).map(Answer::Text)),
            Question::CommandName(pid) => of_process(question, self.processes.command_name(*pid).map(Answer::Text)),
            Question::Cgroup(pid) => of_process(question, self.processes.cgroup(*pid).map(Answer::Text)),
            Question::Environment { pid, names } => {
                of_process(question, self.processes.environment(*pid, names).map(Answer::Variables))
            }
            Question::Metadata(location) => self.look(location, Tree::metadata).map(Answer::Metadata),
            Question::Content(location) => self.look(location, Tree::content).map(Answer::Content),
            Question::Directory(location) => self.look(location, Tree::entries).map(Answer::Entries),
            Question::PrivateKey(location) => {
                self.look(location, Tree::content).map(|content| Answer::Truth(content.holds_private_key()))
            }
        }
    }
}

/// An answer about a process, or why there is none.
fn of_process(question: &Question, answer: Result<Answer, Failure>) -> Observed<Answer> {
    answer.map_or_else(|failure| failure.about(subject(question)), Observed::Present)
}

/// The first line, where there is something in it.
fn first_line(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
