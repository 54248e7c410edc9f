//! What came of the rule files: the four states and the fields that kube-bench knows.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::Notice;

use super::Remark;
use crate::report::{State, Summary};

/// That a verdict is not kube-bench's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What kube-bench says.
    pub was: State,
    /// The verdict, as in [`super::Stricter`].
    pub verdict: &'static str,
}

/// What came of one check. All texts are the rule file's after substitution, unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckOutcome {
    /// Its number.
    pub id: String,
    /// What it is about.
    pub text: String,
    /// The audit.
    pub audit: String,
    /// The audit of the environment: the rule file's, or made from the name of the one program that the rules speak of.
    pub audit_env: String,
    /// The audit of the configuration.
    pub audit_config: String,
    /// `manual`, `skip` (also where the selection says so) or nothing.
    pub kind: String,
    /// What to do about it.
    pub remediation: String,
    /// What is said of it.
    pub status: State,
    /// What the audit printed, as the first test item took it.
    pub actual_value: Rc<str>,
    /// Whether it counts.
    pub scored: bool,
    /// Whether each line of the output is judged separately.
    pub multiple: bool,
    /// What was expected, in kube-bench's words.
    pub expected_result: String,
    /// Why it is not as the tests alone would say; often nothing.
    pub reason: String,
    /// Whether a person has to look: it is marked as manual, or there is nothing to test.
    pub looked_at_by_hand: bool,
    /// Set where an audit did not run, so that nothing is known: the command that is to blame, or nothing.
    pub not_run: Option<Option<String>>,
    /// Set where the verdict is not kube-bench's: what that would be.
    pub changed: Option<Changed>,
    /// Its file as it is called for people.
    pub file: String,
    /// Where in its file it stands.
    pub line: usize,
}

impl CheckOutcome {
    /// What is said of it, with what the four states do not tell apart: `pass`, `fail`, `manual`, `skipped`, or
    /// `unknown` where an audit did not run.
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

/// What came of a group of checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOutcome {
    /// Its number.
    pub id: String,
    /// What it is about.
    pub text: String,
    /// Its checks that were selected, at least one.
    pub checks: Vec<CheckOutcome>,
}

impl GroupOutcome {
    /// How many of its checks have each state.
    pub fn totals(&self) -> Summary {
        self.checks.iter().map(|check| check.status).collect()
    }
}

/// What came of one rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlsOutcome {
    /// Its number.
    pub id: String,
    /// The benchmark, as the file names it.
    pub version: String,
    /// The version of Kubernetes that led to the benchmark, as it was given; `none` where the benchmark was named.
    pub detected_version: String,
    /// What it is about.
    pub text: String,
    /// The target: `master`, `node` and the like.
    pub target: String,
    /// Its groups of which a check was selected.
    pub groups: Vec<GroupOutcome>,
}

impl ControlsOutcome {
    /// How many of its checks have each state.
    pub fn totals(&self) -> Summary {
        self.groups.iter().flat_map(|group| &group.checks).map(|check| check.status).collect()
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The benchmark: a directory of rule files.
    pub benchmark: String,
    /// The rule files, by number.
    pub controls: Vec<ControlsOutcome>,
    /// What is wrong with the rule files that did not keep them from being run.
    pub warnings: Vec<Remark>,
    /// What else should be known of the run; the caller adds it.
    pub notices: Vec<Notice>,
}

/// What a shell says before the name of a command that it cannot find.
const SHELL: &str = "/bin/sh: ";

impl CheckOutcome {
    /// The commands that a shell could not find while it ran the audits: what it said of that was judged as if it was
    /// what the commands print.
    fn missing_commands(&self) -> BTreeSet<&str> {
        // Seldom, and quickly seen of texts that can be long.
        if !self.actual_value.contains(SHELL) && !self.reason.contains(SHELL) {
            return BTreeSet::new();
        }
        // A reason has the output in quotes, with its line breaks escaped.
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

    /// How many checks have each state.
    pub fn totals(&self) -> Summary {
        let groups = self.controls.iter().flat_map(|controls| &controls.groups);
        groups.flat_map(|group| &group.checks).map(|check| check.status).collect()
    }
}
