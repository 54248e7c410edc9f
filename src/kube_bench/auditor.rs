//! The interface for answering audits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use probe::{CUT, Node};

/// The result of one audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audited {
    /// It ran to completion.
    Ran {
        /// Its output and error output, interleaved: kube-bench reads both from one pipe.
        output: String,
        /// Its exit status; 0 is success.
        status: i32,
    },
    /// It did not run, so nothing is known.
    NotRun {
        /// The missing command, if that is the cause.
        command: Option<String>,
        /// Why, and what to do.
        reason: String,
    },
}

/// Answers audits, which are lines of shell, on a node.
///
/// The same audit of the same node must give the same result: each normally runs once per run.
pub trait Auditor {
    /// Runs `script` as `/bin/sh` would on `node`.
    fn audit(&self, script: &str, node: &dyn Node) -> Audited;
}

/// The output of an audit, shared by all checks that show it.
#[derive(Debug, Clone, Default)]
pub(super) struct Printed {
    /// Whether it printed anything, even just a line break.
    pub(super) is_there: bool,
    /// The output without spaces and line breaks at its end.
    pub(super) text: Rc<str>,
}

impl Printed {
    fn new(output: &str) -> Self {
        Self { is_there: !output.is_empty(), text: output.trim_end_matches([' ', '\n']).into() }
    }
}

/// Why the output of an audit does not count.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// It exited with a non-zero status.
    Failed {
        /// Its output.
        output: String,
        status: i32,
    },
    /// It did not run.
    NotRun { command: Option<String>, reason: String },
}

/// An auditor with a cache of its results, and the node they are for.
pub(super) struct Memory<'a> {
    auditor: &'a dyn Auditor,
    node: &'a dyn Node,
    answers: RefCell<HashMap<String, Result<Printed, Failure>>>,
    /// How many more bytes of results may be cached.
    room: Cell<usize>,
}

/// The maximum size of cached results, in bytes; audits beyond it run again.
const MOST_KEPT: usize = 8 << 20;

/// The maximum size of an audit's output, in bytes: kube-bench's audits print a hundredth of it on large nodes.
const MOST_PRINTED: usize = 4 << 20;

impl<'a> Memory<'a> {
    pub(super) fn new(auditor: &'a dyn Auditor, node: &'a dyn Node) -> Self {
        Self { auditor, node, answers: RefCell::default(), room: Cell::new(MOST_KEPT) }
    }

    /// Runs an audit without surrounding white space, or returns its cached result. An empty one prints nothing and
    /// does not run.
    pub(super) fn audit(&self, script: &str) -> Result<Printed, Failure> {
        let script = script.trim();
        if script.is_empty() {
            return Ok(Printed::new(""));
        }
        if let Some(answer) = self.answers.borrow().get(script) {
            return answer.clone();
        }
        let answer = match self.auditor.audit(script, self.node) {
            // The value that is looked for may be in the part that was cut off.
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
