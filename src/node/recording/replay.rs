//! The recording of a real node.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::certificates::{self, Time};
use super::form::{
    Bytes, CauseName, Error, ExcerptItem, ExecutableFileItem, FilePart, Item, KindName, Lines, NodeErrors,
    PassedOverItem, ProcessItem, ProcessPart, Recording, StandingItem,
};
use crate::node::accounts;
use crate::node::subject::subject;
use probe::{
    Accounts, Answer, Bearer, Cause, Content, Entry, Excerpt, FileKind, Foreign, Form, ListedProcess, Location,
    Metadata, NOT_RECORDED, Node, Observed, Process, Processes, Question, Reason, Root, Standing,
};
use sorting::Sorting;

/// Returns the recorded answers; to all other questions the answer is that it is not recorded.
#[derive(Debug, Default)]
pub(in crate::node) struct ReplayedNode {
    /// Answers about paths.
    files: HashMap<Location, OfPath>,
    /// All other answers.
    answers: HashMap<Question, Observed<Answer>>,
    /// The names and users of processes that were asked for, and the processes that were found.
    called: BTreeSet<String>,
    users: BTreeSet<u32>,
    processes: Vec<Process>,
    passed_over: BTreeMap<Bearer, usize>,
    environments: HashMap<i32, Environment>,
}

/// The recorded answers about a path, one for each question that was asked.
#[derive(Debug, Default)]
struct OfPath {
    metadata: Option<Observed<Answer>>,
    content: Option<Observed<Answer>>,
    directory: Option<Observed<Answer>>,
    private_key: Option<Observed<Answer>>,
    certificates: Option<Observed<Answer>>,
    /// The excerpts of its content, by form.
    excerpts: BTreeMap<Form, Excerpted>,
}

/// The excerpt of a file.
#[derive(Debug)]
struct Excerpted {
    parts: BTreeSet<String>,
    bytes: Result<Vec<u8>, Error>,
}

impl OfPath {
    /// Creates the answers for a path that does not exist.
    fn absent() -> Self {
        let absent = || Some(Observed::Absent);
        Self {
            metadata: absent(),
            content: absent(),
            directory: absent(),
            private_key: absent(),
            certificates: absent(),
            excerpts: BTreeMap::new(),
        }
    }

    fn is_empty(&self) -> bool {
        let Self { metadata, content, directory, private_key, certificates, excerpts } = self;
        let is_answered = [metadata, content, directory, private_key, certificates].into_iter().any(Option::is_some);
        !is_answered && excerpts.is_empty()
    }
}

/// The recorded environment of a process.
#[derive(Debug)]
struct Environment {
    asked: BTreeSet<String>,
    set: BTreeMap<String, Vec<u8>>,
    error: Option<Error>,
}

impl ReplayedNode {
    /// Creates the node of a recording; the error says what in it is not possible.
    pub(in crate::node) fn new(recording: Recording) -> Result<Self, String> {
        refuse_synthetic(&recording)?;
        let mut node = Self::default();
        let all = recording.asked.as_ref().is_some_and(|asked| asked.all_processes);
        if let Some(asked) = recording.asked {
            node.called.extend(asked.processes);
            node.users.extend(asked.users);
        }
        if let Some(name) = recording.hostname {
            node.answer(Question::HostName, Answer::Text(name.text()));
        }
        if let Some(Time(time)) = recording.time {
            node.answer(Question::Time, Answer::Time(time));
        }
        let mut known = Accounts::default();
        if recording.passwd.is_some() || recording.group.is_some() {
            let text = |lines: Option<Lines>| lines.unwrap_or_default().text();
            known = accounts::parse(text(recording.passwd), text(recording.group))
                .ok_or_else(|| "holds more accounts than are read".to_owned())?;
            node.answer(Question::Accounts, Answer::Accounts(known.clone()));
        }
        node.take_errors(recording.errors.unwrap_or_default());
        for PassedOverItem { called, uid, because, count } in recording.passed_over {
            node.passed_over.insert(Bearer { called, uid, because: because.into() }, count);
        }
        let mut table = all.then(Vec::new);
        for process in recording.processes {
            // A process that was found only after the list was made is not in it.
            if let (Some(table), Some(listed)) = (&mut table, listed(&process)) {
                table.push(listed);
            }
            node.take_process(process)?;
        }
        if let Some(mut table) = table {
            table.order_by_key(|process| process.pid);
            node.answer(Question::AllProcesses, Answer::ProcessTable(table.into()));
        }
        node.processes.order_by_key(|process| process.pid);
        node.files.reserve(recording.dirs.len() + recording.files.len() + recording.absent.len());
        for (items, kind) in [(recording.dirs, KindName::Directory), (recording.files, KindName::File)] {
            for item in items {
                node.take_item(item, kind, &known)?;
            }
        }
        for item in recording.absent {
            node.files.insert(location(&item), OfPath::absent());
        }
        Ok(node)
    }

    fn answer(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, Observed::Present(answer));
    }

    fn refuse(&mut self, question: Question, error: Error) {
        let observed = observed(error, &question);
        self.answers.insert(question, observed);
    }

    fn take_errors(&mut self, errors: NodeErrors) {
        if let Some(error) = errors.hostname {
            self.refuse(Question::HostName, error);
        }
        if let Some(error) = errors.time {
            self.refuse(Question::Time, error);
        }
        if let Some(error) = errors.accounts {
            self.refuse(Question::Accounts, error);
        }
        if let Some(error) = errors.all_processes {
            self.refuse(Question::AllProcesses, error);
        }
        for refused in errors.processes {
            self.refuse(Question::Processes { called: refused.called, users: refused.users }, refused.error);
        }
    }

    fn take_process(&mut self, mut process: ProcessItem) -> Result<(), String> {
        let pid = process.pid.ok_or("a process has no pid")?;
        if self.environments.contains_key(&pid) {
            return Err(format!("process {pid} is listed twice"));
        }
        if let (Some(called), Some(uid)) = (process.called, process.acts_as) {
            self.processes.push(Process { pid, called, uid });
        }
        if let Some(arguments) = process.argv {
            let arguments = arguments.into_iter().map(|argument| argument.0).collect();
            self.answer(Question::Arguments(pid), Answer::Arguments(arguments));
        }
        if let Some(ExecutableFileItem { mode, uid, gid }) = process.exe_file {
            let seen = Metadata {
                kind: FileKind::File,
                mode: mode.0,
                uid,
                gid,
                size: 0,
                identity: (0, 0),
                resolved: PathBuf::new(),
            };
            self.answer(Question::ExecutableFile(pid), Answer::Metadata(seen));
        }
        if let Some(StandingItem { pid_namespaces, host_network, host_root }) = process.standing {
            let standing = Standing { pid_namespaces, host_network, host_root };
            self.answer(Question::Standing(pid), Answer::Standing(standing));
        }
        // Asked only of processes whose executable is known.
        let program_version = process.exe.as_ref().map(|exe| Question::ProgramVersion { pid, executable: exe.text() });
        if let Some(question) = program_version {
            if let Some(version) = process.program_version {
                self.answer(question.clone(), Answer::Text(version.text()));
            }
            if let Some(error) = process.errors.remove(&ProcessPart::ProgramVersion) {
                self.refuse(question, error);
            }
        }
        let texts = [
            (Question::Executable(pid), process.exe),
            (Question::CommandName(pid), process.comm),
            (Question::Cgroup(pid), process.cgroup),
            (Question::WorkingDirectory(pid), process.cwd),
        ];
        for (question, text) in texts {
            if let Some(text) = text {
                self.answer(question, Answer::Text(text.text()));
            }
        }
        for (question, part) in [
            (Question::Arguments(pid), ProcessPart::Argv),
            (Question::Executable(pid), ProcessPart::Exe),
            (Question::ExecutableFile(pid), ProcessPart::ExeFile),
            (Question::CommandName(pid), ProcessPart::Comm),
            (Question::Cgroup(pid), ProcessPart::Cgroup),
            (Question::WorkingDirectory(pid), ProcessPart::Cwd),
            (Question::Standing(pid), ProcessPart::Standing),
        ] {
            if let Some(error) = process.errors.remove(&part) {
                self.refuse(question, error);
            }
        }
        let environment = Environment {
            asked: process.env_asked.unwrap_or_default().into_iter().collect(),
            set: sorting::map(process.env.unwrap_or_default().into_iter().map(|(name, value)| (name, value.0))),
            error: process.errors.remove(&ProcessPart::Env),
        };
        self.environments.insert(pid, environment);
        Ok(())
    }

    fn take_item(&mut self, item: Item, usual: KindName, accounts: &Accounts) -> Result<(), String> {
        let location = location(&item);
        if self.files.contains_key(&location) {
            return Err(format!("{location}: is listed twice"));
        }
        let mut known = OfPath::default();
        if let Some(mode) = item.mode {
            let lacks = |what: &str| format!("{location}: has a mode but no {what}");
            let uid = item.uid.or_else(|| number(item.owner.as_deref(), &accounts.users));
            let gid = item.gid.or_else(|| number(item.group.as_deref(), &accounts.groups));
            let length = item.content.as_ref().and_then(|content| u64::try_from(content.0.len()).ok());
            let seen = Metadata {
                kind: item.kind.unwrap_or(usual).into(),
                mode: mode.0,
                uid: uid.ok_or_else(|| lacks("uid, nor an owner that passwd knows"))?,
                gid: gid.ok_or_else(|| lacks("gid, nor a group that is known"))?,
                size: item.size.or(length).unwrap_or(0),
                identity: (0, 0),
                resolved: item.resolved.as_ref().unwrap_or(&item.path).path(),
            };
            known.metadata = Some(Observed::Present(Answer::Metadata(seen)));
        }
        if let Some(bytes) = item.content {
            known.content = Some(Observed::Present(Answer::Content(Content::whole(bytes.0))));
        }
        if let Some(names) = item.entries {
            let entry = |kind: FileKind| move |name: Bytes| Entry { name: name.name(), kind };
            let mut entries: Vec<Entry> =
                names.into_iter().flat_map(|(kind, names)| names.into_iter().map(entry(kind.into()))).collect();
            entries.order();
            known.directory = Some(Observed::Present(Answer::Entries(entries)));
        }
        if let Some(truth) = item.private_key {
            known.private_key = Some(Observed::Present(Answer::Truth(truth)));
        }
        if let Some(certificates) = item.certificates {
            let held = certificates::held(certificates).map_err(|why| format!("{location}: {why}"))?;
            known.certificates = Some(Observed::Present(Answer::Certificates(held)));
        }
        for (form, ExcerptItem { parts, content, error }) in item.excerpts {
            let bytes = match (content, error) {
                (Some(bytes), None) => Ok(bytes.0),
                (None, Some(error)) => Err(error),
                _ => return Err(format!("{location}: an excerpt has either content or an error")),
            };
            known.excerpts.insert(form.into(), Excerpted { parts: parts.into_iter().collect(), bytes });
        }
        for (part, error) in item.errors {
            let (answer, question): (_, fn(Location) -> Question) = match part {
                FilePart::Metadata => (&mut known.metadata, Question::Metadata),
                FilePart::Content => (&mut known.content, Question::Content),
                FilePart::Entries => (&mut known.directory, Question::Directory),
                FilePart::PrivateKey => (&mut known.private_key, Question::PrivateKey),
                FilePart::Certificates => (&mut known.certificates, Question::Certificates),
            };
            *answer = Some(observed(error, &question(location.clone())));
        }
        if !known.is_empty() {
            self.files.insert(location, known);
        }
        Ok(())
    }
}

impl ReplayedNode {
    /// Returns the processes of these names; those of other users are counted, as on a live node.
    fn called(&self, called: &[String], users: &[u32]) -> Processes {
        let is_called = |name: &String| called.contains(name);
        let mut passed_over: BTreeMap<Bearer, usize> = self.passed_over.clone();
        passed_over.retain(|bearer, _| is_called(&bearer.called));
        let mut listed = Vec::new();
        for process in self.processes.iter().filter(|process| is_called(&process.called)) {
            if users.contains(&process.uid) {
                listed.push(process.clone());
            } else {
                let bearer = Bearer { called: process.called.clone(), uid: process.uid, because: Foreign::User };
                *passed_over.entry(bearer).or_default() += 1;
            }
        }
        Processes { listed, passed_over }
    }
}

impl Node for ReplayedNode {
    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        let whole = || self.ask(&Question::Content(location.clone()));
        let Some(known) = self.files.get(location).filter(|known| !known.excerpts.is_empty()) else { return whole() };
        let wanted = excerpt();
        match known.excerpts.get(&wanted.form) {
            Some(Excerpted { parts, bytes: Ok(bytes) }) => {
                let (bytes, unrecorded) = (bytes.clone(), wanted.beyond(parts));
                Observed::Present(Answer::Content(Content { bytes, unrecorded }))
            }
            Some(Excerpted { bytes: Err(error), .. }) => observed(error.clone(), &Question::Content(location.clone())),
            None => whole(),
        }
    }

    fn remembers(&self) -> bool {
        true
    }

    fn ask(&self, question: &Question) -> Observed<Answer> {
        let of_path = |location: &Location, of: fn(&OfPath) -> &Option<Observed<Answer>>| {
            let answer = self.files.get(location).and_then(|known| of(known).clone());
            answer.unwrap_or_else(|| not_recorded(question))
        };
        match question {
            Question::Metadata(location) => return of_path(location, |known| &known.metadata),
            Question::Content(location) => return of_path(location, |known| &known.content),
            Question::Directory(location) => return of_path(location, |known| &known.directory),
            Question::PrivateKey(location) => return of_path(location, |known| &known.private_key),
            Question::Certificates(location) => return of_path(location, |known| &known.certificates),
            _ => {}
        }
        if let Some(answer) = self.answers.get(question) {
            return answer.clone();
        }
        match question {
            Question::Processes { called, users }
                if called.iter().all(|name| self.called.contains(name))
                    && users.iter().all(|user| self.users.contains(user)) =>
            {
                Observed::Present(Answer::Processes(self.called(called, users)))
            }
            Question::Environment { pid, names } => match self.environments.get(pid) {
                Some(environment) if names.iter().all(|name| environment.asked.contains(name)) => {
                    let wanted = environment.set.iter().filter(|(name, _)| names.contains(name));
                    Observed::Present(Answer::Variables(sorting::map(
                        wanted.map(|(name, value)| (name.clone(), value.clone())),
                    )))
                }
                Some(Environment { error: Some(error), .. }) => observed(error.clone(), question),
                _ => not_recorded(question),
            },
            _ => not_recorded(question),
        }
    }
}

/// Returns a process's entry in the list of all processes.
fn listed(process: &ProcessItem) -> Option<ListedProcess> {
    Some(ListedProcess {
        pid: process.pid?,
        parent: process.parent?,
        uid: process.uid?,
        name: process.listed.as_ref()?.text(),
        arguments: process.argv.iter().flatten().map(|argument| argument.0.clone()).collect(),
    })
}

/// Returns the answer that this question was not asked when the node was recorded.
pub(super) fn not_recorded(question: &Question) -> Observed<Answer> {
    Observed::Unknown(Reason::new(Cause::NotRecorded, subject(question), NOT_RECORDED))
}

/// Converts a recorded error to an observation.
pub(super) fn observed(error: Error, question: &Question) -> Observed<Answer> {
    match error.cause.cause() {
        None => Observed::Absent,
        Some(cause) => Observed::Unknown(Reason::new(
            cause,
            error.subject.map_or_else(|| subject(question), |named| named.text()),
            error.detail.text(),
        )),
    }
}

fn location(item: &Item) -> Location {
    Location { root: item.process.map_or(Root::Node, Root::Process), path: item.path.path() }
}

/// Returns the number of an account, which may be given by name or number.
pub(super) fn number(account: Option<&str>, known: &probe::AccountList) -> Option<u32> {
    let account = account?;
    let named = known.number(account);
    named.or_else(|| account.parse().ok())
}

/// Rejects what only made-up nodes have, which would be lost silently here.
fn refuse_synthetic(recording: &Recording) -> Result<(), String> {
    let mut items = recording.dirs.iter().chain(&recording.files).chain(&recording.absent);
    let found = if recording.name.is_some() {
        "name"
    } else if !recording.executables.is_empty() {
        "executables"
    } else if recording.processes.iter().any(|process| process.cmd.is_some()) {
        "cmd"
    } else if recording.processes.iter().any(|process| process.root.is_some() || !process.hidden.is_empty()) {
        "root or hidden of a process"
    } else if items.any(|item| item.symlink.is_some() || item.json.is_some()) {
        "symlink or json"
    } else {
        return Ok(());
    };
    Err(format!("{found}: only synthetic nodes have that, and they have no form"))
}

impl Error {
    /// Returns the error of an answer; `None` if it is present.
    pub(super) fn of(observed: &Observed<Answer>, question: &Question) -> Option<Self> {
        match observed {
            Observed::Present(_) => None,
            Observed::Absent => Some(Self { cause: CauseName::Absent, subject: None, detail: Bytes::default() }),
            Observed::Unknown(why) => Some(Self {
                cause: why.cause.into(),
                subject: Some(&why.subject).filter(|named| **named != subject(question)).map(Bytes::of_text),
                detail: Bytes::of_text(&why.detail),
            }),
        }
    }
}
