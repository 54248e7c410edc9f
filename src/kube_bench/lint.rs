//! Checks a directory of rule files without a node: its problems, and the audits that need a process.

use std::collections::BTreeSet;

use super::directory::Directory;
use super::remark::Remark;
use super::rules::{Check, Controls};
use super::run::load;
use super::survey::configured;

/// The result of checking all rule files of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linted {
    /// Problems that prevent a file from being run.
    pub errors: Vec<Remark>,
    /// Problems that kube-bench silently ignores.
    pub warnings: Vec<Remark>,
    /// The audits of all checks that are run, so without manual and skipped ones.
    pub audits: Vec<LintedAudit>,
    /// The number of benchmarks.
    pub benchmarks: usize,
    /// The number of checks, run or not.
    pub checks: usize,
}

/// An audit of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintedAudit {
    /// The display path of the rule file.
    pub file: String,
    /// The first line of the check.
    pub line: usize,
    /// The check's number.
    pub check: String,
    /// The audit, with the first candidate of each component substituted.
    pub script: String,
    /// Why it cannot be interpreted, if so.
    pub hindrance: Option<Hindrance>,
}

/// Why an audit cannot be interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindrance {
    /// It may run these commands, which need a process.
    Commands(BTreeSet<String>),
    /// It uses shell syntax that is not supported: which, and where.
    Form(String),
}

/// Checks all rule files of a directory.
pub fn lint(directory: &Directory) -> Linted {
    let mut linted = Linted::default();
    linted.errors.extend(directory.mistakes());
    for benchmark in directory.benchmarks() {
        linted.benchmarks += 1;
        let settings = match directory.settings(benchmark) {
            Ok(settings) => settings,
            Err(error) => {
                linted.error(error);
                continue;
            }
        };
        for (target, path) in directory.targets(benchmark).unwrap_or_default() {
            // As on a node with the first candidate of every file and program.
            let survey = configured(target, &settings);
            match load(directory, target, path, &survey, &mut linted.warnings) {
                Ok(controls) => linted.take(&directory.called(path), &controls),
                Err(error) => linted.error(error),
            }
        }
    }
    linted
}

impl Linted {
    /// An error that affects several benchmarks is reported once.
    fn error(&mut self, error: Remark) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn take(&mut self, file: &str, controls: &Controls) {
        for group in &controls.groups {
            self.checks += group.checks.len();
            for check in group.checks.iter().filter(|_| group.kind != "skip") {
                let audits = audits(file, check);
                if audits.iter().any(|audit| is_of_bash(&audit.script)) {
                    self.warnings.push(Remark::at(file, check.line, OF_BASH));
                }
                self.audits.extend(audits);
            }
        }
    }
}

fn audits(file: &str, check: &Check) -> Vec<LintedAudit> {
    let runs = check.kind.is_empty() && check.tests.as_ref().is_some_and(|tests| !tests.items.is_empty());
    let scripts = [&check.audit, &check.audit_config, &check.audit_env].map(|script| script.trim());
    scripts
        .into_iter()
        .filter(|script| runs && !script.is_empty())
        .map(|script| LintedAudit {
            file: file.to_owned(),
            line: check.line,
            check: check.id.clone(),
            script: script.to_owned(),
            hindrance: hindrance(script),
        })
        .collect()
}

/// The warning for an audit that uses a bash-only command.
const OF_BASH: &str = "[[ ... ]] is bash's conditional command, not one of POSIX sh: dash's message counts as output \
                       (write [ ... ] instead, or call bash)";

fn is_of_bash(script: &str) -> bool {
    audit_shell::commands(script).is_ok_and(|commands| commands.iter().any(|command| audit_shell::is_of_bash(command)))
}

fn hindrance(script: &str) -> Option<Hindrance> {
    match audit_shell::commands(script) {
        Err(error) => Some(Hindrance::Form(error.to_string())),
        Ok(commands) => {
            let needed: BTreeSet<String> =
                commands.into_iter().filter(|command| !audit_shell::is_interpreted(command)).collect();
            (!needed.is_empty()).then_some(Hindrance::Commands(needed))
        }
    }
}
