//! Processes, as a proc file system shows them.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use nix::fcntl::OFlag;
use procfs::process::MountInfo;
use sorting::Sorting;

use super::errors::{Failure, PROCESSES_HINT};
use super::held::{At, Held};
use super::limits::MOST_BYTES;
use super::proc_mount::is_proc_mount;
use super::root::read_bounded;
use super::watch::{NoAnswer, Part, Step, step};
use probe::{Bearer, CUT, Cause, Foreign, ListedProcess, Observed, Process, Processes as Listed, Reason};

/// Room for one command line; few are larger than a few pages, and those take another reading.
const COMMAND_LINE: usize = 16 << 10;

/// Room for the first argument of a command line: no path is longer.
const FIRST_ARGUMENT: usize = 4 << 10;

/// The longest command line that is read, and the most arguments: no component's has a hundredth of either.
const MOST_COMMAND_LINE: usize = 1 << 20;
const MOST_ARGUMENTS: usize = 20_000;

/// How many bytes the variables may have together that are asked for.
const MOST_OF_VARIABLES: usize = 16 << 10;

/// How many bytes of command lines a list of all processes holds, and how much is shown of each that is longer or beyond.
const MOST_LISTED: usize = 16 << 20;
const SHOWN: usize = 4 << 10;

/// How many bytes of command lines are kept from the list on; further ones are read again. Any user may start tens of
/// thousands of processes that are listed.
const MOST_KEPT: usize = 1 << 20;

/// How many names and users of processes that are only counted are told apart; further ones are counted together.
const MOST_BEARERS: usize = 1000;

/// From how many listed processes of a user on it is looked at which of them are alike.
const CROWD: usize = 64;

/// How many processes of a name, of a user and in a cgroup are listed once there is a crowd; further ones are counted. A
/// pod may start tens of thousands.
const MOST_ALIKE: usize = 16;

/// How many processes of users that are not asked for are remembered, and of each of them as many as of those that are alike.
const MOST_OTHERS: usize = 256;

/// How much of a name the kernel keeps of a process.
const COMMAND_NAME: usize = 15;

/// What the kernel appends to the path of an executable whose file was replaced or removed.
pub(super) const DELETED: &[u8] = b" (deleted)";

/// The processes below a proc directory.
#[derive(Debug)]
pub(super) struct Processes {
    proc: PathBuf,
    /// The lines of the first process's map of users: the node's own user namespace.
    own_users: OnceLock<Option<Vec<u8>>>,
    /// The network namespace of the first process.
    own_network: OnceLock<Option<PathBuf>>,
    /// Whether this is a proc file system, and not a directory that looks like one.
    is_real: OnceLock<bool>,
    /// What the processes that were listed were then.
    listed: Mutex<Known>,
    /// What is held of processes; none where nothing was prepared, and everything is looked up when it is asked for.
    held: OnceLock<HashMap<i32, Held>>,
}

/// What is known of processes since they were listed.
#[derive(Debug, Default)]
struct Known {
    seen: HashMap<i32, Seen>,
    /// How many bytes of command lines are kept.
    kept: usize,
    /// Those of users that were not asked for, as far as there is room.
    others: Vec<(i32, Stamp)>,
}

/// What is known of a process since it was listed.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// Its directory, looked at before.
    directory: Option<Directory>,
    /// Its command line, where the first look had all of it.
    command: Option<Box<[u8]>>,
}

/// What the directory of a process is known by. The kernel gives each process one of its own, with a number that no other
/// gets, and with the user as whom the process acts. It may forget the directory and make another one for the same process,
/// so that one that differs says nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Directory {
    inode: (u64, u64),
    uid: u32,
}

/// By what a process is known to be the one that was listed: numbers are used again, and programs give up their user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// When it began, in the kernel's units; none in a directory that only looks like proc.
    began: Option<u64>,
    users: Users,
    /// In how many PID namespaces it is, which never changes; none where that is not told.
    pid_namespaces: Option<u32>,
}

impl Processes {
    /// Those of the proc file system at `proc`; nothing is read yet.
    pub(super) fn new(proc: PathBuf) -> Self {
        Self {
            proc,
            own_users: OnceLock::new(),
            own_network: OnceLock::new(),
            is_real: OnceLock::new(),
            listed: Mutex::default(),
            held: OnceLock::new(),
        }
    }

    /// Where the proc file system lies.
    pub(super) fn proc(&self) -> &Path {
        &self.proc
    }

    /// The processes of these users whose first argument's file name is one of `names`, by number; how many others
    /// there are of other users.
    pub(super) fn called(&self, names: &[String], users: &[u32]) -> Observed<Listed> {
        match self.list(names, users) {
            Ok(Listing { found, denied, .. }) if !found.listed.is_empty() || denied.is_none() => {
                Observed::Present(found)
            }
            // What was looked for may be among those that are hidden from us.
            Ok(Listing { denied: Some((pid, count)), .. }) => Observed::Unknown(Reason::new(
                Cause::PermissionDenied,
                format!("process {pid}'s command line"),
                format!("permission denied (run as root; {count} processes are hidden)"),
            )),
            Ok(Listing { found, .. }) => Observed::Present(found),
            Err(why) => Observed::Unknown(why),
        }
    }

    /// All processes, those of the kernel too; one that goes away meanwhile is none of them.
    pub(super) fn all(&self) -> Observed<Vec<ListedProcess>> {
        let refused = |detail: String| Observed::Unknown(Reason::new(Cause::System, self.proc.display(), detail));
        if let Some(why) = self.hidden() {
            return Observed::Unknown(why);
        }
        let pids = match self.pids() {
            Ok(pids) => pids,
            Err(error) => {
                let why = match Failure::of_io(&error, PROCESSES_HINT) {
                    Failure::Unknown(_, detail) => detail,
                    Failure::Absent => "no directory (give the place of a proc mount with --proc)".to_owned(),
                };
                return refused(format!("cannot be listed: {why}"));
            }
        };
        let mut buffer = vec![0; COMMAND_LINE];
        let mut all = Vec::new();
        let mut room = MOST_LISTED;
        for pid in pids {
            // The directory belongs to the user as whom the process acts; `ps` takes it from there too.
            let Ok(directory) = self.directory(pid) else { continue };
            // The status file says the same in words, which takes the kernel longest of all.
            let stat = answered(pid, Part::Other, || {
                open(&self.path(pid, "stat")).and_then(|file| read_command(file, &mut buffer).map(self::stat))
            });
            let Ok(Ok(Some(Stat { name, parent, .. }))) = stat else { continue };
            let arguments = match self.command_line(pid, &mut buffer) {
                Ok(Ok(command)) if !command.is_empty() => listed(command, &mut room),
                Ok(Err(error)) if error.kind() == ErrorKind::FileTooLarge => shown(&buffer),
                Ok(Err(_)) => continue,
                // As `ps` shows those that have none.
                Ok(Ok(_)) | Err(_) => Vec::new(),
            };
            let uid = directory.uid();
            all.push(ListedProcess { pid, parent, uid, name, arguments });
        }
        if all.is_empty() {
            return refused("shows no process (give the place of a proc mount with --proc)".to_owned());
        }
        all.order_by_key(|process| process.pid);
        Observed::Present(all)
    }

    /// The numbers of all processes, in the directory's order.
    fn pids(&self) -> io::Result<impl Iterator<Item = i32>> {
        let entries = fs::read_dir(&self.proc)?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()))
    }

    fn list(&self, names: &[String], users: &[u32]) -> Result<Listing, Reason> {
        let refused = |error: &io::Error| {
            let (cause, detail) = match (error.kind(), Failure::of_io(error, PROCESSES_HINT)) {
                (ErrorKind::PermissionDenied, _) => {
                    (Cause::PermissionDenied, "permission denied (run as root)".to_owned())
                }
                (ErrorKind::NotFound, _) => {
                    (Cause::System, "not there (give the place of a proc mount with --proc)".to_owned())
                }
                (_, Failure::Unknown(cause, detail)) => (cause, detail),
                (_, Failure::Absent) => {
                    (Cause::System, "no directory (give the place of a proc mount with --proc)".to_owned())
                }
            };
            Reason::new(cause, self.proc.display(), detail)
        };
        let mut listing = Listing::default();
        let mut buffer = vec![0; FIRST_ARGUMENT];
        let mut any = false;
        // By digests of name, user and cgroup: there may be as many as processes.
        let (state, mut alike) = (RandomState::new(), HashMap::<u64, usize>::new());
        // By user, so that who else is asked for makes no difference.
        let mut listed_of: HashMap<u32, usize> = HashMap::new();
        for pid in self.pids().map_err(|error| refused(&error))? {
            any = true;
            // A process that is gone by now is no process of this node any more.
            match self.begin_of_command_line(pid, &mut buffer) {
                Ok((0, _)) => {}
                Ok((length, is_whole)) => {
                    let name = file_name(buffer.get(..length).unwrap_or_default());
                    let most = if is_whole { usize::MAX } else { COMMAND_NAME };
                    let is_called = |wanted: &&String| wanted.as_bytes().iter().take(most).eq(name);
                    if let Some(name) = names.iter().find(is_called) {
                        let directory = self.known_by(pid);
                        let stamp = self.stamp(pid);
                        let its = stamp.as_ref().map(|stamp| stamp.users);
                        let uid = its.map(|its| its.real).filter(|uid| users.contains(uid));
                        let is_further = uid.is_some_and(|uid| {
                            listed_of.get(&uid).is_some_and(|count| *count >= CROWD) && {
                                let cgroup = self.read(pid, "cgroup").unwrap_or_default();
                                let count = alike.entry(state.hash_one((name, uid, cgroup))).or_default();
                                *count += 1;
                                *count > MOST_ALIKE
                            }
                        });
                        if listing.put(pid, name, its, users, is_further) {
                            *listed_of.entry(uid.unwrap_or_default()).or_default() += 1;
                            let whole = buffer.get(..length).filter(|_| is_whole && length < buffer.len());
                            self.listed().put(pid, stamp, directory, whole);
                        } else if !is_further {
                            self.listed().put_other(pid, stamp);
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    let (_, count) = listing.denied.get_or_insert((pid, 0));
                    *count += 1;
                }
                Err(_) => {}
            }
        }
        if !any {
            let detail = "shows no process (give the place of a proc mount with --proc)";
            return Err(Reason::new(Cause::System, self.proc.display(), detail));
        }
        if listing.found.listed.is_empty()
            && listing.denied.is_none()
            && let Some(hidden) = self.hidden()
        {
            return Err(hidden);
        }
        listing.found.listed.order_by_key(|process| process.pid);
        Ok(listing)
    }

    fn listed(&self) -> MutexGuard<'_, Known> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the begin of a command line, and says how much there is of it. Where it does not answer, the name that the
    /// kernel keeps of the process stands for it, which is not the whole of it.
    fn begin_of_command_line(&self, pid: i32, buffer: &mut [u8]) -> io::Result<(usize, bool)> {
        let read = answered(pid, Part::CommandLine, || open(&self.path(pid, "cmdline"))?.read(buffer));
        if let Ok(read) = read {
            return read.map(|length| (length, true));
        }
        let Ok(name) = self.read(pid, "comm") else { return Ok((0, false)) };
        let name = name.strip_suffix(b"\n").unwrap_or(&name);
        buffer.iter_mut().zip(name).for_each(|(room, byte)| *room = *byte);
        Ok((name.len().min(buffer.len()), false))
    }

    /// Reads a whole command line.
    fn command_line<'b>(&self, pid: i32, buffer: &'b mut Vec<u8>) -> Result<io::Result<&'b [u8]>, Failure> {
        answered(pid, Part::CommandLine, || {
            open(&self.path(pid, "cmdline")).and_then(|file| read_command(file, buffer))
        })
    }

    /// How many processes of users that were not asked for are known.
    pub(super) fn others(&self) -> usize {
        self.listed().others.len()
    }

    /// Of the processes that were listed these, and so many of those of other users.
    pub(super) fn chosen(&self, pids: &[i32], others: usize) -> BTreeMap<i32, Stamp> {
        let listed = self.listed();
        let of = |pid: &i32| Some((*pid, listed.seen.get(pid)?.stamp.clone()));
        sorting::map(pids.iter().filter_map(of).chain(listed.others.iter().take(others).cloned()))
    }

    /// Looks up and opens now, of these processes, what cannot be reached any more once this program has given up its
    /// rights. From then on nothing else of any process is looked up that way.
    pub(super) fn hold(&self, chosen: BTreeMap<i32, Stamp>, with_program: bool) {
        self.own_network();
        let held: HashMap<i32, Held> = chosen
            .into_iter()
            .map(|(pid, stamp)| {
                let opened = || open(&self.path(pid, "environ")).map_err(|error| self.failure(pid, &error));
                let held = Held {
                    stamp,
                    executable: self.link(pid, "exe"),
                    file: self.file(pid),
                    program: with_program.then(|| self.program(pid).ok()).flatten(),
                    working_directory: self.link(pid, "cwd"),
                    network: self.network(pid),
                    environment: opened(),
                };
                (pid, held)
            })
            .collect();
        // Another thread that held them before has seen the same.
        let _ = self.held.set(held);
    }

    /// Whether what is asked of processes was looked up before, and nothing else is.
    pub(super) fn are_held(&self) -> bool {
        self.held.get().is_some()
    }

    /// What is held of a process; none where nothing is held, and everything is looked up.
    fn held(&self, pid: i32) -> Option<Result<&Held, Failure>> {
        let held = self.held.get()?.get(&pid);
        let listed = self.listed();
        Some(match (held, listed.seen.get(&pid)) {
            (Some(held), Some(seen)) if held.stamp != seen.stamp => Err(Failure::vanished()),
            (Some(held), _) => Ok(held),
            (None, _) => Err(Failure::not_held()),
        })
    }

    /// By what a process is known later; none where it is gone.
    fn stamp(&self, pid: i32) -> Option<Stamp> {
        let began = self.read(pid, "stat").ok().as_deref().and_then(stat).map(|stat| stat.began);
        let status = self.read(pid, "status").unwrap_or_default();
        Some(Stamp { began, users: self.users(pid, &status)?, pid_namespaces: pid_namespaces(&status) })
    }

    /// That a process is the one that was listed, and of that user still.
    fn confirm(&self, pid: i32) -> Result<(), Failure> {
        let listed = self.listed().seen.get(&pid).map(|seen| (seen.stamp.clone(), seen.directory));
        match listed {
            // One look instead of three files, which the kernel writes anew for each reader.
            Some((_, Some(directory))) if self.is_real() && self.known_by(pid) == Some(directory) => Ok(()),
            Some((listed, _)) if self.stamp(pid).as_ref() != Some(&listed) => Err(Failure::vanished()),
            _ => Ok(()),
        }
    }

    /// What the directory of a process is known by now.
    fn known_by(&self, pid: i32) -> Option<Directory> {
        let found = self.directory(pid).ok()?;
        Some(Directory { inode: (found.dev(), found.ino()), uid: found.uid() })
    }

    /// As whom a process with this status file acts; none where it is gone.
    fn users(&self, pid: i32, status: &[u8]) -> Option<Users> {
        let of_directory = || {
            // A directory that only looks like proc may lack the file; proc's directory belongs to the effective user.
            let uid = self.directory(pid).ok()?.uid();
            Some(Users { real: uid, effective: uid, own_namespace: true })
        };
        let Some((real, effective)) = users_of_status(status) else {
            return of_directory();
        };
        let own_namespace = match (self.own_users(), self.read(pid, "uid_map")) {
            (Some(own), Ok(map)) => *own == map,
            (None, Ok(map)) => is_initial(&map),
            (_, Err(Failure::Unknown(Cause::Vanished, _))) => return None,
            // Kernels without user namespaces have no such file.
            (_, Err(_)) => true,
        };
        Some(Users { real, effective, own_namespace })
    }

    /// The first process's map of users; none where that cannot be read.
    fn own_users(&self) -> Option<&Vec<u8>> {
        if let Some(known) = self.own_users.get() {
            return known.as_ref();
        }
        let read = self.read(1, "uid_map").ok();
        self.own_users.get_or_init(|| read).as_ref()
    }

    /// Why processes of others are not listed, where that is so: the option `hidepid`, and that it holds for us. Every
    /// proc file system has a process 1, and who sees it sees the others too.
    ///
    /// Source: <https://docs.kernel.org/filesystems/proc.html>.
    fn hidden(&self) -> Option<Reason> {
        if self.is_there(1) {
            return None;
        }
        let mounts = read_bounded(open(&self.proc.join("self/mountinfo")).ok()?, 0, MOST_BYTES).ok()?;
        let place = fs::canonicalize(&self.proc).ok()?;
        let option = hiding_option(&String::from_utf8_lossy(&mounts), &place)?;
        Some(Reason::new(
            Cause::PermissionDenied,
            self.proc.display(),
            format!("mounted with {option}, which hides the processes of others (run as root, with CAP_SYS_PTRACE)"),
        ))
    }

    /// The whole command line of a process.
    pub(super) fn arguments(&self, pid: i32) -> Result<Vec<Vec<u8>>, Failure> {
        if let Some(command) = self.listed().seen.get(&pid).and_then(|seen| seen.command.as_deref()) {
            return Ok(arguments(command));
        }
        let mut buffer = vec![0; COMMAND_LINE];
        match self.command_line(pid, &mut buffer)? {
            // A process that ends loses its command line first.
            Ok([]) => Err(Failure::vanished()),
            Ok(command) if command.split(|byte| *byte == 0).count() > MOST_ARGUMENTS + 1 => {
                let detail = format!("more than {MOST_ARGUMENTS} arguments, the limit");
                Err(Failure::Unknown(Cause::TooLarge, detail))
            }
            Ok(command) => Ok(arguments(command)),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                let most = MOST_COMMAND_LINE >> 20;
                Err(Failure::Unknown(Cause::TooLarge, format!("longer than {most} MiB, the limit")))
            }
            Err(error) => Err(self.failure(pid, &error)),
        }
    }

    /// Where the executable of a process lies. A process that is not the one that was listed any more is gone: who looks
    /// at what it runs asks for its arguments and its cgroup before.
    pub(super) fn executable(&self, pid: i32) -> Result<String, Failure> {
        let place = match self.held(pid) {
            Some(held) => held?.executable.clone(),
            None => self.link(pid, "exe"),
        };
        self.confirm(pid)?;
        place
    }

    /// The directory in which a process runs.
    pub(super) fn working_directory(&self, pid: i32) -> Result<String, Failure> {
        match self.held(pid) {
            Some(held) => held?.working_directory.clone(),
            None => self.link(pid, "cwd"),
        }
    }

    /// What the executable of a process is, through the kernel's own link, which leads to the very file that runs; none
    /// where this is no proc file system, whose links lead by their names.
    pub(super) fn executable_file(&self, pid: i32) -> Option<Result<fs::Metadata, Failure>> {
        match self.held(pid) {
            Some(Ok(held)) => held.file.clone(),
            Some(Err(failure)) => Some(Err(failure)),
            None => self.file(pid),
        }
    }

    fn is_real(&self) -> bool {
        if let Some(known) = self.is_real.get() {
            return *known;
        }
        // Not inside the initialisation, for which another thread would wait.
        let found = is_proc_mount(&self.proc);
        *self.is_real.get_or_init(|| found)
    }

    fn file(&self, pid: i32) -> Option<Result<fs::Metadata, Failure>> {
        self.is_real().then(|| {
            step(Step::process(pid, Part::Executable), None, || fs::metadata(self.path(pid, "exe")))
                .unwrap_or_else(|NoAnswer| Err(ErrorKind::TimedOut.into()))
                .map_err(|error| self.failure(pid, &error))
        })
    }

    /// The program of a process, opened to be run: none where nothing is held.
    pub(super) fn held_program(&self, pid: i32) -> Option<Result<File, Failure>> {
        let opened = |held: &Held| held.program.as_ref().and_then(|file| file.try_clone().ok()).ok_or(Failure::Absent);
        self.held(pid).map(|held| held.and_then(opened))
    }

    fn program(&self, pid: i32) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(OFlag::O_PATH.bits()).open(self.path(pid, "exe"))
    }

    /// In how many PID namespaces a process is.
    pub(super) fn pid_namespaces(&self, pid: i32) -> Option<u32> {
        let listed = self.listed().seen.get(&pid).map(|seen| seen.stamp.pid_namespaces);
        match listed {
            Some(listed) => listed,
            None => pid_namespaces(&self.read(pid, "status").ok()?),
        }
    }

    /// Whether a process is in the network namespace of the first one.
    pub(super) fn shares_network(&self, pid: i32) -> Option<bool> {
        let network = match self.held(pid) {
            Some(held) => held.ok()?.network.clone(),
            None => self.network(pid),
        };
        Some(network? == *self.own_network()?)
    }

    fn network(&self, pid: i32) -> Option<PathBuf> {
        fs::read_link(self.path(pid, "ns/net")).ok()
    }

    /// The network namespace of the first process.
    fn own_network(&self) -> Option<&PathBuf> {
        if self.own_network.get().is_none() {
            let network = self.network(1);
            let _ = self.own_network.set(network);
        }
        self.own_network.get()?.as_ref()
    }

    /// Where a link of a process leads, or led before what is there was removed.
    fn link(&self, pid: i32, name: &str) -> Result<String, Failure> {
        let place = fs::read_link(self.path(pid, name)).map_err(|error| self.failure(pid, &error))?;
        let place = place.as_os_str().as_bytes();
        Ok(String::from_utf8_lossy(place.strip_suffix(DELETED).unwrap_or(place)).into_owned())
    }

    /// The name that the kernel keeps of a process.
    pub(super) fn command_name(&self, pid: i32) -> Result<String, Failure> {
        let bytes = self.read(pid, "comm")?;
        Ok(String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).into_owned())
    }

    /// The control groups of a process, a line each.
    pub(super) fn cgroup(&self, pid: i32) -> Result<String, Failure> {
        self.read(pid, "cgroup").map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Those of the variables `names` that are set in the environment of a process.
    pub(super) fn environment(&self, pid: i32, names: &[String]) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut set = BTreeMap::new();
        let read = || match self.held(pid) {
            Some(held) => match &held?.environment {
                Ok(file) => read_bounded(At::new(file), 0, MOST_BYTES),
                Err(failure) => Err(failure.clone()),
            },
            None => self.read(pid, "environ"),
        };
        for variable in answered(pid, Part::Environment, read)??.split(|byte| *byte == 0) {
            let Some(place) = variable.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = variable.split_at(place);
            if let Some(name) = names.iter().find(|wanted| wanted.as_bytes() == name) {
                // Where a variable is there twice, programs see the first.
                set.entry(name.clone()).or_insert_with(|| value.get(1..).unwrap_or_default().to_vec());
            }
        }
        if set.values().map(Vec::len).sum::<usize>() > MOST_OF_VARIABLES {
            let most = MOST_OF_VARIABLES >> 10;
            let names: Vec<&str> = set.keys().map(String::as_str).collect();
            let detail = format!("{}: more than {most} KiB, the limit for variables", names.join(", "));
            return Err(Failure::Unknown(Cause::TooLarge, detail));
        }
        Ok(set)
    }

    /// The directory that a process has as its root.
    pub(super) fn root(&self, pid: i32) -> PathBuf {
        self.path(pid, "root")
    }

    /// Whether a process is (still) there.
    pub(super) fn is_there(&self, pid: i32) -> bool {
        matches!(self.directory(pid), Ok(_) | Err(Failure::Unknown(Cause::TimedOut, _)))
    }

    /// The directory of a process.
    fn directory(&self, pid: i32) -> Result<fs::Metadata, Failure> {
        answered(pid, Part::Other, || fs::symlink_metadata(self.proc.join(pid.to_string())))?
            .map_err(|error| Failure::of_io(&error, PROCESSES_HINT))
    }

    fn path(&self, pid: i32, file: &str) -> PathBuf {
        self.proc.join(pid.to_string()).join(file)
    }

    fn read(&self, pid: i32, name: &str) -> Result<Vec<u8>, Failure> {
        answered(pid, Part::Other, || {
            let file = open(&self.path(pid, name)).map_err(|error| self.failure(pid, &error))?;
            read_bounded(file, 0, MOST_BYTES)
        })?
    }

    /// The meaning of an error: without its process, nothing of it can be known.
    fn failure(&self, pid: i32, error: &std::io::Error) -> Failure {
        match Failure::of_io(error, PROCESSES_HINT) {
            Failure::Absent if !self.is_there(pid) => Failure::vanished(),
            failure => failure,
        }
    }
}

impl Known {
    /// Notes a process that is on the list, with its command line where that is known whole and there is room for it.
    fn put(&mut self, pid: i32, stamp: Option<Stamp>, directory: Option<Directory>, command: Option<&[u8]>) {
        let Some(stamp) = stamp else { return };
        let command = command.filter(|command| self.kept + command.len() <= MOST_KEPT);
        self.kept += command.map_or(0, <[u8]>::len);
        self.seen.insert(pid, Seen { stamp, directory, command: command.map(Box::from) });
    }

    /// Notes a process of a user that was not asked for, who may be named later on.
    fn put_other(&mut self, pid: i32, stamp: Option<Stamp>) {
        let is_plain = |stamp: &Stamp| stamp.users.own_namespace && stamp.users.real == stamp.users.effective;
        let Some(stamp) = stamp.filter(is_plain) else { return };
        let of_user = || self.others.iter().filter(|(_, other)| other.users == stamp.users).count();
        if self.others.len() < MOST_OTHERS && of_user() < MOST_ALIKE {
            self.others.push((pid, stamp));
        }
    }
}

/// What came of going through all processes once.
#[derive(Debug, Default)]
struct Listing {
    found: Listed,
    /// The first process whose command line may not be read, and how many there are.
    denied: Option<(i32, usize)>,
}

/// As whom a process acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Users {
    real: u32,
    effective: u32,
    /// Whether these are users of the node's own user namespace.
    own_namespace: bool,
}

impl Listing {
    /// Puts a process where it belongs, and says whether that is on the list: else it is only counted, as one that is
    /// `further` among many alike is too.
    fn put(&mut self, pid: i32, called: &str, users: Option<Users>, wanted: &[u32], further: bool) -> bool {
        let Some(Users { real, effective, own_namespace }) = users else { return false };
        let because = match (own_namespace, real == effective, wanted.contains(&real)) {
            (true, true, true) if further => Foreign::Alike,
            (true, true, true) => {
                self.found.listed.push(Process { pid, called: called.to_owned(), uid: real });
                return true;
            }
            (false, _, _) => Foreign::UserNamespace,
            (true, false, _) => Foreign::EffectiveUser,
            (true, true, false) => Foreign::User,
        };
        let mut bearer = Bearer { called: called.to_owned(), uid: real, because };
        if self.found.passed_over.len() >= MOST_BEARERS && !self.found.passed_over.contains_key(&bearer) {
            // A user may have tens of thousands of numbers for processes of its own.
            bearer.uid = u32::MAX;
        }
        *self.found.passed_over.entry(bearer).or_default() += 1;
        false
    }
}

/// The real and the effective user in a status file.
///
/// Source: <https://docs.kernel.org/filesystems/proc.html>.
fn users_of_status(status: &[u8]) -> Option<(u32, u32)> {
    let numbers = std::str::from_utf8(line_of_status(status, b"Uid:")?).ok()?;
    let mut numbers = numbers.split_ascii_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// In how many PID namespaces a process with this status file is.
fn pid_namespaces(status: &[u8]) -> Option<u32> {
    let numbers = line_of_status(status, b"NSpid:")?;
    u32::try_from(numbers.split(u8::is_ascii_whitespace).filter(|number| !number.is_empty()).count()).ok()
}

/// What stands behind a key of a status file.
fn line_of_status<'s>(status: &'s [u8], key: &[u8]) -> Option<&'s [u8]> {
    status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(key))
}

/// Whether a map of users is that of the initial user namespace: all numbers, each to itself.
fn is_initial(map: &[u8]) -> bool {
    let words: Vec<&[u8]> = map.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words == [b"0".as_slice(), b"0", b"4294967295"]
}

/// The option of the proc file system at `place` that hides processes, by the lines of a `/proc/PID/mountinfo`. Of
/// several mounts at one place, the last is seen.
fn hiding_option(mounts: &str, place: &Path) -> Option<String> {
    let mount = mounts.lines().rev().find_map(|line| {
        let mount = MountInfo::from_line(line).ok()?;
        // Blanks in paths stand as octal numbers.
        let path = mount.mount_point.to_str()?.replace("\\040", " ");
        (Path::new(&path) == place).then_some(mount)
    })?;
    let how = mount.super_options.get("hidepid")?.as_deref()?;
    let hides = mount.fs_type == "proc" && ["2", "4", "invisible", "ptraceable"].contains(&how);
    hides.then(|| format!("hidepid={how}"))
}

/// Reads a part of a process, which may have to wait for what the process itself waits for.
fn answered<T>(pid: i32, part: Part, read: impl FnOnce() -> T) -> Result<T, Failure> {
    step(Step::process(pid, part), None, read)
        .map_err(|NoAnswer| Failure::Unknown(Cause::TimedOut, "did not answer in time".to_owned()))
}

/// A file of a proc directory, which need not be a real one: nothing there is waited for or followed.
fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
}

/// A whole command line, in one read wherever the buffer has room for it; the buffer grows where it has not.
fn read_command(mut file: File, buffer: &mut Vec<u8>) -> std::io::Result<&[u8]> {
    let mut length = 0;
    loop {
        let room = buffer.get_mut(length..).unwrap_or_default();
        let (size, read) = (room.len(), file.read(room)?);
        length += read;
        if read < size || read == 0 {
            return Ok(buffer.get(..length).unwrap_or_default());
        }
        // A process can make its command line as long as its memory; no component of Kubernetes does.
        if length > MOST_COMMAND_LINE {
            return Err(ErrorKind::FileTooLarge.into());
        }
        buffer.resize((buffer.len() * 2).min(MOST_COMMAND_LINE + 1), 0);
    }
}

/// What a stat file says of a process.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// The name that the kernel keeps of it.
    name: String,
    parent: i32,
    /// When it began, in the kernel's units.
    began: u64,
}

/// Reads a stat file: `12 (etcd) S 1 …`. A name may hold brackets and line breaks itself. None where it is no such file, as
/// in a directory that only looks like proc. The fifty numbers that follow are not looked at but for two: every process
/// that may be a component is asked for them twice.
///
/// Source: <https://docs.kernel.org/filesystems/proc.html>.
fn stat(bytes: &[u8]) -> Option<Stat> {
    let begin = bytes.iter().position(|byte| *byte == b'(')?;
    let end = bytes.iter().rposition(|byte| *byte == b')').filter(|end| begin < *end)?;
    let number = bytes.get(..begin)?.strip_suffix(b" ")?;
    let is_sound = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    let behind = bytes.get(end + 1..)?.strip_prefix(b" ")?;
    if !is_sound || !behind.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    // The state is the third field.
    let mut fields = behind.split(u8::is_ascii_whitespace).skip(1);
    let mut field = |skipped: usize| std::str::from_utf8(fields.nth(skipped)?).ok();
    Some(Stat {
        parent: field(0)?.parse().ok()?,
        began: field(17)?.parse().ok()?,
        name: String::from_utf8_lossy(bytes.get(begin + 1..end)?).into_owned(),
    })
}

/// The arguments of a command line, empty ones too: each ends with a NUL.
fn arguments(command: &[u8]) -> Vec<Vec<u8>> {
    let command = command.strip_suffix(&[0]).unwrap_or(command);
    command.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// The arguments of a command line as a list of all processes shows them, where there is room for them.
fn listed(command: &[u8], room: &mut usize) -> Vec<Vec<u8>> {
    let words = command.split(|byte| *byte == 0).count().saturating_mul(2 * size_of::<Vec<u8>>());
    match room.checked_sub(command.len() + words) {
        Some(left) => {
            *room = left;
            arguments(command)
        }
        None => shown(command),
    }
}

/// The begin of a command line, and that it is cut.
fn shown(command: &[u8]) -> Vec<Vec<u8>> {
    let begin = command.get(..SHOWN).unwrap_or(command);
    let words = begin.splitn(SHOWN / size_of::<Vec<u8>>(), |byte| *byte == 0).map(<[u8]>::to_vec);
    words.chain([CUT.as_bytes().to_vec()]).collect()
}

/// The file name of the first argument of a command line.
fn file_name(command: &[u8]) -> &[u8] {
    let first = command.split(|byte| *byte == 0).next().unwrap_or_default();
    first.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_at_their_ends() {
        let cases: [(&[u8], &[&[u8]]); 5] = [
            (b"kubelet\0--v=2\0", &[b"kubelet", b"--v=2"]),
            (b"kubelet\0\0--v\0\0", &[b"kubelet", b"", b"--v", b""]),
            (b"nginx: master process", &[b"nginx: master process"]),
            (b"\xff\xfe\0", &[b"\xff\xfe"]),
            (b"a b\0c\nd\0", &[b"a b", b"c\nd"]),
        ];
        for (command, expected) in cases {
            assert_eq!(arguments(command), expected, "{command:?}");
        }
    }

    #[test]
    fn file_names_are_those_of_the_first_argument() {
        assert_eq!(file_name(b"/usr/bin/kubelet\0--x=/a/b\0"), b"kubelet");
        assert_eq!(file_name(b"kubelet\0"), b"kubelet");
        assert_eq!(file_name(b"\0kubelet\0"), b"");
    }

    #[test]
    fn a_stat_file_need_not_be_one() {
        // Each field has its number in the documentation, 23 and more behind them.
        let numbers = (5..22).map(|field: u8| field.to_string()).collect::<Vec<_>>().join(" ")
            + " 77 23 24 18446744073709551615 26";
        let of = |head: &str| {
            let found = stat(format!("{head} S 1 {numbers}\n").as_bytes());
            found.map(|stat| (stat.name, stat.parent, stat.began))
        };
        let expected = |name: &str| Some((name.to_owned(), 1, 77));
        assert_eq!(of("12 (etcd)"), expected("etcd"));
        assert_eq!(of("12 (a) S (b\n)"), expected("a) S (b\n"));
        assert_eq!(of("12 (ä)"), expected("ä"));
        for no_head in ["(etcd)", "12(etcd)", " (etcd)", "ä (etcd)", "12 )etcd(", "12 (etcd", ""] {
            assert_eq!(of(no_head), None, "{no_head}");
        }
        let no_file: [&[u8]; 7] = [b"", b"(", b"1 ()", b"1 () ", b"1 ()\n", b"1 ) (", b"1 (\xff) \xff"];
        for bytes in no_file {
            assert!(stat(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn the_option_is_that_of_the_proc_file_system_at_the_place() {
        let line = |place: &str, kind: &str, options: &str| {
            format!("22 1 0:21 / {place} rw,nosuid shared:5 - {kind} proc {options}\n")
        };
        let table = [
            (line("/proc", "proc", "rw,hidepid=2"), Some("hidepid=2")),
            (line("/proc", "proc", "rw,gid=4,hidepid=invisible"), Some("hidepid=invisible")),
            (line("/proc", "proc", "rw,hidepid=ptraceable"), Some("hidepid=ptraceable")),
            (line("/proc", "proc", "rw,hidepid=1"), None),
            (line("/proc", "proc", "rw"), None),
            (line("/proc", "tmpfs", "rw,hidepid=2"), None),
            (line("/host/proc", "proc", "rw,hidepid=2"), None),
            (line("/proc", "proc", "rw,hidepid=2") + &line("/proc", "proc", "rw"), None),
            ("22 1 0:21 /\n".to_owned(), None),
            (String::new(), None),
        ];
        for (mounts, expected) in table {
            assert_eq!(hiding_option(&mounts, Path::new("/proc")).as_deref(), expected, "{mounts}");
        }
        let blank = line("/my\\040proc", "proc", "rw,hidepid=2");
        assert_eq!(hiding_option(&blank, Path::new("/my proc")).as_deref(), Some("hidepid=2"));
    }
}
