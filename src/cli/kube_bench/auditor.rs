//! Who answers audits where processes are allowed.

use std::time::Duration;

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::NodeOptions;
use crate::kube_bench::{Audited, Auditor};
use crate::node::{ShellLimits, run_shell};
use audit_shell::{Allowance, AuditOutcome, Limits, interpret_within};
use probe::Node;

/// Interprets audits, and gives those that cannot be interpreted to `/bin/sh`.
#[derive(Debug)]
pub(super) struct WithShell {
    limits: ShellLimits,
    allowance: Allowance,
}

impl WithShell {
    /// # Errors
    ///
    /// Where the node is another than the one that a shell would look at.
    pub(super) fn new(node: &NodeOptions, time: Duration) -> Result<Self, Failure> {
        if node.names_a_node() {
            return Err(Failure::Usage(anyhow!(
                "--allow-exec: a shell looks at this machine, not at what --node, --root or --proc name (leave one of \
                 them out)"
            )));
        }
        Ok(Self { limits: ShellLimits { time, ..ShellLimits::default() }, allowance: Allowance::default() })
    }
}

impl Auditor for WithShell {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        match interpret_within(script, node, &Limits::default(), &self.allowance) {
            AuditOutcome::NeedsProcess { .. } | AuditOutcome::Refused { .. } => match run_shell(script, &self.limits) {
                Ok(run) => Audited::Ran { output: run.output, status: run.status },
                Err(reason) => Audited::NotRun { command: None, reason },
            },
            // A shell would have no less work with what went over a limit.
            done => done.into(),
        }
    }
}
