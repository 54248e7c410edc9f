//! The questions that can be put to a node, and their answers, as plain data.
//!
//! A question knows no rule and an answer holds no verdict: what answers (the live node, a recording) is
//! interchangeable, and what asks cannot touch the node in any other way.

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

/// Who answers questions about one node.
///
/// Implementations answer each question on its own, never fail as a whole, and never write, start or change
/// anything. The answer's variant always fits the question (see [`Question`]).
pub trait Node {
    /// Looks for the answer to `question`.
    fn ask(&self, question: &Question) -> Observed<Answer>;

    /// Reads a file, of which no more is needed than an excerpt: the answer to [`Question::Content`], or what a recording
    /// holds of it. A file that is read in any other way is in no recording.
    fn read(&self, location: &Location, _excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        self.ask(&Question::Content(location.clone()))
    }

    /// Whether the same question gets the same answer whenever it is put.
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
