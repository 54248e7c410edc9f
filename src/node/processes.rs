//! Processes, as a proc file system shows them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use procfs::ProcError;
use procfs::process::all_processes_with_root;

use super::errors::{Failure, PROCESSES_HINT};
use super::root::read_bounded;
use crate::probe::{Cause, ListedProcess, Observed, Process, Why};

/// Room for one command line; few are larger than a page.
const COMMAND_LINE: usize = 64 << 10;

/// The longest command line that is read.
const MOST_COMMAND_LINE: usize = 16 << 20;

/// What the kernel appends to the path of an executable whose file was replaced or removed.
pub(super) const DELETED: &[u8] = b" (deleted)";

/// The processes below a proc directory; what is read of a process is read once.
#[derive(Debug)]
pub(super) struct Processes {
    proc: PathBuf,
    listed: OnceCell<Result<Listed, Why>>,
}

/// The command lines of all processes.
#[derive(Debug)]
struct Listed {
    /// By number, as the kernel gives them: arguments, each with a NUL after it.
    commands: Vec<(i32, Vec<u8>)>,
    /// The processes whose command lines may not be read.
    denied: Vec<i32>,
    /// Why others may be there that are not even listed.
    hidden: Option<Why>,
}

impl Processes {
    /// Those of the proc file system at `proc`; nothing is read yet.
    pub(super) fn new(proc: PathBuf) -> Self {
        Self { proc, listed: OnceCell::new() }
    }

    /// Where the proc file system lies.
    pub(super) fn proc(&self) -> &Path {
        &self.proc
    }

    /// The processes whose first argument's file name is one of `names`, by number.
    pub(super) fn called(&self, names: &[String]) -> Observed<Vec<Process>> {
        let listed = match self.listed.get_or_init(|| self.list()) {
            Ok(listed) => listed,
            Err(why) => return Observed::Unknown(why.clone()),
        };
        let wanted = |(pid, command): &(i32, Vec<u8>)| {
            let name = String::from_utf8_lossy(file_name(command));
            names.iter().any(|wanted| *wanted == name).then(|| Process { pid: *pid, arguments: arguments(command) })
        };
        let found: Vec<Process> = listed.commands.iter().filter_map(wanted).collect();
        match listed.denied.first() {
            None if found.is_empty() && listed.hidden.is_some() => {
                listed.hidden.clone().map_or_else(|| Observed::Present(found), Observed::Unknown)
            }
            // What was looked for may be among those that are hidden from us.
            Some(pid) if found.is_empty() => Observed::Unknown(Why::new(
                Cause::PermissionDenied,
                format!("process {pid}'s command line"),
                format!("permission denied (run as root; {} processes are hidden)", listed.denied.len()),
            )),
            _ => Observed::Present(found),
        }
    }

    /// All processes, those of the kernel too; one that goes away meanwhile is none of them.
    pub(super) fn all(&self) -> Observed<Vec<ListedProcess>> {
        let refused = |detail: String| Observed::Unknown(Why::new(Cause::System, self.proc.display(), detail));
        if let Some(why) = self.hidden() {
            return Observed::Unknown(why);
        }
        // Not through procfs, which opens the directory of each.
        let entries = match fs::read_dir(&self.proc) {
            Ok(entries) => entries,
            Err(error) => {
                let why = match Failure::of_io(&error, PROCESSES_HINT) {
                    Failure::Unknown(_, detail) => detail,
                    Failure::Absent => "no directory (give the place of a proc mount with --proc)".to_owned(),
                };
                return refused(format!("cannot be listed: {why}"));
            }
        };
        let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let mut buffer = vec![0; COMMAND_LINE];
        let mut all = Vec::new();
        for pid in pids {
            // The directory belongs to the user as whom the process acts; `ps` takes it from there too.
            let Ok(directory) = fs::symlink_metadata(self.proc.join(pid.to_string())) else { continue };
            // The status file says the same in words, which takes the kernel longest of all.
            let stat =
                open(&self.path(pid, "stat")).and_then(|file| read_command(file, &mut buffer).map(name_and_parent));
            let Ok(Some((name, parent))) = stat else { continue };
            let Ok(command) = open(&self.path(pid, "cmdline")).and_then(|file| read_command(file, &mut buffer)) else {
                continue;
            };
            let arguments = if command.is_empty() { Vec::new() } else { arguments(command) };
            let uid = directory.uid();
            all.push(ListedProcess { pid, parent, uid, name, arguments });
        }
        if all.is_empty() {
            return refused("shows no process (give the place of a proc mount with --proc)".to_owned());
        }
        all.sort_by_key(|process| process.pid);
        Observed::Present(all)
    }

    fn list(&self) -> Result<Listed, Why> {
        let refused = |error: &ProcError| {
            let (cause, detail) = match error {
                ProcError::PermissionDenied(_) => {
                    (Cause::PermissionDenied, "permission denied (run as root)".to_owned())
                }
                ProcError::NotFound(_) => {
                    (Cause::System, "not there (give the place of a proc mount with --proc)".to_owned())
                }
                ProcError::Io(error, _) => match Failure::of_io(error, PROCESSES_HINT) {
                    Failure::Unknown(cause, detail) => (cause, detail),
                    Failure::Absent => {
                        (Cause::System, "no directory (give the place of a proc mount with --proc)".to_owned())
                    }
                },
                other => (Cause::System, other.to_string()),
            };
            Why::new(cause, self.proc.display(), detail)
        };
        let mut listed = Listed { commands: Vec::new(), denied: Vec::new(), hidden: self.hidden() };
        let mut buffer = vec![0; COMMAND_LINE];
        let mut any = false;
        for process in all_processes_with_root(&self.proc).map_err(|error| refused(&error))? {
            any = true;
            // A process that is gone by now is no process of this node any more.
            let Ok(process) = process else { continue };
            let pid = process.pid();
            // Not through procfs, which would wait for whoever writes to a FIFO in a made-up proc directory.
            match open(&self.path(pid, "cmdline")).and_then(|file| read_command(file, &mut buffer)) {
                Ok([]) => {}
                Ok(command) => listed.commands.push((pid, command.to_vec())),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => listed.denied.push(pid),
                Err(_) => {}
            }
        }
        if !any {
            let detail = "shows no process (give the place of a proc mount with --proc)";
            return Err(Why::new(Cause::System, self.proc.display(), detail));
        }
        listed.commands.sort_by_key(|(pid, _)| *pid);
        Ok(listed)
    }

    /// Why processes of others are not listed, where that is so: the option `hidepid`, and that it holds for us. Every
    /// proc file system has a process 1, and who sees it sees the others too.
    ///
    /// Source: <https://docs.kernel.org/filesystems/proc.html>.
    fn hidden(&self) -> Option<Why> {
        if self.is_there(1) {
            return None;
        }
        let mounts = read_bounded(open(&self.proc.join("self/mountinfo")).ok()?, 0).ok()?;
        let place = fs::canonicalize(&self.proc).ok()?;
        let option = hiding_option(&String::from_utf8_lossy(&mounts), &place)?;
        Some(Why::new(
            Cause::PermissionDenied,
            self.proc.display(),
            format!("mounted with {option}, which hides the processes of others (run as root, with CAP_SYS_PTRACE)"),
        ))
    }

    /// Where the executable of a process lies.
    pub(super) fn executable(&self, pid: i32) -> Result<String, Failure> {
        let place = fs::read_link(self.path(pid, "exe")).map_err(|error| self.failure(pid, &error))?;
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
        for variable in self.read(pid, "environ")?.split(|byte| *byte == 0) {
            let Some(place) = variable.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = variable.split_at(place);
            if let Some(name) = names.iter().find(|wanted| wanted.as_bytes() == name) {
                // Where a variable is there twice, programs see the first.
                set.entry(name.clone()).or_insert_with(|| value.get(1..).unwrap_or_default().to_vec());
            }
        }
        Ok(set)
    }

    /// The directory that a process has as its root.
    pub(super) fn root(&self, pid: i32) -> PathBuf {
        self.path(pid, "root")
    }

    /// Whether a process is (still) there.
    pub(super) fn is_there(&self, pid: i32) -> bool {
        fs::symlink_metadata(self.proc.join(pid.to_string())).is_ok()
    }

    fn path(&self, pid: i32, file: &str) -> PathBuf {
        self.proc.join(pid.to_string()).join(file)
    }

    fn read(&self, pid: i32, name: &str) -> Result<Vec<u8>, Failure> {
        let file = open(&self.path(pid, name)).map_err(|error| self.failure(pid, &error))?;
        read_bounded(file, 0)
    }

    /// The meaning of an error: without its process, nothing of it can be known.
    fn failure(&self, pid: i32, error: &std::io::Error) -> Failure {
        match Failure::of_io(error, PROCESSES_HINT) {
            Failure::Absent if !self.is_there(pid) => Failure::vanished(),
            failure => failure,
        }
    }
}

/// The option of the proc file system at `place` that hides processes, by the lines of a `/proc/PID/mountinfo`. Of
/// several mounts at one place, the last is seen.
fn hiding_option(mounts: &str, place: &Path) -> Option<String> {
    let mount = mounts.lines().rev().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        // Blanks in paths stand as octal numbers.
        let path = before.split(' ').nth(4)?.replace("\\040", " ");
        (Path::new(&path) == place).then_some(after)
    })?;
    let mut parts = mount.split(' ');
    let is_proc = parts.next() == Some("proc");
    let option = parts.nth(1)?.split(',').find(|option| {
        option.strip_prefix("hidepid=").is_some_and(|how| ["2", "4", "invisible", "ptraceable"].contains(&how))
    })?;
    is_proc.then(|| option.to_owned())
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
        if length >= MOST_COMMAND_LINE {
            return Err(ErrorKind::FileTooLarge.into());
        }
        buffer.resize(buffer.len() * 2, 0);
    }
}

/// The name of a process and the number of its parent, as a stat file has them: `12 (etcd) S 1 …`. A name may hold
/// brackets and line breaks itself.
fn name_and_parent(stat: &[u8]) -> Option<(String, i32)> {
    let begin = stat.iter().position(|byte| *byte == b'(')? + 1;
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let name = String::from_utf8_lossy(stat.get(begin..end)?).into_owned();
    let behind = std::str::from_utf8(stat.get(end + 1..)?).ok()?;
    Some((name, behind.split_ascii_whitespace().nth(1)?.parse().ok()?))
}

/// The arguments of a command line, empty ones too: each ends with a NUL.
fn arguments(command: &[u8]) -> Vec<Vec<u8>> {
    let command = command.strip_suffix(&[0]).unwrap_or(command);
    command.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
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
