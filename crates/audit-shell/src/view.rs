//! The node as the programs of an audit see it: unknown facts end the audit.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::budget::{Budget, Run, Stop};
use probe::{
    Accounts, Answer, Cause, Entry, FileKind, ListedProcess, Location, Metadata, Node, Observed, Question, Reason,
};

/// An error of a system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    NotFound,
    NotADirectory,
    IsADirectory,
    Denied,
    Loop,
    TooLong,
}

impl Lack {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::NotFound => "No such file or directory",
            Self::NotADirectory => "Not a directory",
            Self::IsADirectory => "Is a directory",
            Self::Denied => "Permission denied",
            Self::Loop => "Too many levels of symbolic links",
            Self::TooLong => "File name too long",
        }
    }
}

/// The maximum length of a path, in bytes.
const MOST_PATH: usize = 4095;

/// The approximate bytes inspected per directory entry, process or account.
const BYTES_OF_ONE: usize = 16;

/// A node and its accounts.
pub(super) struct View<'n> {
    node: &'n dyn Node,
    budget: Rc<Budget>,
    accounts: OnceCell<Accounts>,
}

impl<'n> View<'n> {
    pub(super) fn new(node: &'n dyn Node, budget: Rc<Budget>) -> Self {
        Self { node, budget, accounts: OnceCell::new() }
    }

    /// Asks the node, which costs a step.
    fn ask(&self, question: &Question) -> Run<Observed<Answer>> {
        self.budget.step()?;
        let observed = self.node.ask(question);
        let many = match &observed {
            Observed::Present(Answer::Entries(entries)) => entries.len(),
            Observed::Present(Answer::ProcessTable(processes)) => processes.len(),
            _ => 0,
        };
        self.budget.look(many.saturating_mul(BYTES_OF_ONE))?;
        Ok(observed)
    }

    /// The metadata of a path, following links.
    pub(super) fn metadata(&self, path: &[u8]) -> Run<Result<Metadata, Lack>> {
        if path.is_empty() {
            return Ok(Err(Lack::NotFound));
        }
        if path.len() > MOST_PATH {
            return Ok(Err(Lack::TooLong));
        }
        let found = match self.ask(&Question::Metadata(location(path)))? {
            Observed::Present(Answer::Metadata(metadata)) => metadata,
            other => return self.lack(path, other),
        };
        if path.ends_with(b"/") && found.kind != FileKind::Directory {
            return Ok(Err(Lack::NotADirectory));
        }
        Ok(Ok(found))
    }

    /// The content of a file; `/dev/null` is empty.
    pub(super) fn content(&self, path: &[u8]) -> Run<Result<Vec<u8>, Lack>> {
        if path == b"/dev/null" {
            return Ok(Ok(Vec::new()));
        }
        match self.metadata(path)? {
            Ok(metadata) if metadata.kind == FileKind::Directory => return Ok(Err(Lack::IsADirectory)),
            Ok(_) => {}
            Err(lack) => return Ok(Err(lack)),
        }
        match self.ask(&Question::Content(location(path)))? {
            Observed::Present(Answer::Content(content)) => Ok(Ok(content.bytes)),
            other => self.lack(path, other),
        }
    }

    /// The entries of a directory, sorted by name.
    pub(super) fn entries(&self, path: &[u8]) -> Run<Result<Vec<Entry>, Lack>> {
        match self.metadata(path)? {
            Ok(metadata) if metadata.kind != FileKind::Directory => return Ok(Err(Lack::NotADirectory)),
            Ok(_) => {}
            Err(lack) => return Ok(Err(lack)),
        }
        match self.ask(&Question::Directory(location(path)))? {
            Observed::Present(Answer::Entries(entries)) => Ok(Ok(entries)),
            other => self.lack(path, other),
        }
    }

    /// The entries that a pattern is matched against; empty if the directory cannot be listed.
    pub(super) fn entries_to_match(&self, path: &[u8]) -> Run<Vec<Entry>> {
        let path = if path.is_empty() { b"/" } else { path };
        Ok(self.entries(path)?.unwrap_or_default())
    }

    /// Whether a path exists, including dangling links.
    pub(super) fn lies_there(&self, path: &[u8]) -> Run<bool> {
        Ok(self.metadata(path)?.is_ok() || self.is_link(path)?)
    }

    /// Whether the last component of a path is a link.
    pub(super) fn is_link(&self, path: &[u8]) -> Run<bool> {
        if path.len() > MOST_PATH {
            return Ok(false);
        }
        let place = place(path);
        let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else { return Ok(false) };
        if path.ends_with(b"/") {
            return Ok(false);
        }
        match self.metadata(path)? {
            // A path that resolves to itself contains no link.
            Ok(found) if found.resolved == place => return Ok(false),
            Err(Lack::Denied | Lack::NotADirectory | Lack::IsADirectory | Lack::TooLong) => return Ok(false),
            Ok(_) | Err(Lack::Loop | Lack::NotFound) => {}
        }
        match self.ask(&Question::Directory(Location::node(parent)))? {
            Observed::Present(Answer::Entries(entries)) => {
                Ok(entries.iter().any(|entry| entry.name == name && entry.kind == FileKind::Link))
            }
            // In a recording, a directory that was not listed contains only the paths that were recorded themselves.
            _ => Ok(false),
        }
    }

    /// All processes, by number.
    pub(super) fn processes(&self) -> Run<Arc<[ListedProcess]>> {
        match self.ask(&Question::AllProcesses)? {
            Observed::Present(Answer::ProcessTable(processes)) => Ok(processes),
            Observed::Unknown(why) => Err(unknown(&why)),
            _ => Ok(Arc::default()),
        }
    }

    /// The name of a user; `None` if the number has no name.
    pub(super) fn user(&self, id: u32) -> Run<Option<&str>> {
        Ok(self.accounts()?.user(id))
    }

    pub(super) fn group(&self, id: u32) -> Run<Option<String>> {
        Ok(self.accounts()?.group(id).map(str::to_owned))
    }

    /// The number of a user.
    pub(super) fn user_id(&self, name: &str) -> Run<Option<u32>> {
        Ok(self.accounts()?.users.number(name))
    }

    pub(super) fn group_id(&self, name: &str) -> Run<Option<u32>> {
        Ok(self.accounts()?.groups.number(name))
    }

    fn accounts(&self) -> Run<&Accounts> {
        if let Some(accounts) = self.accounts.get() {
            // Accounts are searched linearly.
            let many = accounts.users.len().saturating_add(accounts.groups.len());
            self.budget.look(many.saturating_mul(BYTES_OF_ONE))?;
            return Ok(accounts);
        }
        let accounts = match self.ask(&Question::Accounts)? {
            Observed::Present(Answer::Accounts(accounts)) => accounts,
            Observed::Unknown(why) => return Err(unknown(&why)),
            _ => Accounts::default(),
        };
        Ok(self.accounts.get_or_init(|| accounts))
    }

    /// The system error for a path that is absent; ends the audit if it is unknown.
    fn lack<T>(&self, path: &[u8], observed: Observed<Answer>) -> Run<Result<T, Lack>> {
        match observed {
            Observed::Unknown(why) => match why.cause {
                Cause::PermissionDenied => Ok(Err(Lack::Denied)),
                Cause::LinkLoop => Ok(Err(Lack::Loop)),
                _ => Err(unknown(&why)),
            },
            Observed::Absent | Observed::Present(_) => {
                // A path below a file fails with a different error.
                let place = place(path);
                for parent in place.ancestors().skip(1) {
                    if let Observed::Present(Answer::Metadata(found)) =
                        self.ask(&Question::Metadata(Location::node(parent)))?
                    {
                        let is_directory = found.kind == FileKind::Directory;
                        return Ok(Err(if is_directory { Lack::NotFound } else { Lack::NotADirectory }));
                    }
                }
                Ok(Err(Lack::NotFound))
            }
        }
    }
}

/// Ends an audit that needs an unknown fact.
fn unknown(why: &Reason) -> Stop {
    Stop::Refused(why.to_string())
}

/// A path as the node expects it: audits run in `/`.
fn location(path: &[u8]) -> Location {
    Location::node(Path::new("/").join(Path::new(OsStr::from_bytes(path))))
}

/// A normalised path, without `.` and empty components.
fn place(path: &[u8]) -> PathBuf {
    let path = Path::new("/").join(Path::new(OsStr::from_bytes(path)));
    path.components().filter(|part| *part != Component::CurDir).collect()
}
