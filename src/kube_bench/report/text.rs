//! The report as text, for people and for scripts that search it.

use std::io::{self, Write};

use super::ReportStyle;
use crate::kube_bench::outcome::{CheckOutcome, ControlsOutcome, Report};
use crate::report::{State, Summary};

/// Writes the report as text, without colours.
///
/// # Errors
///
/// Returns an error if writing fails.
pub fn text(report: &Report, options: &ReportStyle, out: &mut dyn Write) -> io::Result<()> {
    for controls in &report.controls {
        if options.results {
            results(controls, *options, out)?;
        }
        let totals = controls.totals();
        if options.remediations && totals.fail + totals.warn > 0 {
            remediations(controls, out)?;
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

fn results(controls: &ControlsOutcome, options: ReportStyle, out: &mut dyn Write) -> io::Result<()> {
    let info = State::Info.name();
    writeln!(out, "[{info}] {} {}", controls.id, controls.text)?;
    for group in &controls.groups {
        writeln!(out, "[{info}] {} {}", group.id, group.text)?;
        for check in &group.checks {
            writeln!(out, "[{}] {} {}", check.status.name(), check.id, check.text)?;
            if let Some(changed) = &check.changed {
                writeln!(out, "\t not {} as in kube-bench: {}", changed.was.name(), check.reason)?;
            }
            if options.test_output && check.status == State::Fail && !check.actual_value.is_empty() {
                for line in check.actual_value.split('\n') {
                    writeln!(out, "\t {line}")?;
                }
            }
        }
    }
    writeln!(out)
}

fn remediations(controls: &ControlsOutcome, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "== Remediations {} ==", controls.target)?;
    for check in controls.groups.iter().flat_map(|group| &group.checks) {
        match check.status {
            State::Warn | State::Fail if did_not_run(check) => {
                writeln!(out, "{} audit test did not run: {}", check.id, check.reason)?;
            }
            State::Fail | State::Warn => writeln!(out, "{} {}", check.id, check.remediation)?,
            State::Pass | State::Info => {}
        }
    }
    writeln!(out)
}

/// Whether the check is unknown, or warns for a reason other than being manual.
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
