//! Processes as shown by a proc file system.

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

/// The initial buffer size for a command line; few exceed a few pages, and those take another read.
const COMMAND_LINE: usize = 16 << 10;

/// The buffer size for the first argument of a command line: no path is longer.
const FIRST_ARGUMENT: usize = 4 << 10;

/// The maximum bytes and arguments of a command line: no component needs a hundredth of either.
const MOST_COMMAND_LINE: usize = 1 << 20;
const MOST_ARGUMENTS: usize = 20_000;

/// The maximum total bytes of the requested variables.
const MOST_OF_VARIABLES: usize = 16 << 10;

/// The maximum total bytes of command lines in a list of all processes, and how many bytes are shown of each one that
/// does not fit.
const MOST_LISTED: usize = 16 << 20;
const SHOWN: usize = 4 << 10;

/// The maximum bytes of command lines that are cached when listing; the others are read again. Any user may start tens
/// of thousands of processes that are listed.
const MOST_KEPT: usize = 1 << 20;

/// The maximum number of names and users of processes that are counted separately; further ones are counted together.
const MOST_BEARERS: usize = 1000;

/// The number of listed processes of a user beyond which they are grouped by name and cgroup.
const CROWD: usize = 64;

/// Room for a PID, the name of a file in its directory, and the slashes.
const PATH_ROOM: usize = 32;

/// The maximum number of processes with the same name, user and cgroup that are listed once there is a crowd; further
/// ones are counted. A pod may start tens of thousands.
const MOST_ALIKE: usize = 16;

/// The maximum number of processes of users not asked for that are remembered; per user it is [`MOST_ALIKE`].
const MOST_OTHERS: usize = 256;

/// The number of bytes of a process's name that the kernel stores.
const COMMAND_NAME: usize = 15;

/// The suffix that the kernel appends to the path of an executable whose file was replaced or removed.
pub(super) const DELETED: &[u8] = b" (deleted)";

/// The processes in a proc directory.
#[derive(Debug)]
pub(super) struct Processes {
    proc: PathBuf,
    /// The UID map of PID 1, that is, of the node's own user namespace.
    own_users: OnceLock<Option<Vec<u8>>>,
    /// The network namespace of PID 1.
    own_network: OnceLock<Option<PathBuf>>,
    /// Whether this is a proc file system, rather than a directory that looks like one.
    is_real: OnceLock<bool>,
    /// The state of the listed processes at the time they were listed.
    listed: Mutex<Known>,
    /// The processes that were prepared; unset if none were, so that everything is looked up on demand.
    held: OnceLock<HashMap<i32, Held>>,
}

/// What has been learned about processes since they were listed.
#[derive(Debug, Default)]
struct Known {
    seen: HashMap<i32, Seen>,
    /// The number of bytes of cached command lines.
    kept: usize,
    /// Processes of users not asked for, up to the limit.
    others: Vec<(i32, Stamp)>,
}

/// What has been learned about a process since it was listed.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// Its directory, examined before the stamp was taken.
    directory: Option<Directory>,
    /// Its command line, if the first read returned all of it.
    command: Option<Box<[u8]>>,
}

/// The identity of a process's directory in proc. The kernel gives each process a directory with a unique inode number,
/// owned by the effective user. It may drop the directory and create another one for the same process, so a different
/// identity proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Directory {
    inode: (u64, u64),
    uid: u32,
}

/// Identifies a listed process: PIDs are reused, and programs change their user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Its start time in the kernel's units; `None` in a directory that only looks like proc.
    began: Option<u64>,
    users: Users,
    /// The number of nested PID namespaces, which never changes; `None` if the kernel does not report it.
    pid_namespaces: Option<u32>,
}

impl Processes {
    /// Creates it for the proc file system at `proc`, without reading anything yet.
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

    /// Returns the path of the proc file system.
    pub(super) fn proc(&self) -> &Path {
        &self.proc
    }

    /// Returns the processes of these users whose first argument's file name is one of `names`, by PID, and the number
    /// of such processes of other users.
    pub(super) fn called(&self, names: &[String], users: &[u32]) -> Observed<Listed> {
        match self.list(names, users) {
            Ok(Listing { found, denied, .. }) if !found.listed.is_empty() || denied.is_none() => {
                Observed::Present(found)
            }
            // The process may be among those that are hidden from us.
            Ok(Listing { denied: Some((pid, count)), .. }) => Observed::Unknown(Reason::new(
                Cause::PermissionDenied,
                format!("process {pid}'s command line"),
                format!("permission denied (run as root; {count} processes are hidden)"),
            )),
            Ok(Listing { found, .. }) => Observed::Present(found),
            Err(why) => Observed::Unknown(why),
        }
    }

    /// Returns all processes, including kernel threads, except those that end meanwhile.
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
            // The directory belongs to the effective user, which `ps` reads from there too.
            let Ok(directory) = self.directory(pid) else { continue };
            // The `status` file has the same content as text, but is the slowest to generate.
            let stat = answered(pid, Part::Other, || {
                open(&self.path(pid, "stat")).and_then(|file| read_command(file, &mut buffer).map(self::stat))
            });
            let Ok(Ok(Some(Stat { name, parent, .. }))) = stat else { continue };
            let arguments = match self.command_line(pid, &mut buffer) {
                Ok(Ok(command)) if !command.is_empty() => listed(command, &mut room),
                Ok(Err(error)) if error.kind() == ErrorKind::FileTooLarge => shown(&buffer),
                Ok(Err(_)) => continue,
                // Shown without arguments, as in `ps`.
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

    /// Iterates over all PIDs, in directory order.
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
        // Keyed by a hash of name, user and cgroup, since there may be as many entries as processes.
        let (state, mut alike) = (RandomState::new(), HashMap::<u64, usize>::new());
        // Per user, so that the result does not depend on which other users are asked for.
        let mut listed_of: HashMap<u32, usize> = HashMap::new();
        for pid in self.pids().map_err(|error| refused(&error))? {
            any = true;
            // Processes that have ended meanwhile are skipped.
            match self.begin_of_command_line(pid, &mut buffer) {
                Ok((0, _)) => {}
                Ok((length, is_whole)) => {
                    let name = file_name(buffer.get(..length).unwrap_or_default());
                    let most = if is_whole { usize::MAX } else { COMMAND_NAME };
                    let is_called = |wanted: &&String| wanted.as_bytes().get(..most.min(wanted.len())) == Some(name);
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

    /// Reads the beginning of a command line. Returns its length, and whether it is authentic: if the process does not
    /// answer, the kernel's (truncated) name of the process is used instead.
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

    /// Returns the number of remembered processes of users not asked for.
    pub(super) fn others(&self) -> usize {
        self.listed().others.len()
    }

    /// Returns the listed processes among `pids`, and up to `others` processes of other users.
    pub(super) fn chosen(&self, pids: &[i32], others: usize) -> BTreeMap<i32, Stamp> {
        let listed = self.listed();
        let of = |pid: &i32| Some((*pid, listed.seen.get(pid)?.stamp.clone()));
        sorting::map(pids.iter().filter_map(of).chain(listed.others.iter().take(others).cloned()))
    }

    /// Looks up and opens, for these processes, everything that becomes inaccessible once this program has dropped its
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
        // Another thread may have been first, with the same result.
        let _ = self.held.set(held);
    }

    /// Whether processes have been prepared, so that nothing else is looked up.
    pub(super) fn are_held(&self) -> bool {
        self.held.get().is_some()
    }

    /// Returns the handles on a process; `None` if nothing was prepared and everything is looked up on demand.
    fn held(&self, pid: i32) -> Option<Result<&Held, Failure>> {
        let held = self.held.get()?.get(&pid);
        let listed = self.listed();
        Some(match (held, listed.seen.get(&pid)) {
            (Some(held), Some(seen)) if held.stamp != seen.stamp => Err(Failure::vanished()),
            (Some(held), _) => Ok(held),
            (None, _) => Err(Failure::not_held()),
        })
    }

    /// Returns the current stamp of a process; `None` if it has ended.
    fn stamp(&self, pid: i32) -> Option<Stamp> {
        let began = self.read(pid, "stat").ok().as_deref().and_then(stat).map(|stat| stat.began);
        let status = self.read(pid, "status").unwrap_or_default();
        Some(Stamp { began, users: self.users(pid, &status)?, pid_namespaces: pid_namespaces(&status) })
    }

    /// Checks that a process is still the one that was listed, and still has the same user.
    fn confirm(&self, pid: i32) -> Result<(), Failure> {
        let listed = self.listed().seen.get(&pid).map(|seen| (seen.stamp.clone(), seen.directory));
        match listed {
            // One `stat` instead of three files, which the kernel generates anew for each reader.
            Some((_, Some(directory))) if self.is_real() && self.known_by(pid) == Some(directory) => Ok(()),
            Some((listed, _)) if self.stamp(pid).as_ref() != Some(&listed) => Err(Failure::vanished()),
            _ => Ok(()),
        }
    }

    /// Returns the current identity of a process's directory.
    fn known_by(&self, pid: i32) -> Option<Directory> {
        let found = self.directory(pid).ok()?;
        Some(Directory { inode: (found.dev(), found.ino()), uid: found.uid() })
    }

    /// Returns the users of a process with this status file; `None` if it has ended.
    fn users(&self, pid: i32, status: &[u8]) -> Option<Users> {
        let of_directory = || {
            // A directory that only looks like proc may lack the file; in proc the directory belongs to the effective
            // user.
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

    /// Returns the UID map of PID 1; `None` if it cannot be read.
    fn own_users(&self) -> Option<&Vec<u8>> {
        if let Some(known) = self.own_users.get() {
            return known.as_ref();
        }
        let read = self.read(1, "uid_map").ok();
        self.own_users.get_or_init(|| read).as_ref()
    }

    /// Returns why other users' processes are not listed, if the `hidepid` option is set and applies to us. Every proc
    /// file system has a process 1, and a user who can see it can see the others too.
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

    /// Returns the whole command line of a process.
    pub(super) fn arguments(&self, pid: i32) -> Result<Vec<Vec<u8>>, Failure> {
        if let Some(command) = self.listed().seen.get(&pid).and_then(|seen| seen.command.as_deref()) {
            return Ok(arguments(command));
        }
        let mut buffer = vec![0; COMMAND_LINE];
        match self.command_line(pid, &mut buffer)? {
            // A process that is exiting loses its command line first.
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

    /// Returns the path of a process's executable. A process that is no longer the listed one has vanished: callers
    /// that inspect the executable ask for arguments and cgroup first.
    pub(super) fn executable(&self, pid: i32) -> Result<String, Failure> {
        let place = match self.held(pid) {
            Some(held) => held?.executable.clone(),
            None => self.link(pid, "exe"),
        };
        self.confirm(pid)?;
        place
    }

    /// Returns the working directory of a process.
    pub(super) fn working_directory(&self, pid: i32) -> Result<String, Failure> {
        match self.held(pid) {
            Some(held) => held?.working_directory.clone(),
            None => self.link(pid, "cwd"),
        }
    }

    /// Returns the metadata of a process's executable, through the kernel's magic link, which leads to the very file
    /// that runs; `None` if this is not a proc file system, where links are resolved by name.
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
        // Outside of the initialisation, which other threads would wait for.
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

    /// Returns the program of a process, opened for execution; `None` if nothing is held.
    pub(super) fn held_program(&self, pid: i32) -> Option<Result<File, Failure>> {
        let opened = |held: &Held| held.program.as_ref().and_then(|file| file.try_clone().ok()).ok_or(Failure::Absent);
        self.held(pid).map(|held| held.and_then(opened))
    }

    fn program(&self, pid: i32) -> io::Result<File> {
        OpenOptions::new().read(true).custom_flags(OFlag::O_PATH.bits()).open(self.path(pid, "exe"))
    }

    /// Returns the number of nested PID namespaces that a process is in.
    pub(super) fn pid_namespaces(&self, pid: i32) -> Option<u32> {
        let listed = self.listed().seen.get(&pid).map(|seen| seen.stamp.pid_namespaces);
        match listed {
            Some(listed) => listed,
            None => pid_namespaces(&self.read(pid, "status").ok()?),
        }
    }

    /// Whether a process is in the network namespace of PID 1.
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

    /// Returns the network namespace of PID 1.
    fn own_network(&self) -> Option<&PathBuf> {
        if self.own_network.get().is_none() {
            let network = self.network(1);
            let _ = self.own_network.set(network);
        }
        self.own_network.get()?.as_ref()
    }

    /// Returns the target of a process's link, including one that has been removed since.
    fn link(&self, pid: i32, name: &str) -> Result<String, Failure> {
        let place = fs::read_link(self.path(pid, name)).map_err(|error| self.failure(pid, &error))?;
        let place = place.as_os_str().as_bytes();
        Ok(String::from_utf8_lossy(place.strip_suffix(DELETED).unwrap_or(place)).into_owned())
    }

    /// Returns the name that the kernel stores for a process.
    pub(super) fn command_name(&self, pid: i32) -> Result<String, Failure> {
        let bytes = self.read(pid, "comm")?;
        Ok(String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).into_owned())
    }

    /// Returns the control groups of a process, one per line.
    pub(super) fn cgroup(&self, pid: i32) -> Result<String, Failure> {
        self.read(pid, "cgroup").map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns the variables among `names` that are set in the environment of a process.
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
                // If a variable is set twice, programs see the first.
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

    /// Returns the path of a process's root directory.
    pub(super) fn root(&self, pid: i32) -> PathBuf {
        self.path(pid, "root")
    }

    /// Whether a process exists (still).
    pub(super) fn is_there(&self, pid: i32) -> bool {
        matches!(self.directory(pid), Ok(_) | Err(Failure::Unknown(Cause::TimedOut, _)))
    }

    /// Returns the metadata of a process's directory.
    fn directory(&self, pid: i32) -> Result<fs::Metadata, Failure> {
        answered(pid, Part::Other, || fs::symlink_metadata(self.proc.join(pid.to_string())))?
            .map_err(|error| Failure::of_io(&error, PROCESSES_HINT))
    }

    fn path(&self, pid: i32, file: &str) -> PathBuf {
        // Room for the whole path, since a run builds several for each process.
        let mut path = PathBuf::with_capacity(self.proc.as_os_str().len() + PATH_ROOM);
        path.push(&self.proc);
        path.push(pid.to_string());
        path.push(file);
        path
    }

    fn read(&self, pid: i32, name: &str) -> Result<Vec<u8>, Failure> {
        answered(pid, Part::Other, || {
            let file = open(&self.path(pid, name)).map_err(|error| self.failure(pid, &error))?;
            read_bounded(file, 0, MOST_BYTES)
        })?
    }

    /// Interprets an error: if the process is gone, nothing about it can be known.
    fn failure(&self, pid: i32, error: &std::io::Error) -> Failure {
        match Failure::of_io(error, PROCESSES_HINT) {
            Failure::Absent if !self.is_there(pid) => Failure::vanished(),
            failure => failure,
        }
    }
}

impl Known {
    /// Records a listed process, with its command line if that is complete and fits the limit.
    fn put(&mut self, pid: i32, stamp: Option<Stamp>, directory: Option<Directory>, command: Option<&[u8]>) {
        let Some(stamp) = stamp else { return };
        let command = command.filter(|command| self.kept + command.len() <= MOST_KEPT);
        self.kept += command.map_or(0, <[u8]>::len);
        self.seen.insert(pid, Seen { stamp, directory, command: command.map(Box::from) });
    }

    /// Records a process of a user not asked for, who may be named later.
    fn put_other(&mut self, pid: i32, stamp: Option<Stamp>) {
        let is_plain = |stamp: &Stamp| stamp.users.own_namespace && stamp.users.real == stamp.users.effective;
        let Some(stamp) = stamp.filter(is_plain) else { return };
        let of_user = || self.others.iter().filter(|(_, other)| other.users == stamp.users).count();
        if self.others.len() < MOST_OTHERS && of_user() < MOST_ALIKE {
            self.others.push((pid, stamp));
        }
    }
}

/// The result of one pass over all processes.
#[derive(Debug, Default)]
struct Listing {
    found: Listed,
    /// The first process whose command line could not be read for lack of permission, and the number of such processes.
    denied: Option<(i32, usize)>,
}

/// The users that a process runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Users {
    real: u32,
    effective: u32,
    /// Whether they belong to the node's own user namespace.
    own_namespace: bool,
}

impl Listing {
    /// Lists a process and returns true, or else counts it. A process that is `further` exceeds the limit for alike
    /// ones and is only counted.
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
            // Any user may own tens of thousands of UIDs and run processes with each.
            bearer.uid = u32::MAX;
        }
        *self.found.passed_over.entry(bearer).or_default() += 1;
        false
    }
}

/// Parses the real and effective UID from a status file.
///
/// Source: <https://docs.kernel.org/filesystems/proc.html>.
fn users_of_status(status: &[u8]) -> Option<(u32, u32)> {
    let numbers = std::str::from_utf8(line_of_status(status, b"Uid:")?).ok()?;
    let mut numbers = numbers.split_ascii_whitespace().map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Returns the number of nested PID namespaces in a status file.
fn pid_namespaces(status: &[u8]) -> Option<u32> {
    let numbers = line_of_status(status, b"NSpid:")?;
    u32::try_from(numbers.split(u8::is_ascii_whitespace).filter(|number| !number.is_empty()).count()).ok()
}

/// Returns the rest of the line after a key of a status file.
fn line_of_status<'s>(status: &'s [u8], key: &[u8]) -> Option<&'s [u8]> {
    status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(key))
}

/// Whether a UID map is that of the initial user namespace: all numbers, each mapped to itself.
fn is_initial(map: &[u8]) -> bool {
    let words: Vec<&[u8]> = map.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words == [b"0".as_slice(), b"0", b"4294967295"]
}

/// Returns the option by which the proc file system at `place` hides processes, from the lines of
/// `/proc/PID/mountinfo`. Of several mounts at one place, the last is visible.
fn hiding_option(mounts: &str, place: &Path) -> Option<String> {
    let mount = mounts.lines().rev().find_map(|line| {
        let mount = MountInfo::from_line(line).ok()?;
        // Spaces in paths are octal escapes.
        let path = mount.mount_point.to_str()?.replace("\\040", " ");
        (Path::new(&path) == place).then_some(mount)
    })?;
    let how = mount.super_options.get("hidepid")?.as_deref()?;
    let hides = mount.fs_type == "proc" && ["2", "4", "invisible", "ptraceable"].contains(&how);
    hides.then(|| format!("hidepid={how}"))
}

/// Reads a part of a process, which may block on whatever the process itself is blocked on.
fn answered<T>(pid: i32, part: Part, read: impl FnOnce() -> T) -> Result<T, Failure> {
    step(Step::process(pid, part), None, read)
        .map_err(|NoAnswer| Failure::Unknown(Cause::TimedOut, "did not answer in time".to_owned()))
}

/// Opens a file of a proc directory, which may not be a real one: neither blocks nor follows links.
fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
}

/// Reads a whole command line, in one read if it fits the buffer, which otherwise grows.
fn read_command(mut file: File, buffer: &mut Vec<u8>) -> std::io::Result<&[u8]> {
    let mut length = 0;
    loop {
        let room = buffer.get_mut(length..).unwrap_or_default();
        let (size, read) = (room.len(), file.read(room)?);
        length += read;
        if read < size || read == 0 {
            return Ok(buffer.get(..length).unwrap_or_default());
        }
        // A process can make its command line as long as its memory; no Kubernetes component does.
        if length > MOST_COMMAND_LINE {
            return Err(ErrorKind::FileTooLarge.into());
        }
        buffer.resize((buffer.len() * 2).min(MOST_COMMAND_LINE + 1), 0);
    }
}

/// The parsed fields of a stat file.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// The name that the kernel stores for it.
    name: String,
    parent: i32,
    /// Its start time in the kernel's units.
    began: u64,
}

/// Parses a stat file: `12 (etcd) S 1 …`. The name itself may contain parentheses and line breaks. Returns `None` if it
/// is no stat file, as in a directory that only looks like proc. Of the fifty numbers that follow only two are parsed,
/// since every process that may be a component is asked for them twice.
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
    // The state is field 3.
    let mut fields = behind.split(u8::is_ascii_whitespace).skip(1);
    let mut field = |skipped: usize| std::str::from_utf8(fields.nth(skipped)?).ok();
    Some(Stat {
        parent: field(0)?.parse().ok()?,
        began: field(17)?.parse().ok()?,
        name: String::from_utf8_lossy(bytes.get(begin + 1..end)?).into_owned(),
    })
}

/// Splits a command line into arguments, each terminated by NUL. Empty ones are kept.
fn arguments(command: &[u8]) -> Vec<Vec<u8>> {
    let command = command.strip_suffix(&[0]).unwrap_or(command);
    command.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// Returns the arguments of a command line for the list of all processes, shortened if `room` is used up.
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

/// Returns the beginning of a command line, followed by a marker that it is cut.
fn shown(command: &[u8]) -> Vec<Vec<u8>> {
    let begin = command.get(..SHOWN).unwrap_or(command);
    let words = begin.splitn(SHOWN / size_of::<Vec<u8>>(), |byte| *byte == 0).map(<[u8]>::to_vec);
    words.chain([CUT.as_bytes().to_vec()]).collect()
}

/// Returns the file name of the first argument of a command line.
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
        // Fields have their documented numbers as values, and those from 23 on follow.
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
