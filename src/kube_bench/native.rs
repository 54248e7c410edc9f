//! The auditor that starts no process.

use super::auditor::{Audited, Auditor};
use audit_shell::{Allowance, AuditOutcome, Limits, interpret_within};
use probe::Node;

/// Answers audits by interpreting them against the node; what would need a process is not run.
#[derive(Debug, Default)]
pub struct Native {
    /// How much work each audit may be.
    pub limits: Limits,
    /// How much work all of them may be, which this auditor is asked for.
    pub allowance: Allowance,
}

impl Auditor for Native {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        interpret_within(script, node, &self.limits, &self.allowance).into()
    }
}

impl From<AuditOutcome> for Audited {
    fn from(outcome: AuditOutcome) -> Self {
        match outcome {
            AuditOutcome::Done { stdout, status } => Self::Ran { output: stdout, status },
            AuditOutcome::NeedsProcess { command } => Self::NotRun {
                reason: format!("{command}: not run, since no process is started (allow it with --allow-exec)"),
                command: Some(command),
            },
            AuditOutcome::Refused { reason } | AuditOutcome::Exceeded { reason } => {
                Self::NotRun { command: None, reason: format!("the audit: {reason}") }
            }
        }
    }
}
