//! Recording of the answers of a node.

use std::collections::{BTreeMap, BTreeSet};

use redact::content::{self, Unmaskable};
use redact::mask_text;
use sorting::Sorting;

use super::certificates::{self, Time};
use super::form::{
    Asked, Bytes, Error, ExcerptItem, ExecutableFileItem, FilePart, ForeignName, Item, KindName, Lines, Mode,
    NodeErrors, PassedOverItem, ProcessItem, ProcessPart, ProcessesError, Recording, StandingItem, is_plain,
};
use crate::node::memory::{Remembered, TOO_LARGE};
use crate::node::subject::subject;
use probe::{
    AccountList, Accounts, Answer, Bearer, Cause, Content, Entry, Excerpt, FileKind, ListedProcess, Location, Metadata,
    Node, Observed, Process, Processes, Question, Reason, Root, Standing, UNTOLD,
};

/// Reduces a file to the parts that were read, or returns why that is not possible.
pub type Cut<'a> = dyn Fn(&Location, &Excerpt, &[u8]) -> Result<Vec<u8>, Reason> + 'a;

/// What a recording may contain: no more of a node than its findings are based on.
pub struct Kept<'a> {
    /// Reduces a file's content to the parts that were read, or returns why that is not possible.
    pub excerpt: &'a Cut<'a>,
    /// Reduces a command line to the arguments that are read.
    pub arguments: &'a dyn Fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>,
    /// Reduces a variable's value to the parts that are read, given its name.
    pub variable: &'a dyn Fn(&str, &[u8]) -> Vec<u8>,
    /// Names or numbers of accounts that are kept even if they own nothing that was observed.
    pub accounts: &'a BTreeSet<String>,
    /// Whether files that were read as a whole, command lines and accounts are kept whole, as rule files read them.
    /// Likely secrets are masked.
    pub whole: bool,
}

/// Records the questions that `node` was asked, and their answers, as far as they may be kept. Of files only what was
/// read with [`Node::read`] is kept.
pub fn record<N: Node>(node: &Remembered<N>, kept: &Kept<'_>) -> Recording {
    let mut writer = Writer::of(kept);
    let noted = node.noted();
    for question in node.questions() {
        let is_kept = |location: &Location| kept.whole && noted.whole.contains(location);
        if matches!(&question, Question::Content(location) if !is_kept(location) && node.holds(&question)) {
            continue;
        }
        let Some(observed) = node.known(&question) else { continue };
        // What an older recording lacks stays missing; the reason why it was not recorded is kept. What was not allowed
        // was not asked.
        let is_not_held =
            |why: &Reason| why.cause == Cause::NotAllowed || (why.cause == Cause::NotRecorded && why.detail != UNTOLD);
        if !matches!(&observed, Observed::Unknown(why) if is_not_held(why)) {
            writer.take(&question, observed);
        }
    }
    for (location, forms) in &noted.excerpts {
        for (form, parts) in forms {
            writer.excerpt(node, location, &Excerpt { form: *form, parts: parts.clone() });
        }
    }
    let (recording, is_incomplete) = writer.finish();
    if is_incomplete {
        node.leave_out();
    }
    recording
}

/// A recording under construction.
struct Writer<'k> {
    kept: &'k Kept<'k>,
    /// The UIDs and GIDs that were observed.
    seen: BTreeSet<u32>,
    recording: Recording,
    accounts: Accounts,
    asked: Asked,
    errors: NodeErrors,
    processes: BTreeMap<i32, ProcessItem>,
    /// Items by path, with the results of the questions about each.
    items: BTreeMap<Location, Found>,
    /// The remaining bytes for excerpts, and whether something did not fit.
    room: usize,
    is_incomplete: bool,
}

/// The maximum bytes of all excerpts in a recording, and of one excerpt: those of an ordinary node have a hundredth of
/// it.
const ROOM: usize = 4 << 20;
const LARGEST: usize = 1 << 20;

/// The number of users or groups up to which accounts that own nothing observed are recorded.
const MOST_ACCOUNTS: usize = 10_000;

#[derive(Default)]
struct Found {
    item: Item,
    metadata: Option<Metadata>,
    is_present: bool,
    errors: BTreeMap<FilePart, Error>,
}

impl<'k> Writer<'k> {
    fn of(kept: &'k Kept<'k>) -> Self {
        Self {
            kept,
            seen: BTreeSet::new(),
            recording: Recording::default(),
            accounts: Accounts::default(),
            asked: Asked::default(),
            errors: NodeErrors::default(),
            processes: BTreeMap::new(),
            items: BTreeMap::new(),
            room: ROOM,
            is_incomplete: false,
        }
    }

    fn take(&mut self, question: &Question, observed: Observed<Answer>) {
        let observed = without_secrets(question, observed);
        let error = Error::of(&observed, question);
        let answer = observed.present();
        match question {
            Question::HostName => match answer {
                Some(Answer::Text(name)) => self.recording.hostname = Some(Bytes::of_text(mask_text(&name))),
                _ => self.errors.hostname = error,
            },
            Question::Accounts => match answer {
                Some(Answer::Accounts(accounts)) => self.accounts(accounts),
                _ => self.errors.accounts = error,
            },
            Question::Processes { called, users } => match (answer, error) {
                (Some(Answer::Processes(processes)), _) => self.processes(called, users, processes),
                (_, Some(error)) => {
                    let (called, users) = (called.clone(), users.clone());
                    self.errors.processes.push(ProcessesError { called, users, error });
                }
                (_, None) => {}
            },
            Question::AllProcesses => match answer {
                Some(Answer::ProcessTable(processes)) => self.table(&processes),
                _ => self.errors.all_processes = error,
            },
            Question::Arguments(pid) => match (answer, error) {
                (Some(Answer::Arguments(arguments)), _) => self.arguments(*pid, arguments),
                (_, error) => self.unknown(*pid, ProcessPart::Argv, error),
            },
            Question::ExecutableFile(pid) => match (answer, error) {
                (Some(Answer::Metadata(Metadata { mode, uid, gid, .. })), _) => {
                    self.seen.extend([uid, gid]);
                    self.process(*pid).exe_file = Some(ExecutableFileItem { mode: Mode(mode), uid, gid });
                }
                (_, error) => self.unknown(*pid, ProcessPart::ExeFile, error),
            },
            Question::Standing(pid) => match (answer, error) {
                (Some(Answer::Standing(Standing { pid_namespaces, host_network, host_root })), _) => {
                    self.process(*pid).standing = Some(StandingItem { pid_namespaces, host_network, host_root });
                }
                (_, error) => self.unknown(*pid, ProcessPart::Standing, error),
            },
            Question::WorkingDirectory(pid) => self.text(*pid, ProcessPart::Cwd, answer, error),
            Question::Executable(pid) => self.text(*pid, ProcessPart::Exe, answer, error),
            Question::ProgramVersion { pid, .. } => self.text(*pid, ProcessPart::ProgramVersion, answer, error),
            Question::CommandName(pid) => self.text(*pid, ProcessPart::Comm, answer, error),
            Question::Cgroup(pid) => self.text(*pid, ProcessPart::Cgroup, answer, error),
            Question::Environment { pid, names } => match (answer, error) {
                (Some(Answer::Variables(set)), _) => self.variables(*pid, names, set),
                (_, Some(error)) => {
                    self.process(*pid).errors.insert(ProcessPart::Env, error);
                }
                (_, None) => {}
            },
            Question::Metadata(location) => self.location(location, FilePart::Metadata, answer, error),
            Question::Content(location) => self.location(location, FilePart::Content, answer, error),
            Question::Directory(location) => self.location(location, FilePart::Entries, answer, error),
            Question::PrivateKey(location) => self.location(location, FilePart::PrivateKey, answer, error),
            Question::Certificates(location) => self.location(location, FilePart::Certificates, answer, error),
            Question::Time => match answer {
                Some(Answer::Time(time)) => self.recording.time = Some(Time(time)),
                _ => self.errors.time = error,
            },
        }
    }

    fn accounts(&mut self, accounts: Accounts) {
        (self.recording.passwd, self.recording.group) = (Some(Lines::default()), Some(Lines::default()));
        self.accounts = accounts;
    }

    fn process(&mut self, pid: i32) -> &mut ProcessItem {
        self.processes.entry(pid).or_insert_with(|| ProcessItem { pid: Some(pid), ..ProcessItem::default() })
    }

    fn processes(&mut self, called: &[String], users: &[u32], processes: Processes) {
        self.asked.processes.extend(called.iter().cloned());
        // Later questions ask for more users, and their answers include those of the earlier ones.
        if users.len() >= self.asked.users.len() {
            self.asked.users = users.to_vec();
            let item = |(Bearer { called, uid, because }, count)| PassedOverItem {
                called,
                uid,
                because: ForeignName::from(because),
                count,
            };
            self.recording.passed_over = processes.passed_over.into_iter().map(item).collect();
        }
        for Process { pid, called, uid } in processes.listed {
            let process = self.process(pid);
            (process.called, process.acts_as) = (Some(called), Some(uid));
        }
    }

    fn arguments(&mut self, pid: i32, arguments: Vec<Vec<u8>>) {
        let kept = if self.kept.whole { content::arguments(arguments) } else { (self.kept.arguments)(arguments) };
        self.process(pid).argv = Some(kept.into_iter().map(Bytes).collect());
    }

    /// Records that a part of a process is unknown, and why.
    fn unknown(&mut self, pid: i32, part: ProcessPart, error: Option<Error>) {
        self.process(pid).errors.extend(error.map(|error| (part, error)));
    }

    fn table(&mut self, processes: &[ListedProcess]) {
        self.asked.all_processes = true;
        for ListedProcess { pid, parent, uid, name, arguments } in processes {
            self.arguments(*pid, arguments.clone());
            let process = self.process(*pid);
            process.parent = Some(*parent);
            process.uid = Some(*uid);
            process.listed = Some(Bytes::of_text(name.clone()));
        }
    }

    fn text(&mut self, pid: i32, part: ProcessPart, answer: Option<Answer>, error: Option<Error>) {
        let process = self.process(pid);
        match (answer, error) {
            (Some(Answer::Text(text)), _) => match part {
                ProcessPart::Exe => process.exe = Some(Bytes::of_text(text)),
                ProcessPart::ProgramVersion => process.program_version = Some(Bytes::of_text(text)),
                ProcessPart::Comm => process.comm = Some(Bytes::of_text(text)),
                ProcessPart::Cgroup => process.cgroup = Some(Bytes::of_text(text)),
                ProcessPart::Cwd => process.cwd = Some(Bytes::of_text(text)),
                ProcessPart::Argv | ProcessPart::ExeFile | ProcessPart::Standing | ProcessPart::Env => {}
            },
            (_, Some(error)) => {
                process.errors.insert(part, error);
            }
            (_, None) => {}
        }
    }

    fn variables(&mut self, pid: i32, names: &[String], set: BTreeMap<String, Vec<u8>>) {
        let variable = self.kept.variable;
        let process = self.process(pid);
        let asked = process.env_asked.get_or_insert_default();
        asked.extend(names.iter().cloned());
        asked.order();
        asked.dedup();
        let masked = set.into_iter().map(|(name, value)| {
            let value = variable(&name, &value);
            (name, Bytes(value))
        });
        process.env.get_or_insert_default().extend(masked);
    }

    fn location(&mut self, location: &Location, part: FilePart, answer: Option<Answer>, error: Option<Error>) {
        let found = self.items.entry(location.clone()).or_default();
        match answer {
            Some(Answer::Metadata(metadata)) => found.metadata = Some(metadata),
            Some(Answer::Content(content)) => found.item.content = Some(Bytes(content.bytes)),
            Some(Answer::Truth(truth)) => found.item.private_key = Some(truth),
            Some(Answer::Certificates(held)) => {
                found.item.certificates = Some(certificates::written(held, &|text| mask_text(text).into_owned()));
            }
            Some(Answer::Entries(mut entries)) => {
                entries.order();
                found.item.entries = Some(by_kind(entries));
            }
            _ => {}
        }
        found.is_present |= error.is_none();
        found.errors.extend(error.map(|error| (part, error)));
    }

    /// Records the excerpt of a file.
    fn excerpt(&mut self, node: &dyn Node, location: &Location, excerpt: &Excerpt) {
        let question = Question::Content(location.clone());
        let mut parts = excerpt.parts.clone();
        let read = match node.read(location, &|| excerpt.clone()) {
            Observed::Present(Answer::Content(Content { bytes, unrecorded })) => {
                parts.retain(|part| !unrecorded.contains(part));
                (self.kept.excerpt)(location, excerpt, &bytes)
            }
            // Of the reasons in an older recording, only the one why a file was not recorded is kept.
            Observed::Unknown(why) if why.cause != Cause::NotRecorded || why.detail == UNTOLD => Err(why),
            _ => return,
        };
        let read = read.and_then(|bytes| self.with_room(&question, bytes));
        let known = self.items.get(location).and_then(|found| found.errors.get(&FilePart::Content));
        let (content, error) = match read {
            Ok(bytes) => (Some(Bytes(bytes)), None),
            Err(why) => (None, Error::of(&Observed::Unknown(why), &question)),
        };
        if error.is_some() && error.as_ref() == known {
            return;
        }
        let found = self.items.entry(location.clone()).or_default();
        found.is_present = true;
        let item = ExcerptItem { parts: parts.into_iter().collect(), content, error };
        found.item.excerpts.insert(excerpt.form.into(), item);
    }

    /// Returns an excerpt if it fits.
    fn with_room(&mut self, question: &Question, bytes: Vec<u8>) -> Result<Vec<u8>, Reason> {
        match self.room.checked_sub(bytes.len()).filter(|_| bytes.len() <= LARGEST) {
            Some(left) => {
                self.room = left;
                Ok(bytes)
            }
            None => {
                self.is_incomplete = true;
                Err(Reason::new(Cause::TooLarge, subject(question), TOO_LARGE))
            }
        }
    }

    /// Returns the accounts to record, in order: the first three fields of each, with the second always hidden.
    fn lines(&self, accounts: &AccountList) -> Lines {
        let all = self.kept.whole && accounts.len() <= MOST_ACCOUNTS;
        let counts = |(name, id): &(&str, u32)| {
            let is_named = |name: &str| self.kept.accounts.contains(name);
            all || self.seen.contains(id) || is_named(name) || is_named(&id.to_string())
        };
        let line = |(name, id): (&str, u32)| Bytes::of_text(format!("{name}:x:{id}:"));
        Lines(accounts.iter().filter(counts).map(line).collect())
    }

    /// Returns the recording, and whether something did not fit.
    fn finish(mut self) -> (Recording, bool) {
        for (location, found) in std::mem::take(&mut self.items) {
            self.finish_item(&location, found);
        }
        if self.recording.passwd.is_some() {
            let lists = [&self.accounts.users, &self.accounts.groups];
            self.is_incomplete |= self.kept.whole && lists.iter().any(|list| list.len() > MOST_ACCOUNTS);
            let lines = lists.map(|accounts| self.lines(accounts));
            [self.recording.passwd, self.recording.group] = lines.map(Some);
        }
        self.asked.processes.order();
        self.asked.processes.dedup();
        let recording = Recording {
            form: Some(super::FORM),
            asked: Some(self.asked).filter(|asked| *asked != Asked::default()),
            errors: Some(self.errors).filter(|errors| *errors != NodeErrors::default()),
            processes: self.processes.into_values().collect(),
            ..self.recording
        };
        (recording, self.is_incomplete)
    }

    fn finish_item(&mut self, location: &Location, found: Found) {
        let Found { mut item, metadata, is_present, errors } = found;
        item.path = Bytes::of_path(&location.path);
        item.process = match location.root {
            Root::Node => None,
            Root::Process(pid) => Some(pid),
        };
        if !is_present && errors.values().all(|error| error.cause.cause().is_none()) {
            self.recording.absent.push(item);
            return;
        }
        item.errors = errors;
        let seen = metadata.as_ref().map(|metadata| metadata.kind);
        let is_directory = seen == Some(FileKind::Directory) || (seen.is_none() && item.entries.is_some());
        if let Some(metadata) = metadata {
            item.resolved =
                Some(metadata.resolved).filter(|place| *place != location.path).map(|place| Bytes::of_path(&place));
            item.kind = match metadata.kind {
                FileKind::File | FileKind::Directory => None,
                kind => Some(kind.into()),
            };
            item.mode = Some(Mode(metadata.mode));
            self.seen.extend([metadata.uid, metadata.gid]);
            // The numbers are used; the names are for human readers.
            item.owner = self.accounts.user(metadata.uid).filter(|name| is_plain(name)).map(str::to_owned);
            item.group = self.accounts.group(metadata.gid).filter(|name| is_plain(name)).map(str::to_owned);
            item.uid = Some(metadata.uid);
            item.gid = Some(metadata.gid);
            item.size = Some(metadata.size);
        }
        if is_directory { &mut self.recording.dirs } else { &mut self.recording.files }.push(item);
    }
}

/// Masks the secrets in a file's content; if they cannot be identified, the content is unknown.
fn without_secrets(question: &Question, observed: Observed<Answer>) -> Observed<Answer> {
    observed.and_then(|answer| match answer {
        Answer::Content(content) => match content::content(&content.bytes) {
            Ok(bytes) => Observed::Present(Answer::Content(Content::whole(bytes))),
            Err(unmaskable) => {
                let cause = match unmaskable {
                    Unmaskable::Malformed => Cause::Malformed,
                    Unmaskable::Ambiguous => Cause::NotRecorded,
                };
                Observed::Unknown(Reason::new(cause, subject(question), UNTOLD))
            }
        },
        answer => Observed::Present(answer),
    })
}

fn by_kind(entries: Vec<Entry>) -> BTreeMap<KindName, Vec<Bytes>> {
    let mut kinds: BTreeMap<KindName, Vec<Bytes>> = BTreeMap::new();
    for Entry { name, kind } in entries {
        kinds.entry(kind.into()).or_default().push(Bytes::of_path(name.as_ref()));
    }
    kinds
}
