//! The report for people, in the lines that kube-bench's users and their scripts know.
//!
//! Beside those lines: a head on lines that begin with `#`, and under a check that failed, could not be known or does
//! not count, one indented line that says why. A script that looks for `[FAIL]` or `== Summary` finds what it did.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use model::{Check, Found, Report, Run, Target, TargetNote, Verdict};
use redact::Masked;

use super::words::Words;
use super::{Options, State, Summary, escape, lines, state, title, words};

/// Writes the report for people.
///
/// # Errors
///
/// What the writer answers.
pub fn write(report: &Masked<Report>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer { options, out };
    printer.head(&report.run)?;
    for target in &report.targets {
        if !options.noresults {
            printer.results(target)?;
        }
        if !options.noremediations {
            printer.remediations(target)?;
        }
        if !options.nosummary {
            printer.summary(&target.name, Summary::from(target))?;
        }
    }
    if !options.nototals {
        printer.summary("total", Summary::from(&**report))?;
    }
    Ok(())
}

struct Printer<'a> {
    options: Options,
    out: &'a mut dyn Write,
}

impl Printer<'_> {
    fn head(&mut self, run: &Run) -> io::Result<()> {
        self.remark(&format!("kube-assay {}: node {}, seen from {}", run.version, run.host.name, run.root))?;
        if let Some(platform) = &run.platform {
            let evidence = platform.evidence.join("; ");
            self.remark(&format!("platform {}: {} ({evidence})", platform.name, platform.title))?;
        }
        let benchmark = &run.benchmark;
        self.remark(&format!("benchmark {}: {} ({})", benchmark.name, benchmark.title, chosen_by(run)))?;
        for TargetNote { name, evidence } in &run.targets {
            self.remark(&format!("target {name}: {}", evidence.join("; ")))?;
        }
        if let Some(profile) = &run.profile {
            self.remark(&format!("profile {}: {} ({})", profile.name, profile.title, profile.evidence))?;
        }
        for notice in &run.notices {
            self.remark(&format!("notice: {}", notice.text))?;
        }
        writeln!(self.out)
    }

    fn remark(&mut self, text: &str) -> io::Result<()> {
        let text = one_line(text);
        writeln!(self.out, "{}", self.painted(Style::new().dimmed(), &format_args!("# {text}")))
    }

    fn results(&mut self, target: &Target) -> io::Result<()> {
        self.line(State::Info, &target.id, &target.title)?;
        for group in &target.groups {
            self.line(State::Info, &group.id, &group.title)?;
            for check in &group.checks {
                self.result(check)?;
            }
        }
        writeln!(self.out)
    }

    fn result(&mut self, check: &Check) -> io::Result<()> {
        self.line(state(check), &check.id, &title(check))?;
        let seen = lines::replaced(check).or_else(|| lines::objection(check)).or_else(|| lines::sight(check));
        let is_seen = seen.is_some();
        if let Some(reason) = seen.or_else(|| lines::exemption(check)) {
            writeln!(self.out, "       {}", one_line(&reason))?;
        }
        if self.options.include_test_output && is_seen {
            self.everything_found(check)?;
        }
        Ok(())
    }

    /// What was found, whole: each piece of evidence on a line of its own.
    fn everything_found(&mut self, check: &Check) -> io::Result<()> {
        for evidence in &check.evidence {
            match &evidence.found {
                Found::Output(printed) => {
                    for line in printed.lines() {
                        writeln!(self.out, "\t {}", one_line(line))?;
                    }
                }
                _ => writeln!(self.out, "\t {}", one_line(&Words(evidence).sentence()))?,
            }
        }
        Ok(())
    }

    fn line(&mut self, state: State, id: &str, title: &str) -> io::Result<()> {
        let tag = self.painted(style(state), &format_args!("[{}]", state.name()));
        writeln!(self.out, "{tag} {} {}", one_line(id), one_line(title))
    }

    fn remediations(&mut self, target: &Target) -> io::Result<()> {
        let mut open = target.checks().filter(|check| matches!(state(check), State::Fail | State::Warn)).peekable();
        if open.peek().is_none() {
            return Ok(());
        }
        writeln!(
            self.out,
            "{}",
            self.painted(style(State::Warn), &format_args!("== Remediations {} ==", one_line(&target.name)))
        )?;
        for check in open {
            let text = match check.verdict {
                Verdict::Unknown => {
                    let why = words::unknown(check);
                    Cow::Owned(format!("could not be known: {}\n{}", one_line(&why), check.remediation))
                }
                _ => Cow::Borrowed(&check.remediation),
            };
            writeln!(self.out, "{} {}\n", one_line(&check.id), paragraph(&text))?;
        }
        writeln!(self.out)
    }

    fn summary(&mut self, name: &str, summary: Summary) -> io::Result<()> {
        let worst = match summary {
            Summary { fail: 1.., .. } => State::Fail,
            Summary { warn: 1.., .. } => State::Warn,
            _ => State::Pass,
        };
        writeln!(self.out, "{}", self.painted(style(worst), &format_args!("== Summary {} ==", one_line(name))))?;
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
fn chosen_by(run: &Run) -> String {
    let known = &run.kubernetes.evidence;
    let because = &run.benchmark.evidence;
    let version = match &run.kubernetes.version {
        Some(version) => format!("Kubernetes {version}, known from {known}"),
        None if known == because => return known.clone(),
        None => format!("Kubernetes version: {known}"),
    };
    // That it is for the version which is named there goes without saying.
    if because.starts_with("for Kubernetes") {
        return version;
    }
    format!("{because}; {version}")
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
    if !text.contains('[') {
        return text;
    }
    [State::Pass, State::Fail, State::Warn, State::Info].into_iter().fold(text, |text, state| {
        let tag = format!("[{}]", state.name());
        if text.contains(&tag) { Cow::Owned(text.replace(&tag, &format!("({})", state.name()))) } else { text }
    })
}

/// Several lines, none of which can be taken for one of the report's own: such a one is indented.
fn paragraph(text: &str) -> String {
    let shown = without_tags(escape::lines(text.trim_end()));
    let mut paragraph = String::with_capacity(shown.len());
    for (number, line) in shown.split('\n').enumerate() {
        if number > 0 {
            paragraph.push('\n');
            if line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '[' | '=' | '#')) {
                paragraph.push_str("  ");
            }
        }
        paragraph.push_str(line);
    }
    paragraph
}
