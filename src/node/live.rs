//! A running node.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use nix::fcntl::OFlag;

use super::accounts;
use super::budget::Reading;
use super::errors::{Failure, PROCESSES_HINT};
use super::execute::program_version;
use super::held::{room_for, shares};
use super::launcher::Launcher;
use super::limits::{MOST_BYTES, MOST_BYTES_SKIMMED};
use super::open_error::OpenError;
use super::own_proc;
use super::processes::Processes;
use super::root::{FileTree, metadata_of};
use super::subject::{file_system, subject};
use super::watch::{NoAnswer, Part, Step, step};
use probe::{Answer, Cause, Content, Location, Metadata, Node, Observed, Question, Reason, Root, Standing};

/// Where to find a live node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOptions {
    /// Its file system as mounted here: `/`, or its mount point.
    pub root: PathBuf,
    /// Its proc file system as mounted here.
    pub proc: PathBuf,
}

/// The directory of the proc file system in a root.
const PROC: &str = "proc";

/// A running node: this machine, or one whose file systems are mounted here.
#[derive(Debug)]
pub struct Live {
    root: FileTree,
    /// The proc file system, if it is not the one in the root.
    proc: Option<OnceLock<Result<FileTree, Failure>>>,
    processes: Processes,
    /// The file systems of processes, each opened once.
    process_roots: Mutex<HashMap<i32, Result<Arc<FileTree>, Failure>>>,
    /// Runs the node's programs for their version, if that is allowed.
    launcher: Option<Launcher>,
    /// How much of its large files may still be read.
    reading: Reading,
}

/// The number of remembered paths below the node's root, where nearly all paths of a run are.
const ROOM_OF_ROOT: usize = 64;

/// The number of remembered paths in any other tree. Each component's process has one for its root, and a process may
/// be limited to a thousand descriptors.
const ROOM: usize = 8;

impl Live {
    /// Opens the root; the proc file system is accessed only when needed.
    ///
    /// # Errors
    ///
    /// If the root is not a directory, or if this program's own `/proc` does not show this program, without which
    /// nothing can be opened safely.
    pub fn open(options: LiveOptions) -> Result<Self, OpenError> {
        let LiveOptions { root, proc } = options;
        own_proc::check()?;
        match FileTree::open(&root, "permission denied (run as root)", ROOM_OF_ROOT) {
            Ok(tree) => Ok(Self {
                root: tree,
                proc: (proc != root.join(PROC)).then(OnceLock::new),
                processes: Processes::new(proc),
                process_roots: Mutex::default(),
                launcher: None,
                reading: Reading::new(),
            }),
            Err(Failure::Absent) => Err(OpenError {
                place: root,
                detail: "no such directory (give the node's file system with --root)".to_owned(),
            }),
            Err(Failure::Unknown(_, detail)) => Err(OpenError { place: root, detail }),
        }
    }

    /// Allows running its programs for their version ([`Question::ProgramVersion`]).
    #[must_use]
    pub fn allow_programs(self, launcher: Launcher) -> Self {
        Self { launcher: Some(launcher), ..self }
    }

    /// Looks up and opens, for processes that may be asked about, everything that becomes inaccessible once this
    /// program has dropped its rights; afterwards nothing else of other processes is looked up. `outside` are processes
    /// that no tenant can have started, `contained` those in pods and containers, which get at most half of the room if
    /// `outside` needs it. Both begin with the most important ones. Some processes of other users are added.
    pub fn prepare(&self, outside: &[i32], contained: &[i32]) {
        if self.processes.are_held() {
            return;
        }
        let others = self.processes.others();
        let room = room_for(outside.len() + contained.len() + others);
        let (of_outside, of_contained, of_others) = shares(room, outside.len(), contained.len(), others);
        let pids: Vec<i32> =
            outside.iter().take(of_outside).chain(contained.iter().take(of_contained)).copied().collect();
        let chosen = self.processes.chosen(&pids, of_others);
        for pid in chosen.keys() {
            // The reason why one cannot be opened is remembered too.
            let _ = self.process_root(*pid);
        }
        self.processes.hold(chosen, self.launcher.is_some());
    }

    /// Returns a handle of its root directory.
    pub(super) fn root(&self) -> io::Result<OwnedFd> {
        self.root.directory()
    }

    /// Returns handles of the directories that contain everything to be read from now on: the root, the proc file
    /// system, and the roots of the prepared processes. They open nothing yet.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors left.
    pub fn directories(&self) -> io::Result<Vec<OwnedFd>> {
        let mut directories = vec![self.root()?];
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        let proc = OpenOptions::new().read(true).custom_flags(flags.bits()).open(self.processes.proc())?;
        directories.push(proc.into());
        for tree in self.process_roots().values().flatten() {
            directories.push(tree.directory()?);
        }
        Ok(directories)
    }

    fn program_version(&self, pid: i32, executable: &str) -> Observed<Answer> {
        let Some(launcher) = &self.launcher else {
            let detail = "not asked for its version (allow it with --allow-exec)";
            return Observed::Unknown(Reason::new(Cause::NotAllowed, executable, detail));
        };
        let held = self.processes.held_program(pid);
        program_version(launcher, self.processes.proc(), &self.root, pid, executable, held)
            .map_or_else(Observed::Unknown, |version| Observed::Present(Answer::Text(version)))
    }

    /// Returns the node's name: from its own file, or else from the kernel, whose name in a pod is the pod's.
    fn host_name(&self) -> Observed<Answer> {
        let of_root = self
            .root
            .content(Path::new("/etc/hostname"), &self.reading, MOST_BYTES)
            .ok()
            .and_then(|content| first_line(&content.bytes));
        let of_proc = || {
            let tree = FileTree::open(&self.processes.proc().join("sys/kernel"), PROCESSES_HINT, ROOM).ok()?;
            first_line(&tree.content(Path::new("hostname"), &self.reading, MOST_BYTES).ok()?.bytes)
        };
        if let Some(name) = of_root.or_else(of_proc) {
            return Observed::Present(Answer::Text(name));
        }
        match nix::unistd::gethostname() {
            Ok(name) => Observed::Present(Answer::Text(name.to_string_lossy().into_owned())),
            Err(errno) => Observed::Unknown(Reason::new(Cause::System, "the node's name", errno.desc())),
        }
    }

    /// Runs `look` on the file system of `location`.
    fn look<T>(&self, location: &Location, look: impl FnOnce(&FileTree, &Path) -> Result<T, Failure>) -> Observed<T> {
        let seen = match location.root {
            Root::Node => match self.in_proc(&location.path) {
                Some((Ok(tree), path)) => look(tree, &path),
                Some((Err(failure), _)) => Err(failure),
                None => look(&self.root, &location.path),
            },
            Root::Process(pid) => match self.process_root(pid) {
                Ok(tree) => look(&tree, &location.path),
                Err(failure) => return failure.about(file_system(location.root)),
            },
        };
        seen.map_or_else(|failure| failure.about(location), Observed::Present)
    }

    /// Returns the metadata of a process's executable.
    fn executable_file(&self, question: &Question, pid: i32) -> Observed<Answer> {
        let Some(found) = self.processes.executable_file(pid) else {
            // In a directory that only looks like proc, the link contains a path as the process sees it.
            let path = match self.processes.executable(pid) {
                Ok(path) => path,
                Err(failure) => return failure.about(subject(question)),
            };
            let of_process = self.look(&Location::process(pid, &path), FileTree::metadata);
            let found = match of_process {
                Observed::Unknown(_) => self.look(&Location::node(&path), FileTree::metadata),
                found => found,
            };
            return found.map(Answer::Metadata);
        };
        of_process(question, found.map(|found| Answer::Metadata(metadata_of(&found, PathBuf::new()))))
    }

    /// Returns the namespaces and root of a process, as far as they can be determined.
    fn standing(&self, question: &Question, pid: i32) -> Observed<Answer> {
        if !self.processes.is_there(pid) {
            return Failure::vanished().about(subject(question));
        }
        let host_root = match (self.root.identity(), self.process_root(pid).ok().and_then(|root| root.identity())) {
            (Some(node), Some(process)) => Some(node == process),
            _ => None,
        };
        Observed::Present(Answer::Standing(Standing {
            pid_namespaces: self.processes.pid_namespaces(pid),
            host_network: self.processes.shares_network(pid),
            host_root,
        }))
    }

    /// Returns the proc file system and a path in it, if `path` leads there and it is not the one in the root.
    fn in_proc(&self, path: &Path) -> Option<(Result<&FileTree, Failure>, PathBuf)> {
        let tree = self.proc.as_ref()?;
        let mut parts = path.components().filter(|part| *part != Component::RootDir);
        (parts.next()?.as_os_str() == PROC).then_some(())?;
        if tree.get().is_none() {
            let _ = tree.set(FileTree::open(self.processes.proc(), PROCESSES_HINT, ROOM));
        }
        Some((tree.get()?.as_ref().map_err(Clone::clone), Path::new("/").join(parts.collect::<PathBuf>())))
    }

    /// Returns the metadata of a path's target; in the proc file system it is named as on the node.
    fn metadata(&self, location: &Location) -> Observed<Metadata> {
        let found = self.look(location, FileTree::metadata);
        if location.root != Root::Node || self.in_proc(&location.path).is_none() {
            return found;
        }
        found.map(|mut found| {
            let inside = found.resolved.strip_prefix("/").unwrap_or(&found.resolved);
            found.resolved = Path::new("/").join(PROC).join(inside);
            found
        })
    }

    fn content(&self, location: &Location, most: u64) -> Observed<Content> {
        self.look(location, |tree, path| tree.content(path, &self.reading, most))
    }

    /// Returns the file system of a process.
    fn process_root(&self, pid: i32) -> Result<Arc<FileTree>, Failure> {
        if let Some(known) = self.process_roots().get(&pid) {
            return known.clone();
        }
        if self.processes.are_held() {
            return Err(Failure::not_held());
        }
        let open = || FileTree::open(&self.processes.root(pid), PROCESSES_HINT, ROOM);
        let opened = step(Step::process(pid, Part::Root), None, open)
            .unwrap_or_else(|NoAnswer| Err(Failure::unanswered()))
            .map(Arc::new)
            .map_err(|failure| match failure {
                Failure::Absent if !self.processes.is_there(pid) => Failure::vanished(),
                // If the file system cannot be found, its files are not known to be absent.
                Failure::Absent => Failure::Unknown(Cause::System, "cannot be found".to_owned()),
                failure @ Failure::Unknown(..) => failure,
            });
        self.process_roots().entry(pid).or_insert(opened).clone()
    }

    fn process_roots(&self) -> MutexGuard<'_, HashMap<i32, Result<Arc<FileTree>, Failure>>> {
        self.process_roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node for Live {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::HostName => self.host_name(),
            Question::Accounts => accounts::look(&Skimmed(self), None)
                .map_or_else(Observed::Unknown, |all| Observed::Present(Answer::Accounts(all))),
            Question::Processes { called, users } => self.processes.called(called, users).map(Answer::Processes),
            Question::AllProcesses => self.processes.all().map(|all| Answer::ProcessTable(all.into())),
            Question::Arguments(pid) => of_process(question, self.processes.arguments(*pid).map(Answer::Arguments)),
            Question::ExecutableFile(pid) => self.executable_file(question, *pid),
            Question::WorkingDirectory(pid) => {
                of_process(question, self.processes.working_directory(*pid).map(Answer::Text))
            }
            Question::Standing(pid) => self.standing(question, *pid),
            Question::Executable(pid) => of_process(question, self.processes.executable(*pid).map(Answer::Text)),
            Question::ProgramVersion { pid, executable } => self.program_version(*pid, executable),
            Question::CommandName(pid) => of_process(question, self.processes.command_name(*pid).map(Answer::Text)),
            Question::Cgroup(pid) => of_process(question, self.processes.cgroup(*pid).map(Answer::Text)),
            Question::Environment { pid, names } => {
                of_process(question, self.processes.environment(*pid, names).map(Answer::Variables))
            }
            Question::Metadata(location) => self.metadata(location).map(Answer::Metadata),
            Question::Content(location) => self.content(location, MOST_BYTES).map(Answer::Content),
            Question::Directory(location) => self.look(location, FileTree::entries).map(Answer::Entries),
            Question::PrivateKey(location) => {
                self.content(location, MOST_BYTES_SKIMMED).map(|content| Answer::Truth(content.holds_private_key()))
            }
            Question::Certificates(location) => self
                .content(location, MOST_BYTES)
                .map(|content| Answer::Certificates(certificates::read(&content.bytes))),
            Question::Time => time(question),
        }
    }
}

/// A node of whose files only names and numbers are kept, so that a higher size limit applies.
struct Skimmed<'a>(&'a Live);

impl Node for Skimmed<'_> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::Content(location) => self.0.content(location, MOST_BYTES_SKIMMED).map(Answer::Content),
            _ => self.0.ask(question),
        }
    }
}

/// Returns the time of this machine.
fn time(question: &Question) -> Observed<Answer> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
    match now.and_then(|now| i64::try_from(now.as_secs()).ok()) {
        Some(seconds) => Observed::Present(Answer::Time(seconds)),
        None => {
            Observed::Unknown(Reason::new(Cause::System, subject(question), "is before 1970 (set the machine's clock)"))
        }
    }
}

/// Converts an answer about a process, or the reason why there is none.
fn of_process(question: &Question, answer: Result<Answer, Failure>) -> Observed<Answer> {
    answer.map_or_else(|failure| failure.about(subject(question)), Observed::Present)
}

/// Returns the first line, unless it is blank.
pub(super) fn first_line(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
