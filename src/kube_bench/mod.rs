//! Drop-in replacement for kube-bench: runs directories of its rule files unchanged.
//!
//! A [`Directory`] contains `config.yaml` and one directory of rule files per benchmark. [`run()`] detects on a node
//! the programs and files that the rules refer to, substitutes them into the rules, runs the audits with an [`Auditor`],
//! evaluates their output, and returns a [`Report`], which [`report`] writes in kube-bench's formats.
//!
//! [`audit_shell`] parses the audits, which are lines of shell, and interprets them against a node without starting a
//! process.
//!
//! [`choice`] selects the benchmark as kube-bench does when none is named.
//!
//! [`convert`] converts a benchmark of rule files to the project's own format, whose checks inspect the node directly.
//!
//! Evaluation follows kube-bench, including its weaknesses: flags are matched as substrings and the first match counts.
//! The built-in benchmarks are more precise.

mod auditor;
mod by_control;
mod check;
pub mod choice;
mod comparison;
pub mod convert;
mod directory;
mod document;
mod item;
mod json_path;
mod lint;
mod native;
mod outcome;
mod quote;
mod remark;
pub mod report;
mod reported;
mod rules;
mod run;
mod selection;
mod settings;
mod strict;
mod substitution;
mod survey;

pub use crate::report::{State, Summary};
pub use auditor::{Audited, Auditor};
pub use by_control::{JudgementError, judge_by_controls};
pub use directory::Directory;
pub use lint::{Hindrance, Linted, LintedAudit, lint};
pub use native::Native;
pub use outcome::{Changed, CheckOutcome, ControlsOutcome, GroupOutcome, Report};
pub use remark::Remark;
pub use reported::reported;
pub use run::{RulesRequest, Targets, Which, refuse_unknown, run};
pub use selection::Selection;
pub use strict::Stricter;
