//! The report for people, and for scripts that look for words in it.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Options;
use crate::finding::{State, Summary, escape};
use crate::kube_bench::outcome::{CheckOutcome, ControlsOutcome, Report};

/// Writes the report as text, without colours. Where it is our own, what does something on a terminal instead of being
/// seen is shown as an escape.
///
/// # Errors
///
/// What the writer answers.
pub fn text(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if options.own {
        for told in report.told() {
            writeln!(out, "# notice: {}", escape::line(&told))?;
        }
    }
    for controls in &report.controls {
        if options.results {
            results(controls, *options, out)?;
        }
        let totals = controls.totals();
        if options.remediations && totals.fail + totals.warn > 0 {
            remediations(controls, options.own, out)?;
        }
        if options.summary {
            summary(&controls.target, totals, out)?;
        }
    }
    if options.totals {
        summary("total", report.totals(), out)?;
    }
    Ok(())
}

fn results(controls: &ControlsOutcome, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let shown = |text| shown(text, options.own);
    let info = State::Info.name();
    writeln!(out, "[{info}] {} {}", controls.id, shown(&controls.text))?;
    for group in &controls.groups {
        writeln!(out, "[{info}] {} {}", group.id, shown(&group.text))?;
        for check in &group.checks {
            writeln!(out, "[{}] {} {}", check.status.name(), check.id, shown(&check.text))?;
            if let Some(changed) = &check.changed {
                writeln!(out, "\t not {} as kube-bench has it: {}", changed.was.name(), shown(&check.reason))?;
            }
            if options.test_output && check.status == State::Fail && !check.actual_value.is_empty() {
                for line in check.actual_value.split('\n') {
                    writeln!(out, "\t {}", shown(line))?;
                }
            }
        }
    }
    writeln!(out)
}

/// A text as it is printed.
fn shown(text: &str, own: bool) -> Cow<'_, str> {
    if own { escape::lines(text) } else { Cow::Borrowed(text) }
}

fn remediations(controls: &ControlsOutcome, own: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "== Remediations {} ==", controls.target)?;
    for check in controls.groups.iter().flat_map(|group| &group.checks) {
        match check.status {
            State::Warn | State::Fail if did_not_run(check) => {
                writeln!(out, "{} audit test did not run: {}", check.id, shown(&check.reason, own))?;
            }
            State::Fail | State::Warn => writeln!(out, "{} {}", check.id, shown(&check.remediation, own))?,
            State::Pass | State::Info => {}
        }
    }
    writeln!(out)
}

/// Whether it warns for another reason than that a person has to look, or nothing is known of it.
fn did_not_run(check: &CheckOutcome) -> bool {
    let of_kube_bench = check.changed.is_none();
    check.not_run.is_some()
        || (of_kube_bench && check.status == State::Warn && !check.reason.is_empty() && check.kind != "manual")
}

fn summary(name: &str, totals: Summary, out: &mut dyn Write) -> io::Result<()> {
    let Summary { pass, fail, warn, info } = totals;
    writeln!(out, "== Summary {name} ==")?;
    writeln!(out, "{pass} checks PASS\n{fail} checks FAIL\n{warn} checks WARN\n{info} checks INFO\n")
}
