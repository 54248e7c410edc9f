//! The text report: what was run, what to act on, and how to continue.
//!
//! A head of a few lines is followed by the failed checks, most severe first, and then by the unknown ones, each with
//! what was found and the first step of its remediation. Checks that need no action are only counted. All text from the
//! node is on indented lines, so that it cannot be mistaken for a line of the report itself. The layout uses ASCII
//! only.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use model::{Check, Found, Report, Run, Target};
use redact::Masked;
use sorting::Sorting;

use super::fix::Fix;
use super::section::{Section, Sections};
use super::words::Words;
use super::wrap::{hung, wrapped};
use super::{Options, escape, head, lines};

/// The indentation of a section's lines, in columns.
const INDENT: usize = 2;

/// Writes reports as text.
///
/// # Errors
///
/// If the writer fails.
pub fn write(reports: &[Masked<Report>], options: Options, out: &mut dyn Write) -> io::Result<()> {
    for (number, report) in reports.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        Printer { options, out }.report(report)?;
    }
    Ok(())
}

struct Printer<'a> {
    options: Options,
    out: &'a mut dyn Write,
}

impl Printer<'_> {
    fn report(&mut self, report: &Report) -> io::Result<()> {
        if !self.options.quiet {
            for line in head::lines(&report.run, report, self.options.verbose) {
                self.wrap(0, 2, Style::new(), &line)?;
            }
            writeln!(self.out)?;
        }
        if !self.options.noresults {
            for section in self.listed(report).iter() {
                self.section(report, section)?;
            }
            if !self.options.quiet {
                self.notices(&report.run)?;
            }
        }
        if self.options.remediations {
            self.remediations(report)?;
        }
        if !self.options.nosummary && report.targets.len() > 1 {
            for target in report.targets.iter().filter(|target| !target.groups.is_empty()) {
                self.counts(&numbered(target, &target.name), target.checks())?;
            }
        }
        if !self.options.nototals {
            self.counts("total", report.checks())?;
        }
        if !self.options.quiet && !self.options.noresults {
            self.hint(report)?;
        }
        Ok(())
    }

    /// The sections whose checks are listed. Where no check is scored, as for a cluster under a CIS benchmark, warnings
    /// are the failures, so `--quiet` keeps them.
    fn listed(&self, report: &Report) -> Sections {
        match self.options.show {
            Some(chosen) => Sections::URGENT.and(chosen),
            None if self.options.quiet && report.checks().any(|check| check.scored) => Sections::URGENT,
            None => Sections::default(),
        }
    }

    fn section(&mut self, report: &Report, section: Section) -> io::Result<()> {
        let mut checks: Vec<(Cow<'_, str>, &Check)> =
            of_report(report).filter(|(_, check)| Section::of(check) == section).collect();
        if checks.is_empty() {
            return Ok(());
        }
        if matches!(section, Section::Fail | Section::Unknown | Section::Warn) {
            // The sort is stable: checks of equal severity stay in benchmark order.
            checks.order_by_key(|(_, check)| Reverse(check.severity));
        }
        let title = format!("{} ({})", section.title().to_uppercase(), checks.len());
        writeln!(self.out, "{}", self.painted(style(section), &title))?;
        let longest = if report.run.further.is_empty() { 12 } else { 28 };
        let column = checks.iter().map(|(number, _)| number.chars().count()).max().unwrap_or_default();
        for (number, check) in checks {
            self.check(&number, check, section, column.clamp(6, longest))?;
        }
        writeln!(self.out)
    }

    fn check(&mut self, number: &str, check: &Check, section: Section, column: usize) -> io::Result<()> {
        let control = check.control.as_ref().map_or_else(String::new, |control| format!(" [{}]", one_line(control)));
        let hang = INDENT + column + 2;
        let columns = format!("{:<column$}  {}", one_line(number), rating(check));
        self.title(hang, &columns, &format!("{}{control}", one_line(&check.title)))?;
        let seen = lines::replaced(check).or_else(|| lines::objection(check)).or_else(|| lines::sight(check));
        if let Some(reason) = seen.clone().or_else(|| lines::exemption(check)) {
            self.wrap(hang, hang + 2, Style::new(), &one_line(&reason))?;
        }
        if let Some(seen) = seen.filter(|_| self.options.include_test_output) {
            self.everything_found(check, &seen, hang)?;
        }
        let has_fix = matches!(section, Section::Fail | Section::Unknown);
        if has_fix && !self.options.noremediations {
            self.fix(check, hang)?;
        }
        Ok(())
    }

    /// Prints the fix, on one line if it fits. A command is never wrapped, so that it can be copied.
    fn fix(&mut self, check: &Check, indent: usize) -> io::Result<()> {
        let Some(Fix { sentence, command }) = Fix::of(&check.remediation) else { return Ok(()) };
        let sentence = format!("fix: {}", one_line(&sentence));
        let Some(command) = command.as_deref().map(one_line) else {
            return self.wrap(indent, indent + 2, Style::new(), &sentence);
        };
        let line = format!("{sentence} {command}");
        if self.options.width.is_none_or(|width| indent + line.chars().count() <= width) {
            return writeln!(self.out, "{:indent$}{line}", "");
        }
        self.wrap(indent, indent + 2, Style::new(), &sentence)?;
        let indent = self.narrowed(indent + 2);
        writeln!(self.out, "{:indent$}{command}", "")
    }

    /// Prints all evidence, one piece per line, except for what `said` already contains.
    fn everything_found(&mut self, check: &Check, said: &str, indent: usize) -> io::Result<()> {
        for evidence in &check.evidence {
            match &evidence.found {
                Found::Output(printed) => {
                    for line in printed.lines() {
                        self.wrap(indent + 2, indent + 4, Style::new(), &one_line(line))?;
                    }
                }
                _ => {
                    let sentence = Words(evidence).sentence();
                    if !said.ends_with(&sentence) {
                        self.wrap(indent + 2, indent + 4, Style::new(), &one_line(&sentence))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn notices(&mut self, run: &Run) -> io::Result<()> {
        if run.notices.is_empty() {
            return Ok(());
        }
        let title = format!("NOTICES ({})", run.notices.len());
        writeln!(self.out, "{}", self.painted(Style::new().bold(), &title))?;
        for notice in &run.notices {
            self.wrap(INDENT, INDENT + 2, Style::new(), &one_line(&notice.text))?;
        }
        writeln!(self.out)
    }

    /// Prints the full remediations of the listed checks that did not pass.
    fn remediations(&mut self, report: &Report) -> io::Result<()> {
        let listed = self.listed(report);
        let needed = |(_, check): &(Cow<'_, str>, &Check)| {
            let section = Section::of(check);
            let is_open = matches!(section, Section::Fail | Section::Unknown | Section::Warn | Section::Manual);
            is_open && listed.has(section) && !check.remediation.trim().is_empty()
        };
        let mut open = of_report(report).filter(needed).peekable();
        if open.peek().is_none() {
            return Ok(());
        }
        writeln!(self.out, "{}", self.painted(Style::new().bold(), &"REMEDIATIONS"))?;
        for (number, check) in open {
            let title = format!("{}  {}", one_line(&number), one_line(&check.title));
            self.wrap(INDENT, INDENT + 2, Style::new(), &title)?;
            for line in escape::lines(check.remediation.trim_end()).lines() {
                // Commands are not wrapped, so that they can be copied.
                let is_code = line.starts_with(' ') || line.starts_with('\t');
                match line.trim_end() {
                    "" => writeln!(self.out)?,
                    line if is_code => writeln!(self.out, "{:indent$}{line}", "", indent = INDENT + 2)?,
                    line => self.wrap(INDENT + 2, INDENT + 2, Style::new(), line)?,
                }
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn counts<'c>(&mut self, name: &str, checks: impl Iterator<Item = &'c Check>) -> io::Result<()> {
        let counts = counted(checks, Sections::ALL);
        let counts = if counts.is_empty() { "no checks".to_owned() } else { counts.join(", ") };
        self.wrap(0, 2, Style::new().bold(), &format!("{}: {counts}", one_line(name)))
    }

    /// Prints what is not listed and how to list it, and how to read more about the most severe check.
    fn hint(&mut self, report: &Report) -> io::Result<()> {
        let listed = self.listed(report);
        let hidden = Section::ALL.into_iter().filter(|section| !listed.has(*section));
        let hidden = counted(report.checks(), hidden.fold(Sections::NONE, Sections::with));
        if !hidden.is_empty() {
            let hidden = hidden.join(", ");
            self.wrap(0, 2, Style::new(), &format!("Not listed: {hidden} (list them with --show all)"))?;
        }
        let first = [Section::Fail, Section::Unknown].into_iter().find_map(|section| {
            let checks = report.checks().filter(|check| Section::of(check) == section);
            checks.reduce(|worst, check| if check.severity > worst.severity { check } else { worst })
        });
        if let Some(control) = first.and_then(|check| check.control.as_ref()) {
            let text = format!("More about a check: kube-assay explain {}", one_line(control));
            self.wrap(0, 2, Style::new(), &text)?;
        }
        Ok(())
    }

    /// Prints the first line of a check. If the terminal is wide enough, the wrapped title continues below itself, not
    /// below the columns before it.
    fn title(&mut self, hang: usize, columns: &str, title: &str) -> io::Result<()> {
        /// The minimum width of a title, in columns.
        const ROOM: usize = 36;
        let begin = INDENT + columns.chars().count();
        match self.options.width {
            Some(width) if begin + ROOM <= width => {
                for (number, line) in wrapped(title, width - begin).iter().enumerate() {
                    let (indent, before) = if number == 0 { (INDENT, columns) } else { (begin, "") };
                    writeln!(self.out, "{:indent$}{before}{line}", "")?;
                }
                Ok(())
            }
            _ => self.wrap(INDENT, hang, Style::new(), &format!("{columns}{title}")),
        }
    }

    /// Prints a line, wrapped to the terminal's width: its first part indented by `first`, the others by `hang`.
    fn wrap(&mut self, first: usize, hang: usize, style: Style, text: &str) -> io::Result<()> {
        let Some(width) = self.options.width else {
            return writeln!(self.out, "{:first$}{}", "", self.painted(style, &text));
        };
        let hang = self.narrowed(hang);
        for (indent, line) in hung(text, [first.min(hang), hang], width) {
            writeln!(self.out, "{:indent$}{}", "", self.painted(style, &line))?;
        }
        Ok(())
    }

    /// Returns an indentation that fits: on a very narrow terminal, text matters more than layout.
    fn narrowed(&self, indent: usize) -> usize {
        self.options.width.map_or(indent, |width| indent.min(width / 3))
    }

    fn painted(&self, style: Style, text: &dyn Display) -> String {
        if self.options.colour { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

/// Returns the checks of a report, each with a number that is unique in the run.
fn of_report(report: &Report) -> impl Iterator<Item = (Cow<'_, str>, &Check)> {
    report.targets.iter().flat_map(|target| target.checks().map(move |check| (numbered(target, &check.id), check)))
}

/// Prefixes a number or name with its benchmark if that is a further one, since each benchmark has its own numbers.
fn numbered<'a>(target: &Target, name: &'a str) -> Cow<'a, str> {
    match &target.benchmark {
        Some(benchmark) => Cow::Owned(format!("{benchmark} {name}")),
        None => Cow::Borrowed(name),
    }
}

/// Returns severity and level, `high     L1  `; empty for rule files, which have neither.
fn rating(check: &Check) -> String {
    let severity = check.severity.map(|severity| format!("{:<8}", severity.name()));
    let level = check.level.map(|level| format!("L{level}"));
    let known: Vec<String> = severity.into_iter().chain(level).collect();
    if known.is_empty() { String::new() } else { format!("{}  ", known.join(" ")) }
}

/// Returns the number of checks of each of these sections that has any: `65 pass`.
fn counted<'c>(checks: impl Iterator<Item = &'c Check>, sections: Sections) -> Vec<String> {
    let mut counts = [0_usize; Section::ALL.len()];
    for check in checks {
        if let Some(count) = counts.get_mut(Section::of(check) as usize) {
            *count += 1;
        }
    }
    let counts = Section::ALL.into_iter().zip(counts).filter(|(section, count)| *count > 0 && sections.has(*section));
    counts.map(|(section, count)| format!("{count} {}", section.title())).collect()
}

/// Returns the style of a heading. It sets both colours, so that the heading is readable on any background.
fn style(section: Section) -> Style {
    let (letters, background) = match section {
        Section::Fail => (AnsiColor::BrightWhite, AnsiColor::Red),
        Section::Unknown => (AnsiColor::BrightWhite, AnsiColor::Magenta),
        Section::Warn => (AnsiColor::Black, AnsiColor::Yellow),
        Section::Pass => (AnsiColor::Black, AnsiColor::Green),
        Section::Manual | Section::Skipped | Section::NotApplicable => return Style::new().bold(),
    };
    letters.on(background)
}

/// Escapes text so that it stays on one line.
fn one_line(text: &str) -> Cow<'_, str> {
    escape::line(text)
}
