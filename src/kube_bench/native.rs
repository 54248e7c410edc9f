//! The auditor that starts no processes.

use super::auditor::{Audited, Auditor};
use audit_shell::{Allowance, AuditOutcome, Limits, interpret_within};
use probe::Node;

/// Answers audits by interpreting them against the node; audits that would need a process are not run.
#[derive(Debug, Default)]
pub struct Native {
    /// The work limit of each audit.
    pub limits: Limits,
    /// The work limit of all audits given to this auditor together.
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
