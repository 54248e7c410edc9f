//! `lint --config-dir`: reports mistakes in a directory of rule files, and how many audits run without a process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::ExitCode;

use serde::Serialize;

use super::directory;
use crate::cli::counted::counted;
use crate::cli::failure::Failure;
use crate::cli::lint::LintOptions;
use crate::cli::options::Printed;
use crate::cli::output;
use crate::kube_bench::{Hindrance, Linted, LintedAudit, Remark, lint};
use crate::report::escape;

/// Checks the directory of these options.
pub(in crate::cli) fn run(options: &LintOptions) -> Result<ExitCode, Failure> {
    let printed = options.json.printed()?;
    let (directory, unlisted) = directory::open(&options.rules.rule_files)?;
    let mut linted = lint(&directory);
    linted.warnings.splice(0..0, unlisted);
    let told = Told::of(&linted);
    match printed {
        Printed::Text => output::text(&told.text())?,
        Printed::Json | Printed::PrettyJson => output::data(&told, printed)?,
    };
    Ok(if linted.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Failure::USAGE) })
}

/// The result, also serialized as JSON.
#[derive(Serialize)]
struct Told<'a> {
    remarks: Vec<ToldRemark<'a>>,
    benchmarks: usize,
    checks: usize,
    audits: Counts,
    /// The audits that need a process, by the commands they call.
    needs: BTreeMap<String, Vec<Place<'a>>>,
    /// The audits of a form that is not interpreted.
    forms: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct ToldRemark<'a> {
    severity: &'static str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    message: &'a str,
    #[serde(skip)]
    shown: String,
}

/// The number of distinct audits, and of those that run without a process.
#[derive(Serialize)]
struct Counts {
    distinct: usize,
    native: usize,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    check: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(linted: &'a Linted) -> Self {
        let remark = |severity: &'static str| {
            move |remark: &'a Remark| {
                let Remark { file, line, message } = remark;
                ToldRemark { severity, file, line: *line, message, shown: remark.to_string() }
            }
        };
        let mut remarks: Vec<_> = linted.errors.iter().map(remark("error")).collect();
        remarks.extend(linted.warnings.iter().map(remark("warning")));
        let mut needs: BTreeMap<String, Vec<Place<'a>>> = BTreeMap::new();
        let mut forms = Vec::new();
        for LintedAudit { file, line, check, hindrance, .. } in &linted.audits {
            let place = |why| Place { file, line: *line, check, why };
            match hindrance {
                None => {}
                Some(Hindrance::Form(why)) => forms.push(place(Some(why.as_str()))),
                Some(Hindrance::Commands(commands)) => {
                    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
                    needs.entry(commands.join(", ")).or_default().push(place(None));
                }
            }
        }
        let distinct: BTreeSet<&str> = sorting::set(linted.audits.iter().map(|audit| audit.script.as_str()));
        let native: BTreeSet<&str> = sorting::set(
            linted.audits.iter().filter(|audit| audit.hindrance.is_none()).map(|audit| audit.script.as_str()),
        );
        let audits = Counts { distinct: distinct.len(), native: native.len() };
        Self { remarks, benchmarks: linted.benchmarks, checks: linted.checks, audits, needs, forms }
    }

    fn text(&self) -> String {
        let mut page = String::new();
        // Writing to a String cannot fail.
        for ToldRemark { severity, shown, .. } in &self.remarks {
            let _ = writeln!(page, "{severity}: {}", escape::line(shown));
        }
        for Place { file, line, check, why } in &self.forms {
            let why = why.unwrap_or_default();
            let _ = writeln!(
                page,
                "process: {file}:{line}: check {check}: a form that is not interpreted: {}",
                escape::line(why)
            );
        }
        for (commands, places) in &self.needs {
            for Place { file, line, check, .. } in places {
                let commands = escape::line(commands);
                let _ = writeln!(page, "process: {file}:{line}: check {check}: calls {commands}");
            }
        }
        if !page.is_empty() {
            page.push('\n');
        }
        if !self.needs.is_empty() || !self.forms.is_empty() {
            page.push_str("Audits that need a process:\n");
        }
        for (commands, places) in &self.needs {
            let _ = writeln!(page, "{:>6} call {}", places.len(), escape::line(commands));
        }
        if !self.forms.is_empty() {
            let _ = writeln!(page, "{:>6} are of a form that is not interpreted", self.forms.len());
        }
        let Counts { distinct, native } = self.audits;
        let percent = (native * 100).checked_div(distinct).unwrap_or(100);
        let errors = self.remarks.iter().filter(|remark| remark.severity == "error").count();
        let _ = writeln!(
            page,
            "{}, {}, {} that are run: {native} without a process ({percent} %), the others with --allow-exec; {}, {}",
            counted(self.benchmarks, "benchmark"),
            counted(self.checks, "check"),
            counted(distinct, "distinct audit"),
            counted(errors, "error"),
            counted(self.remarks.len() - errors, "warning")
        );
        page
    }
}
