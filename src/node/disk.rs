//! A node that does not run here: its file system alone.

use std::io;
use std::os::fd::OwnedFd;

use super::live::{Live, LiveOptions, first_line};
use super::open_error::OpenError;
use probe::{Answer, Cause, Location, Node, Observed, Question, Reason};

/// The file system of a node that does not run, such as a disk that is mounted elsewhere. What would run there is unknown.
#[derive(Debug)]
pub struct Disk(Live);

impl Disk {
    /// Opens the root; whatever else is among the options is not looked at.
    ///
    /// # Errors
    ///
    /// As [`Live::open`] has them.
    pub fn open(options: LiveOptions) -> Result<Self, OpenError> {
        Live::open(options).map(Self)
    }
}

impl Disk {
    /// The directories below which everything lies that is looked at. They open nothing yet.
    ///
    /// # Errors
    ///
    /// Where there are no more descriptors.
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
            // The kernel's name would be this machine's.
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
