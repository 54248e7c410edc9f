//! Where reports go.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use crate::report::{self, Format};

use super::failure::Failure;
use super::options::ReportOptions;
use super::system_error;

/// How much of a report is written at once.
const BUFFER: usize = 16 << 10;

/// Writes one report of a run.
pub(super) type Writer<'a> = dyn Fn(Format, &report::Options, &mut dyn Write) -> io::Result<()> + 'a;

/// The reports that a run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outputs {
    /// Each format with where it goes; none is standard output.
    reports: Vec<(Format, Option<PathBuf>)>,
    style: report::Options,
}

impl Outputs {
    /// What the options ask for, of this machine's node or a recording.
    ///
    /// # Errors
    ///
    /// Wrong usage where they contradict each other.
    pub(super) fn of(options: &ReportOptions, recording: Option<&Path>) -> Result<Self, Failure> {
        let printed = printed_format(options)?;
        let mut reports = vec![(printed, named(options.outputfile.as_deref()))];
        for output in &options.output {
            let (format, file) = output
                .split_once('=')
                .filter(|(_, file)| !file.is_empty())
                .ok_or_else(|| usage(format!("--output {output}: not FORMAT=FILE (write it as junit=report.xml)")))?;
            let format = parse_format("--output", format)?;
            reports.push((format, named(Some(Path::new(file)))));
        }
        let to_stdout: Vec<usize> =
            reports.iter().enumerate().filter(|(_, (_, file))| file.is_none()).map(|(index, _)| index).collect();
        if to_stdout.len() > 1 {
            // `--output json=-` takes standard output from the report that nobody asked for.
            let asked = options.json || options.junit || options.format.is_some() || options.outputfile.is_some();
            if to_stdout.len() > 2 || asked {
                return Err(usage("--output FORMAT=-: another report goes to standard output already (name a file)"));
            }
            reports.remove(0);
        }
        let mut files = BTreeSet::new();
        for file in reports.iter().filter_map(|(_, file)| file.as_ref()) {
            if !files.insert(place(file)) {
                return Err(usage(format!("{}: two reports go to this file (name another)", file.display())));
            }
            refuse_recording(recording, file)?;
        }
        let style = report::Options {
            noresults: options.noresults,
            nosummary: options.nosummary,
            noremediations: options.noremediations,
            nototals: options.nototals,
            include_test_output: options.include_test_output,
            colour: false,
        };
        Ok(Self { reports, style })
    }

    /// The formats of all of them.
    pub(super) fn formats(&self) -> impl Iterator<Item = Format> {
        self.reports.iter().map(|(format, _)| *format)
    }

    /// The files that are written.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.reports.iter().filter_map(|(_, file)| file.as_deref())
    }

    /// Writes all of them. A reader that closed the pipe is no error.
    pub(super) fn write(&self, report: &Writer<'_>) -> Result<(), Failure> {
        let mut written = Ok(());
        for (format, file) in &self.reports {
            let done = match file {
                Some(file) => {
                    write_file(*format, file, report, self.style).map_err(|error| not_written(file.display(), &error))
                }
                None => self.print(*format, report),
            };
            // One that fails does not keep back the others.
            written = written.and(done);
        }
        written
    }

    fn print(&self, format: Format, report: &Writer<'_>) -> Result<(), Failure> {
        let stdout = io::stdout();
        let colour = stdout.is_terminal() && anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let style = report::Options { colour, ..self.style };
        let mut writer = BufWriter::with_capacity(BUFFER, stdout.lock());
        silently(report(format, &style, &mut writer).and_then(|()| writer.flush()))
    }
}

/// The file to write to; none where that is standard output, which is called `-`.
pub(super) fn named(file: Option<&Path>) -> Option<PathBuf> {
    file.filter(|file| *file != Path::new("-")).map(Path::to_owned)
}

/// Refuses to write over the recording that is checked, under whatever name.
///
/// # Errors
///
/// Wrong usage where `file` is `recording`, the one that `--node` names.
pub(super) fn refuse_recording(recording: Option<&Path>, file: &Path) -> Result<(), Failure> {
    if recording.is_some_and(|recording| is_same(recording, file)) {
        let file = file.display();
        return Err(usage(format!(
            "{file}: is the recording that --node names, and is not overwritten (name another)"
        )));
    }
    Ok(())
}

/// Whether two names lead to one regular file that is there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    // Of what is not there nothing is lost; terminals and pipes can be both read and written.
    let identity = |file: &Path| {
        let metadata = fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
        Some((metadata.dev(), metadata.ino()))
    };
    identity(one).is_some_and(|one| Some(one) == identity(other))
}

/// Prints one line.
pub(super) fn line(text: &str) -> Result<ExitCode, Failure> {
    silently(writeln!(io::stdout(), "{text}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a text as it is.
pub(super) fn text(text: &str) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout();
    silently(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what clap has to say: a help text, which is no error, or what is wrong with what was typed, for which `wrong` is
/// the exit code.
pub(super) fn usage_or_help(said: &clap::Error, wrong: u8) -> Result<ExitCode, Failure> {
    if said.use_stderr() {
        // That nobody listens is no further error.
        let _ = said.print();
        return Ok(ExitCode::from(wrong));
    }
    silently(said.print())?;
    Ok(ExitCode::SUCCESS)
}

/// A closed pipe is silent; everything else is told.
fn silently(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(not_written("standard output", &error)),
        _ => Ok(()),
    }
}

/// That something could not be written.
pub(super) fn not_written(subject: impl Display, error: &io::Error) -> Failure {
    let why = system_error::in_words(error);
    Failure::System(anyhow!("{subject}: cannot be written: {why} (give a place that can be written to)"))
}

/// Where a file that may not be there yet will lie, under whatever name it was given.
fn place(file: &Path) -> PathBuf {
    let there = fs::canonicalize(file);
    there.unwrap_or_else(|_| match (file.parent().map(|parent| parent.join(".").canonicalize()), file.file_name()) {
        (Some(Ok(parent)), Some(name)) => parent.join(name),
        _ => file.to_owned(),
    })
}

fn write_file(format: Format, file: &Path, report: &Writer<'_>, style: report::Options) -> io::Result<()> {
    let mut writer = BufWriter::with_capacity(BUFFER, File::create(file)?);
    report(format, &style, &mut writer)?;
    writer.flush()
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

fn parse_format(option: &str, text: &str) -> Result<Format, Failure> {
    text.parse().map_err(|_| usage(format!("{option} {text}: no such format (there are {})", Format::list("and"))))
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(anyhow!(text.into()))
}
