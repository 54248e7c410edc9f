//! The auditor that starts no process.

use super::auditor::{Audited, Auditor};
use audit_shell::{Limits, Outcome, interpret};
use probe::Node;

/// Answers audits by interpreting them against the node; what would need a process is not run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Native {
    /// How much work each audit may be.
    pub limits: Limits,
}

impl Auditor for Native {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        interpret(script, node, &self.limits).into()
    }
}

impl From<Outcome> for Audited {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done { stdout, status } => Self::Ran { output: stdout, status },
            Outcome::NeedsProcess { command } => Self::NotRun {
                reason: format!("{command}: not run, since no process is started (allow it with --allow-exec)"),
                command: Some(command),
            },
            Outcome::Refused { reason } | Outcome::Exceeded { reason } => {
                Self::NotRun { command: None, reason: format!("the audit: {reason}") }
            }
        }
    }
}
