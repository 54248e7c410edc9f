//! The questions that can be put to a node, and their answers, as plain data.
//!
//! A question knows no rule and an answer holds no verdict: whoever answers (the live node, a recording)
//! is interchangeable, and whoever asks cannot touch the node in any other way.

mod accounts;
mod answer;
mod normalize;
mod observed;
mod question;

pub use accounts::{Account, AccountList, Accounts};
pub use answer::{
    Answer, Bearer, CUT, Content, Entry, FileKind, Foreign, ListedProcess, Metadata, Process, Processes, Standing,
};
pub use normalize::normalize;
pub use observed::{Cause, Observed, Reason};
pub use question::{Location, Question, Root};

/// Who answers questions about one node.
///
/// Implementations answer each question on its own, never fail as a whole, and never write, start or change
/// anything. The answer's variant always fits the question (see [`Question`]).
pub trait Node {
    /// Looks for the answer to `question`.
    fn ask(&self, question: &Question) -> Observed<Answer>;
}

impl<N: Node + ?Sized> Node for &N {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        (**self).ask(question)
    }
}

impl<N: Node + ?Sized> Node for Box<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        (**self).ask(question)
    }
}
