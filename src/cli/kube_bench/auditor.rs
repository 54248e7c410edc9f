//! Who answers audits where processes are allowed.

use std::time::Duration;

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::NodeOptions;
use crate::kube_bench::{Audited, Auditor};
use crate::node::{Launcher, ShellLimits, run_shell};
use audit_shell::{AuditOutcome, Limits, interpret};
use probe::Node;

/// Interprets audits, and gives those that cannot be interpreted to `/bin/sh`.
#[derive(Debug)]
pub(super) struct WithShell {
    limits: ShellLimits,
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
        Ok(Self { limits: ShellLimits { time, ..ShellLimits::default() } })
    }
}

impl Auditor for WithShell {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        match interpret(script, node, &Limits::default()) {
            AuditOutcome::NeedsProcess { .. } | AuditOutcome::Refused { .. } => {
                match run_shell(&Launcher::own(), script, &self.limits) {
                    Ok(run) => Audited::Ran { output: run.output, status: run.status },
                    Err(reason) => Audited::NotRun { command: None, reason },
                }
            }
            // A shell would have no less work with what went over a limit.
            done => done.into(),
        }
    }
}
