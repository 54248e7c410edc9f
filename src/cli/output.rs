//! Writes reports to standard output and to files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use model::Report;
use nix::sys::stat::{SFlag, fstat};
use serde::Serialize;
use sorting::Sorting;
use terminal_size::{Width, terminal_size_of};

use crate::node::{Delivery, delivered, delivery, printing, reading, writing};
use crate::report::wrap::narrow;
use crate::report::{self, FailOn, Format, Section, Sections, UnknownSection, printer};

use super::failure::Failure;
use super::options::{Printed, ReportOptions, Verbosity};
use super::output_file::{self, Access, Identity, not_written};
use super::usage::{near, shown};

/// The least width, in columns, that a terminal is assumed to have.
const LEAST_WIDTH: usize = 20;

/// The size of the write buffer, in bytes.
const BUFFER: usize = 16 << 10;

/// Writes a report in a given format and style.
pub(super) type Writer<'a> = dyn Fn(Format, &report::Options, &mut dyn Write) -> io::Result<()> + 'a;

/// The outputs of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs {
    /// Each format and its destination; none is standard output.
    reports: Vec<(Format, Option<PathBuf>)>,
    style: report::Options,
    /// The checks to report; none for all.
    only: Option<Sections>,
}

impl Outputs {
    /// Returns the outputs that the options request. `recording` is the recorded node, if one is checked.
    ///
    /// # Errors
    ///
    /// If the options contradict each other: wrong usage.
    pub(super) fn of(
        options: &ReportOptions,
        verbosity: &Verbosity,
        recording: Option<&Path>,
    ) -> Result<Self, Failure> {
        let printed = printed_format(options)?;
        let mut reports = vec![(printed, named(options.outputfile.as_deref()))];
        for output in &options.output {
            let (format, file) = output.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(|| {
                usage(format!("--output {}: not FORMAT=FILE (write it as junit=report.xml)", shown(output)))
            })?;
            let format = parse_format("--output", format)?;
            reports.push((format, named(Some(Path::new(file)))));
        }
        let to_stdout: Vec<usize> =
            reports.iter().enumerate().filter(|(_, (_, file))| file.is_none()).map(|(index, _)| index).collect();
        if to_stdout.len() > 1 {
            // `--output json=-` replaces the default report on standard output.
            let asked = options.json || options.junit || options.format.is_some() || options.outputfile.is_some();
            if to_stdout.len() > 2 || asked {
                return Err(usage(
                    "--output FORMAT=-: another report is already written to standard output (name a file)",
                ));
            }
            reports.remove(0);
        }
        let printed_to = reports.iter().any(|(_, file)| file.is_none()).then(standard_output).flatten();
        let mut files: BTreeSet<Identity> = sorting::set(printed_to);
        for file in reports.iter().filter_map(|(_, file)| file.as_ref()) {
            if !files.insert(reading(file, || output_file::identity(file))) {
                return Err(usage(format!("{}: two reports are written to this file (name another)", file.display())));
            }
            reading(file, || refuse(recording, file))?;
        }
        // Regular files are written first, so that a slow reader of a pipe or of standard output does not delay them.
        reports.order_by_key(|(_, file)| file.as_ref().map_or(2, |file| u8::from(!is_file_or_new(file))));
        if options.remediations && options.noremediations {
            return Err(usage("--remediations, --noremediations: contradict each other (give one of them)"));
        }
        let show = sections("--show", &options.show)?;
        if options.pretty && reports.iter().all(|(format, _)| *format != Format::Json) {
            return Err(usage("--pretty: no JSON is written (add --json or --output json=FILE)"));
        }
        let style = report::Options {
            noresults: options.noresults,
            nosummary: options.nosummary,
            noremediations: options.noremediations,
            nototals: options.nototals,
            include_test_output: options.include_test_output,
            remediations: options.remediations,
            show: (!options.show.is_empty()).then_some(show),
            quiet: verbosity.quiet,
            verbose: verbosity.is_verbose(),
            width: None,
            pretty: options.pretty,
            strict_junit: strict_junit(options, &reports)?,
            fail_on: fail_on(options, &reports)?,
            colour: false,
        };
        let only = (!options.only.is_empty()).then(|| sections("--only", &options.only)).transpose()?;
        Ok(Self { reports, style, only })
    }

    /// Returns the formats of all outputs.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.reports.iter().map(|(format, _)| *format)
    }

    /// Whether the text report, which contains the notices, goes to standard output.
    pub(super) fn prints_text(&self) -> bool {
        self.reports.iter().any(|(format, file)| *format == Format::Text && file.is_none())
    }

    /// Returns the files to write.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.reports.iter().filter_map(|(_, file)| file.as_deref())
    }

    /// Removes the checks that are not to be reported, and records that in the report.
    pub(super) fn keep(&self, report: &mut Report) {
        if let Some(sections) = self.only {
            report::keep(report, sections);
            let names = sections.iter().map(|section| section.name().to_owned()).collect();
            report.run.command.choices.insert("only".to_owned(), names);
        }
    }

    /// Writes all outputs. A closed standard output is not an error.
    pub(super) fn write(&self, report: &Writer<'_>) -> Result<(), Failure> {
        let mut written = Ok(());
        for (format, file) in &self.reports {
            let done = match file {
                Some(file) => deliver(file, || {
                    output_file::write(file, Access::Shared, &|mut out| report(*format, &self.style, &mut out))
                }),
                None => deliver(Path::new(PRINTED), || self.print(*format, report)),
            };
            // A failed output does not prevent the others. The first failure is reported when the program exits.
            if let (Err(_), Err(failure)) = (&written, &done) {
                failure.print();
            }
            written = written.and(done);
        }
        written
    }

    fn print(&self, format: Format, report: &Writer<'_>) -> Result<(), Failure> {
        let stdout = io::stdout();
        // Coloured on terminals other than `dumb`, unless NO_COLOR is set, and whenever CLICOLOR_FORCE is.
        let colour = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let style = report::Options { width: columns(), colour, ..self.style };
        let mut writer = BufWriter::with_capacity(BUFFER, StandardOutput(Unbuffered(stdout.as_fd())));
        silently(report(format, &style, &mut writer).and_then(|()| writer.flush()))
    }
}

/// Returns the width of standard output in columns; none if it is not a terminal.
pub(super) fn columns() -> Option<usize> {
    columns_of(&io::stdout())
}

/// Returns the width of a stream in columns; none if it is not a terminal.
pub(super) fn columns_of(stream: &(impl IsTerminal + AsFd)) -> Option<usize> {
    let (Width(width), _) = stream.is_terminal().then(|| terminal_size_of(stream)).flatten()?;
    // A terminal that does not know its size reports 0.
    (width > 0).then(|| usize::from(width).max(LEAST_WIDTH))
}

/// Prints data as JSON, on one line or indented.
pub(super) fn data(value: &impl Serialize, printed: Printed) -> Result<ExitCode, Failure> {
    let print = |out: &mut dyn Write| match printed {
        Printed::PrettyJson => printer::pretty(value, out),
        Printed::Json | Printed::Text => printer::compact(value, out),
    };
    deliver(Path::new(PRINTED), || {
        let mut stdout = StandardOutput(io::stdout());
        silently(print(&mut stdout).and_then(|()| writeln!(stdout)).and_then(|()| stdout.flush()))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The name of standard output in messages.
const PRINTED: &str = "standard output";

/// Writes an output, unless it was already written or its reader stopped reading.
pub(super) fn deliver(name: &Path, write: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    match delivery(name) {
        Delivery::Done => Ok(()),
        Delivery::NotTaken(waited) => Err(Failure::System(anyhow!(
            "{}: not read for {} seconds, so the report there is incomplete (read it, or name a file)",
            name.display(),
            waited.as_secs()
        ))),
        Delivery::Due => {
            writing(name, write)?;
            delivered(name);
            Ok(())
        }
    }
}

/// Standard output, which may have no reader.
struct StandardOutput<W>(W);

impl<W: Write> Write for StandardOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        printing(Path::new(PRINTED), || self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        printing(Path::new(PRINTED), || self.0.flush())
    }
}

/// An open file, written to at once. [`io::Stdout`] would search each block for its last line break.
struct Unbuffered<'f>(BorrowedFd<'f>);

impl Write for Unbuffered<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(nix::unistd::write(self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Names of standard output. It is never reopened, which would truncate the file it is redirected to.
const STANDARD_OUTPUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Returns the file to write; none for standard output.
pub(super) fn named(file: Option<&Path>) -> Option<PathBuf> {
    let file = file.filter(|file| STANDARD_OUTPUT.iter().all(|name| *file != Path::new(name)))?;
    // Resolved to the descriptor's own link, as those in /dev/fd are.
    Some(if file == Path::new("/dev/stderr") { PathBuf::from("/proc/self/fd/2") } else { file.to_owned() })
}

/// Returns the file or pipe that standard output goes to; none for a terminal or device, which several outputs may
/// share.
fn standard_output() -> Option<Identity> {
    let found = fstat(io::stdout()).ok()?;
    let is_shared =
        !matches!(SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT, SFlag::S_IFREG | SFlag::S_IFIFO);
    (!is_shared).then_some(Identity::There(found.st_dev, found.st_ino))
}

/// Whether the path is a regular file, or does not exist yet.
fn is_file_or_new(file: &Path) -> bool {
    fs::metadata(file).map_or(true, |found| found.is_file())
}

/// Rejects files that must not be written: the checked recording, under any name, links and special files.
///
/// # Errors
///
/// If `file` is `recording`, the file given with `--node`, or is neither a regular file nor a pipe: wrong usage.
pub(super) fn refuse(recording: Option<&Path>, file: &Path) -> Result<(), Failure> {
    if recording.is_some_and(|recording| is_same(recording, file)) {
        let file = file.display();
        return Err(usage(format!(
            "{file}: is the recording that --node names, and is not overwritten (name another)"
        )));
    }
    match output_file::refuse(file) {
        Some(why) => Err(usage(format!("{}: {why}", file.display()))),
        None => Ok(()),
    }
}

/// Whether two paths lead to the same existing regular file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    identity(one).is_some_and(|one| Some(one) == identity(other))
}

/// Identifies a file that exists by its device and inode. `None` for terminals and pipes, which can be both read and
/// written.
fn identity(file: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    Some((metadata.dev(), metadata.ino()))
}

/// Prints one line.
pub(super) fn line(text: &str) -> Result<ExitCode, Failure> {
    deliver(Path::new(PRINTED), || silently(writeln!(StandardOutput(io::stdout()), "{text}")))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a text unchanged.
pub(super) fn text(text: &str) -> Result<ExitCode, Failure> {
    deliver(Path::new(PRINTED), || {
        let mut stdout = StandardOutput(io::stdout());
        silently(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints lines of text, wrapped to the terminal's width.
#[cfg(feature = "cluster")]
pub(super) fn text_in_columns(lines: &str) -> Result<ExitCode, Failure> {
    match columns() {
        Some(columns) => text(&narrow(lines, columns)),
        None => text(lines),
    }
}

/// Prints clap's message: a help text, which is not an error, or a usage error, for which `wrong` is the exit code.
pub(super) fn usage_or_help(said: &clap::Error, wrong: u8) -> Result<ExitCode, Failure> {
    let said_text = said.to_string();
    if !said.use_stderr() {
        return text(&said_text);
    }
    let shown = columns_of(&io::stderr()).map_or(said_text.clone(), |columns| narrow(&said_text, columns));
    // Failing to print to a closed stream is ignored.
    let _ = io::stderr().write_all(shown.as_bytes());
    Ok(ExitCode::from(wrong))
}

/// Ignores a closed pipe; reports every other error.
fn silently(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written("standard output", &error)),
        _ => Ok(()),
    }
}

fn printed_format(options: &ReportOptions) -> Result<Format, Failure> {
    let mut formats = BTreeSet::new();
    if options.json {
        formats.insert(Format::Json);
    }
    if options.junit {
        formats.insert(Format::Junit);
    }
    if let Some(format) = &options.format {
        formats.insert(parse_format("--format", format)?);
    }
    let mut formats = formats.into_iter();
    match (formats.next(), formats.next()) {
        (Some(_), Some(_)) => Err(usage(
            "--json, --junit, --format: more than one format for one report (write further ones with --output \
             FORMAT=FILE)",
        )),
        (format, _) => Ok(format.unwrap_or(Format::Text)),
    }
}

/// Parses the names of sections.
pub(super) fn sections(option: &str, names: &[String]) -> Result<Sections, Failure> {
    names.iter().filter(|name| !name.trim().is_empty()).try_fold(Sections::NONE, |sections, name| {
        let name = name.trim();
        let more = name.parse().map_err(|UnknownSection(_)| {
            let known = || Section::ALL.into_iter().map(Section::name).chain(["all"]);
            let (near, all) = (near(name, known()), known().collect::<Vec<_>>().join(", "));
            usage(format!("{option} {}: not known ({near}use {all})", shown(name)))
        })?;
        Ok(sections.and(more))
    })
}

/// Rejects a JUnit option if no JUnit is written.
fn needs_junit(option: &str, reports: &[(Format, Option<PathBuf>)]) -> Result<(), Failure> {
    if reports.iter().any(|(format, _)| *format == Format::Junit) {
        return Ok(());
    }
    Err(usage(format!("{option}: no JUnit is written (add --junit or --output junit=FILE)")))
}

fn strict_junit(options: &ReportOptions, reports: &[(Format, Option<PathBuf>)]) -> Result<bool, Failure> {
    if options.junit_strict {
        needs_junit("--junit-strict", reports)?;
    }
    Ok(options.junit_strict)
}

fn fail_on(options: &ReportOptions, reports: &[(Format, Option<PathBuf>)]) -> Result<FailOn, Failure> {
    let Some(which) = options.junit_fail_on.as_deref() else { return Ok(FailOn::Scored) };
    needs_junit("--junit-fail-on", reports)?;
    match which {
        "unknown" => Ok(FailOn::Unknown),
        "warn" => Ok(FailOn::Warn),
        other => {
            let near = near(other, ["warn", "unknown"]);
            Err(usage(format!("--junit-fail-on {}: not known ({near}use warn or unknown)", shown(other))))
        }
    }
}

fn parse_format(option: &str, text: &str) -> Result<Format, Failure> {
    text.parse().map_err(|_| {
        let near = near(text, Format::ALL.iter().map(|format| format.name()));
        usage(format!("{option} {}: not known ({near}use {})", shown(text), Format::list("or")))
    })
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(anyhow!(text.into()))
}
