//! What is wrong with a directory of rule files, and which of its audits need a process: known without a node.

use std::collections::BTreeSet;

use super::directory::Directory;
use super::remark::Remark;
use super::rules::{Check, Controls};
use super::run::load;
use super::survey::configured;

/// What a look at all rule files of a directory says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linted {
    /// What keeps a file from being run at all.
    pub errors: Vec<Remark>,
    /// What kube-bench passes over in silence.
    pub warnings: Vec<Remark>,
    /// The audits of all checks that are run: those that are marked as manual or skipped are not.
    pub audits: Vec<LintedAudit>,
    /// How many benchmarks there are.
    pub benchmarks: usize,
    /// How many checks there are, whether they are run or not.
    pub checks: usize,
}

/// An audit of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintedAudit {
    /// Its file as it is called for people.
    pub file: String,
    /// The line in which its check begins.
    pub line: usize,
    /// Its check.
    pub check: String,
    /// The audit, with the first candidate in the place of each name of a component.
    pub script: String,
    /// What keeps it from being interpreted.
    pub hindrance: Option<Hindrance>,
}

/// What keeps an audit from being interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindrance {
    /// It may come to these commands, for which a process is needed.
    Commands(BTreeSet<String>),
    /// It uses a form of the shell that is not interpreted: which one, and where.
    Form(String),
}

/// Looks at all rule files of a directory.
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
            // As on a node that has the first candidate of everything.
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
    /// One that several benchmarks run into is told once.
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

/// Said of an audit that calls what only bash has.
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
