//! Runs audits for users who allow processes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::NodeOptions;
use crate::kube_bench::{Audited, Auditor};
use crate::node::{Launcher, ShellLimits, run_shell, time_left};
use audit_shell::{Allowance, AuditOutcome, Limits, interpret_within};
use probe::Node;

/// The most bytes of shell output kept during a run.
const MOST_KEPT: usize = 16 << 20;

/// Interprets audits, and runs those that cannot be interpreted with `/bin/sh`.
#[derive(Debug)]
pub(super) struct WithShell {
    limits: ShellLimits,
    /// The results of the audits that ran: each runs once, even if the job is restarted.
    ran: Mutex<HashMap<String, Audited>>,
    allowance: Allowance,
}

impl WithShell {
    /// Creates the auditor.
    ///
    /// # Errors
    ///
    /// If the options select a node other than this machine, which is what a shell would examine.
    pub(super) fn new(node: &NodeOptions, time: Duration) -> Result<Self, Failure> {
        if node.names_a_node() {
            return Err(Failure::Usage(anyhow!(
                "--allow-exec: a shell sees this machine, not what --node, --root or --proc name (leave one of \
                 them out)"
            )));
        }
        Ok(Self {
            limits: ShellLimits { time, ..ShellLimits::default() },
            ran: Mutex::default(),
            allowance: Allowance::default(),
        })
    }

    fn ran(&self) -> MutexGuard<'_, HashMap<String, Audited>> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a script, unless it already ran or no time is left.
    fn run(&self, script: &str) -> Audited {
        if let Some(known) = self.ran().get(script) {
            return known.clone();
        }
        let left = time_left().unwrap_or(Duration::MAX);
        if left.is_zero() {
            let reason = "/bin/sh: not run before the deadline (raise --deadline)".to_owned();
            return Audited::NotRun { command: None, reason };
        }
        let limits = ShellLimits { time: self.limits.time.min(left), ..self.limits };
        let audited = match run_shell(&Launcher::own(), script, &limits) {
            Ok(run) => Audited::Ran { output: run.output, status: run.status },
            Err(reason) => Audited::NotRun { command: None, reason },
        };
        let size = |audited: &Audited| match audited {
            Audited::Ran { output, .. } => output.len(),
            Audited::NotRun { reason, .. } => reason.len(),
        };
        let mut ran = self.ran();
        let kept = ran.values().map(size).sum::<usize>();
        let audited = if kept + size(&audited) > MOST_KEPT {
            let reason = format!("/bin/sh: what audits print is more than {} MiB in all", MOST_KEPT >> 20);
            Audited::NotRun { command: None, reason }
        } else {
            audited
        };
        ran.insert(script.to_owned(), audited.clone());
        audited
    }
}

impl Auditor for WithShell {
    fn audit(&self, script: &str, node: &dyn Node) -> Audited {
        match interpret_within(script, node, &Limits::default(), &self.allowance) {
            AuditOutcome::NeedsProcess { .. } | AuditOutcome::Refused { .. } => self.run(script),
            // An audit that exceeded a limit would be no less work for a shell.
            done => done.into(),
        }
    }
}
