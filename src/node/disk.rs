//! A node that is not running here: only its file system.

use std::io;
use std::os::fd::OwnedFd;

use super::live::{Live, LiveOptions, first_line};
use super::open_error::OpenError;
use probe::{Answer, Cause, Location, Node, Observed, Question, Reason};

/// The file system of a node that is not running, such as a disk mounted elsewhere. Whatever would run there is
/// unknown.
#[derive(Debug)]
pub struct Disk(Live);

impl Disk {
    /// Opens the root; all other options are ignored.
    ///
    /// # Errors
    ///
    /// The errors of [`Live::open`].
    pub fn open(options: LiveOptions) -> Result<Self, OpenError> {
        Live::open(options).map(Self)
    }
}

impl Disk {
    /// Returns handles of the directories that contain everything to be read. They open nothing yet.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors left.
    pub fn directories(&self) -> io::Result<Vec<OwnedFd>> {
        self.0.root().map(|root| vec![root])
    }
}

impl Node for Disk {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::Processes { .. } | Question::AllProcesses => {
                Observed::Unknown(Reason::new(Cause::NotRunning, "processes", "not examined (--proc none)"))
            }
            // The kernel's host name would be this machine's.
            Question::HostName => self.0.ask(&Question::Content(Location::node("/etc/hostname"))).and_then(|answer| {
                let name = match answer {
                    Answer::Content(content) => first_line(&content.bytes),
                    _ => None,
                };
                name.map_or(Observed::Absent, |name| Observed::Present(Answer::Text(name)))
            }),
            other => self.0.ask(other),
        }
    }
}
