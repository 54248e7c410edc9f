//! The results of rule files: kube-bench's four states and the fields of its reports.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::Notice;

use super::Remark;
use crate::report::{State, Summary};

/// Records that a verdict differs from kube-bench's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// kube-bench's state.
    pub was: State,
    /// The stricter verdict, as in [`super::Stricter`].
    pub verdict: &'static str,
}

/// The result of one check. All texts are the rule file's after substitution, unless stated otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// The number.
    pub id: String,
    /// The title.
    pub text: String,
    /// The audit.
    pub audit: String,
    /// The environment audit: the rule file's, or one derived from the only program that the rules refer to.
    pub audit_env: String,
    /// The configuration audit.
    pub audit_config: String,
    /// `manual`, `skip` (also if skipped by the selection) or empty.
    pub kind: String,
    /// The remediation.
    pub remediation: String,
    /// The state.
    pub status: State,
    /// The audit output that the first test item read.
    pub actual_value: Rc<str>,
    /// Whether the check is scored.
    pub scored: bool,
    /// Whether each line of the output is evaluated separately.
    pub multiple: bool,
    /// The expected result, as kube-bench words it.
    pub expected_result: String,
    /// Why the state differs from what the tests alone give; often empty.
    pub reason: String,
    /// Whether the check needs manual review: it is marked as manual, or has no tests.
    pub looked_at_by_hand: bool,
    /// Set if an audit did not run, so that the result is unknown: the command responsible, if known.
    pub not_run: Option<Option<String>>,
    /// Set if the verdict differs from kube-bench's.
    pub changed: Option<Changed>,
    /// The display path of the rule file.
    pub file: String,
    /// The line of the check in the rule file.
    pub line: usize,
}

impl CheckOutcome {
    /// The verdict, which is finer than the four states: `pass`, `fail`, `manual`, `skipped`, or `unknown` if an audit
    /// did not run.
    pub fn verdict(&self) -> &'static str {
        if let Some(changed) = &self.changed {
            return changed.verdict;
        }
        match (&self.not_run, self.status) {
            (Some(_), _) => "unknown",
            (None, State::Pass) => "pass",
            (None, State::Info) => "skipped",
            (None, State::Warn) if self.looked_at_by_hand => "manual",
            (None, State::Fail | State::Warn) => "fail",
        }
    }
}

/// The result of a group of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOutcome {
    /// The number.
    pub id: String,
    /// The title.
    pub text: String,
    /// The selected checks, at least one.
    pub checks: Vec<CheckOutcome>,
}

impl GroupOutcome {
    /// The number of checks in each state.
    pub fn totals(&self) -> Summary {
        self.checks.iter().map(|check| check.status).collect()
    }
}

/// The result of one rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlsOutcome {
    /// The number.
    pub id: String,
    /// The benchmark, as named by the file.
    pub version: String,
    /// The Kubernetes version that selected the benchmark, as given; `none` if the benchmark was named explicitly.
    pub detected_version: String,
    /// The title.
    pub text: String,
    /// The target, for example `master` or `node`.
    pub target: String,
    /// The groups with at least one selected check.
    pub groups: Vec<GroupOutcome>,
}

impl ControlsOutcome {
    /// The number of checks in each state.
    pub fn totals(&self) -> Summary {
        self.groups.iter().flat_map(|group| &group.checks).map(|check| check.status).collect()
    }
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The benchmark: a directory of rule files.
    pub benchmark: String,
    /// The results per rule file, by number.
    pub controls: Vec<ControlsOutcome>,
    /// Problems in the rule files that did not prevent the run.
    pub warnings: Vec<Remark>,
    /// Notices about the run, added by the caller.
    pub notices: Vec<Notice>,
}

/// What a shell prints before the name of a command it cannot find.
const SHELL: &str = "/bin/sh: ";

impl CheckOutcome {
    /// The commands that a shell could not find while running the audits. kube-bench evaluates the error message as
    /// output.
    fn missing_commands(&self) -> BTreeSet<&str> {
        // Rare, and cheap to rule out: the texts can be long.
        if !self.actual_value.contains(SHELL) && !self.reason.contains(SHELL) {
            return BTreeSet::new();
        }
        // A reason quotes the output with its line breaks escaped.
        let lines = self.actual_value.lines().chain(self.reason.split("\\n"));
        lines
            .filter_map(|line| {
                let said = line.get(line.find(SHELL)? + SHELL.len()..)?.trim_end().strip_suffix("not found")?;
                // `1: jq: not found`, `line 1: jq: command not found`, `jq: not found`
                let said = said.strip_suffix(": command ").or_else(|| said.strip_suffix(": "))?;
                said.rsplit(": ").next().filter(|name| !name.is_empty())
            })
            .collect()
    }
}

impl Report {
    /// The commands that a shell could not find, each with the number of checks whose audits call it.
    pub fn missing_commands(&self) -> BTreeMap<&str, usize> {
        let mut missing = BTreeMap::new();
        let checks = self.controls.iter().flat_map(|controls| &controls.groups).flat_map(|group| &group.checks);
        for command in checks.flat_map(CheckOutcome::missing_commands) {
            *missing.entry(command).or_default() += 1;
        }
        missing
    }

    /// The number of checks in each state.
    pub fn totals(&self) -> Summary {
        let groups = self.controls.iter().flat_map(|controls| &controls.groups);
        groups.flat_map(|group| &group.checks).map(|check| check.status).collect()
    }
}
