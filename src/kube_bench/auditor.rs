//! Who answers audits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use probe::{CUT, Node};

/// What came of one audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audited {
    /// It ran to its end.
    Ran {
        /// What it printed, errors among it as they came: kube-bench reads both from one pipe.
        output: String,
        /// Its exit status; 0 is success.
        status: i32,
    },
    /// It did not run, and nothing is known.
    NotRun {
        /// The command that would have been needed, where one is to blame.
        command: Option<String>,
        /// Why, and what to do.
        reason: String,
    },
}

/// Answers audits, which are lines of shell, about one node.
///
/// The same audit of the same node gets the same answer: each is asked for once in a run.
pub trait Auditor {
    /// Runs `script` as if by `/bin/sh` on `node`.
    fn audit(&self, script: &str, node: &dyn Node) -> Audited;
}

/// What an audit printed, kept once for all checks that show it.
#[derive(Debug, Clone, Default)]
pub(super) struct Printed {
    /// Whether it printed anything at all, be it a line break.
    pub(super) is_there: bool,
    /// All of it but the spaces and line breaks at its end.
    pub(super) text: Rc<str>,
}

impl Printed {
    fn new(output: &str) -> Self {
        Self { is_there: !output.is_empty(), text: output.trim_end_matches([' ', '\n']).into() }
    }
}

/// Why what an audit printed does not count.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// It ended with a status that is not 0.
    Failed {
        /// What it printed.
        output: String,
        status: i32,
    },
    /// It did not run.
    NotRun { command: Option<String>, reason: String },
}

/// An auditor whose answers are remembered, with the node that they are about.
pub(super) struct Memory<'a> {
    auditor: &'a dyn Auditor,
    node: &'a dyn Node,
    answers: RefCell<HashMap<String, Result<Printed, Failure>>>,
    /// How many bytes of answers may still be kept.
    room: Cell<usize>,
}

/// How many bytes of answers are kept; what is beyond is asked for again.
const MOST_KEPT: usize = 8 << 20;

/// How many bytes an audit may print to be judged: those of kube-bench print a hundredth of it on large nodes.
const MOST_PRINTED: usize = 4 << 20;

impl<'a> Memory<'a> {
    pub(super) fn new(auditor: &'a dyn Auditor, node: &'a dyn Node) -> Self {
        Self { auditor, node, answers: RefCell::default(), room: Cell::new(MOST_KEPT) }
    }

    /// The answer to an audit, white space around it left out; an empty one prints nothing, and is never asked.
    pub(super) fn audit(&self, script: &str) -> Result<Printed, Failure> {
        let script = script.trim();
        if script.is_empty() {
            return Ok(Printed::new(""));
        }
        if let Some(answer) = self.answers.borrow().get(script) {
            return answer.clone();
        }
        let answer = match self.auditor.audit(script, self.node) {
            // What is behind the cut may be what is looked for.
            Audited::Ran { output, .. } if output.contains(CUT) => Err(Failure::NotRun {
                command: None,
                reason:
                    "the audit prints a command line that is too long to be read completely (check the process by hand)"
                        .to_owned(),
            }),
            Audited::Ran { output, .. } if output.len() > MOST_PRINTED => Err(Failure::NotRun {
                command: None,
                reason: format!(
                    "the audit prints {} bytes, more than the {} MiB that are evaluated (check it by hand)",
                    output.len(),
                    MOST_PRINTED >> 20
                ),
            }),
            Audited::Ran { output, status: 0 } => Ok(Printed::new(&output)),
            Audited::Ran { output, status } => Err(Failure::Failed { output, status }),
            Audited::NotRun { command, reason } => Err(Failure::NotRun { command, reason }),
        };
        let size = match &answer {
            Ok(printed) => printed.text.len(),
            Err(Failure::Failed { output, .. }) => output.len(),
            Err(Failure::NotRun { reason, .. }) => reason.len(),
        };
        if let Some(left) = self.room.get().checked_sub(size) {
            self.room.set(left);
            self.answers.borrow_mut().insert(script.to_owned(), answer.clone());
        }
        answer
    }
}
