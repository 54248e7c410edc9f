//! The drop-in for kube-bench: directories of its rule files are run as they are.
//!
//! A [`Directory`] holds `config.yaml` and a directory of rule files for each benchmark. [`run`] finds on a node what
//! the rules speak of, puts it into their text, has an [`Auditor`] answer the audits, judges what comes out, and yields
//! a [`Report`] that [`report`] writes as kube-bench does.
//!
//! [`audit_shell`] reads the audits, which are lines of shell, and interprets them against a node without starting a process.
//!
//! [`choice`] says which benchmark kube-bench takes on a node where none is named.
//!
//! [`convert`] writes a benchmark of rule files as one of ours, which then looks for itself.
//!
//! Here kube-bench's own way of judging holds, with what is coarse about it: flags are found as parts of a text and the
//! first match counts. Who wants better answers takes the built-in benchmarks.

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
