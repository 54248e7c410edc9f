//! The questions that a node can be asked, and their answers, as plain data.
//!
//! Questions know no rules and answers contain no verdicts. Sources of answers (the live node, a recording) are
//! interchangeable, and code that asks questions has no other access to the node.

mod accounts;
mod answer;
mod certificate;
mod excerpt;
mod normalize;
mod observed;
mod question;

pub use accounts::{Account, AccountList, Accounts};
pub use answer::{
    Answer, Bearer, CUT, Content, Entry, FileKind, Foreign, ListedProcess, Metadata, Process, Processes, Standing,
};
pub use certificate::{BrokenCertificate, Certificate, CertificateFile, Certificates};
pub use excerpt::{Excerpt, Form, NOT_RECORDED, UNTOLD};

pub use normalize::{comparable, normalize};
pub use observed::{Cause, Observed, Reason};
pub use question::{Location, Question, Root};

/// A source of answers about one node.
///
/// Implementations answer each question independently, never fail as a whole, and never write, start or change
/// anything. The variant of the answer always fits the question (see [`Question`]).
pub trait Node {
    /// Answers `question`.
    fn ask(&self, question: &Question) -> Observed<Answer>;

    /// Reads a file of which only an excerpt is needed. Returns the answer to [`Question::Content`], or the part of it
    /// that a recording contains. Content requested in any other way is not recorded.
    fn read(&self, location: &Location, _excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        self.ask(&Question::Content(location.clone()))
    }

    /// Whether asking the same question again always returns the same answer.
    fn remembers(&self) -> bool {
        false
    }
}

impl<N: Node + ?Sized> Node for &N {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        (**self).ask(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        (**self).read(location, excerpt)
    }

    fn remembers(&self) -> bool {
        (**self).remembers()
    }
}

impl<N: Node + ?Sized> Node for std::sync::Arc<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        (**self).ask(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        (**self).read(location, excerpt)
    }

    fn remembers(&self) -> bool {
        (**self).remembers()
    }
}

impl<N: Node + ?Sized> Node for Box<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        (**self).ask(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        (**self).read(location, excerpt)
    }

    fn remembers(&self) -> bool {
        (**self).remembers()
    }
}
