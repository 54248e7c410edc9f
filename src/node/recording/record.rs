//! Writing down what a node was asked.

use std::collections::BTreeMap;

use redact::content::{self, Unmaskable};

use super::form::{
    Asked, Bytes, Error, ExecutableFileItem, FilePart, ForeignName, Item, KindName, Lines, Mode, NodeErrors,
    PassedOverItem, ProcessItem, ProcessPart, ProcessesError, Recording, StandingItem, is_plain,
};
use crate::node::memory::Remembered;
use crate::node::subject::subject;
use probe::{
    Accounts, Answer, Bearer, Cause, Content, Entry, FileKind, ListedProcess, Location, Metadata, Node, Observed,
    Process, Processes, Question, Reason, Root, Standing,
};

/// Said of a content that cannot be masked.
const UNTOLD: &str = "is not recorded, since its secrets cannot be told from the rest (assay the node itself)";

/// What of a file's content needs to be kept, where that is not the whole.
pub type Essential<'a> = dyn Fn(&Location, &[u8]) -> Option<Vec<u8>> + 'a;

/// What `node` was asked, with its answers; what they hold of secrets is masked.
///
/// `essential` says what of a file's content needs to be kept, where that is not the whole: a recording shows no more of
/// a node than its findings rest on.
pub fn record<N: Node>(node: &Remembered<N>, essential: &Essential<'_>) -> Recording {
    let mut writer = Writer::default();
    for (question, observed) in node.asked() {
        let observed = match (&question, observed) {
            (Question::Content(location), Observed::Present(Answer::Content(content))) => {
                let bytes = essential(location, &content.bytes).unwrap_or(content.bytes);
                Observed::Present(Answer::Content(Content { bytes }))
            }
            (_, observed) => observed,
        };
        // What an older recording does not hold stays what it does not hold; why it does not is kept. What was not
        // allowed was not asked.
        let is_not_held =
            |why: &Reason| why.cause == Cause::NotAllowed || (why.cause == Cause::NotRecorded && why.detail != UNTOLD);
        if !matches!(&observed, Observed::Unknown(why) if is_not_held(why)) {
            writer.take(&question, observed);
        }
    }
    writer.finish()
}

/// A recording that is being put together.
#[derive(Default)]
struct Writer {
    recording: Recording,
    accounts: Accounts,
    asked: Asked,
    errors: NodeErrors,
    processes: BTreeMap<i32, ProcessItem>,
    /// With the questions about each, and how many of them found nothing there.
    items: BTreeMap<Location, Found>,
}

#[derive(Default)]
struct Found {
    item: Item,
    metadata: Option<Metadata>,
    is_present: bool,
    errors: BTreeMap<FilePart, Error>,
}

impl Writer {
    fn take(&mut self, question: &Question, observed: Observed<Answer>) {
        let observed = without_secrets(question, observed);
        let error = Error::of(&observed, question);
        let answer = observed.present();
        match question {
            Question::HostName => match answer {
                Some(Answer::Text(name)) => self.recording.hostname = Some(Bytes::of_text(name)),
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
        }
    }

    fn accounts(&mut self, accounts: Accounts) {
        // The files' own first three fields, the second always hidden.
        let line = |(name, id): (&str, u32)| Bytes::of_text(format!("{name}:x:{id}:"));
        self.recording.passwd = Some(Lines(accounts.users.iter().map(line).collect()));
        self.recording.group = Some(Lines(accounts.groups.iter().map(line).collect()));
        self.accounts = accounts;
    }

    fn process(&mut self, pid: i32) -> &mut ProcessItem {
        self.processes.entry(pid).or_insert_with(|| ProcessItem { pid: Some(pid), ..ProcessItem::default() })
    }

    fn processes(&mut self, called: &[String], users: &[u32], processes: Processes) {
        self.asked.processes.extend(called.iter().cloned());
        // Questions about more users come later, and say of all what the earlier ones did.
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
        self.process(pid).argv = Some(content::arguments(arguments).into_iter().map(Bytes).collect());
    }

    /// That something of a process is not known, and why.
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
        let process = self.process(pid);
        let asked = process.env_asked.get_or_insert_default();
        asked.extend(names.iter().cloned());
        asked.sort();
        asked.dedup();
        let masked = set.into_iter().map(|(name, value)| {
            let value = content::variable(&name, &value);
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
            Some(Answer::Entries(mut entries)) => {
                entries.sort();
                found.item.entries = Some(by_kind(entries));
            }
            _ => {}
        }
        found.is_present |= error.is_none();
        found.errors.extend(error.map(|error| (part, error)));
    }

    fn finish(mut self) -> Recording {
        for (location, found) in std::mem::take(&mut self.items) {
            self.finish_item(&location, found);
        }
        self.asked.processes.sort();
        self.asked.processes.dedup();
        Recording {
            form: Some(super::FORM),
            asked: Some(self.asked).filter(|asked| *asked != Asked::default()),
            errors: Some(self.errors).filter(|errors| *errors != NodeErrors::default()),
            processes: self.processes.into_values().collect(),
            ..self.recording
        }
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
            // The numbers count; the names are for who reads it.
            item.owner = self.accounts.user(metadata.uid).filter(|name| is_plain(name)).map(str::to_owned);
            item.group = self.accounts.group(metadata.gid).filter(|name| is_plain(name)).map(str::to_owned);
            item.uid = Some(metadata.uid);
            item.gid = Some(metadata.gid);
            item.size = Some(metadata.size);
        }
        if is_directory { &mut self.recording.dirs } else { &mut self.recording.files }.push(item);
    }
}

/// A content without its secrets; where they cannot be told, that is what is known of it.
fn without_secrets(question: &Question, observed: Observed<Answer>) -> Observed<Answer> {
    observed.and_then(|answer| match answer {
        Answer::Content(content) => match content::content(&content.bytes) {
            Ok(bytes) => Observed::Present(Answer::Content(Content { bytes })),
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
