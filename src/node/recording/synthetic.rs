//! A made-up node: a closed world, in which everything that is not named is absent.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::form::{
    Bytes, Error, ExecutableItem, HiddenPart, Lines, ProcessItem, ProcessPart, Recording, RootItem, StandingItem,
};
use super::replay::{not_recorded, number, observed};
use super::shell;
use super::things::{Things, id};
use crate::node::accounts;
use crate::node::errors::{Failure, PROCESSES_HINT};
use crate::node::subject::{file_system, subject};
use probe::{
    Accounts, Answer, Bearer, Cause, Foreign, ListedProcess, Location, Node, Observed, Process, Processes, Question,
    Root, Standing,
};

/// The links in `/` of Debian, which made-up nodes have.
const BASE_LINKS: [(&str, &str); 3] = [("/lib", "usr/lib"), ("/bin", "usr/bin"), ("/sbin", "usr/sbin")];

/// The number of bytes of a process's name that the kernel stores.
const NAME_BYTES: usize = 15;

/// The PID of the first process without a given one; PID 1 is init on every node.
const FIRST_PID: i32 = 2;

/// The cgroup of PID 1 under systemd.
const FIRST_CGROUP: &str = "0::/init.scope\n";

/// The user of a process without a described user: not root, which would be trusted.
const NOBODY: u32 = 65_534;

/// The `PATH` of a process without a described environment.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Answers as the described node would.
#[derive(Debug)]
pub(in crate::node) struct SyntheticNode {
    host_name: String,
    time: Option<i64>,
    accounts: Accounts,
    processes: BTreeMap<i32, SyntheticProcess>,
    things: Things,
}

#[derive(Debug)]
struct SyntheticProcess {
    arguments: Vec<Vec<u8>>,
    name: String,
    executable: Option<String>,
    cgroup: Option<String>,
    environment: BTreeMap<String, Vec<u8>>,
    uid: u32,
    effective_uid: u32,
    own_user_namespace: bool,
    standing: StandingItem,
    working_directory: Option<String>,
    /// The file system that it sees; `None` if it is the node's.
    root: Option<Things>,
    hidden: Vec<HiddenPart>,
    /// The parts that cannot be read, and why.
    errors: BTreeMap<ProcessPart, Error>,
}

impl SyntheticNode {
    /// Creates the described node; the error says what in the description is not possible.
    pub(in crate::node) fn new(recording: Recording) -> Result<Self, String> {
        refuse_asked(&recording)?;
        let accounts = described_accounts(recording.passwd, recording.group)
            .ok_or_else(|| "holds more accounts than are read".to_owned())?;
        let is_named =
            |link: &str| recording.dirs.iter().chain(&recording.files).any(|item| item.path.path() == Path::new(link));
        let links: Vec<_> = BASE_LINKS.into_iter().filter(|(link, _)| !is_named(link)).collect();
        let mut things = Things::new(Vec::new(), Vec::new(), &accounts)?;
        for (link, target) in links {
            things.link(link, target);
        }
        things.put_items(recording.dirs, recording.files, &accounts)?;
        for executable in recording.executables {
            let ExecutableItem { path, mode, owner, group, .. } = executable;
            let uid = id(&path, owner.as_deref(), &accounts.users, "user")?;
            let gid = id(&path, group.as_deref(), &accounts.groups, "group")?;
            things.put_program(&path.path(), mode.map_or(0o755, |mode| mode.0), uid, gid)?;
        }
        let host_name = recording.hostname.or(recording.name).map_or_else(|| "node".to_owned(), |name| name.text());
        let time = recording.time.map(|time| time.0);
        let mut node = Self { host_name, time, accounts, processes: BTreeMap::new(), things };
        let mut next = FIRST_PID;
        for process in recording.processes {
            node.put_process(process, &mut next)?;
        }
        Ok(node)
    }

    fn put_process(&mut self, process: ProcessItem, next: &mut i32) -> Result<(), String> {
        let arguments: Vec<Vec<u8>> = match (process.argv, process.cmd) {
            (Some(arguments), None) => arguments.into_iter().map(|argument| argument.0).collect(),
            (None, Some(line)) => shell::words(&line)
                .ok_or_else(|| format!("cmd: {line:?} has an unclosed quote"))?
                .into_iter()
                .map(String::into_bytes)
                .collect(),
            (Some(_), Some(_)) => return Err("a process has both argv and cmd".to_owned()),
            (None, None) => return Err("a process has no argv".to_owned()),
        };
        let pid = process.pid.unwrap_or(*next);
        *next = pid.checked_add(1).ok_or_else(|| format!("{pid} is not a process ID"))?;
        let mut root = match process.root {
            Some(RootItem { dirs, files }) => Some(Things::new(dirs, files, &self.accounts)?),
            None => None,
        };
        if let Some(place) = &process.exe {
            let path = PathBuf::from(running(&place.text()));
            root.as_mut().unwrap_or(&mut self.things).put_program(&path, 0o755, 0, 0)?;
        }
        let named = process.user.as_deref().map(|user| number(Some(user), &self.accounts.users).unwrap_or(NOBODY));
        let uid = process.uid.or(named).unwrap_or(0);
        let usual = || BTreeMap::from([("PATH".to_owned(), Bytes(PATH.into()))]);
        let environment =
            sorting::map(process.env.unwrap_or_else(usual).into_iter().map(|(name, value)| (name, value.0)));
        let synthetic = SyntheticProcess {
            name: process.comm.map_or_else(|| usual_name(&arguments), |name| name.text()),
            executable: process.exe.map(|place| place.text()),
            cgroup: process.cgroup.map(|lines| lines.text()),
            arguments,
            environment,
            uid,
            effective_uid: process.euid.unwrap_or(uid),
            own_user_namespace: process.userns.unwrap_or(0) == 0,
            standing: process.standing.unwrap_or_default(),
            working_directory: process.cwd.map(|place| place.text()),
            root,
            hidden: process.hidden,
            errors: process.errors,
        };
        match self.processes.insert(pid, synthetic) {
            None => Ok(()),
            Some(_) => Err(format!("process {pid} is listed twice")),
        }
    }

    /// Returns all processes, beginning with PID 1, which starts the others and is seldom described.
    fn table(&self) -> Vec<ListedProcess> {
        let (name, arguments) = ("init".to_owned(), vec![b"/sbin/init".to_vec()]);
        let first = ListedProcess { pid: 1, parent: 0, uid: 0, name, arguments };
        let described = self.processes.iter().map(|(pid, process)| ListedProcess {
            pid: *pid,
            parent: i32::from(*pid != 1),
            uid: process.uid,
            name: process.name.clone(),
            arguments: process.arguments.clone(),
        });
        let first = Some(first).filter(|_| !self.processes.contains_key(&1));
        first.into_iter().chain(described).collect()
    }

    /// Runs `look` on the file system of the node, or of a process.
    fn look(
        &self,
        question: &Question,
        location: &Location,
        look: fn(&Things, &Path) -> Result<Answer, Failure>,
    ) -> Observed<Answer> {
        let things = match location.root {
            Root::Node => &self.things,
            Root::Process(pid) => match self.processes.get(&pid) {
                None => return Failure::vanished().about(file_system(location.root)),
                Some(process) if process.hidden.contains(&HiddenPart::Root) => {
                    return denied().about(file_system(location.root));
                }
                Some(process) => process.root.as_ref().unwrap_or(&self.things),
            },
        };
        look(things, &location.path).map_or_else(|failure| failure.about(subject(question)), Observed::Present)
    }

    /// Returns the processes of these names; those of other users are counted.
    fn called(&self, called: &[String], users: &[u32]) -> Processes {
        let mut processes = Processes::default();
        for (pid, process) in &self.processes {
            let name = called_so(&process.arguments);
            if !called.contains(&name) {
                continue;
            }
            let because = if !process.own_user_namespace {
                Foreign::UserNamespace
            } else if process.uid != process.effective_uid {
                Foreign::EffectiveUser
            } else if !users.contains(&process.uid) {
                Foreign::User
            } else {
                processes.listed.push(Process { pid: *pid, called: name, uid: process.uid });
                continue;
            };
            *processes.passed_over.entry(Bearer { called: name, uid: process.uid, because }).or_default() += 1;
        }
        processes
    }

    /// Answers a question about a part of a process.
    fn of_process(
        &self,
        question: &Question,
        pid: i32,
        part: ProcessPart,
        of: impl FnOnce(&SyntheticProcess) -> Option<Answer>,
    ) -> Observed<Answer> {
        match self.processes.get(&pid) {
            Some(SyntheticProcess { errors, .. }) if let Some(error) = errors.get(&part) => {
                observed(error.clone(), question)
            }
            Some(process) => of(process).map_or_else(|| not_recorded(question), Observed::Present),
            None => Failure::vanished().about(subject(question)),
        }
    }

    /// Answers a question about a link of a process, which may be hidden.
    fn link(
        &self,
        question: &Question,
        pid: i32,
        part: (ProcessPart, HiddenPart),
        of: impl FnOnce(&SyntheticProcess) -> Option<Answer>,
    ) -> Observed<Answer> {
        match self.processes.get(&pid) {
            Some(process) if process.hidden.contains(&part.1) => denied().about(subject(question)),
            // If the link cannot be read, neither can its target.
            Some(SyntheticProcess { errors, .. })
                if part.1 == HiddenPart::Exe
                    && let Some(error) = errors.get(&ProcessPart::Exe) =>
            {
                observed(error.clone(), question)
            }
            _ => self.of_process(question, pid, part.0, of),
        }
    }
}

impl Node for SyntheticNode {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::HostName => Observed::Present(Answer::Text(self.host_name.clone())),
            Question::Accounts => accounts::look(self, Some(&self.accounts))
                .map_or_else(Observed::Unknown, |all| Observed::Present(Answer::Accounts(all))),
            Question::Processes { called, users } => Observed::Present(Answer::Processes(self.called(called, users))),
            Question::AllProcesses => Observed::Present(Answer::ProcessTable(self.table().into())),
            Question::Arguments(pid) => self.of_process(question, *pid, ProcessPart::Argv, |process| {
                Some(Answer::Arguments(process.arguments.clone()))
            }),
            Question::Executable(pid) => self.link(question, *pid, (ProcessPart::Exe, HiddenPart::Exe), |process| {
                process.executable.as_ref().map(|path| Answer::Text(running(path).to_owned()))
            }),
            Question::ExecutableFile(pid) => {
                self.link(question, *pid, (ProcessPart::ExeFile, HiddenPart::Exe), |process| {
                    let path = PathBuf::from(running(process.executable.as_ref()?));
                    process.root.as_ref().unwrap_or(&self.things).metadata(&path).ok()
                })
            }
            // A description does not contain the output of programs.
            Question::ProgramVersion { pid, .. } => {
                self.of_process(question, *pid, ProcessPart::ProgramVersion, |_| None)
            }
            Question::WorkingDirectory(pid) => {
                self.link(question, *pid, (ProcessPart::Cwd, HiddenPart::Cwd), |process| {
                    process.working_directory.clone().map(Answer::Text)
                })
            }
            Question::Standing(pid) => self.of_process(question, *pid, ProcessPart::Standing, |process| {
                let StandingItem { pid_namespaces, host_network, host_root } = process.standing;
                let own_root = (!process.hidden.contains(&HiddenPart::Root)).then_some(process.root.is_none());
                Some(Answer::Standing(Standing {
                    pid_namespaces: pid_namespaces.or(Some(1)),
                    host_network,
                    host_root: host_root.or(own_root),
                }))
            }),
            Question::CommandName(pid) => {
                self.of_process(question, *pid, ProcessPart::Comm, |process| Some(Answer::Text(process.name.clone())))
            }
            // PID 1 is seldom described, but exists on every node.
            Question::Cgroup(1) if !self.processes.contains_key(&1) => {
                Observed::Present(Answer::Text(FIRST_CGROUP.to_owned()))
            }
            Question::Cgroup(pid) => {
                self.of_process(question, *pid, ProcessPart::Cgroup, |process| process.cgroup.clone().map(Answer::Text))
            }
            Question::Environment { pid, names } => self.of_process(question, *pid, ProcessPart::Env, |process| {
                let wanted = process.environment.iter().filter(|(name, _)| names.contains(name));
                Some(Answer::Variables(sorting::map(wanted.map(|(name, value)| (name.clone(), value.clone())))))
            }),
            Question::Metadata(location) => self.look(question, location, Things::metadata),
            Question::Content(location) => self.look(question, location, Things::content),
            Question::Directory(location) => self.look(question, location, Things::entries),
            Question::PrivateKey(location) => self.look(question, location, Things::private_key),
            Question::Certificates(location) => self.look(question, location, Things::certificates),
            Question::Time => {
                self.time.map_or_else(|| not_recorded(question), |time| Observed::Present(Answer::Time(time)))
            }
        }
    }
}

/// Returns the described accounts, preceded by root, which every node has.
fn described_accounts(passwd: Option<Lines>, group: Option<Lines>) -> Option<Accounts> {
    let text = |lines: Option<Lines>| [b"root:x:0:\n".to_vec(), lines.unwrap_or_default().text()].concat();
    accounts::parse(text(passwd), text(group))
}

/// Returns the failure for parts of a process that only its tracers may see.
fn denied() -> Failure {
    Failure::Unknown(Cause::PermissionDenied, PROCESSES_HINT.to_owned())
}

/// Returns the path of an executable, without the kernel's suffix for one that was removed.
fn running(path: &str) -> &str {
    path.strip_suffix(" (deleted)").unwrap_or(path)
}

/// Returns the file name of the first argument.
fn called_so(arguments: &[Vec<u8>]) -> String {
    let first = arguments.first().map_or(&[][..], Vec::as_slice);
    String::from_utf8_lossy(first.rsplit(|byte| *byte == b'/').next().unwrap_or_default()).into_owned()
}

/// Returns the name that the kernel would store: the file name of the program, without what some programs append to it.
fn usual_name(arguments: &[Vec<u8>]) -> String {
    let first = arguments.first().map_or(&[][..], Vec::as_slice);
    let program = first.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    let program = program.strip_suffix(b":").unwrap_or(program);
    let name = Path::new(std::ffi::OsStr::from_bytes(program)).file_name().map_or(&b"proc"[..], OsStrExt::as_bytes);
    String::from_utf8_lossy(name.get(..NAME_BYTES).unwrap_or(name)).into_owned()
}

/// Rejects what only recordings of real nodes have, which would be lost silently here.
fn refuse_asked(recording: &Recording) -> Result<(), String> {
    let mut items = recording.dirs.iter().chain(&recording.files).chain(&recording.absent);
    let mut processes = recording.processes.iter();
    let found = if recording.asked.is_some() {
        "asked"
    } else if recording.errors.is_some() || items.clone().any(|item| !item.errors.is_empty()) {
        "errors"
    } else if !recording.passed_over.is_empty() {
        "passed_over"
    } else if processes
        .clone()
        .any(|process| process.called.is_some() || process.exe_file.is_some() || process.program_version.is_some())
    {
        "called, exe_file or program_version"
    } else if processes.any(|process| process.env_asked.is_some()) {
        "env_asked"
    } else if items.clone().any(|item| item.process.is_some()) {
        "process"
    } else if items.any(|item| {
        item.entries.is_some() || item.resolved.is_some() || item.private_key.is_some() || !item.excerpts.is_empty()
    }) {
        "entries, resolved, private_key or excerpts"
    } else {
        return Ok(());
    };
    Err(format!("{found}: only recordings have that, and they begin with form: {}", super::FORM))
}
