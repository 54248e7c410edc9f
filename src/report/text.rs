//! The report for people, in the lines that kube-bench's users and their scripts know.
//!
//! Beside those lines: a head on lines that begin with `#`, and under a check that failed, could not be known or does
//! not count, one indented line that says why. A script that looks for `[FAIL]` or `== Summary` finds what it did.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::finding::{Assay, Finding, State, Summary, TargetFindings, TargetNote, Verdict};

use super::{Options, escape, phrases};

/// Writes the report for people.
///
/// # Errors
///
/// What the writer answers.
pub fn write(assay: &Assay, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let assay = assay.masked();
    let mut report = Report { options, out };
    report.head(&assay)?;
    for target in &assay.targets {
        if !options.noresults {
            report.results(target)?;
        }
        if !options.noremediations {
            report.remediations(target)?;
        }
        if !options.nosummary {
            report.summary(target.target.name(), target.summary())?;
        }
    }
    if !options.nototals {
        report.summary("total", assay.summary())?;
    }
    Ok(())
}

struct Report<'a> {
    options: &'a Options,
    out: &'a mut dyn Write,
}

impl Report<'_> {
    fn head(&mut self, assay: &Assay) -> io::Result<()> {
        self.remark(&format!("kube-assay {}: node {}, seen from {}", assay.tool_version, assay.node, assay.root))?;
        if let Some(platform) = &assay.platform {
            let evidence = platform.evidence.join("; ");
            self.remark(&format!("platform {}: {} ({evidence})", platform.name, platform.title))?;
        }
        self.remark(&format!("benchmark {}: {} ({})", assay.benchmark, assay.benchmark_title, chosen_by(assay)))?;
        for TargetNote { target, evidence } in &assay.target_evidence {
            self.remark(&format!("target {target}: {}", evidence.join("; ")))?;
        }
        if let Some(profile) = &assay.profile {
            self.remark(&format!("profile {}: {} ({})", profile.name, profile.title, profile.evidence))?;
        }
        for notice in &assay.notices {
            self.remark(&format!("notice: {}", notice.text))?;
        }
        writeln!(self.out)
    }

    fn remark(&mut self, text: &str) -> io::Result<()> {
        let text = one_line(text);
        writeln!(self.out, "{}", self.painted(Style::new().dimmed(), &format_args!("# {text}")))
    }

    fn results(&mut self, target: &TargetFindings) -> io::Result<()> {
        self.line(State::Info, &target.id, &target.title)?;
        for group in &target.groups {
            self.line(State::Info, &group.id, &group.title)?;
            for finding in &group.findings {
                self.result(finding)?;
            }
        }
        writeln!(self.out)
    }

    fn result(&mut self, finding: &Finding) -> io::Result<()> {
        self.line(finding.state(), &finding.id, &finding.full_title())?;
        let seen = phrases::objection(finding).or_else(|| phrases::sight(finding));
        if let Some(reason) = seen.clone().or_else(|| phrases::exemption(finding)) {
            writeln!(self.out, "       {}", one_line(&reason))?;
        }
        if self.options.include_test_output && seen.is_some() {
            self.everything_found(finding)?;
        }
        Ok(())
    }

    /// What was found, whole: each piece of evidence on a line of its own, or the lines of what was found.
    fn everything_found(&mut self, finding: &Finding) -> io::Result<()> {
        for evidence in &finding.evidence {
            writeln!(self.out, "\t {}", one_line(&evidence.to_string()))?;
        }
        if finding.evidence.is_empty() {
            for line in finding.found.lines() {
                writeln!(self.out, "\t {}", one_line(line))?;
            }
        }
        Ok(())
    }

    fn line(&mut self, state: State, id: &str, title: &str) -> io::Result<()> {
        let tag = self.painted(style(state), &format_args!("[{}]", state.name()));
        writeln!(self.out, "{tag} {} {}", one_line(id), one_line(title))
    }

    fn remediations(&mut self, target: &TargetFindings) -> io::Result<()> {
        let open: Vec<&Finding> =
            target.findings().filter(|finding| matches!(finding.state(), State::Fail | State::Warn)).collect();
        if open.is_empty() {
            return Ok(());
        }
        writeln!(
            self.out,
            "{}",
            self.painted(style(State::Warn), &format_args!("== Remediations {} ==", target.target))
        )?;
        for finding in open {
            let text = match &finding.verdict {
                Verdict::Unknown(why) => {
                    format!("could not be known: {}\n{}", one_line(&why.to_string()), finding.remediation)
                }
                _ => finding.remediation.clone(),
            };
            writeln!(self.out, "{} {}\n", one_line(&finding.id), paragraph(&text))?;
        }
        writeln!(self.out)
    }

    fn summary(&mut self, name: &str, summary: Summary) -> io::Result<()> {
        let worst = match summary {
            Summary { fail: 1.., .. } => State::Fail,
            Summary { warn: 1.., .. } => State::Warn,
            _ => State::Pass,
        };
        writeln!(self.out, "{}", self.painted(style(worst), &format_args!("== Summary {name} ==")))?;
        for (state, count) in [
            (State::Pass, summary.pass),
            (State::Fail, summary.fail),
            (State::Warn, summary.warn),
            (State::Info, summary.info),
        ] {
            writeln!(self.out, "{count} checks {}", state.name())?;
        }
        writeln!(self.out)
    }

    fn painted(&self, style: Style, text: &dyn Display) -> String {
        if self.options.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// Why the benchmark is the one that it is, and the version by which it was found.
fn chosen_by(assay: &Assay) -> String {
    let known = &assay.version_evidence;
    let version = match &assay.detected_version {
        Some(version) => format!("Kubernetes {version}, known from {known}"),
        None if *known == assay.benchmark_evidence => return known.clone(),
        None => format!("Kubernetes version: {known}"),
    };
    // That it is for the version which is named there goes without saying.
    if assay.benchmark_evidence.starts_with("for Kubernetes") {
        return version;
    }
    format!("{}; {version}", assay.benchmark_evidence)
}

const fn style(state: State) -> Style {
    let colour = match state {
        State::Pass => AnsiColor::Green,
        State::Fail => AnsiColor::Red,
        State::Warn => AnsiColor::Yellow,
        State::Info => AnsiColor::Blue,
    };
    colour.on_default()
}

/// One line that cannot be taken for a result.
fn one_line(text: &str) -> Cow<'_, str> {
    without_tags(escape::line(text))
}

/// Scripts count `[FAIL]` wherever it stands, so that a node must not be able to write it.
fn without_tags(text: Cow<'_, str>) -> Cow<'_, str> {
    [State::Pass, State::Fail, State::Warn, State::Info].into_iter().fold(text, |text, state| {
        let tag = format!("[{}]", state.name());
        if text.contains(&tag) { Cow::Owned(text.replace(&tag, &format!("({})", state.name()))) } else { text }
    })
}

/// Several lines, none of which can be taken for one of the report's own: such a one is indented.
fn paragraph(text: &str) -> String {
    let shown = escape::lines(text.trim_end());
    let mut paragraph = String::with_capacity(shown.len());
    for (number, line) in shown.split('\n').enumerate() {
        if number > 0 {
            paragraph.push('\n');
            if line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '[' | '=' | '#')) {
                paragraph.push_str("  ");
            }
        }
        paragraph.push_str(&without_tags(Cow::Borrowed(line)));
    }
    paragraph
}
