//! The report as JUnit XML: a test suite per target, and each check as JSON in its test case.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{ReportStyle, json};
use crate::kube_bench::outcome::{ControlsOutcome, Report};
use crate::report::{State, escape};

/// Writes the report as JUnit XML. Warnings and skipped checks are both skipped test cases.
///
/// # Errors
///
/// Returns an error if writing fails.
pub fn junit(report: &Report, _: &ReportStyle, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<testsuites>")?;
    for controls in &report.controls {
        suite(controls, out)?;
    }
    writeln!(out, "\n</testsuites>")
}

fn suite(controls: &ControlsOutcome, out: &mut dyn Write) -> io::Result<()> {
    let totals = controls.totals();
    let (name, tests, failures) = (escaped(&controls.text), totals.total(), totals.fail);
    write!(out, "<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">")?;
    for group in &controls.groups {
        let class = escaped(&group.text);
        for check in &group.checks {
            let name = escaped(&format!("{} {}", check.id, check.text));
            write!(out, "\n    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\">\n        ")?;
            match check.status {
                State::Fail => {
                    write!(out, "<failure type=\"\">{}</failure>\n        ", escaped(&check.remediation))?;
                }
                State::Warn | State::Info => write!(out, "<skipped></skipped>\n        ")?,
                State::Pass => {}
            }
            write!(out, "<system-out>{}</system-out>\n    </testcase>", escaped(&json::check(check)?))?;
        }
    }
    if totals.total() > 0 {
        writeln!(out)?;
    }
    write!(out, "</testsuite>")
}

/// Escapes XML special characters, including white space that attributes do not preserve. Characters that XML forbids
/// are replaced, and terminal control characters become references.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if escape::is_deceptive(c) => {
                let _ = write!(out, "&#x{:x};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
