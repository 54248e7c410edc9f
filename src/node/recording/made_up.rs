//! A made-up node: a closed world, in which what is not named is not there.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::asked::{not_recorded, number, observed};
use super::form::{Bytes, Error, ExecutableItem, Item, KindName, Lines, Mode, ProcessItem, ProcessPart, Recording};
use super::shell;
use crate::node::accounts;
use crate::node::errors::Failure;
use crate::node::root::MOST_BYTES;
use crate::node::subject::{file_system, subject};
use crate::probe::{
    Account, Accounts, Answer, Cause, Content, Entry, FileKind, ListedProcess, Location, Metadata, Node, Observed,
    Process, Question, Root,
};

/// The links that lie in `/` of Debian, on which made-up nodes are put.
const BASE_LINKS: [(&str, &str); 3] = [("/lib", "usr/lib"), ("/bin", "usr/bin"), ("/sbin", "usr/sbin")];

/// As many links as the kernel follows for one path.
const MOST_LINKS: usize = 40;

/// The bytes that the kernel keeps of a process's name.
const NAME_BYTES: usize = 15;

/// The number of the first process that is given none: 1 is the init of all nodes.
const FIRST_PID: i32 = 2;

/// The environment of a process that is given none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Answers as the node that its description describes would.
#[derive(Debug)]
pub(in crate::node) struct MadeUpNode {
    host_name: String,
    accounts: Accounts,
    processes: BTreeMap<i32, MadeUpProcess>,
    things: BTreeMap<PathBuf, Thing>,
}

#[derive(Debug)]
struct MadeUpProcess {
    arguments: Vec<Vec<u8>>,
    name: String,
    executable: Option<String>,
    cgroup: Option<String>,
    environment: BTreeMap<String, Vec<u8>>,
    uid: u32,
    /// What of it cannot be read.
    errors: BTreeMap<ProcessPart, Error>,
}

/// What lies at a path.
#[derive(Debug)]
enum Thing {
    Link(PathBuf),
    Other { kind: FileKind, mode: u32, uid: u32, gid: u32, held: Held },
}

/// What a file holds.
#[derive(Debug)]
enum Held {
    /// These bytes, and zeros after them up to `size`.
    Bytes { bytes: Vec<u8>, size: u64 },
    /// Nobody said.
    Undescribed,
}

impl MadeUpNode {
    /// The node that is described, or what in it cannot be.
    pub(in crate::node) fn new(recording: Recording) -> Result<Self, String> {
        refuse_asked(&recording)?;
        let mut node = Self {
            host_name: recording.hostname.or(recording.name).map_or_else(|| "node".to_owned(), |name| name.text()),
            accounts: described_accounts(recording.passwd, recording.group),
            processes: BTreeMap::new(),
            things: BTreeMap::new(),
        };
        node.things.insert(PathBuf::from("/"), directory(0o755, 0, 0));
        for (link, target) in BASE_LINKS {
            let named = recording.dirs.iter().chain(&recording.files).any(|item| item.path.path() == Path::new(link));
            if !named {
                node.things.insert(PathBuf::from(link), Thing::Link(PathBuf::from(target)));
            }
        }
        for (items, kind) in [(recording.dirs, KindName::Directory), (recording.files, KindName::File)] {
            for item in items {
                node.put_item(item, kind)?;
            }
        }
        for executable in recording.executables {
            let ExecutableItem { path, mode, owner, group, .. } = executable;
            let (uid, gid) = (node.uid(&path, owner.as_deref())?, node.gid(&path, group.as_deref())?);
            let mode = mode.map_or(0o755, |mode| mode.0);
            node.put(&path.path(), Thing::Other { kind: FileKind::File, mode, uid, gid, held: Held::Undescribed })?;
        }
        let mut next = FIRST_PID;
        for process in recording.processes {
            node.put_process(process, &mut next)?;
        }
        Ok(node)
    }

    fn put_item(&mut self, item: Item, usual: KindName) -> Result<(), String> {
        let path = item.path.path();
        if let Some(target) = item.symlink {
            return self.put(&path, Thing::Link(target.path()));
        }
        let (uid, gid) = match (item.uid, item.gid) {
            (Some(uid), Some(gid)) => (uid, gid),
            (uid, gid) => (
                uid.map_or_else(|| self.uid(&item.path, item.owner.as_deref()), Ok)?,
                gid.map_or_else(|| self.gid(&item.path, item.group.as_deref()), Ok)?,
            ),
        };
        let kind = FileKind::from(item.kind.unwrap_or(usual));
        if kind == FileKind::Link {
            return Err(format!("{}: is a link without symlink:, where it leads", path.display()));
        }
        let usual_mode = if kind == FileKind::Directory { 0o755 } else { 0o644 };
        let mode = item.mode.map_or(usual_mode, |Mode(mode)| mode);
        let bytes = match (item.content, item.json) {
            (Some(_), Some(_)) => return Err(format!("{}: has both content and json", path.display())),
            (Some(Bytes(bytes)), None) => bytes,
            (None, Some(tree)) => {
                serde_json::to_string_pretty(&tree).map(|text| text + "\n").map_err(|error| error.to_string())?.into()
            }
            (None, None) => Vec::new(),
        };
        let size = item.size.filter(|size| *size > 0).or_else(|| u64::try_from(bytes.len()).ok()).unwrap_or(u64::MAX);
        self.put(&path, Thing::Other { kind, mode, uid, gid, held: Held::Bytes { bytes, size } })
    }

    fn put_process(&mut self, process: ProcessItem, next: &mut i32) -> Result<(), String> {
        let arguments: Vec<Vec<u8>> = match (process.argv, process.cmd) {
            (Some(arguments), None) => arguments.into_iter().map(|argument| argument.0).collect(),
            (None, Some(line)) => shell::words(&line)
                .ok_or_else(|| format!("cmd: {line:?} has a quote that is not closed"))?
                .into_iter()
                .map(String::into_bytes)
                .collect(),
            (Some(_), Some(_)) => return Err("a process has both argv and cmd".to_owned()),
            (None, None) => return Err("a process has no argv".to_owned()),
        };
        let pid = process.pid.unwrap_or(*next);
        *next = pid.checked_add(1).ok_or_else(|| format!("{pid} is no number of a process"))?;
        if let Some(place) = &process.exe {
            let path = place.path();
            if !matches!(self.find(&path), Ok((_, Thing::Other { .. }))) {
                let held = Held::Undescribed;
                self.put(&path, Thing::Other { kind: FileKind::File, mode: 0o755, uid: 0, gid: 0, held })?;
            }
        }
        // A user whom nobody described is as good as any other for what is asked of a process.
        let uid = number(process.user.as_deref(), &self.accounts.users).unwrap_or(0);
        let usual = || BTreeMap::from([("PATH".to_owned(), Bytes(PATH.into()))]);
        let environment = process.env.unwrap_or_else(usual).into_iter().map(|(name, value)| (name, value.0)).collect();
        let made_up = MadeUpProcess {
            name: process.comm.map_or_else(|| usual_name(&arguments), |name| name.text()),
            executable: process.exe.map(|place| place.text()),
            cgroup: process.cgroup.map(|lines| lines.text()),
            arguments,
            environment,
            uid,
            errors: process.errors,
        };
        match self.processes.insert(pid, made_up) {
            None => Ok(()),
            Some(_) => Err(format!("process {pid} is there twice")),
        }
    }

    /// Puts a thing at a path; directories on the way that nobody named are made.
    fn put(&mut self, path: &Path, thing: Thing) -> Result<(), String> {
        let refused = |why: &str| format!("{}: {why}", path.display());
        if !path.is_absolute() {
            return Err(refused("is no absolute path"));
        }
        let mut parent = PathBuf::from("/");
        let mut steps = steps(path);
        let Some(name) = steps.pop_back() else {
            self.things.insert(parent, thing);
            return Ok(());
        };
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            if step == ".." {
                parent.pop();
                continue;
            }
            let place = parent.join(&step);
            match self.things.entry(place.clone()).or_insert_with(|| directory(0o755, 0, 0)) {
                Thing::Link(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(refused("lies behind links that lead in a circle"));
                    }
                    follow(target, &mut parent, &mut steps);
                }
                Thing::Other { kind: FileKind::Directory, .. } => parent = place,
                Thing::Other { .. } => return Err(refused("lies below something that is no directory")),
            }
        }
        if name == ".." {
            return Err(refused("ends in .., which is no name"));
        }
        self.things.insert(parent.join(name), thing);
        Ok(())
    }

    /// What a path leads to, links followed, and where that lies.
    fn find(&self, path: &Path) -> Result<(PathBuf, &Thing), Failure> {
        let mut place = PathBuf::from("/");
        let mut found = self.things.get(&place).ok_or(Failure::Absent)?;
        let mut steps = steps(path);
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            if !matches!(found, Thing::Other { kind: FileKind::Directory, .. }) {
                return Err(Failure::Absent);
            }
            let next =
                if step == ".." { place.parent().unwrap_or(Path::new("/")).to_owned() } else { place.join(&step) };
            match self.things.get(&next).ok_or(Failure::Absent)? {
                Thing::Link(target) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Failure::Unknown(Cause::LinkLoop, "links lead in a circle".to_owned()));
                    }
                    follow(target, &mut place, &mut steps);
                    found = self.things.get(&place).ok_or(Failure::Absent)?;
                }
                other @ Thing::Other { .. } => {
                    found = other;
                    place = next;
                }
            }
        }
        Ok((place, found))
    }

    fn metadata(&self, path: &Path) -> Result<Answer, Failure> {
        let (resolved, thing) = self.find(path)?;
        let Thing::Other { kind, mode, uid, gid, held } = thing else { return Err(Failure::Absent) };
        let size = match held {
            Held::Bytes { size, .. } => *size,
            Held::Undescribed => 0,
        };
        let (kind, mode, uid, gid) = (*kind, *mode, *uid, *gid);
        Ok(Answer::Metadata(Metadata { kind, mode, uid, gid, size, identity: (0, 0), resolved }))
    }

    fn content(&self, path: &Path) -> Result<Answer, Failure> {
        let (_, thing) = self.find(path)?;
        let Thing::Other { kind, held, .. } = thing else { return Err(Failure::Absent) };
        if *kind != FileKind::File {
            return Err(Failure::not_a_file(*kind));
        }
        match held {
            Held::Bytes { size, .. } if *size > MOST_BYTES => Err(Failure::too_large(*size)),
            Held::Bytes { bytes, size } => {
                let mut bytes = bytes.clone();
                // Not larger than the bound, as was just seen.
                bytes.resize(usize::try_from(*size).unwrap_or(0), 0);
                Ok(Answer::Content(Content { bytes }))
            }
            Held::Undescribed => Err(Failure::Unknown(Cause::NotRecorded, "its content is not described".to_owned())),
        }
    }

    fn entries(&self, path: &Path) -> Result<Answer, Failure> {
        let (place, thing) = self.find(path)?;
        match thing {
            Thing::Other { kind: FileKind::Directory, .. } => {}
            Thing::Other { kind, .. } => return Err(Failure::not_a_directory(*kind)),
            Thing::Link(_) => return Err(Failure::Absent),
        }
        let below = self.things.iter().filter(|(path, _)| path.parent() == Some(&place));
        let mut entries: Vec<Entry> = below
            .filter_map(|(path, thing)| {
                let kind = match thing {
                    Thing::Link(_) => FileKind::Link,
                    Thing::Other { kind, .. } => *kind,
                };
                Some(Entry { name: path.file_name()?.to_owned(), kind })
            })
            .collect();
        entries.sort();
        Ok(Answer::Entries(entries))
    }

    /// All processes; the first, which starts the others and is seldom described, is put before them.
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

    /// Looks into the one file system that the node and its processes share.
    fn look(
        &self,
        question: &Question,
        location: &Location,
        look: fn(&Self, &Path) -> Result<Answer, Failure>,
    ) -> Observed<Answer> {
        match location.root {
            Root::Process(pid) if !self.processes.contains_key(&pid) => {
                Failure::vanished().about(file_system(location.root))
            }
            _ => look(self, &location.path).map_or_else(|failure| failure.about(subject(question)), Observed::Present),
        }
    }

    /// Something of a process.
    fn of_process(
        &self,
        question: &Question,
        pid: i32,
        part: ProcessPart,
        of: impl FnOnce(&MadeUpProcess) -> Option<Answer>,
    ) -> Observed<Answer> {
        match self.processes.get(&pid) {
            Some(MadeUpProcess { errors, .. }) if let Some(error) = errors.get(&part) => {
                observed(error.clone(), question)
            }
            Some(process) => of(process).map_or_else(|| not_recorded(question), Observed::Present),
            None => Failure::vanished().about(subject(question)),
        }
    }

    fn uid(&self, path: &Bytes, owner: Option<&str>) -> Result<u32, String> {
        id(path, owner, &self.accounts.users, "user")
    }

    fn gid(&self, path: &Bytes, group: Option<&str>) -> Result<u32, String> {
        id(path, group, &self.accounts.groups, "group")
    }
}

impl Node for MadeUpNode {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::HostName => Observed::Present(Answer::Text(self.host_name.clone())),
            Question::Accounts => Observed::Present(Answer::Accounts(self.accounts.clone())),
            Question::Processes { called } => {
                let processes = self.processes.iter();
                let processes = processes.map(|(pid, it)| Process { pid: *pid, arguments: it.arguments.clone() });
                Observed::Present(Answer::Processes(
                    processes.filter(|process| called.contains(&process.called())).collect(),
                ))
            }
            Question::AllProcesses => Observed::Present(Answer::ProcessTable(self.table().into())),
            Question::Executable(pid) => {
                // A recording may hold the kernel's own words for an executable that is no longer on the disk.
                let path = |path: &String| path.strip_suffix(" (deleted)").unwrap_or(path).to_owned();
                self.of_process(question, *pid, ProcessPart::Exe, |process| {
                    process.executable.as_ref().map(path).map(Answer::Text)
                })
            }
            Question::CommandName(pid) => {
                self.of_process(question, *pid, ProcessPart::Comm, |process| Some(Answer::Text(process.name.clone())))
            }
            Question::Cgroup(pid) => {
                self.of_process(question, *pid, ProcessPart::Cgroup, |process| process.cgroup.clone().map(Answer::Text))
            }
            Question::Environment { pid, names } => self.of_process(question, *pid, ProcessPart::Env, |process| {
                let wanted = process.environment.iter().filter(|(name, _)| names.contains(name));
                Some(Answer::Variables(wanted.map(|(name, value)| (name.clone(), value.clone())).collect()))
            }),
            Question::Metadata(location) => self.look(question, location, Self::metadata),
            Question::Content(location) => self.look(question, location, Self::content),
            Question::Directory(location) => self.look(question, location, Self::entries),
            Question::PrivateKey(location) => self.look(question, location, Self::content).map(|answer| match answer {
                Answer::Content(content) => Answer::Truth(content.holds_private_key()),
                other => other,
            }),
        }
    }
}

/// Goes on at the target of a link that lies in `parent`.
fn follow(target: &Path, parent: &mut PathBuf, rest: &mut VecDeque<OsString>) {
    if target.is_absolute() {
        *parent = PathBuf::from("/");
    }
    for step in steps(target).into_iter().rev() {
        rest.push_front(step);
    }
}

/// The names in a path, `..` among them.
fn steps(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

fn directory(mode: u32, uid: u32, gid: u32) -> Thing {
    Thing::Other { kind: FileKind::Directory, mode, uid, gid, held: Held::Undescribed }
}

/// The described accounts, and root before them, whom every node has.
fn described_accounts(passwd: Option<Lines>, group: Option<Lines>) -> Accounts {
    let text = |lines: Option<Lines>| [b"root:x:0:\n".to_vec(), lines.unwrap_or_default().text()].concat();
    accounts::parse(&text(passwd), &text(group))
}

fn id(path: &Bytes, account: Option<&str>, known: &[Account], what: &str) -> Result<u32, String> {
    let Some(name) = account else { return Ok(0) };
    number(Some(name), known)
        .ok_or_else(|| format!("{}: there is no {what} {name:?} on this node", path.path().display()))
}

/// The name that the kernel would keep: the file name of the program, without what some programs write behind it.
fn usual_name(arguments: &[Vec<u8>]) -> String {
    let first = arguments.first().map_or(&[][..], Vec::as_slice);
    let program = first.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    let program = program.strip_suffix(b":").unwrap_or(program);
    let name = Path::new(std::ffi::OsStr::from_bytes(program)).file_name().map_or(&b"proc"[..], OsStrExt::as_bytes);
    String::from_utf8_lossy(name.get(..NAME_BYTES).unwrap_or(name)).into_owned()
}

/// What only recordings of real nodes have would be lost silently here.
fn refuse_asked(recording: &Recording) -> Result<(), String> {
    let mut items = recording.dirs.iter().chain(&recording.files).chain(&recording.absent);
    let mut processes = recording.processes.iter();
    let found = if recording.asked.is_some() {
        "asked"
    } else if recording.errors.is_some() || items.clone().any(|item| !item.errors.is_empty()) {
        "errors"
    } else if processes.any(|process| process.env_asked.is_some()) {
        "env_asked"
    } else if items.clone().any(|item| item.process.is_some()) {
        "process"
    } else if items.any(|item| item.entries.is_some() || item.resolved.is_some() || item.private_key.is_some()) {
        "entries, resolved or private_key"
    } else {
        return Ok(());
    };
    Err(format!("{found}: only recordings have that, which begin with form: {}", super::FORM))
}
